package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/wire"
)

func newProfileCmd(sh *shell) *cobra.Command {
	return alone(newNounCmd("profile", "List, make, choose and remove profiles",
		newProfileListCmd(sh), newProfileNewCmd(sh), newProfileUseCmd(sh), newProfileRmCmd(sh)), "list")
}

// profiles is what `profile list` prints.
type profiles struct {
	Profiles []profileRow `json:"profiles"`
}

type profileRow struct {
	Profile string `json:"profile"`
	Current bool   `json:"current" jsonschema:"used where nothing names another"`
	Running bool   `json:"running" jsonschema:"its daemon runs"`
	Data    string `json:"data" jsonschema:"folder of its key and store"`
	Config  string `json:"config" jsonschema:"file of its settings"`
}

// Table returns a row for each profile.
func (p profiles) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("profile", "current", "running", "data")}
	for _, r := range p.Profiles {
		t.Rows = append(t.Rows, []any{r.Profile, r.Current, r.Running, r.Data})
	}
	return t
}

func (sh *shell) describeProfile(name string) (profileRow, error) {
	p, err := client.FindProfile(name, sh.Getenv)
	if err != nil {
		return profileRow{}, err
	}
	current, err := client.FindProfile("", sh.Getenv)
	if err != nil {
		return profileRow{}, err
	}
	b, err := p.Bridge()
	return profileRow{p.Name, p.Name == current.Name, err == nil && b.Alive(), p.DataDir(), p.ConfigFile()}, nil
}

func newProfileListCmd(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the profiles", Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			p, err := sh.findProfile()
			if err != nil {
				return err
			}
			names, err := p.Profiles()
			if err != nil {
				return err
			}
			list := profiles{Profiles: []profileRow{}}
			for _, name := range names {
				row, err := sh.describeProfile(name)
				if err != nil {
					return err
				}
				list.Profiles = append(list.Profiles, row)
			}
			return sh.show(wire.SchemaName("profile list"), list)
		},
	}
}

// Table returns one row.
func (r profileRow) Table() wire.Table { return profiles{[]profileRow{r}}.Table() }

func newProfileNewCmd(sh *shell) *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use: "new NAME", Short: "Make the folders of a profile", Args: exactly("NAME"), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := client.FindProfile(args[0], sh.Getenv)
			if err != nil {
				return err
			}
			if p.Exists() {
				return wire.Errorf(wire.Conflict, "profile %s exists already", p.Name).WithHint("intercom profile use " + p.Name)
			}
			if !dryRun {
				if err := p.Create(); err != nil {
					return err
				}
			}
			return sh.showProfile("profile new", p.Name, dryRun)
		},
	}
	addLocalWrite(cmd, &dryRun)
	return cmd
}

func newProfileUseCmd(sh *shell) *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use: "use NAME", Short: "Choose the profile of commands that name none", Args: exactly("NAME"), ValidArgsFunction: sh.completeProfiles,
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := client.FindProfile(args[0], sh.Getenv)
			if err != nil {
				return err
			}
			if !p.Exists() && p.Name != client.DefaultProfile {
				return wire.Errorf(wire.NotFound, "there is no profile %s", p.Name).WithHint("intercom profile new " + p.Name)
			}
			if !dryRun {
				if err := p.Use(); err != nil {
					return err
				}
			}
			return sh.showProfile("profile use", p.Name, dryRun)
		},
	}
	addLocalWrite(cmd, &dryRun)
	return cmd
}

func newProfileRmCmd(sh *shell) *cobra.Command {
	var yes, dryRun bool
	cmd := &cobra.Command{
		Use: "rm NAME", Short: "Delete a profile with its key and its rooms", Args: exactly("NAME"), ValidArgsFunction: sh.completeProfiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !yes && !dryRun && !sh.Asks {
				return usage(cmd, "nobody can confirm that the profile is deleted: pass --yes")
			}
			return runProfileRm(cmd.Context(), sh, args[0], yes, dryRun)
		},
	}
	addYesFlag(cmd, &yes)
	addLocalWrite(cmd, &dryRun)
	return cmd
}

func runProfileRm(ctx context.Context, sh *shell, name string, yes, dryRun bool) error {
	p, err := client.FindProfile(name, sh.Getenv)
	if err != nil {
		return err
	}
	if b, err := p.Bridge(); err == nil && b.Alive() {
		return wire.Errorf(wire.Locked, "the daemon of profile %s runs (pid %d)", p.Name, b.PID).
			WithHint("intercom --profile " + p.Name + " down")
	}
	if p.Held() {
		return wire.Errorf(wire.Locked, "the daemon of profile %s starts or ends", p.Name).
			WithHint("intercom --profile " + p.Name + " down")
	}
	if !p.Exists() {
		return wire.Errorf(wire.NotFound, "there is no profile %s", p.Name).WithHint("intercom profile list")
	}
	if dryRun {
		return sh.wouldBe("deletes profile " + p.Name + " with its key and its rooms in " + p.DataDir())
	}
	question := fmt.Sprintf("Delete profile %s for good, with its key and its rooms in %s?", p.Name, p.DataDir())
	if err := sh.confirm(ctx, yes, question); err != nil {
		return err
	}
	return p.Remove()
}

func addYesFlag(cmd *cobra.Command, yes *bool) {
	cmd.Flags().BoolVarP(yes, "yes", "y", false, "do not ask")
}

func (sh *shell) showProfile(command, name string, dryRun bool) error {
	row, err := sh.describeProfile(name)
	if err != nil {
		return err
	}
	return sh.showWrite(wire.SchemaName(command), row, dryRun)
}

func (sh *shell) completeProfiles(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	p, err := sh.findProfile()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names, _ := p.Profiles() // a shell has no place for an error
	return names, cobra.ShellCompDirectiveNoFileComp
}
