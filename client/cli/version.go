package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"intercom/client/wire"
)

// versions is what `version` prints.
type versions struct {
	Client wire.VersionReply  `json:"client"`
	Daemon *wire.VersionReply `json:"daemon" jsonschema:"absent while no daemon runs"`
}

// Table returns a row for each program.
func (v versions) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("program", "version", "revision", "go", "protocol")}
	add := func(name string, r wire.VersionReply) {
		t.Rows = append(t.Rows, []any{name, r.Version, r.Revision, r.Go, r.Protocol.String()})
	}
	add("intercom", v.Client)
	if v.Daemon != nil {
		add("intercomd", *v.Daemon)
	}
	return t
}

func newVersionCmd(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: wire.Version.Summary, Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error { return runVersion(cmd, sh) },
	}
}

func runVersion(cmd *cobra.Command, sh *shell) error {
	v := versions{Client: wire.Build()}
	daemon, err := ask(cmd.Context(), sh, wire.Version, wire.None{})
	switch {
	case err == nil:
		v.Daemon = &daemon
	case !errors.Is(err, &wire.Error{Code: wire.DaemonNotRunning}):
		// The daemon is there and cannot be asked: the own version still helps.
		if shown := sh.show(wire.Version.Schema(), v); shown != nil {
			return shown
		}
		return err
	}
	return sh.show(wire.Version.Schema(), v)
}
