package daemon

import (
	"log/slog"
	"slices"

	"intercom/client"
	"intercom/ledger/event"
	"intercom/p2p/channel"
)

// channelLimits are the settings that hold for channels.
type channelLimits struct {
	relay    bool
	ttl      int
	debug    bool // log each message that comes
	all      channel.Policy
	powEntry bool
	powOnly  []string // channels; none: all
}

func limitsOf(c *client.Config) channelLimits {
	l := channelLimits{
		debug: c.Switch("sidechannel-debug") && !c.Switch("sidechannel-quiet"),
		relay: c.Switch("sidechannel-relay"), ttl: c.Number("sidechannel-relay-ttl"),
		powEntry: c.Switch("sidechannel-pow-entry"), powOnly: c.List("sidechannel-pow-channels"),
		all: channel.Policy{
			MaxBytes: c.Number("sidechannel-max-bytes"), RateBytes: c.Number("sidechannel-rate-bytes"),
			Burst: c.Number("sidechannel-rate-burst"),
		},
	}
	// Else a legal message could never pass.
	l.all.Burst = max(l.all.Burst, l.all.MaxBytes/4*5+1)
	if c.Switch("sidechannel-pow") {
		l.all.WorkBits = c.Number("sidechannel-pow-difficulty")
	}
	return l
}

// policy returns the limits of a channel.
func (l channelLimits) policy(name string) channel.Policy {
	p := l.all
	switch {
	case len(l.powOnly) > 0:
		if !slices.Contains(l.powOnly, name) {
			p.WorkBits = 0
		}
	case l.powEntry && name != event.EntryChannel:
		p.WorkBits = 0
	}
	return p
}

// channelLog is where channels log.
func channelLog(c *client.Config, log *slog.Logger) *slog.Logger {
	if c.Switch("sidechannel-quiet") {
		return slog.New(slog.DiscardHandler)
	}
	return log
}
