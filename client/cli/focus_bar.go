package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/template"
	"time"
	"unicode/utf8"

	"intercom/client/cli/out"
	"intercom/focus"
)

// glance is what a status bar tells of a session. Its texts may be of peers,
// so each bar keeps them from meaning anything to it.
type glance struct {
	state   string // focus.Active, OnBreak, Paused or Idle
	room    string
	text    string // the time that is left, and the goal or the state
	left    string // the time alone
	lines   []string
	percent int // of the session that is over
}

// shownGoal is how many characters of a goal a bar shows.
const shownGoal = 40

func glanceAt(reply focus.StatusReply, named bool, zone *time.Location) glance {
	s, found := mine(reply, named)
	g := glance{state: stateOf(s, found), room: out.Safe(s.Room)}
	if !found {
		return g
	}
	goal := clip(out.Safe(s.Goal), shownGoal)
	word, label := "focusing", goal
	if g.state != focus.Active {
		word = map[string]string{focus.OnBreak: "break", focus.Paused: "paused"}[g.state]
		label = word
	} else if label == "" {
		label = clip(g.room, shownGoal)
	}
	g.left = out.Clock(int(s.PhaseSeconds))
	g.text = g.left + " " + label
	g.lines = []string{g.room, word + " until " + s.ChangesAt().In(zone).Format("15:04")}
	if goal != "" {
		g.lines[0] += ": " + goal
	}
	if s.Cycle != nil && s.Cycle.Round > 0 {
		g.lines = append(g.lines, fmt.Sprintf("round %d of %d", s.Cycle.Round, s.Cycle.Rounds))
	}
	g.lines = append(g.lines, fmt.Sprintf("%d of %d there", s.PresentCount, s.ParticipantCount))
	if whole := int64(s.EndsAt.Sub(s.StartedAt).Seconds()); whole > 0 {
		g.percent = int(max(0, min(100, 100-100*s.RemainingSeconds/whole)))
	}
	return g
}

// clip cuts a text at n characters.
func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// widen replaces ASCII characters by their wide forms, which look alike and
// mean nothing to a bar or a shell. An escape would mean something else to
// another version of it.
func widen(s, special string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(special, r) {
			return r + '！' - '!'
		}
		return r
	}, s)
}

// colors of the states, where a bar has no classes of its own.
var colors = map[string]string{focus.Active: "#a3be8c", focus.OnBreak: "#88c0d0", focus.Paused: "#ebcb8b"}

var barNames = []string{"waybar", "polybar", "tmux", "starship", "i3"}

// bars print a glance as the bar of that name takes it; where no session runs
// it hides itself.
var bars = map[string]func(glance) string{
	// waybar-custom(5), "return-type": "json": its texts are Pango markup.
	"waybar": func(g glance) string {
		class := g.state
		if class == focus.Active {
			class = "focus"
		}
		return oneLine(struct {
			Text       string `json:"text"`
			Alt        string `json:"alt"`
			Tooltip    string `json:"tooltip"`
			Class      string `json:"class"`
			Percentage int    `json:"percentage"`
		}{pango(g.text), class, pango(strings.Join(g.lines, "\n")), class, g.percent})
	},
	// Tags of polybar and lemonbar begin with %{.
	"polybar": func(g glance) string {
		if g.text == "" {
			return ""
		}
		return "%{F" + colors[g.state] + "}" + widen(g.text, "%") + "%{F-}"
	},
	// tmux(1), STYLES and FORMATS: all of them begin with #, and with % those of
	// times.
	"tmux": func(g glance) string {
		if g.text == "" {
			return ""
		}
		return "#[fg=" + colors[g.state] + "]" + widen(g.text, "#%") + "#[default]"
	},
	// What a custom command of starship prints comes into the prompt of a shell,
	// which may expand it.
	"starship": func(g glance) string { return widen(g.text, "$`\\!%") },
	// A block of the i3bar protocol; i3blocks takes it with format=json.
	"i3": func(g glance) string {
		return oneLine(struct {
			Full   string `json:"full_text"`
			Short  string `json:"short_text"`
			Color  string `json:"color,omitempty"`
			Name   string `json:"name"`
			Markup string `json:"markup"`
		}{pango(g.text), g.left, colors[g.state], "intercom", "pango"})
	},
}

func pango(s string) string { return template.HTMLEscapeString(s) }

func oneLine(v any) string {
	b, _ := json.Marshal(v) // texts and numbers
	return string(b)
}
