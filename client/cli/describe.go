package cli

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"intercom/client/wire"
	"intercom/focus"
)

// documents returns the types of what commands print: the replies of requests,
// and what is more than a reply. Commands that are not here print no document.
func (sh *shell) documents() map[string]reflect.Type {
	all := map[string]reflect.Type{}
	for _, d := range sh.declared() {
		if d.Command != "" {
			all[d.Command] = d.Out
		}
	}
	for command, document := range map[string]any{
		"bugreport":      report{},
		"channel use":    currentChannel{},
		"config explain": explained{},
		"config get":     setting{},
		"config list":    settings{},
		"config path":    configPath{},
		"doctor":         diagnosis{},
		"down":           stopped{},
		"expense import": importedFile{},
		"focus watch":    focus.Session{},
		"id address":     wire.IdentityReply{},
		"id export":      secretIdentity{},
		"id import":      wire.IdentityReply{},
		"id new":         wire.IdentityReply{},
		"listen":         message{},
		"profile list":   profiles{},
		"profile new":    profileRow{},
		"profile use":    profileRow{},
		"schema":         schemas{},
		"skill install":  installedSkill{},
		"status":         status{},
		"token add":      madeToken{},
		"token list":     tokens{},
		"token rm":       tokenRow{},
		"up":             started{},
		"version":        versions{},
	} {
		all[command] = reflect.TypeOf(document)
	}
	return all
}

// streams are the commands that print one object a line: such lines name no
// schema.
var streams = map[string]bool{"listen": true, "focus watch": true}

// commandSchema describes a command: what it takes and what it prints.
type commandSchema struct {
	Command string `json:"command"`
	Usage   string `json:"usage" jsonschema:"with its arguments"`
	Summary string `json:"summary"`
	Schema  string `json:"schema,omitempty" jsonschema:"name of the document that it prints"`
	Flags   any    `json:"flags" jsonschema:"JSON Schema of its own flags, by their names"`
	Out     any    `json:"out,omitempty" jsonschema:"JSON Schema of the document, or of one line of a stream; absent where it prints text or nothing"`

	Instead []otherDocument `json:"instead,omitempty" jsonschema:"what it prints in place of that with a flag"`
}

// otherDocument describes what a command prints with a flag.
type otherDocument struct {
	Flag   string `json:"flag"`
	Schema string `json:"schema"`
	Out    any    `json:"out"`
}

// insteads returns the documents that a command prints with a flag.
func insteads(path string) ([]otherDocument, error) {
	flag := map[string]string{"up": "install", "down": "uninstall"}[path]
	if flag == "" {
		return nil, nil
	}
	out, err := wire.SchemaOf(reflect.TypeFor[installed]())
	return []otherDocument{{flag, wire.SchemaName(path + " " + flag), out}}, err
}

func describeCommand(cmd *cobra.Command, path string, document reflect.Type) (commandSchema, error) {
	s := commandSchema{
		Command: path, Usage: usageOf(cmd), Summary: cmd.Short, Flags: flagsOf(cmd),
	}
	if document == nil {
		return s, nil
	}
	if !streams[path] {
		s.Schema = wire.SchemaName(path)
	}
	var err error
	if s.Instead, err = insteads(path); err != nil {
		return s, fmt.Errorf("documents of %s: %w", path, err)
	}
	if s.Out, err = wire.SchemaOf(document); err != nil {
		return s, fmt.Errorf("document of %s: %w", path, err)
	}
	return s, nil
}

// usageOf returns the line that shows the arguments of a command.
func usageOf(cmd *cobra.Command) string {
	if cmd.HasParent() {
		return cmd.Parent().CommandPath() + " " + cmd.Use
	}
	return cmd.Use
}

// flagsSchema is the JSON Schema of flags.
type flagsSchema struct {
	Type       string                `json:"type"`
	Properties map[string]flagSchema `json:"properties"`
	Required   []string              `json:"required,omitempty"`
}

type flagSchema struct {
	Type        string          `json:"type,omitempty"`
	Description string          `json:"description"`
	Default     json.RawMessage `json:"default,omitempty"`
	Enum        []string        `json:"enum,omitempty"`
	Items       *flagSchema     `json:"items,omitempty"`
}

// flagsOf describes the flags that a command has of its own.
func flagsOf(cmd *cobra.Command) flagsSchema {
	s := flagsSchema{Type: "object", Properties: map[string]flagSchema{}}
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		d := flagSchema{Description: f.Usage, Type: jsonTypes[f.Value.Type()]}
		if d.Type == "array" {
			d.Items = &flagSchema{Type: "string"}
		}
		if asked, ok := f.Value.(*field); ok {
			d.Enum, d.Default = asked.choices, asked.fallback
			if asked.required && asked.arg == "" {
				s.Required = append(s.Required, f.Name)
			}
		} else if f.DefValue != "" && f.DefValue != "[]" {
			d.Default = defaultOf(d.Type, f.DefValue)
		}
		s.Properties[f.Name] = d
	})
	slices.Sort(s.Required)
	return s
}

// jsonTypes gives for the type of a flag that of its value in JSON. A flag
// that takes JSON has none.
var jsonTypes = map[string]string{
	"bool": "boolean", "int": "integer", "number": "number", "string": "string", "text": "string",
	"duration": "string", "stringSlice": "array", "a,b": "array",
}

func defaultOf(typ, text string) json.RawMessage {
	if typ == "boolean" || typ == "integer" || typ == "number" {
		return json.RawMessage(text)
	}
	return quote(strings.TrimSpace(text))
}
