package cli_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"

	"intercom/client/cli"
)

// hostileGoal is what a peer may name a session.
const hostileGoal = `<b>&amp;%{F#f00}%%{A1:reboot:}#[fg=red]##{x}#(reboot)$(reboot)\` + "`reboot`" + `!!` + "\x1b[2J\n\u202e\"}"

// answerSession lets the daemon answer focus status with one session.
func (w *world) answerSession(status, goal string, more string) {
	b, _ := json.Marshal(goal)
	w.answer = func(map[string]json.RawMessage) []string {
		return []string{fmt.Sprintf(`{"type":"focus_status","rooms":[{"room":"ship","session":"%064d","host":"%064d","status":%q,"goal":%s,
			"startedAt":"2026-03-01T12:00:00Z","endsAt":"2026-03-01T12:40:00Z","participants":[],"participantCount":3,"presentCount":2,
			"checkins":[],"joined":true,"remainingSeconds":1200,"phaseSeconds":1200%s}]}`, 1, 2, status, b, more)}
	}
}

func (w *world) bar(t *testing.T, name string) string {
	t.Helper()
	if exit := w.run(t, "focus", "status", "--bar", name); exit != 0 || strings.Count(w.out.String(), "\n") != 1 {
		t.Errorf("--bar %s: exit code %d, %q, %s", name, exit, w.out.String(), w.stderr.String())
	}
	return strings.TrimSuffix(w.out.String(), "\n")
}

func TestBarsShowWorkBreaksAndPauses(t *testing.T) {
	w := newWorld(t).serve(t)
	for _, c := range []struct{ status, more, bar, want string }{
		{"active", "", "waybar", `{"text":"20:00 ship v2","alt":"focus","tooltip":"ship: ship v2\nfocusing until 12:40\n2 of 3 there","class":"focus","percentage":50}`},
		{"active", "", "polybar", "%{F#a3be8c}20:00 ship v2%{F-}"},
		{"active", "", "tmux", "#[fg=#a3be8c]20:00 ship v2#[default]"},
		{"active", "", "starship", "20:00 ship v2"},
		{"active", "", "i3", `{"full_text":"20:00 ship v2","short_text":"20:00","color":"#a3be8c","name":"intercom","markup":"pango"}`},
		{"break", `,"pausedUntil":"2026-03-01T12:25:00Z","cycle":{"round":1,"rounds":4}`, "waybar", `{"text":"20:00 break","alt":"break","tooltip":"ship: ship v2\nbreak until 12:25\nround 1 of 4\n2 of 3 there","class":"break","percentage":50}`},
		{"break", "", "starship", "20:00 break"},
		{"paused", "", "tmux", "#[fg=#ebcb8b]20:00 paused#[default]"},
		{"active", `,"away":true`, "polybar", "%{F#ebcb8b}20:00 paused%{F-}"},
		{"ended", "", "waybar", `{"text":"","alt":"idle","tooltip":"","class":"idle","percentage":0}`},
		{"ended", "", "i3", `{"full_text":"","short_text":"","name":"intercom","markup":"pango"}`},
		{"ended", "", "polybar", ""}, {"ended", "", "tmux", ""}, {"ended", "", "starship", ""},
	} {
		w.answerSession(c.status, "ship v2", c.more)
		if got := w.bar(t, c.bar); got != c.want {
			t.Errorf("%s %s: %s\nwant %s", c.status, c.bar, got, c.want)
		}
	}
	if len(w.sent) != 1 {
		t.Errorf("a bar costs %d requests: %s", len(w.sent), w.sent)
	}
}

// TestAGoalOfAPeerIsNoMarkupInAnyBar: what a peer wrote must not become a tag,
// a style, a command or a line of its own.
func TestAGoalOfAPeerIsNoMarkupInAnyBar(t *testing.T) {
	w := newWorld(t).serve(t)
	// Each begin of the text is cut somewhere, so that no cut makes markup.
	for n := 0; n < len(hostileGoal); n += 6 {
		w.answerSession("active", hostileGoal[n:], "")
		for _, name := range cli.Bars() {
			got := w.bar(t, name)
			if strings.ContainsAny(got, "\x1b\n\u202e") {
				t.Errorf("%s shows controls: %q", name, got)
			}
			switch name {
			case "waybar", "i3":
				var texts map[string]any
				if err := json.Unmarshal([]byte(got), &texts); err != nil {
					t.Fatalf("%s: %v: %s", name, err, got)
				}
				for key, text := range texts {
					if s, ok := text.(string); ok {
						wantNoTags(t, name+" "+key, s)
					}
				}
			case "polybar":
				if strings.Count(got, "%") != 2 || !strings.HasSuffix(got, "%{F-}") {
					t.Errorf("tags in polybar: %s", got)
				}
			case "tmux":
				if strings.Count(got, "#") != 3 || strings.Contains(got, "%") || !strings.HasSuffix(got, "#[default]") {
					t.Errorf("formats in tmux: %s", got)
				}
			case "starship":
				if strings.ContainsAny(got, "$`\\!%") {
					t.Errorf("a shell would expand: %s", got)
				}
			}
		}
	}
}

// wantNoTags reads a text as Pango does.
func wantNoTags(t *testing.T, what, markup string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader("<x>" + markup + "</x>"))
	elements := 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Errorf("%s is no markup: %v: %s", what, err, markup)
			return
		}
		if _, ok := token.(xml.StartElement); ok {
			elements++
		}
	}
	if elements != 1 {
		t.Errorf("%s has tags of a peer: %s", what, markup)
	}
}

func TestABarHasAFormatOfItsOwn(t *testing.T) {
	w := newWorld(t).serve(t)
	for _, args := range []string{"--bar waybar --json", "--bar tmux --template x", "--bar i3 --jq .", "--bar i3 --fields room", "--bar xmobar"} {
		w.wantError(t, w.run(t, strings.Fields("focus status "+args)...), 2, "--bar")
		w.wantSent(t)
	}
}

func TestOfSeveralSessionsTheOneThatWorksIsLookedAt(t *testing.T) {
	w := newWorld(t).serve(t)
	session := func(room, status string, joined bool, ends string) string {
		return fmt.Sprintf(`{"room":%q,"status":%q,"goal":"","participants":[],"checkins":[],"joined":%t,"endsAt":"2026-03-01T%sZ","phaseSeconds":60}`, room, status, joined, ends)
	}
	for want, rooms := range map[string][]string{
		"1:00 later": {session("foreign", "active", false, "12:00:00"), session("rests", "break", true, "12:10:00"), session("later", "active", true, "13:00:00")},
		"1:00 soon":  {session("later", "active", true, "13:00:00"), session("soon", "active", true, "12:30:00")},
		"1:00 break": {session("over", "ended", true, "12:00:00"), session("rests", "break", true, "12:10:00")},
		"":           {session("foreign", "active", false, "12:00:00")},
	} {
		w.answer = func(map[string]json.RawMessage) []string {
			return []string{`{"type":"focus_status","rooms":[` + strings.Join(rooms, ",") + `]}`}
		}
		if got := w.bar(t, "starship"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
