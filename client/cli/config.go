package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/wire"
)

func newConfigCmd(sh *shell) *cobra.Command {
	return alone(newNounCmd("config", "Read and change the settings of the profile",
		newConfigGetCmd(sh), newConfigSetCmd(sh), newConfigExplainCmd(sh), newConfigPathCmd(sh), newConfigListCmd(sh)), "list")
}

// settings is what `config list` and `config explain` print.
type settings struct {
	Settings []setting `json:"settings"`
}

type setting struct {
	Key     string   `json:"key"`
	Value   string   `json:"value"`
	Source  string   `json:"source" jsonschema:"flag, environment, file or default: the first of these that has it wins"`
	Type    string   `json:"type"`
	Default string   `json:"default"`
	Choices []string `json:"choices,omitempty"`
	Env     string   `json:"env" jsonschema:"variable that sets it"`
	About   string   `json:"about"`
}

// Table returns a row for each setting.
func (s settings) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("key", "value", "source", "about")}
	for _, r := range s.Settings {
		t.Rows = append(t.Rows, []any{r.Key, r.Value, r.Source, r.About})
	}
	return t
}

// Table returns one row.
func (s setting) Table() wire.Table { return settings{[]setting{s}}.Table() }

const hidden = "(set)"

// describeSetting shows a secret only where show is set.
func describeSetting(c *client.Config, s client.Setting, show bool) setting {
	d := setting{s.Key, c.Get(s.Key), c.Source(s.Key), string(s.Type), s.Default, s.Choices, s.Env(), s.About}
	if s.Secret && !show && d.Value != "" {
		d.Value = hidden
	}
	return d
}

func findSetting(key string) (client.Setting, error) {
	s, ok := client.SettingOf(key)
	if !ok {
		return s, wire.Errorf(wire.InvalidRequest, "there is no setting %q", key).WithHint("intercom config list")
	}
	return s, nil
}

func newConfigGetCmd(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use: "get KEY", Short: "Print the value of a setting", Args: exactly("KEY"), ValidArgsFunction: completeKeys,
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := findSetting(args[0])
			if err != nil {
				return err
			}
			c, err := sh.config()
			if err != nil {
				return err
			}
			d := describeSetting(c, s, true)
			return sh.showText(wire.SchemaName("config get"), d, d.Value)
		},
	}
}

func newConfigSetCmd(sh *shell) *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use: "set KEY VALUE", Short: "Change a setting in the profile's file",
		Long: `Change a setting in the profile's file. An empty value removes it. The daemon
reads its settings when it starts.`,
		Args: exactly("KEY", "VALUE"), ValidArgsFunction: completeSetting,
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := findSetting(args[0])
			if err != nil {
				return err
			}
			p, err := sh.findProfile()
			switch {
			case err != nil:
				return err
			case !dryRun:
				return p.Set(s.Key, args[1])
			case args[1] != "":
				if err := s.Check(args[1]); err != nil {
					return fmt.Errorf("%w: %w", client.ErrSetting, err)
				}
			}
			return sh.wouldBe("changes " + s.Key + " in " + p.ConfigFile())
		},
	}
	addLocalWrite(cmd, &dryRun)
	return cmd
}

// explained is what `config explain` prints.
type explained struct {
	setting
	Layers []layer `json:"layers" jsonschema:"where the key has a value; the first holds"`
}

type layer struct {
	Source string `json:"source"`
	Value  string `json:"value"`
	Holds  bool   `json:"holds"`
}

// Table returns a row for each place that has a value.
func (e explained) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("key", "value", "source", "holds")}
	for _, l := range e.Layers {
		t.Rows = append(t.Rows, []any{e.Key, l.Value, l.Source, l.Holds})
	}
	return t
}

func explainSetting(c *client.Config, s client.Setting) explained {
	e := explained{setting: describeSetting(c, s, false)}
	for i, l := range c.Layers(s.Key) {
		if s.Secret && l.Value != "" {
			l.Value = hidden
		}
		e.Layers = append(e.Layers, layer{l.Source, l.Value, i == 0})
	}
	return e
}

func newConfigExplainCmd(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use: "explain KEY", Short: "Show a setting and where its value is from", Args: exactly("KEY"), ValidArgsFunction: completeKeys,
		Long: `Show each place in which a setting has a value, the one that holds first: a flag
of the daemon wins over the environment, that over the profile's file, and that
over the default.`,
		Example: `  intercom config explain log-level`,
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := findSetting(args[0])
			if err != nil {
				return err
			}
			c, err := sh.config()
			if err != nil {
				return err
			}
			return sh.show(wire.SchemaName("config explain"), explainSetting(c, s))
		},
	}
}

// configPath is what `config path` prints.
type configPath struct {
	Path string `json:"path"`
}

// Table returns one row.
func (c configPath) Table() wire.Table {
	return wire.Table{Columns: wire.Columns("path"), Rows: [][]any{{c.Path}}}
}

func newConfigPathCmd(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use: "path", Short: "Print the path of the profile's file", Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			p, err := sh.findProfile()
			if err != nil {
				return err
			}
			return sh.showText(wire.SchemaName("config path"), configPath{p.ConfigFile()}, p.ConfigFile())
		},
	}
}

func newConfigListCmd(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List all settings with their values", Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			c, err := sh.config()
			if err != nil {
				return err
			}
			var list settings
			for _, s := range client.Settings() {
				list.Settings = append(list.Settings, describeSetting(c, s, false))
			}
			return sh.show(wire.SchemaName("config list"), list)
		},
	}
}

func completeKeys(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var keys []string
	for _, s := range client.Settings() {
		keys = append(keys, s.Key+"\t"+s.About)
	}
	return keys, cobra.ShellCompDirectiveNoFileComp
}

// completeSetting completes a key, and behind it the values that it may have.
func completeSetting(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return completeKeys(cmd, args, prefix)
	}
	s, _ := client.SettingOf(args[0])
	values := s.Choices
	if s.Type == client.Switch {
		values = []string{"true", "false"}
	}
	return values, cobra.ShellCompDirectiveNoFileComp
}
