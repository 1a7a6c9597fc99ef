package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"intercom/client/wire"
)

// status is what `status` prints.
type status struct {
	Running bool           `json:"running"`
	Profile string         `json:"profile"`
	Info    *wire.NodeInfo `json:"info" jsonschema:"absent while no daemon runs"`
}

// Table returns a row for each fact.
func (s status) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("fact", "value")}
	add := func(fact string, value any) { t.Rows = append(t.Rows, []any{fact, value}) }
	add("profile", s.Profile)
	if s.Info == nil {
		add("status", "not running")
		return t
	}
	i := s.Info
	add("status", i.Status)
	add("version", i.Version)
	add("pid", i.PID)
	add("uptime", (time.Duration(i.UptimeMs) * time.Millisecond).Round(time.Second).String())
	add("address", i.PeerTracAddress)
	add("key", i.PeerPubkey)
	add("channels", strings.Join(append([]string{i.SidechannelEntry}, i.SidechannelExtras...), ", "))
	add("rooms", len(i.Rooms))
	add("peers", len(i.Peers))
	for _, p := range i.Peers {
		add("peer", fmt.Sprintf("%s at %s", short(p.Peer), p.Address))
	}
	for _, l := range i.Listen {
		add("listens", l)
	}
	add("bridge", i.TCP)
	add("socket", i.Socket)
	return t
}

// Note tells people what keeps peers away; programs have it in the document.
func (s status) Note() string {
	if s.Info == nil || !s.Info.LocalOnly {
		return ""
	}
	if s.Info.Hint == "" {
		return "only peers on this machine can reach this daemon"
	}
	return s.Info.Hint
}

// List makes the whole one row of a line-wise format.
func (status) List() string { return "" }

func newStatusCmd(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: wire.Info.Summary, Long: "Show the daemon, its addresses, peers and rooms. Exit code 10 if none runs.",
		Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error { return runStatus(cmd, sh) },
	}
}

func runStatus(cmd *cobra.Command, sh *shell) error {
	p, err := sh.findProfile()
	if err != nil {
		return err
	}
	s := status{Profile: p.Name}
	reply, err := ask(cmd.Context(), sh, wire.Info, wire.None{})
	if err == nil {
		s.Running, s.Info = true, &reply.Info
		if s.Profile = reply.Info.Profile; s.Profile == "" {
			s.Profile = p.Name
		}
	} else if !errors.Is(err, &wire.Error{Code: wire.DaemonNotRunning}) {
		return err
	}
	d := document(wire.Info.Schema(), s)
	if !sh.printer.Options.Human() {
		d.Note = ""
	}
	if shown := sh.printer.Print(d); shown != nil {
		return shown
	}
	return err
}
