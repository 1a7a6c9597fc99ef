package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/wire"
	"intercom/internal/atomicfile"
)

type serviceOptions struct{ system, dryRun bool }

func (o *serviceOptions) add(cmd *cobra.Command, with string) {
	cmd.Flags().BoolVar(&o.system, "system", false, "with "+with+": one of the whole system, which runs without a login; needs root")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "with "+with+": print the file and the commands, and change nothing")
}

// check refuses the options without the flag that they belong to.
func (o *serviceOptions) check(cmd *cobra.Command, given bool, with string) error {
	if !given && (o.system || o.dryRun) {
		return usage(cmd, "--system and --dry-run belong to %s", with)
	}
	return nil
}

// installed is what `up --install` and `down --uninstall` print.
type installed struct {
	Profile  string   `json:"profile"`
	Service  string   `json:"service" jsonschema:"name that the service manager knows it by"`
	File     string   `json:"file"`
	Changed  bool     `json:"changed" jsonschema:"the file was written or removed"`
	Running  bool     `json:"running" jsonschema:"the daemon is ready"`
	Commands []string `json:"commands" jsonschema:"that make the service manager know of it"`
	Text     string   `json:"text,omitempty" jsonschema:"content of the file, in a dry run"`

	note string
}

// Table returns one row.
func (i installed) Table() wire.Table {
	return wire.Table{Columns: wire.Columns("profile", "service", "file", "changed", "running"),
		Rows: [][]any{{i.Profile, i.Service, i.File, i.Changed, i.Running}}}
}

// Note says what is left to do.
func (i installed) Note() string { return i.note }

// marker is in every file that this program writes, and in no other.
const marker = "Written by intercom up"

// ours reports whether the file is there and of this program's making;
// wire.Conflict for a file of somebody else.
func (s service) ours() (bool, error) {
	text, err := os.ReadFile(s.path())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, serviceError(err)
	case !bytes.Contains(text, []byte(marker)):
		return false, wire.Errorf(wire.Conflict, "%s was not written by intercom", s.path()).WithHint("move it away")
	}
	return true, nil
}

// serviceError says who may write where services are.
func serviceError(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return wire.Errorf(wire.Forbidden, "%v", err).WithHint("repeat it with sudo, or without --system")
	}
	return err
}

func runInstall(ctx context.Context, sh *shell, o serviceOptions) error {
	p, err := sh.localProfile()
	if err != nil {
		return err
	}
	s, err := newService(sh, p, o.system)
	if err != nil {
		return err
	}
	text, err := s.text()
	if err != nil {
		return err
	}
	if _, err := p.Config(nil, sh.Getenv); err != nil {
		return err // the daemon would end at once
	}
	i := installed{Profile: p.Name, Service: s.name(), File: s.path(), Commands: lines(s.enable())}
	schema := wire.SchemaName("up install")
	if o.dryRun {
		i.Text = text
		i.note = "dry run: " + i.File + " was not written, and not run:\n  " + strings.Join(i.Commands, "\n  ")
		if err := sh.showText(schema, i, strings.TrimSuffix(text, "\n")); err != nil || sh.printer.Options.Format != "" {
			return err
		}
		sh.printer.Note(i.note)
		return nil
	}
	before, err := s.ours()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.folder, 0o755); err != nil {
		return serviceError(err)
	}
	if !s.whole {
		if err := client.PrivateDir(filepath.Dir(s.Log)); err != nil { // launchd makes the file alone
			return serviceError(err)
		}
	}
	if err := atomicfile.Replace(s.path(), []byte(text), 0o644); err != nil {
		return serviceError(err)
	}
	i.Changed = true
	if _, err := sh.LookPath(s.enable()[0][0]); err != nil {
		i.note = "there is no " + s.enable()[0][0] + " here; where there is, run\n  " + strings.Join(i.Commands, "\n  ")
		return sh.show(schema, i)
	}
	if _, err := runDown(ctx, sh); err != nil { // one that runs in the background has the store
		return err
	}
	if before && s.system == "darwin" {
		stop, _ := s.disable()
		_ = sh.runAll(ctx, stop) // launchd takes no second job of a name; there may be none
	}
	if err := sh.runAll(ctx, s.enable()); err != nil {
		return wire.Errorf(wire.Partial, "%s is written, but %v", i.File, err).
			WithHint("when that is repaired: " + strings.Join(i.Commands, " && "))
	}
	if s.other {
		i.note = "it runs as " + s.User + ", who alone may use it; "
		i.Running = s.system == "linux" // systemctl has waited for it
	} else if err := awaitService(ctx, sh); err != nil {
		return wire.Errorf(wire.AsError(err).Code, "%s is installed: %v", i.Service, err).WithHint(s.logs())
	} else {
		i.Running = true
	}
	i.note += "its log: " + s.logs()
	if s.system == "linux" && !s.whole {
		i.note += "\nit runs while you are logged in; to let it run always: loginctl enable-linger"
	}
	return sh.show(schema, i)
}

func awaitService(ctx context.Context, sh *shell) error {
	ctx, cancel := sh.within(ctx)
	defer cancel()
	_, err := sh.awaitReady(ctx, nil)
	return err
}

func runUninstall(ctx context.Context, sh *shell, o serviceOptions) error {
	p, err := sh.localProfile()
	if err != nil {
		return err
	}
	s, err := newService(sh, p, o.system)
	if err != nil && s.folder == "" {
		return err // the daemon's program may be gone already
	}
	there, err := s.ours()
	if err != nil {
		return err
	}
	first, last := s.disable()
	i := installed{Profile: p.Name, Service: s.name(), File: s.path(), Commands: lines(append(first, last...))}
	schema := wire.SchemaName("down uninstall")
	if o.dryRun {
		i.note = "dry run: nothing was changed"
		return sh.show(schema, i)
	}
	if !there {
		i.note = "no service was installed"
	} else {
		_, missing := sh.LookPath(first[0][0])
		if missing == nil {
			// One that the service manager does not know is what was wanted.
			if err := sh.runAll(ctx, first); err != nil {
				i.note = err.Error()
			}
		}
		if err := os.Remove(s.path()); err != nil {
			return serviceError(err)
		}
		i.Changed = true
		if missing == nil {
			if err := sh.runAll(ctx, last); err != nil {
				i.note = err.Error()
			}
		}
	}
	if _, err := runDown(ctx, sh); err != nil {
		return err
	}
	return sh.show(schema, i)
}

// runAll runs commands one after the other until one fails.
func (sh *shell) runAll(ctx context.Context, commands [][]string) error {
	for _, argv := range commands {
		path, err := sh.LookPath(argv[0])
		if err != nil {
			return fmt.Errorf("%s is not there", argv[0])
		}
		cmd := exec.CommandContext(ctx, path, argv[1:]...)
		cmd.Env = sh.Environ
		said, err := cmd.CombinedOutput()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("%q failed: %v: %s", strings.Join(argv, " "), err, bytes.TrimSpace(said))
		}
	}
	return nil
}

func lines(commands [][]string) []string {
	all := make([]string, len(commands))
	for i, argv := range commands {
		words := make([]string, len(argv))
		for j, word := range argv {
			words[j] = quoteShell(word)
		}
		all[i] = strings.Join(words, " ")
	}
	return all
}

// quoteShell quotes a word for a POSIX shell where it needs it.
func quoteShell(word string) string {
	if !strings.ContainsAny(word, " \t\n\"'\\$`*?[]{}()<>|&;#~!") && word != "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
