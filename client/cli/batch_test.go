package cli_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intercom/client/wire"
)

// numbered answers ping with the number that it brings; 0 fails, and a request
// without a number ends the connection.
func numbered(request map[string]json.RawMessage) []string {
	n, ok := request["n"]
	switch {
	case !ok:
		return nil
	case string(n) == "0":
		return []string{`{"type":"error","error":"Bad number.","code":"not_found","reason":"there is no 0","hint":"count from 1"}`}
	}
	return []string{`{"type":"pong","n":` + string(n) + `}`}
}

func TestBatchPrintsRepliesInOrder(t *testing.T) {
	for _, flags := range []string{"", "--keep-going"} {
		w := newWorld(t).serve(t)
		w.answer = numbered
		var want strings.Builder
		for i := range 500 {
			fmt.Fprintf(&w.in, "{\"type\":\"ping\",\"n\":%d,\"id\":\"x%d\"}\r\n\n", i+1, i)
			fmt.Fprintf(&want, "{\"id\":\"x%d\",\"type\":\"pong\",\"n\":%d}\n", i, i+1)
		}
		if exit := w.run(t, append([]string{"batch"}, strings.Fields(flags)...)...); exit != 0 || w.out.String() != want.String() {
			t.Errorf("%s: exit code %d, %d bytes printed, want %d: %s", flags, exit, w.out.Len(), want.Len(), w.stderr.String())
		}
	}
}

func TestBatchStopsAtTheFirstFailure(t *testing.T) {
	w := newWorld(t).serve(t)
	w.answer = numbered
	w.in.WriteString(`{"type":"ping","n":1}` + "\n" + `{"type":"ping","n":0}` + "\n" + `{"type":"ping","n":2}`)
	w.wantError(t, w.run(t, "batch"), 5, "line 2: there is no 0 (not_found)", "hint: count from 1")
	if want := `{"type":"pong","n":1}` + "\n" +
		`{"line":2,"type":"error","error":"Bad number.","code":"not_found","reason":"there is no 0","hint":"count from 1"}` + "\n"; w.out.String() != want {
		t.Errorf("printed %s", w.out.String())
	}
	if len(w.sent) != 2 {
		t.Errorf("sent %v", w.sent)
	}
}

func TestBatchThatKeepsGoingIsPartlyDone(t *testing.T) {
	w := newWorld(t).serve(t)
	w.answer = numbered
	w.in.WriteString(strings.Join([]string{`{"type":"ping","n":0}`, `{"type":"ping","n":1}`, `nonsense`, `[]`, "\"\xff\"",
		`{"a":"` + strings.Repeat("x", wire.MaxRequest) + `"}`, `{"type":"ping","n":2}`}, "\n"))
	w.wantError(t, w.run(t, "batch", "--keep-going"), 3, "5 of 7 requests failed; the first: line 1: there is no 0", "(partial)")
	var got []string
	for l := range strings.Lines(w.out.String()) {
		var reply struct {
			Line int
			Type string
			Code string
			N    int
		}
		if err := json.Unmarshal([]byte(l), &reply); err != nil {
			t.Fatalf("%q: %v", l, err)
		}
		got = append(got, fmt.Sprint(reply.Line, reply.Type, reply.Code, reply.N))
	}
	if want := "1errornot_found0 0pong1 3errorinvalid_json0 4errorinvalid_json0 5errorinvalid_utf80 6errortoo_large0 0pong2"; strings.Join(got, " ") != want {
		t.Errorf("printed %v", got)
	}
}

func TestBatchInWhichAllFailHasTheirCode(t *testing.T) {
	w := newWorld(t).serve(t)
	w.answer = numbered
	w.in.WriteString(`{"type":"ping","n":0}` + "\n" + `{"type":"ping","n":0}`)
	w.wantError(t, w.run(t, "batch", "--keep-going"), 5, "line 1: there is no 0")
}

