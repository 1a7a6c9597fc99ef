package cli

import (
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"intercom/client/wire"
	"intercom/p2p/identity"
)

func (p *patient) up() string { return p.profile.Hint("up") }

func checkDaemon(p *patient) finding {
	switch {
	case p.health == nil && errors.Is(p.daemonErr, &wire.Error{Code: wire.DaemonNotRunning}):
		if p.alive {
			return failure("intercom logs; then end it: intercom down", "process %d has the profile since %s and does not answer",
				p.bridge.PID, p.bridge.Started.Format(time.RFC3339))
		}
		if p.held {
			return failure("intercom logs; intercom wait", "another process has the store and does not answer yet")
		}
		return warning(p.up(), "not running")
	case p.daemonErr != nil:
		message, hint := said(p.daemonErr, "intercom logs")
		return failure(hint, "%s", message)
	case p.health.Status == wire.HealthReadOnly:
		return failure("free some space, or look at the disk: intercom logs", "read-only: %s", p.health.Reason)
	case !p.health.Ready:
		return warning("intercom wait", "%s %s", p.health.Status, p.health.Reason)
	}
	return ok("ready, process %d since %s", p.bridge.PID, p.health.Started.Format(time.RFC3339))
}

func checkVersion(p *patient) finding {
	mine := wire.Build()
	if p.health == nil {
		return ok("intercom %s, protocol %s", mine.Version, mine.Protocol)
	}
	if mine.Version != p.version.Version || mine.Revision != p.version.Revision {
		return warning("intercom down && intercom up, after both programs are of one release",
			"intercom is %s %.12s, the running daemon %s %.12s", mine.Version, mine.Revision, p.version.Version, p.version.Revision)
	}
	return ok("client and daemon are %s", mine.Version)
}

func checkPort(p *patient) finding {
	if p.config == nil {
		return ok("not known: the settings are not valid")
	}
	if p.health != nil {
		if p.bridge.TCP == "" {
			return warning("intercom config set sc-bridge-port 0, then intercom down && intercom up",
				"the bridge has no free port: only programs on the Unix socket reach it")
		}
		return ok("the bridge is at %s", p.bridge.TCP)
	}
	addr := net.JoinHostPort(p.config.Get("sc-bridge-host"), p.config.Get("sc-bridge-port"))
	l, err := net.Listen("tcp", addr)
	switch {
	case err == nil:
		l.Close() // nothing was accepted
		return ok("%s is free", addr)
	case errors.Is(err, syscall.EADDRINUSE) && p.config.Source("sc-bridge-port") == "default":
		return ok("%s is taken: the next free port will be used", addr)
	case errors.Is(err, syscall.EADDRINUSE):
		return failure("intercom config set sc-bridge-port PORT", "%s is taken by another program", addr)
	}
	return failure("intercom config set sc-bridge-host 127.0.0.1", "%v", err)
}

// maxJump is how far a clock may be set before it is worth a word.
const maxJump = 2 * time.Second

// checkClock compares with the time that passed for the daemon, which no
// setting of the clock changes.
func checkClock(p *patient) finding {
	const hint = "set the clock, and keep it set: NTP"
	now := p.sh.Now()
	if y := now.UTC().Year(); y < 2025 || y > 2100 {
		return failure(hint, "the clock says %s", now.UTC().Format(time.RFC3339))
	}
	if p.health == nil || p.health.Started.Year() < 2000 {
		return ok("%s", now.UTC().Format(time.RFC3339))
	}
	jump := now.Sub(p.health.Started) - time.Duration(p.health.UptimeMs)*time.Millisecond
	if jump.Abs() > maxJump {
		return warning(hint, "the clock was set by %s since the daemon started", jump.Round(time.Second))
	}
	if n := p.stats.Counters["channel_age"]; n > 0 {
		return warning(hint+", here and at the peers", "%d messages were refused for their age: this clock or a peer's is wrong", n)
	}
	return ok("%s, steady since the daemon started", now.UTC().Format(time.RFC3339))
}

