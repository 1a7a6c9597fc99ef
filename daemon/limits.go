package daemon

import (
	"slices"

	"intercom/client"
	"intercom/ledger/event"
	"intercom/p2p/channel"
)

// channelLimits are the settings that hold for channels.
type channelLimits struct {
	relay    bool
	ttl      int
	all      channel.Policy
	powEntry bool
	powOnly  []string // channels; none: all
}

func limitsOf(c *client.Config) channelLimits {
	l := channelLimits{
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