func TestBatchGivesKeysToWhatChangesSomething(t *testing.T) {
	w := newWorld(t).serve(t)
	path := filepath.Join(t.TempDir(), "requests")
	if err := os.WriteFile(path, []byte(`{"type":"ping"}

{"type":"send","channel":"c","message":"m"}
{"type":"send","channel":"c","message":"m","key":"mine"}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	if exit := w.run(t, "batch", path, "--key-prefix", "job", "--dry-run"); exit != 0 {
		t.Fatal(w.stderr.String())
	}
	w.wantSent(t, `{"type":"ping"}`, `{"channel":"c","dryRun":true,"key":"job-3","message":"m","type":"send"}`,
		`{"channel":"c","dryRun":true,"key":"mine","message":"m","type":"send"}`)
}

func TestBatchTakesUpALostConnectionWhereThatIsSafe(t *testing.T) {
	for flags, want := range map[string]int{"--key-prefix job": 0, "--key-prefix job --keep-going": 0, "": 7, "--keep-going": 3} {
		w := newWorld(t).serve(t)
		zero, ends := w.answer, map[int]bool{2: true, 4: true}
		n := 0
		w.answer = func(request map[string]json.RawMessage) []string {
			if string(request["type"]) == `"send"` {
				if n++; ends[n] {
					return nil
				}
			}
			return zero(request)
		}
		for range 5 {
			w.in.WriteString(`{"type":"send","channel":"c","message":"m"}` + "\n")
		}
		exit := w.run(t, append([]string{"batch"}, strings.Fields(flags)...)...)
		replies := strings.Count(w.out.String(), `"type":"sent"`)
		if exit != want || want == 0 && replies != 5 {
			t.Errorf("%s: exit code %d, %d replies: %s", flags, exit, replies, w.stderr.String())
		}
	}
}

// A request that ends the daemon each time is not sent for ever.
func TestBatchGivesUpARequestThatEndsTheConnection(t *testing.T) {
	w := newWorld(t).serve(t)
	zero, n := w.answer, 0
	w.answer = func(request map[string]json.RawMessage) []string {
		if string(request["type"]) != `"ping"` {
			return zero(request)
		}
		n++
		return nil
	}
	w.in.WriteString(`{"type":"ping"}`)
	w.wantError(t, w.run(t, "batch"), 7, "line 1: the connection to the daemon was lost")
	w.mu.Lock()
	defer w.mu.Unlock()
	if n != 5 {
		t.Errorf("sent %d times", n)
	}
}

func TestBatchAnswersEachLineAtOnce(t *testing.T) {
	for _, flags := range []string{"", "--keep-going"} {
		w := newWorld(t).serve(t)
		w.answer = numbered
		in, ask := io.Pipe()
		answers, out := io.Pipe()
		w.Stdin, w.Stdout = in, out
		ended := make(chan int, 1)
		go func() {
			ended <- w.run(t, append([]string{"batch"}, strings.Fields(flags)...)...)
			out.Close()
		}()
		replies := bufio.NewScanner(answers)
		for i := range 5 {
			fmt.Fprintf(ask, "{\"type\":\"ping\",\"n\":%d}\n", i+1)
			if !replies.Scan() || !strings.Contains(replies.Text(), fmt.Sprintf(`"n":%d`, i+1)) {
				t.Errorf("%s: line %d: %q", flags, i+1, replies.Text())
			}
		}
		ask.Close()
		if exit := <-ended; exit != 0 {
			t.Errorf("exit code %d: %s", exit, w.stderr.String())
		}
	}
}

func TestBatchEndsWellWhenItsReaderGoes(t *testing.T) {
	w := newWorld(t).serve(t)
	w.answer = numbered
	answers, out := io.Pipe()
	w.Stdout = out
	answers.Close()
	w.in.WriteString(`{"type":"ping","n":1}` + "\n" + `{"type":"ping","n":1}`)
	if exit := w.run(t, "batch"); exit != 0 {
		t.Errorf("exit code %d: %s", exit, w.stderr.String())
	}
}

func TestBatchWithoutInput(t *testing.T) {
	w := newWorld(t).serve(t)
	w.StdinTTY = true
	w.wantError(t, w.run(t, "batch"), 2, "FILE is missing")
	w.wantError(t, w.run(t, "batch", filepath.Join(t.TempDir(), "none")), 5, "no such file")
}