func checkIdentity(p *patient) finding {
	id, err := identity.Load(p.profile.IdentityFile())
	if err != nil || p.info.PeerPubkey == "" {
		return ok("the daemon is %s", p.info.PeerTracAddress)
	}
	if describe(id).PublicKey != p.info.PeerPubkey {
		return failure("intercom down && intercom up", "the daemon runs with another key than the one in %s", p.profile.IdentityFile())
	}
	return ok("the daemon has the key of the profile")
}

func checkReachable(p *patient) finding {
	if p.info.LocalOnly {
		f := ok("only peers on this machine reach it")
		f.Hint = "for others: intercom config set listen /ip4/0.0.0.0/tcp/4001, then intercom down && intercom up"
		return f
	}
	return ok("listens at %s", strings.Join(p.info.Listen, " "))
}

func checkPeers(p *patient) finding {
	connected := len(p.info.Peers)
	if p.config == nil {
		return ok("%d connected", connected)
	}
	if asked := len(p.config.List("peers")); asked > connected {
		return warning("look at their addresses, and that they run: intercom config get peers",
			"%d connected; the setting peers names %d", connected, asked)
	}
	return ok("%d connected", connected)
}

func checkRooms(p *patient) finding {
	var incomplete, waiting []string
	var events uint64
	for _, r := range p.info.Rooms {
		events += r.Events
		if r.Incomplete {
			incomplete = append(incomplete, r.Room)
		}
		if r.Waiting > 0 {
			waiting = append(waiting, r.Room)
		}
	}
	switch {
	case len(incomplete) > 0:
		return warning("intercom status; somebody writes more into them than a room takes", "a size limit kept events out of: %s", strings.Join(incomplete, ", "))
	case len(waiting) > 0:
		return warning("connect with a member who has them: intercom status", "events wait for others that are not here yet in: %s", strings.Join(waiting, ", "))
	}
	return ok("%d rooms, %d events", len(p.info.Rooms), events)
}

// checkNames looks for rooms that a person would take for one.
func checkNames(p *patient) finding {
	alike := map[string][]string{}
	for _, r := range p.info.Rooms {
		plain := strings.Map(func(c rune) rune {
			if strings.ContainsRune(" -_.", c) {
				return -1
			}
			return c
		}, strings.ToLower(r.Room))
		alike[plain] = append(alike[plain], r.Room)
	}
	for _, names := range alike {
		if len(names) > 1 {
			slices.Sort(names)
			return warning("leave the wrong one: intercom channel leave NAME", "names of different rooms that look alike: %s", strings.Join(names, ", "))
		}
	}
	return ok("no two rooms have names that look alike")
}

// trouble are counters that tell of somebody who does what he should not.
var trouble = []string{"events_refused", "events_over_quota", "instances_yielded", "channel_signature", "bridge_wrong_tokens", "bridge_too_slow", "bridge_forbidden"}

func checkRefused(p *patient) finding {
	var counted []string
	for _, name := range trouble {
		if n := p.stats.Counters[name]; n > 0 {
			counted = append(counted, name+" "+strconv.FormatInt(n, 10))
		}
	}
	if len(counted) > 0 {
		f := ok("refused since the start: %s", strings.Join(counted, ", "))
		f.Hint = `intercom call '{"type":"stats"}' counts everything; intercom logs --level warn`
		return f
	}
	return ok("nothing was refused since the start")
}

func checkHooks(p *patient) finding {
	var failed []string
	for name, n := range p.stats.Counters {
		if n > 0 && strings.HasPrefix(name, "hooks_") && name != "hooks_run" {
			failed = append(failed, name+" "+strconv.FormatInt(n, 10))
		}
	}
	if len(failed) > 0 {
		slices.Sort(failed)
		return warning("intercom logs --level warn; the last of each: intercom call '{\"type\":\"health\"}'", "%s", strings.Join(failed, ", "))
	}
	return ok("none has failed, was missed or interrupted since the start")
}
