package out_test

import (
	"testing"

	"intercom/client/cli/out"
)

func TestDetectTerminal(t *testing.T) {
	tests := []struct {
		env   map[string]string
		tty   bool
		width int
		want  out.Terminal
	}{
		{nil, false, 0, out.Terminal{}},
		{nil, false, 100, out.Terminal{}},
		{nil, true, 100, out.Terminal{Tty: true, Width: 100, Color: true}},
		{nil, true, 0, out.Terminal{Tty: true, Width: 80, Color: true}},
		{map[string]string{"NO_COLOR": "1"}, true, 100, out.Terminal{Tty: true, Width: 100}},
		{map[string]string{"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, true, 100, out.Terminal{Tty: true, Width: 100}},
		{map[string]string{"CLICOLOR_FORCE": "1"}, false, 0, out.Terminal{Color: true}},
		{map[string]string{"CLICOLOR_FORCE": "0"}, false, 0, out.Terminal{}},
		{map[string]string{"CLICOLOR": "0"}, true, 100, out.Terminal{Tty: true, Width: 100}},
		{map[string]string{"TERM": "dumb"}, true, 100, out.Terminal{Tty: true, Width: 100}},
		{map[string]string{"TERM": "dumb", "CLICOLOR_FORCE": "1"}, true, 100, out.Terminal{Tty: true, Width: 100, Color: true}},
		{map[string]string{"INTERCOM_FORCE_TTY": "120"}, false, 0, out.Terminal{Tty: true, Width: 120, Color: true}},
		{map[string]string{"INTERCOM_FORCE_TTY": "60"}, true, 100, out.Terminal{Tty: true, Width: 60, Color: true}},
		{map[string]string{"INTERCOM_FORCE_TTY": "0"}, false, 0, out.Terminal{}},
		{map[string]string{"INTERCOM_FORCE_TTY": "wide"}, false, 0, out.Terminal{}},
	}
	for _, tt := range tests {
		got := out.DetectTerminal(func(k string) string { return tt.env[k] }, tt.tty, tt.width)
		if got != tt.want {
			t.Errorf("%v tty=%v width=%d: got %+v, want %+v", tt.env, tt.tty, tt.width, got, tt.want)
		}
	}
}
