package p2p

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/libp2p/go-libp2p/core/event"
)

// lookEvery is how often the network and the clock are looked at: for a cable, and for what no event tells.
const lookEvery = 5 * time.Second

// slept is how far the wall clock has to run ahead of the monotonic one to mean that the machine was asleep.
const slept = 10 * time.Second

// watchNetwork has everything tried again when this machine gets another address, its link comes back, or it wakes up.
func (n *Node) watchNetwork(ctx context.Context) {
	sub, err := n.host.EventBus().Subscribe(new(event.EvtLocalAddressesUpdated))
	if err != nil {
		n.log.Warn("the network is looked at now and then", "error", err)
	} else {
		defer sub.Close()
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	links, last := linkState(net.Interfaces), time.Now()
	for {
		var updated <-chan any
		if sub != nil {
			updated = sub.Out()
		}
		select {
		case <-ctx.Done():
			return
		case _, ok := <-updated:
			if !ok {
				return
			}
			n.networkChanged("addresses")
		case <-tick.C:
			now := time.Now()
			if asleep(now.Sub(last), now.Round(0).Sub(last.Round(0))) {
				n.networkChanged("wake")
			}
			last = now
			if next := linkState(net.Interfaces); next != links {
				links = next
				n.networkChanged("links")
			}
		}
	}
}

// asleep compares what the two clocks say of the same time: the monotonic one stands still while a machine sleeps.
func asleep(monotonic, wall time.Duration) bool { return wall-monotonic > slept }

// linkState is a text that changes when an interface comes, goes, or gets or loses its link or an address.
func linkState(list func() ([]net.Interface, error)) string {
	all, err := list()
	if err != nil {
		return err.Error()
	}
	lines := make([]string, 0, len(all))
	for _, i := range all {
		addrs, err := i.Addrs()
		lines = append(lines, fmt.Sprint(i.Name, i.Flags, addrs, err))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// answerWithin is how long a peer has to show that its connection outlived a change of the network.
const answerWithin = 10 * time.Second

// networkChanged forgets back-offs, announces this node anew, publishes its addresses, and gives up connections over
// which no answer comes: else it would take a minute until they are noticed, and opened anew.
func (n *Node) networkChanged(why string) {
	n.log.Debug("network changed", "by", why)
	n.counts.add(networkChanges)
	n.keeper.reset()
	n.lookAround()
	for _, id := range n.peers.ids() {
		n.spawn(func() {
			ctx, cancel := context.WithTimeout(n.ctx, answerWithin)
			defer cancel()
			if !n.answers(ctx, id) && n.ctx.Err() == nil {
				n.log.Info("no answer after the network changed", "peer", id)
				n.host.Network().ClosePeer(id)
			}
		})
	}
	select {
	case n.announce <- struct{}{}:
	default:
	}
}
