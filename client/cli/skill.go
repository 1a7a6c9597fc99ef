package cli

import (
	"bytes"
	_ "embed" // the page
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"intercom/client/wire"
	"intercom/internal/atomicfile"
)

// skillPage is SKILL.md of the top folder, of which this file is a copy: the
// compiler embeds nothing from above a package. A test keeps them equal.
//
//go:embed skill.md
var skillPage []byte

// skillsFolder is where agents look for skills in a project.
const skillsFolder = ".agents/skills"

func newSkillCmd(sh *shell) *cobra.Command {
	return newNounCmd("skill", "Teach an agent to use these commands", newSkillPrintCmd(sh), newSkillInstallCmd(sh))
}

func newSkillPrintCmd(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use: "print", Short: "Print the page for agents, in Markdown", Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		Example: `  intercom skill print > SKILL.md`,
		RunE:    func(*cobra.Command, []string) error { return sh.printer.Text(string(skillPage)) },
	}
}

// installedSkill is what `skill install` prints.
type installedSkill struct {
	Path    string `json:"path" jsonschema:"file that has the page"`
	Changed bool   `json:"changed" jsonschema:"false if it had it before"`
}

// Table returns one row.
func (i installedSkill) Table() wire.Table {
	return wire.Table{Columns: wire.Columns("path", "changed"), Rows: [][]any{{i.Path, i.Changed}}}
}

func newSkillInstallCmd(sh *shell) *cobra.Command {
	var dir string
	var force, dryRun bool
	cmd := &cobra.Command{
		Use: "install", Short: "Write the page where agents look for skills",
		Long: `Write the page to intercom/SKILL.md below the folder of skills: that of the
current project, .agents/skills, or the one that --dir names. A file that is
there and differs is kept, and none is written through a link, unless --force
says otherwise. A folder that --dir names may be a link.`,
		Example: `  intercom skill install
  intercom skill install --dir ~/.agents/skills`,
		Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dir == "" {
				return usage(cmd, "--dir is empty")
			}
			if !cmd.Flags().Changed("dir") && !force {
				if err := refuseLinks(".agents", skillsFolder); err != nil {
					return err
				}
			}
			i, err := runSkillInstall(filepath.Join(dir, "intercom", "SKILL.md"), force, dryRun)
			if err != nil {
				return err
			}
			return sh.showWrite(wire.SchemaName("skill install"), i, dryRun)
		},
	}
	cmd.Flags().StringVar(&dir, "dir", skillsFolder, "folder of skills")
	cmd.Flags().BoolVar(&force, "force", false, "replace a file that differs, and write through links")
	addLocalWrite(cmd, &dryRun)
	_ = cmd.MarkFlagDirname("dir")
	return cmd
}

// refuseLinks refuses paths that are links: what is written there is somewhere
// else, perhaps for other projects too.
func refuseLinks(paths ...string) error {
	for _, path := range paths {
		if to, err := os.Readlink(path); err == nil {
			return wire.Errorf(wire.Conflict, "%s is a link to %s", path, to).
				WithHint("write there with --force, or elsewhere with --dir")
		}
	}
	return nil
}

func runSkillInstall(path string, force, dryRun bool) (installedSkill, error) {
	if !force {
		if err := refuseLinks(filepath.Dir(path), path); err != nil {
			return installedSkill{}, err
		}
	}
	there, err := os.ReadFile(path)
	switch {
	case err == nil && bytes.Equal(there, skillPage):
		return installedSkill{Path: path}, nil
	case err == nil && !force:
		return installedSkill{}, wire.Errorf(wire.Conflict, "%s is there and differs", path).
			WithHint("compare it with: intercom skill print; replace it with --force")
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return installedSkill{}, fmt.Errorf("read skill: %w", err)
	case dryRun:
		return installedSkill{Path: path, Changed: true}, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return installedSkill{}, fmt.Errorf("make folder of the skill: %w", err)
	}
	if err := atomicfile.Replace(path, skillPage, 0o644); err != nil {
		return installedSkill{}, fmt.Errorf("write skill: %w", err)
	}
	return installedSkill{Path: path, Changed: true}, nil
}
