package cli

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/cli/out"
	"intercom/client/wire"
)

type listenOptions struct {
	channels []string
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
joined. A lost daemon is dialled again.`,
		Example: `  intercom listen ops --format json | jq .message
  intercom listen ops --count 1 --timeout 10s`,
		ValidArgsFunction: completeAll(sh, wire.CompleteChannels),
	}
	addRoomFlags(sh, cmd, &channel, wire.CompleteChannels)
	cmd.Flags().IntVarP(&o.count, "count", "n", 0, "end after so many messages; 0 never")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if o.count < 0 {
			return usage(cmd, "--count %d is negative", o.count)
		}
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
	if o.within > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.within)
		defer cancel()
	}
	c, err := sh.dial()
	if err != nil {
		return err
	}
	if err := subscribe(ctx, sh, c, o.channels); err != nil {
		return err
	}
	left := o.count
	for {
		done, err := printMessages(ctx, sh, c, &left)
		if done || err != nil && !errors.Is(err, &wire.Error{Code: wire.Unavailable}) {
			return err
		}
		sh.printer.Note(wire.AsError(err).Error() + "; dialling again")
		if err := redial(ctx, sh, c, o.channels); err != nil {
			return err
		}
		sh.printer.Note("connected; messages in between were missed")
	}
}

func subscribe(ctx context.Context, sh *shell, c *client.Client, channels []string) error {
	ctx, cancel := sh.within(ctx)
	defer cancel()
	for _, name := range channels {
		if _, err := client.Call(ctx, c, wire.Join, wire.ChannelReq{Channel: name}); err != nil {
			return err
		}
	}
	if len(channels) == 0 {
		_, err := c.Hello(ctx)
		return err
	}
	_, err := client.Call(ctx, c, wire.Subscribe, wire.SubscribeReq{Channels: channels})
	return err
}

// redial tries until it is connected again; the pauses double up to 5 s.
func redial(ctx context.Context, sh *shell, c *client.Client, channels []string) error {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		err := subscribe(ctx, sh, c, channels)
		if err == nil || wire.AsError(err).Code.Exit() != wire.Unavailable.Exit() && !errors.Is(err, &wire.Error{Code: wire.DaemonNotRunning}) {
			return err
		}
	}
}

// printMessages is done when as many messages came as were asked for.
func printMessages(ctx context.Context, sh *shell, c *client.Client, left *int) (done bool, err error) {
	for push, err := range c.Pushes(ctx) {
		if err != nil {
			return false, err
		}
		if push.Type != "sidechannel_message" {
			continue
		}
		m, err := readMessage(push)
		if err != nil {
			return false, err
		}
		if err := sh.printer.Line(sh.lineOf(m)); errors.Is(err, out.ErrReaderGone) {
			return true, nil
		} else if err != nil {
			return false, err
		}
		if *left--; *left == 0 {
			return true, nil
		}
	}
	return true, nil
}

func readMessage(push wire.Push) (message, error) {
	var m struct {
		message
		TS        int64   `json:"ts"`
		RelayedBy *string `json:"relayedBy"`
	}
	if err := json.Unmarshal(push.Raw, &m); err != nil {
		return message{}, wire.Errorf(wire.Incompatible, "the daemon's message cannot be read: %v", err)
	}
	m.Time = time.UnixMilli(m.TS).UTC()
	if m.RelayedBy != nil {
		m.message.RelayedBy = *m.RelayedBy
	}
	return m.message, nil
}
