package out_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"intercom/client/cli/out"
	"intercom/client/wire"
)

func TestError(t *testing.T) {
	busy := wire.Errorf(wire.DaemonNotRunning, "daemon not running").WithHint("intercom up")
	tests := []struct {
		name string
		o    out.Options
		err  error
		want string
		exit int
	}{
		{"none", out.Options{}, nil, "", 0},
		{"reader gone", out.Options{}, fmt.Errorf("list: %w", out.ErrReaderGone), "", 0},
		{"people", out.Options{}, busy, "intercom: daemon not running (daemon_not_running)\nhint: intercom up\n", 10},
		{"people, wrapped", out.Options{Format: "md"}, fmt.Errorf("add: %w", busy), "intercom: add: daemon not running (daemon_not_running)\nhint: intercom up\n", 10},
		{"people, no code", out.Options{}, errors.New("x\ny"), "intercom: x\\ny (internal)\n", 1},
		{"unknown format", out.Options{Format: "xml"}, wire.Errorf(wire.InvalidRequest, "bad"), "intercom: bad (invalid_request)\n", 2},
		{"programs", out.Options{Format: "json"}, fmt.Errorf("add: %w", busy), `{"error":{"code":"daemon_not_running","message":"daemon not running","hint":"intercom up","exit":10}}` + "\n", 10},
		{"programs, original's text", out.Options{Default: "csv"}, &wire.Error{Code: wire.NotFound, Text: "<gone>"}, `{"error":{"code":"not_found","message":"<gone>","exit":5}}` + "\n", 5},
		{"jq", out.Options{JQ: "."}, errors.New("x"), `{"error":{"code":"internal","message":"x","exit":1}}` + "\n", 1},
		{"EPIPE of another stream", out.Options{}, syscall.EPIPE, "intercom: broken pipe (internal)\n", 1},
	}
	for _, tt := range tests {
		var so, se bytes.Buffer
		p := &out.Printer{Stdout: &so, Stderr: &se, Options: tt.o}
		if exit := p.Error(tt.err); exit != tt.exit || se.String() != tt.want || so.Len() > 0 {
			t.Errorf("%s: got %d and %q, want %d and %q", tt.name, exit, se.String(), tt.exit, tt.want)
		}
	}
}

func TestErrorExitsAsTheCodeSays(t *testing.T) {
	for code, exit := range wire.Codes() {
		for _, format := range out.Formats() {
			var se bytes.Buffer
			p := &out.Printer{Stderr: &se, Options: out.Options{Format: format}}
			if got := p.Error(wire.Errorf(code, "failed")); got != exit || !strings.Contains(se.String(), string(code)) {
				t.Errorf("%s %s: exit %d with %q, want %d", format, code, got, se.String(), exit)
			}
		}
	}
}

func TestReaderThatLeavesIsNoFailure(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r.Close()
	var se bytes.Buffer
	p := &out.Printer{Stdout: w, Stderr: &se, Options: out.Options{Format: "json"}}
	for name, print := range map[string]func(out.Document) error{"Print": p.Print, "Line": p.Line} {
		err := print(document(sample))
		if !errors.Is(err, out.ErrReaderGone) {
			t.Errorf("%s: got %v", name, err)
		}
		if exit := p.Error(err); exit != 0 || se.Len() > 0 {
			t.Errorf("%s: exit %d, %q", name, exit, se.String())
		}
	}
}
