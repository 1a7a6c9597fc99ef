package client

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"intercom/internal/atomicfile"
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
	layers map[string][]Layer // of the keys that are set; the first wins
}

// Layer is a value that a key has in one place.
type Layer struct {
	Value  string // as text, a list joined by commas
	Source string // `flag --KEY`, `environment INTERCOM_KEY`, `file PATH` or `default`
}

// Config reads the settings of the profile. flags holds the keys given on the
// command line; env looks up the environment, nil stands for os.Getenv. Every
// value is checked: ErrSetting tells the first bad one and where it is from.
func (p Profile) Config(flags map[string]string, env func(string) string) (*Config, error) {
	if env == nil {
		env = os.Getenv
	}
	c := &Config{path: p.ConfigFile(), layers: map[string][]Layer{}}
	if err := c.readFile(); err != nil {
		return nil, &SourceError{"file " + c.path, fmt.Errorf("%w: %w", ErrSetting, err)}
	}
	for key := range flags {
		if _, ok := SettingOf(key); !ok {
			return nil, fmt.Errorf("%w: there is no flag --%s", ErrSetting, key)
		}
	}
	for _, s := range settings {
		if text := env(s.Env()); text != "" {
			c.put(s.Key, Layer{text, "environment " + s.Env()})
		}
		if text, ok := flags[s.Key]; ok {
			c.put(s.Key, Layer{text, "flag --" + s.Key})
		}
		if len(c.layers[s.Key]) == 0 {
			continue
		}
		if v := c.layers[s.Key][0]; s.Check(v.Value) != nil {
			return nil, &SourceError{v.Source, fmt.Errorf("%w: %w (from %s)", ErrSetting, s.Check(v.Value), v.Source)}
		}
	}
	return c, nil
}

// put sets a key in a layer that wins over those before.
func (c *Config) put(key string, l Layer) { c.layers[key] = append([]Layer{l}, c.layers[key]...) }

// readFile takes the values of the profile's file, if there is one.
func (c *Config) readFile() error {
	data, err := os.ReadFile(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	root, err := rootOf(data)
	if err != nil {
		return fmt.Errorf("read %s: %w", c.path, err)
	}
	return c.take("", root)
}

// rootOf returns the mapping in a file; nil where it has none.
func rootOf(data []byte) (*yaml.Node, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, err
	}
	if len(document.Content) == 0 || document.Content[0].Tag == "!!null" {
		return nil, nil
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, errors.New("it has no keys with values")
	}
	return root, nil
}

// take adds keys of the file; those below another are joined to it by a dot.
func (c *Config) take(above string, keys *yaml.Node) error {
	for key, v := range pairs(keys) {
		name := above + key.Value
		if v.Kind == yaml.MappingNode {
			if err := c.take(name+".", v); err != nil {
				return err
			}
			continue
		}
		if _, ok := SettingOf(name); !ok {
			return fmt.Errorf("%s: there is no key %q", c.path, name)
		}
		if len(c.layers[name]) > 0 {
			return fmt.Errorf("%s: the key %q is there twice", c.path, name)
		}
		if text, ok := textOf(v); ok {
			c.put(name, Layer{text, "file " + c.path})
		}
	}
	return nil
}

// pairs yields the keys and values of a mapping; nil has none.
func pairs(keys *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; keys != nil && i+1 < len(keys.Content); i += 2 {
			v := keys.Content[i+1]
			if v.Kind == yaml.AliasNode {
				v = v.Alias
			}
			if !yield(keys.Content[i], v) {
				return
			}
		}
	}
}

// textOf returns a value as it is written, which is how a flag has it: 007 is
// no number. A key without a value is not set.
func textOf(v *yaml.Node) (text string, set bool) {
	switch {
	case v.Tag == "!!null":
		return "", false
	case v.Kind != yaml.SequenceNode:
		return v.Value, true
	}
	texts := make([]string, len(v.Content))
	for i, one := range v.Content {
		texts[i], _ = textOf(one)
	}
	return strings.Join(texts, ","), true
}

// Get returns the value of a key as text, a list joined by commas; empty for a
// key that does not exist.
func (c *Config) Get(key string) string { return c.Layers(key)[0].Value }

// Layers returns the values that a key has, the one that holds first and the
// default last.
func (c *Config) Layers(key string) []Layer {
	s, _ := SettingOf(key)
	all := append(slices.Clone(c.layers[key]), Layer{s.Default, "default"})
	for i := range all[:len(all)-1] {
		all[i].Value = s.normal(all[i].Value)
	}
	return all
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
func (c *Config) Source(key string) string { return c.Layers(key)[0].Source }

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
	root, err := rootOf(old)
	if err != nil {
		return &SourceError{"file " + path, fmt.Errorf("%w: read %s: %w", ErrSetting, path, err)}
	}
	data := old // without keys it may have comments
	if root == nil {
		root = &yaml.Node{Kind: yaml.MappingNode}
	} else {
		data = nil
	}
	put(root, key, value)
	if len(root.Content) > 0 {
		text, err := yaml.Marshal(root)
		if err != nil {
			return err
		}
		data = append(data, text...)
	}
	if err := PrivateDir(filepath.Dir(path)); err != nil {
		return err
	}
	return atomicfile.Replace(path, data, 0o600)
}

// put sets a key where the mapping has it, else at its end; an empty value
// removes it.
func put(keys *yaml.Node, key, value string) {
	for i := 0; i+1 < len(keys.Content); i += 2 {
		name, old := keys.Content[i].Value, keys.Content[i+1]
		below, nested := strings.CutPrefix(key, name+".")
		switch {
		case name == key && value == "":
			keys.Content = slices.Delete(keys.Content, i, i+2)
			return
		case name == key:
			// Not the old node: another key may be an alias of it.
			keys.Content[i+1] = scalar(value)
			keys.Content[i+1].LineComment = old.LineComment
			return
		case nested && old.Kind == yaml.MappingNode:
			put(old, below, value)
			return
		}
	}
	if value != "" {
		keys.Content = append(keys.Content, scalar(key), scalar(value))
	}
}

func scalar(text string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(text)
	return n
}
