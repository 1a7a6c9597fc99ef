package focus

import (
	"cmp"
	"slices"
	"strings"

	"intercom/client/wire"
)

const defaultRounds = 4

// plan is what a session is to be, as its host said it.
type plan struct {
	minutes   Minutes
	goal      string
	tags      []string
	cycle     string
	longBreak Minutes
}

// start returns the body of the session without its begin. A cycle without
// minutes is as long as its rounds and the breaks between them, with a long
// break behind them where one is asked for.
func (p plan) start() (*Start, error) {
	minutes, err := p.minutes.Parse(0)
	if err != nil {
		return nil, err
	}
	long, err := p.longBreak.parse("longBreak", 0)
	if err != nil {
		return nil, err
	}
	b := &Start{Goal: cut(p.goal), Seconds: cmp.Or(minutes, defaultMinutes) * 60, LongBreak: long * 60}
	if b.Tags, err = tags(p.tags); err != nil {
		return nil, err
	}
	switch {
	case p.cycle != "":
		if b.Cycle, err = parseCycle(p.cycle); err != nil {
			return nil, err
		}
	case long != 0:
		return nil, wire.Errorf(wire.InvalidRequest, "a long break is behind the rounds of a cycle, and there is none").
			WithHint("--cycle 25m/5m/4 --long-break 15m, or a break now and then: intercom focus break --long")
	}
	if len(b.Cycle) > 0 && minutes == 0 {
		rounds := b.Cycle[2]
		if b.Seconds = rounds*b.Cycle[0] + (rounds-1)*b.Cycle[1] + b.LongBreak; b.Seconds > MaxSeconds {
			return nil, wire.Errorf(wire.InvalidRequest, "the cycle lasts %d minutes, %d more than a session can", b.Seconds/60, (b.Seconds-MaxSeconds)/60).
				WithHint("fewer rounds, or --minutes for a part of it")
		}
	}
	return b, nil
}

// parseCycle reads the work, the break and the rounds of a cycle.
func parseCycle(text string) ([]int64, error) {
	bad := wire.Errorf(wire.InvalidRequest, "cycle: %.64q is no WORK/BREAK/ROUNDS", text).
		WithHint("--cycle 25m/5m/4: four times 25 minutes of work, 5 minutes of break between them")
	parts := strings.Split(strings.TrimSpace(text), "/")
	if len(parts) != 2 && len(parts) != 3 {
		return nil, bad
	}
	out := []int64{0, 0, defaultRounds}
	for i, part := range parts[:2] {
		n, err := Minutes(`"` + strings.ReplaceAll(part, `"`, "") + `"`).Parse(0)
		if err != nil || n == 0 {
			return nil, bad
		}
		out[i] = n * 60
	}
	if len(parts) == 3 {
		if out[2] = number(parts[2]); out[2] < 1 || out[2] > maxRounds {
			return nil, bad
		}
	}
	return out, nil
}

func tags(all []string) (out []string, err error) {
	for _, t := range all {
		t = strings.TrimPrefix(strings.TrimSpace(strings.ToValidUTF8(t, "\uFFFD")), "+")
		switch {
		case t == "" || slices.Contains(out, t):
			continue
		case len(t) > maxTag:
			return nil, wire.Errorf(wire.InvalidRequest, "tag: %.32q... has %d bytes, at most %d fit", t, len(t), maxTag).WithHint("a shorter tag")
		}
		out = append(out, t)
	}
	if len(out) > maxTags {
		return nil, wire.Errorf(wire.InvalidRequest, "%d tags, at most %d fit", len(out), maxTags).WithHint("fewer tags")
	}
	return out, nil
}
