package cli_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"intercom/client/cli/out"
)

func TestLongTablesOnATerminalArePaged(t *testing.T) {
	for name, c := range map[string]struct {
		args   string
		height int
		vars   map[string]string
		less   bool   // is there less
		want   string // the command that pages; empty: none
	}{
		"less":                  {"config list", 10, nil, true, "/bin/less -FRX"},
		"no less":               {"config list", 10, nil, false, ""},
		"PAGER":                 {"config list", 10, map[string]string{"PAGER": "more -s"}, true, "more -s"},
		"ours first":            {"config list", 10, map[string]string{"PAGER": "more", "INTERCOM_PAGER": "most"}, true, "most"},
		"cat is none":           {"config list", 10, map[string]string{"PAGER": "cat"}, true, ""},
		"a short table":         {"config get format --format table", 10, nil, true, ""},
		"a high terminal":       {"config list", 1000, nil, true, ""},
		"no terminal":           {"config list", 0, nil, true, ""},
		"for programs":          {"config list --format json", 10, nil, true, ""},
		"where it is not asked": {"config list --no-pager", 10, nil, true, ""},
	} {
		w := newWorld(t)
		w.Terminal = out.Terminal{Tty: c.height > 0, Width: 80, Height: c.height}
		w.LookPath = func(string) (string, error) {
			if c.less {
				return "/bin/less", nil
			}
			return "", exec.ErrNotFound
		}
		for k, v := range c.vars {
			w.vars[k] = v
		}
		var paged string
		w.Page = func(command []string, text []byte) error {
			paged = strings.Join(command, " ")
			if !strings.HasPrefix(string(text), "KEY") {
				t.Errorf("%s: paged %q", name, text)
			}
			return nil
		}
		if exit := w.run(t, strings.Fields(c.args)...); exit != 0 || paged != c.want || (w.out.Len() == 0) != (c.want != "") {
			t.Errorf("%s: exit code %d, paged with %q, %d bytes printed", name, exit, paged, w.out.Len())
		}
	}
}

func TestPagerThatCannotRunHidesNothing(t *testing.T) {
	w := newWorld(t)
	w.Terminal = out.Terminal{Tty: true, Width: 80, Height: 3}
	w.vars["PAGER"] = "missing"
	w.Page = func([]string, []byte) error { return os.ErrNotExist }
	if exit := w.run(t, "config", "list"); exit != 0 || w.out.Len() == 0 {
		t.Errorf("exit code %d, %q", exit, w.out.String())
	}
}

func TestColorFlag(t *testing.T) {
	for flag, want := range map[string]bool{"auto": true, "always": true, "never": false} {
		w := newWorld(t)
		w.Terminal = out.Terminal{Tty: true, Width: 80, Color: true}
		if exit := w.run(t, "config", "list", "--color", flag); exit != 0 || strings.Contains(w.out.String(), "\x1b[") != want {
			t.Errorf("%s: exit code %d, %q", flag, exit, w.out.String())
		}
	}
	w := newWorld(t)
	if w.run(t, "config", "list", "--color", "always"); !strings.Contains(w.out.String(), "\x1b[1m") {
		t.Error("always is not always")
	}
	w.wantError(t, w.run(t, "version", "--color", "green"), 2, "auto, always, never")
}
