package daemon

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"intercom/client/wire"
)

// Notify is how the service manager that started the daemon wants to hear of
// it: the protocol of sd_notify(3). The zero value is no service manager.
type Notify struct {
	Socket   string        // path of a datagram socket, or @ and an abstract name
	Watchdog time.Duration // it restarts a daemon that says nothing for so long; 0: never
}

// notifyEvery is how often the state is looked at where no watchdog asks for
// more.
const notifyEvery = 10 * time.Second

// NotifyFrom reads what the service manager put into the environment of the
// process pid. A watchdog that is meant for another process is none.
func NotifyFrom(env func(string) string, pid int) Notify {
	n := Notify{Socket: env("NOTIFY_SOCKET")}
	if of := env("WATCHDOG_PID"); of != "" && of != strconv.Itoa(pid) {
		return n
	}
	if usec, err := strconv.ParseInt(env("WATCHDOG_USEC"), 10, 64); err == nil && usec > 0 {
		n.Watchdog = time.Duration(usec) * time.Microsecond
	}
	return n
}

// send sends one datagram of assignments. Without a service manager it does
// nothing.
func (n Notify) send(assignments ...string) error {
	if n.Socket == "" {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: n.Socket, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("notify service manager: %w", err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(strings.Join(assignments, "\n"))); err != nil {
		return fmt.Errorf("notify service manager: %w", err)
	}
	return nil
}

// tell tells the service manager of a change of state.
func (d *Daemon) tell(assignments ...string) {
	if err := d.o.Notify.send(assignments...); err != nil {
		d.o.Log.Warn("service manager not told", "error", err)
	}
}

// statusLine is a state as a person reads it, in one line.
func statusLine(h wire.HealthReply) string {
	if h.Reason == "" {
		return "STATUS=" + h.Status
	}
	return "STATUS=" + h.Status + ": " + strings.ReplaceAll(h.Reason, "\n", " ")
}

// keepTelling tells the service manager that the daemon lives, and when it
// becomes read-only or writes again, until ctx ends. A daemon whose bridge or
// store hangs says nothing, so that it is restarted.
func (d *Daemon) keepTelling(ctx context.Context) error {
	if d.o.Notify.Socket == "" {
		return nil
	}
	every := notifyEvery
	if w := d.o.Notify.Watchdog / 2; w > 0 {
		every = min(every, w)
	}
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	last := ""
	for {
		line := statusLine(d.health())
		d.bridge.Stats()
		say := []string{}
		if d.o.Notify.Watchdog > 0 {
			say = append(say, "WATCHDOG=1")
		}
		if line != last {
			say, last = append(say, line), line
		}
		if len(say) > 0 {
			d.tell(say...)
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
