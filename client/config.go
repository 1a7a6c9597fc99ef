package client

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/viper"
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
	path  string
	over  map[string]string // where a key set by flag or environment is from
	viper *viper.Viper
}

// Config reads the settings of the profile. flags holds the keys given on the
// command line; env looks up the environment, nil stands for os.Getenv. Every
// value is checked: ErrSetting tells the first bad one and where it is from.
func (p Profile) Config(flags map[string]string, env func(string) string) (*Config, error) {
	if env == nil {
		env = os.Getenv
	}
	c := &Config{path: p.ConfigFile(), over: map[string]string{}, viper: viper.New()}
	c.viper.SetConfigFile(c.path)
	if err := c.viper.ReadInConfig(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, &SourceError{"file " + c.path, fmt.Errorf("%w: read %s: %w", ErrSetting, c.path, err)}
	}
	for _, key := range c.viper.AllKeys() {
		if _, ok := SettingOf(key); !ok {
			return nil, &SourceError{"file " + c.path, fmt.Errorf("%w: %s: there is no key %q", ErrSetting, c.path, key)}
		}
	}
	for key := range flags {
		if _, ok := SettingOf(key); !ok {
			return nil, fmt.Errorf("%w: there is no flag --%s", ErrSetting, key)
		}
	}
	for _, s := range settings {
		c.viper.SetDefault(s.Key, s.Default)
		// The environment is given as a value, so viper does not look there.
		if value, ok := flags[s.Key]; ok {
			c.over[s.Key] = "flag --" + s.Key
			c.viper.Set(s.Key, value)
		} else if value := env(s.Env()); value != "" {
			c.over[s.Key] = "environment " + s.Env()
			c.viper.Set(s.Key, value)
		}
		if c.Source(s.Key) == sourceDefault {
			continue
		}
		if err := s.Check(c.Get(s.Key)); err != nil {
			return nil, &SourceError{c.Source(s.Key), fmt.Errorf("%w: %w (from %s)", ErrSetting, err, c.Source(s.Key))}
		}
	}
	return c, nil
}

// Get returns the value of a key as text, a list joined by commas; empty for a
// key that does not exist.
func (c *Config) Get(key string) string {
	if list, ok := c.viper.Get(key).([]any); ok {
		texts := make([]string, len(list))
		for i, v := range list {
			texts[i] = fmt.Sprint(v)
		}
		return strings.Join(texts, ",")
	}
	return c.viper.GetString(key)
}

// List returns the values of a key of type List, without empty ones.
func (c *Config) List(key string) []string {
	values := strings.Split(c.Get(key), ",")
	for i, v := range values {
		values[i] = strings.TrimSpace(v)
	}
	return slices.DeleteFunc(values, func(v string) bool { return v == "" })
}

// Switch returns the value of a key of type Switch.
func (c *Config) Switch(key string) bool { return c.Get(key) == "true" }

// Number returns the value of a key of type Number.
func (c *Config) Number(key string) int { return c.viper.GetInt(key) }

// Size returns the value of a key of type Size, in bytes.
func (c *Config) Size(key string) uint64 {
	n, _ := ParseSize(c.Get(key)) // checked when it was read
	return n
}

const sourceDefault = "default"

// Source returns where the value of a key is from: `flag --KEY`,
// `environment INTERCOM_KEY`, `file PATH` or `default`.
func (c *Config) Source(key string) string {
	if from, ok := c.over[key]; ok {
		return from
	}
	if c.viper.InConfig(key) {
		return "file " + c.path
	}
	return sourceDefault
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
