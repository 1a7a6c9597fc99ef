package client_test

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"intercom/client"
	"intercom/client/clienttest"
	"intercom/client/wire"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func addToken(t *testing.T, p client.Profile, name string, expires time.Time) (client.Token, string) {
	t.Helper()
	made, text, err := p.AddToken(client.Token{Name: name, Scopes: []wire.Scope{wire.ScopeRead}, Created: noon, Expires: expires}, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return made, text
}

func TestATokenIsKeptAsItsHashAlone(t *testing.T) {
	p := clienttest.Profile(t)
	made, text := addToken(t, p, "bot", time.Time{})
	hash := client.HashToken(text)
	if len(text) != 43 || made.Hash != hex.EncodeToString(hash[:]) || made.ID != made.Hash[:8] {
		t.Errorf("token %q is %+v", text, made)
	}
	stored, err := os.ReadFile(p.TokensFile())
	if err != nil || strings.Contains(string(stored), text) {
		t.Errorf("stored: %s (%v)", stored, err)
	}
	info, err := os.Stat(p.TokensFile())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v)", info.Mode(), err)
	}
}

func TestScopesOfATokenAreSortedAndOnce(t *testing.T) {
	p := clienttest.Profile(t)
	made, _, err := p.AddToken(client.Token{Created: noon,
		Scopes: []wire.Scope{wire.ScopeExpense, wire.ScopeSend, wire.ScopeExpense}}, rand.Reader)
	if err != nil || fmt.Sprint(made.Scopes) != "[send expense]" {
		t.Errorf("%v (%v)", made.Scopes, err)
	}
}

func TestTokensThatAreRefused(t *testing.T) {
	p := clienttest.Profile(t)
	addToken(t, p, "taken", time.Time{})
	for name, c := range map[string]struct {
		token client.Token
		code  wire.Code
	}{
		"name in use":        {client.Token{Name: "taken", Scopes: wire.Scopes()}, wire.Conflict},
		"name like an id":    {client.Token{Name: "0123abcd", Scopes: wire.Scopes()}, wire.InvalidRequest},
		"name of a flag":     {client.Token{Name: "-x", Scopes: wire.Scopes()}, wire.InvalidRequest},
		"name with a line":   {client.Token{Name: "a\nb", Scopes: wire.Scopes()}, wire.InvalidRequest},
		"name too long":      {client.Token{Name: strings.Repeat("x", 65), Scopes: wire.Scopes()}, wire.InvalidRequest},
		"no scope":           {client.Token{Name: "x"}, wire.MissingField},
		"scope that is none": {client.Token{Name: "x", Scopes: []wire.Scope{"write"}}, wire.InvalidRequest},
	} {
		_, _, err := p.AddToken(c.token, rand.Reader)
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		wantCode(t, err, c.code)
	}
	if all, err := p.Tokens(); err != nil || len(all) != 1 {
		t.Errorf("%d tokens (%v)", len(all), err)
	}
}

func TestATokenIsRemovedByIDOrName(t *testing.T) {
	p := clienttest.Profile(t)
	first, _ := addToken(t, p, "", time.Time{})
	addToken(t, p, "bot", time.Time{})
	for _, name := range []string{first.ID, "bot"} {
		if removed, err := p.RemoveToken(name); err != nil || removed.ID != name && removed.Name != name {
			t.Errorf("%s: %+v (%v)", name, removed, err)
		}
		_, err := p.RemoveToken(name)
		wantCode(t, err, wire.NotFound)
	}
	_, err := p.RemoveToken("")
	wantCode(t, err, wire.NotFound)
}

func TestTokensHaveALimitThatExpiredOnesDoNotCountFor(t *testing.T) {
	p := clienttest.Profile(t)
	addToken(t, p, "old", noon.Add(-time.Second))
	for range client.MaxTokens {
		addToken(t, p, "", time.Time{})
	}
	_, _, err := p.AddToken(client.Token{Scopes: wire.Scopes(), Created: noon}, rand.Reader)
	wantCode(t, err, wire.QuotaExceeded)
	all, err := p.Tokens()
	if err != nil || len(all) != client.MaxTokens {
		t.Errorf("%d tokens (%v)", len(all), err)
	}
}

func TestTokensMadeAtOnceAreAllKept(t *testing.T) {
	p := clienttest.Profile(t)
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			if _, _, err := p.AddToken(client.Token{Name: fmt.Sprint("t", n), Scopes: wire.Scopes()}, rand.Reader); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if kept, err := p.Tokens(); err != nil || len(kept) != 20 {
		t.Errorf("%d tokens (%v)", len(kept), err)
	}
}

func TestFilesOfTokensThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		code wire.Code
	}{
		"no JSON":         {"what is this", 0o600, wire.Corrupt},
		"cut off":         {`{"version":1,"tokens":[{"id":`, 0o600, wire.Corrupt},
		"no version":      {`{"tokens":[]}`, 0o600, wire.Corrupt},
		"newer":           {`{"version":2,"tokens":[]}`, 0o600, wire.NewerFormat},
		"others may read": {`{"version":1,"tokens":[]}`, 0o640, wire.KeyFileExposed},
	} {
		t.Run(name, func(t *testing.T) {
			p := clienttest.Profile(t)
			addToken(t, p, "", time.Time{})
			if err := os.WriteFile(p.TokensFile(), []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(p.TokensFile(), c.mode); err != nil {
				t.Fatal(err)
			}
			_, err := p.Tokens()
			wantCode(t, err, c.code)
			_, _, err = p.AddToken(client.Token{Scopes: wire.Scopes()}, rand.Reader)
			wantCode(t, err, c.code)
			if left, err := os.ReadFile(p.TokensFile()); err != nil || string(left) != c.text {
				t.Errorf("the file is now %q (%v)", left, err)
			}
		})
	}
}

func TestTheConfiguredTokenIsThatOfTheOwnDaemon(t *testing.T) {
	hello := clienttest.Greeting()
	hello.RequiresAuth = true
	address := clienttest.Bridge{Hello: hello, Token: "configured", Answer: echo}.ServeTCP(t)
	p := clienttest.Profile(t)
	if err := p.Create(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.TokenFile(), []byte("of the file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.Set("sc-bridge-token", "configured"); err != nil {
		t.Fatal(err)
	}
	if err := p.WriteBridge(client.Bridge{TCP: address}); err != nil {
		t.Fatal(err)
	}
	c := &client.Client{Profile: p}
	defer c.Close()
	if _, err := client.Call(t.Context(), c, wire.Ping, wire.None{}); err != nil {
		t.Fatal(err)
	}
}
