package cli

import (
	"context"
	"encoding/json"
	"time"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/cli/out"
	"intercom/client/wire"
)

type listenOptions struct {
	channels []string
	since    string
	count    int
	within   time.Duration // 0: for ever
}

func newListenCmd(sh *shell) *cobra.Command {
	var o listenOptions
	var channel string
	cmd := &cobra.Command{
		Use:   "listen [CHANNEL...]",
		Short: "Print messages as they come",
		Long: `Print the messages that peers send to channels, one a line, until interrupted.
Channels that are named are joined; without a name it listens to all that are
joined. A lost daemon is dialled again, and what was missed is said. Messages
are kept for a while, in the daemon's memory alone: --since shows these first.`,
		Example: `  intercom listen ops --format json | jq .message
  intercom listen ops --since 10m
  intercom listen ops --count 1 --timeout 10s`,
		ValidArgsFunction: completeAll(sh, wire.CompleteChannels),
	}
	addRoomFlags(sh, cmd, &channel, wire.CompleteChannels)
	cmd.Flags().IntVarP(&o.count, "count", "n", 0, "end after so many messages; 0 never")
	cmd.Flags().StringVar(&o.since, "since", "", "begin earlier: a cursor, a time, how long ago, or start")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if o.count < 0 {
			return usage(cmd, "--count %d is negative", o.count)
		}
		since, err := sh.since(o.since)
		if err != nil {
			return usage(cmd, "%v", err)
		}
		o.since = since
		if o.channels = args; channel != "" {
			o.channels = append(o.channels, channel)
		}
		if cmd.Flags().Changed("timeout") {
			o.within = sh.flags.timeout
		}
		return runListen(cmd.Context(), sh, o)
	}
	return cmd
}

// message is a message of a channel as `listen` prints it.
type message struct {
	Time      time.Time       `json:"time"`
	Channel   string          `json:"channel"`
	From      string          `json:"from" jsonschema:"public key of the author, 64 hex digits"`
	Message   json.RawMessage `json:"message"`
	ID        string          `json:"id"`
	Origin    string          `json:"origin,omitempty"`
	RelayedBy string          `json:"relayedBy,omitempty"`
	Sig       string          `json:"sig,omitempty"`
	Cursor    string          `json:"cursor,omitempty" jsonschema:"where --since goes on"`
}

// Table shows a text without its quotes, any other value as JSON.
func (m message) Table() wire.Table {
	var text string
	if json.Unmarshal(m.Message, &text) != nil {
		text = string(m.Message)
	}
	return wire.Table{
		Columns: wire.Columns("time", "channel", "from", "message"),
		Rows:    [][]any{{m.Time, m.Channel, short(m.From), text}},
	}
}

// lineOf shows keys whole to the programs that read csv and tsv.
func (sh *shell) lineOf(m message) out.Document {
	d := document("", m)
	o := sh.printer.Options
	if o.Format == "" {
		o.Format = o.Default
	}
	if o.Format == "csv" || o.Format == "tsv" {
		d.Table.Rows[0][2] = m.From
	}
	return d
}

// short shows enough of a key to tell peers apart.
func short(key string) string {
	if len(key) > 8 {
		return key[:8]
	}
	return key
}

func runListen(ctx context.Context, sh *shell, o listenOptions) error {
	c, err := sh.dial()
	if err != nil {
		return err
	}
	// From before the join: what is kept for the first to appear comes with it.
	since := o.since
	if since == "" {
		still := false
		before, err := ask(ctx, sh, wire.Events, wire.EventsReq{Follow: &still, Limit: 1})
		if err != nil {
			return err
		}
		since = before.Cursor
	}
	if err := join(ctx, sh, c, o.channels); err != nil {
		return err
	}
	left := o.count
	f := wire.Filter{Since: since, Types: []string{wire.PushMessage}, Channels: o.channels}
	return sh.follow(ctx, f, o.within, func(push wire.Push) (bool, error) {
		m, ok, err := readMessage(push)
		if !ok || err != nil {
			return false, err
		}
		if err := sh.printer.Line(sh.lineOf(m)); err != nil {
			return false, err
		}
		left--
		return left == 0, nil
	})
}

func join(ctx context.Context, sh *shell, c *client.Client, channels []string) error {
	ctx, cancel := sh.within(ctx)
	defer cancel()
	for _, name := range channels {
		if _, err := client.Call(ctx, c, wire.Join, wire.JoinReq{Channel: name}); err != nil {
			return err
		}
	}
	return nil
}

// readMessage returns the message of a push; false: it is none, but an event of
// a room in the shape of one, or it was sent here.
func readMessage(push wire.Push) (message, bool, error) {
	if push.Type != wire.PushMessage {
		return message{}, false, nil
	}
	var m struct {
		message
		TS        int64   `json:"ts"`
		RelayedBy *string `json:"relayedBy"`
		Event     string  `json:"event"`
		Source    string  `json:"source"`
	}
	if err := json.Unmarshal(push.Raw, &m); err != nil {
		return message{}, false, wire.Errorf(wire.Incompatible, "the daemon's message cannot be read: %v", err)
	}
	m.Time, m.Cursor = time.UnixMilli(m.TS).UTC(), push.Cursor
	if m.RelayedBy != nil {
		m.message.RelayedBy = *m.RelayedBy
	}
	return m.message, m.Event == "" && m.Source != "local", nil
}
