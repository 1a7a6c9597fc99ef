package p2p

import (
	"context"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// pollEvery finds what no event tells: killed processes, and everything where events do not work.
const pollEvery = 2 * time.Second

// lookAround has the runtime folder read soon.
func (n *Node) lookAround() {
	select {
	case n.rescan <- struct{}{}:
	default:
	}
}

// watchRegistry follows the runtime folder until ctx ends, then takes this node's file away.
func (n *Node) watchRegistry(ctx context.Context, r *registry) {
	defer r.remove()
	var events chan fsnotify.Event
	var errs chan error
	if w, err := fsnotify.NewWatcher(); err != nil {
		n.log.Warn("runtime folder is polled", "error", err)
	} else {
		defer w.Close()
		if err := w.Add(r.dir); err != nil {
			n.log.Warn("runtime folder is polled", "error", err)
		}
		events, errs = w.Events, w.Errors
	}
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	grace := time.Duration(0) // who is there already waits for us to dial
	for {
		n.readRegistry(r, grace)
		grace = newcomerGrace
		for waiting := true; waiting; {
			select {
			case <-ctx.Done():
				return
			case e := <-events:
				waiting = !strings.HasSuffix(e.Name, ".json")
			case err := <-errs:
				n.log.Warn("watching the runtime folder failed", "error", err)
			case <-poll.C:
				waiting = false
			case <-n.rescan:
				waiting = false
			}
		}
	}
}

func (n *Node) readRegistry(r *registry, grace time.Duration) {
	now := time.Now()
	found, own, err := r.scan(now)
	if err != nil {
		n.log.Warn("runtime folder not readable", "error", err)
		return
	}
	if !own || r.moved(n.host.Addrs()) {
		if err := r.write(n.host.Addrs(), now); err != nil {
			n.log.Warn("runtime folder not writable", "error", err)
		}
	}
	n.keeper.setLocal(found, grace)
}
