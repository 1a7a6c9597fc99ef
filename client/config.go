package client

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// ErrSetting reports a key that does not exist, or a value that its type does
// not allow.
var ErrSetting = errors.New("bad setting")

// SourceError is an ErrSetting that is not in the call but where it reads.
type SourceError struct {
	From string // `file PATH`, `environment INTERCOM_KEY` or `flag --KEY`
	err  error
}

func (e *SourceError) Error() string { return e.err.Error() }

func (e *SourceError) Unwrap() error { return e.err }

// Config is the settings of a profile: a flag wins over the environment, that
// over the profile's file, and that over the default.
type Config struct {
	path   string
	values map[string]value // of the keys that are set
}

type value struct{ text, source string }

// Config reads the settings of the profile. flags holds the keys given on the
// command line; env looks up the environment, nil stands for os.Getenv. Every
// value is checked: ErrSetting tells the first bad one and where it is from.
func (p Profile) Config(flags map[string]string, env func(string) string) (*Config, error) {
	if env == nil {
		env = os.Getenv
	}
	c := &Config{path: p.ConfigFile(), values: map[string]value{}}
	if err := c.readFile(); err != nil {
		return nil, &SourceError{"file " + c.path, fmt.Errorf("%w: %w", ErrSetting, err)}
	}
	for key := range flags {
		if _, ok := SettingOf(key); !ok {
			return nil, fmt.Errorf("%w: there is no flag --%s", ErrSetting, key)
		}
	}
	for _, s := range settings {
		if text, ok := flags[s.Key]; ok {
			c.values[s.Key] = value{text, "flag --" + s.Key}
		} else if text := env(s.Env()); text != "" {
			c.values[s.Key] = value{text, "environment " + s.Env()}
		}
		v, set := c.values[s.Key]
		if !set {
			continue
		}
		if err := s.Check(v.text); err != nil {
			return nil, &SourceError{v.source, fmt.Errorf("%w: %w (from %s)", ErrSetting, err, v.source)}
		}
	}
	return c, nil
}

// readFile takes the values of the profile's file, if there is one.
func (c *Config) readFile() error {
	data, err := os.ReadFile(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var keys map[string]any
	if err := yaml.Unmarshal(data, &keys); err != nil {
		return fmt.Errorf("read %s: %w", c.path, err)
	}
	return c.take("", keys)
}

// take adds keys of the file; those below another are joined to it by a dot.
func (c *Config) take(above string, keys map[string]any) error {
	for _, key := range slices.Sorted(maps.Keys(keys)) { // the first error is always the same
		name := above + key
		if below, ok := keys[key].(map[string]any); ok {
			if err := c.take(name+".", below); err != nil {
				return err
			}
			continue
		}
		if _, ok := SettingOf(name); !ok {
			return fmt.Errorf("%s: there is no key %q", c.path, name)
		}
		if text, ok := textOf(keys[key]); ok {
			c.values[name] = value{text, "file " + c.path}
		}
	}
	return nil
}

// textOf returns a value of YAML as it would be written in a flag; a key
// without a value is not set.
func textOf(v any) (text string, set bool) {
	switch v := v.(type) {
	case nil:
		return "", false
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true // not 1e+09
	case []any:
		texts := make([]string, len(v))
		for i, one := range v {
			texts[i], _ = textOf(one)
		}
		return strings.Join(texts, ","), true
	}
	return fmt.Sprint(v), true
}

// Get returns the value of a key as text, a list joined by commas; empty for a
// key that does not exist.
func (c *Config) Get(key string) string {
	s, _ := SettingOf(key)
	if v, ok := c.values[key]; ok {
		return s.normal(v.text)
	}
	return s.Default
}

// List returns the values of a key of type List, without empty ones.
func (c *Config) List(key string) []string {
	list, _ := expandList(c.Get(key)) // checked when it was read
	values := strings.Split(list, ",")
	for i, v := range values {
		values[i] = strings.TrimSpace(v)
	}
	return slices.DeleteFunc(values, func(v string) bool { return v == "" })
}

// Switch returns the value of a key of type Switch.
func (c *Config) Switch(key string) bool { return c.Get(key) == "true" }

// Number returns the value of a key of type Number.
func (c *Config) Number(key string) int {
	n, _ := strconv.Atoi(c.Get(key)) // checked when it was read
	return n
}

// Size returns the value of a key of type Size, in bytes.
func (c *Config) Size(key string) uint64 {
	n, _ := ParseSize(c.Get(key)) // checked when it was read
	return n
}

// Source returns where the value of a key is from: `flag --KEY`,
// `environment INTERCOM_KEY`, `file PATH` or `default`.
func (c *Config) Source(key string) string {
	if v, ok := c.values[key]; ok {
		return v.source
	}
	return "default"
}

// Set changes a key in the profile's file; an empty value removes it, so that
// the default holds again. Comments in the file stay. ErrSetting as in Config.
func (p Profile) Set(key, value string) error {
	s, ok := SettingOf(key)
	if !ok {
		return fmt.Errorf("%w: there is no key %q", ErrSetting, key)
	}
	if value != "" {
		if err := s.Check(value); err != nil {
			return fmt.Errorf("%w: %w", ErrSetting, err)
		}
	}
	if err := p.set(key, value); err != nil {
		return fmt.Errorf("set %s: %w", key, err)
	}
	return nil
}

func (p Profile) set(key, value string) error {
	path := p.ConfigFile()
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var keys yaml.MapSlice
	comments := yaml.CommentMap{}
	if err := yaml.UnmarshalWithOptions(old, &keys, yaml.CommentToMap(comments)); err != nil {
		return &SourceError{"file " + path, fmt.Errorf("%w: read %s: %w", ErrSetting, path, err)}
	}
	at := slices.IndexFunc(keys, func(item yaml.MapItem) bool { return item.Key == key })
	switch {
	case at < 0 && value != "":
		keys = append(keys, yaml.MapItem{Key: key, Value: value})
	case at >= 0 && value != "":
		keys[at].Value = value
	case at >= 0:
		keys = slices.Delete(keys, at, at+1)
	}
	var data []byte
	if len(keys) > 0 {
		if data, err = yaml.MarshalWithOptions(keys, yaml.WithComment(comments)); err != nil {
			return err
		}
	}
	if err := PrivateDir(filepath.Dir(path)); err != nil {
		return err
	}
	return writeFile(path, data)
}
