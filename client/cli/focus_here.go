package cli

import (
	"context"
	"time"

	"intercom/client/wire"
)

// sayHere is how often a client says that its person is there.
const sayHere = 20 * time.Second

// here says for a person that he is there.
type here struct{ next time.Time }

// say says so in a room, if it is time. That it fails is no matter of the
// session: an older daemon, or a token that may only read.
func (h *here) say(ctx context.Context, sh *shell, room string) {
	now := sh.Now().Round(0)
	if room == "" || now.Before(h.next) && h.next.Sub(now) <= sayHere {
		return
	}
	h.next = now.Add(sayHere)
	ctx, cancel := context.WithTimeout(ctx, time.Second) // the countdown goes on
	defer cancel()
	_, _ = ask(ctx, sh, wire.Present, wire.PresentReq{Channel: room})
}
