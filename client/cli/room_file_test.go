package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestARoomsFileIsNothingForATerminal nor for who gives no passphrase twice.
func TestARoomsFileIsNothingForATerminal(t *testing.T) {
	w := newWorld(t).serve(t)
	var asked []map[string]json.RawMessage
	w.answer = func(request map[string]json.RawMessage) []string {
		asked = append(asked, request)
		return []string{`{"type":"room_exported","channel":"trip","data":"YWdl","events":1}`}
	}
	export := []string{"expense", "export", "--channel", "trip", "--format", "room"}
	w.Terminal.Tty = true
	w.wantError(t, w.run(t, append(export, "--for", "k")...), 2, "no text for a terminal", "--to")
	w.Asks = true
	answers := []string{"one", "two", "", "", "one", "one"}
	w.ReadSecret = func() ([]byte, error) {
		first := answers[0]
		answers = answers[1:]
		return []byte(first), nil
	}
	path := filepath.Join(t.TempDir(), "trip.room")
	w.wantError(t, w.run(t, append(export, "--to", path)...), 2, "the two passphrases differ")
	w.wantError(t, w.run(t, append(export, "--to", path)...), 2, "the passphrase is empty")
	if len(asked) > 0 {
		t.Fatalf("the daemon was asked: %v", asked)
	}
	if exit := w.run(t, append(export, "--to", path)...); exit != 0 || w.out.Len() > 0 {
		t.Fatalf("exit code %d: %s%s", exit, w.out.String(), w.stderr.String())
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "age" {
		t.Errorf("%q, %v", data, err)
	}
	if len(asked) != 1 || string(asked[0]["passphrase"]) != `"one"` || asked[0]["for"] != nil {
		t.Errorf("asked %v", asked)
	}
}

// TestAnImportThatIsNotWholeIsPartlyDone tells by the exit code what the
// daemon said of a file.
func TestAnImportThatIsNotWholeIsPartlyDone(t *testing.T) {
	w := newWorld(t).serve(t)
	path := filepath.Join(t.TempDir(), "trip.room")
	if err := os.WriteFile(path, []byte("age-encryption.org/v1\n-> ssh-ed25519 AAAA\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	reply := ""
	w.answer = func(map[string]json.RawMessage) []string { return []string{reply} }
	reply = `{"type":"room_imported","channel":"trip","channelId":"i","events":3,"added":3,"known":0,"refused":0,"refusals":[],"whole":false,"problem":"cut short","joined":true}`
	w.wantError(t, w.run(t, "expense", "import", path), 3, "trip.room is not whole: cut short (partial)", "nothing is added twice")
	reply = `{"type":"room_imported","channel":"trip","channelId":"i","events":3,"added":2,"known":0,"refused":1,"refusals":[{"event":"e","reason":"bad \u001b[2J signature"}],"whole":true,"joined":false}`
	exit := w.run(t, "expense", "import", path)
	if strings.Contains(w.out.String()+w.stderr.String(), "\x1b") {
		t.Errorf("a reason controls the terminal: %q", w.out.String())
	}
	w.wantError(t, exit, 3, "trip.room: 1 event was refused (partial)")
}

// TestAFolderIsNoFileToImport is a mistake of who typed it.
func TestAFolderIsNoFileToImport(t *testing.T) {
	w := newWorld(t).serve(t)
	for _, line := range [][]string{{"expense", "import", t.TempDir(), "--channel", "trip"}, {"expense", "balance", "--from", t.TempDir()}, {"id", "import", t.TempDir()}} {
		w.wantError(t, w.run(t, line...), 2, "is a directory (invalid_request)", "hint: name a file")
	}
}

// TestAnImportThatLosesItsDaemonIsJustRepeated: it needs no key for that.
func TestAnImportThatLosesItsDaemonIsJustRepeated(t *testing.T) {
	w := newWorld(t).serve(t)
	w.answer = func(map[string]json.RawMessage) []string { return nil } // the connection is lost
	bills := filepath.Join(t.TempDir(), "bills.csv")
	if err := os.WriteFile(bills, []byte("what,amount,currency,date,payer_name,owers\nbill,1,EUR,2026-03-01,alice,\"alice, bob\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	room := filepath.Join(t.TempDir(), "trip.room")
	if err := os.WriteFile(room, []byte("age-encryption.org/v1\n-> ssh-ed25519 AAAA\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{bills, room} {
		exit := w.run(t, "expense", "import", file, "--channel", "trip")
		w.wantError(t, exit, 7, "hint: repeat the import as it is: what is in the room already is not added again")
	}
}
