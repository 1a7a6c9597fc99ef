//go:build unix

package daemon_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"intercom/client"
	"intercom/client/wire"
	"intercom/daemon/daemontest"
	"intercom/internal/apps"
)

// newToken makes a token of the profile, as the command line does.
func newToken(t *testing.T, p client.Profile, life time.Duration, scopes ...wire.Scope) (id, text string) {
	t.Helper()
	now := time.Now()
	token := client.Token{Scopes: scopes, Created: now}
	if life > 0 {
		token.Expires = now.Add(life)
	}
	made, text, err := p.AddToken(token, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return made.ID, text
}

// authenticated is a connection over TCP with a token that must be right.
func authenticated(t *testing.T, d *daemontest.Daemon, token string) *daemontest.Raw {
	t.Helper()
	r, status := d.ConnectTCP(nil)
	if r == nil {
		t.Fatalf("HTTP status %d", status)
	}
	r.Until("hello")
	r.Send(daemontest.Frame{"type": "auth", "token": token})
	if f := r.Next(); f["type"] != "auth_ok" {
		t.Fatalf("auth: %v", f)
	}
	return r
}

// answer sends a request and returns the next frame that is no push.
func answer(r *daemontest.Raw, f daemontest.Frame) daemontest.Frame {
	f["id"] = 1
	r.Send(f)
	for {
		if got := r.Next(); got["id"] != nil {
			return got
		}
	}
}

func TestATokenAllowsWhatTheDeclarationsSay(t *testing.T) {
	h := daemontest.NewHome(t)
	_, before := newToken(t, h.Profile("a"), 0, wire.ScopeRead) // without a daemon
	a := h.Start("a")
	tokens := map[string][]wire.Scope{before: {wire.ScopeRead}}
	for set := 1; set < 1<<len(wire.Scopes()); set++ { // and beside one, every combination
		var scopes []wire.Scope
		for i, s := range wire.Scopes() {
			if set&(1<<i) != 0 {
				scopes = append(scopes, s)
			}
		}
		_, text := newToken(t, a.Profile, 0, scopes...)
		tokens[text] = scopes
	}
	all := wire.Base()
	for _, app := range apps.All() {
		for _, q := range app.Requests {
			all = append(all, wire.Declared{Spec: q.Spec, In: q.In, Out: q.Out})
		}
	}
	for token, scopes := range tokens {
		r := authenticated(t, a, token)
		for _, d := range all {
			// Without fields: what is allowed fails for another reason, or reads.
			f := answer(r, daemontest.Frame{"type": d.Request, "dryRun": true, "protocol": wire.Protocol.Max})
			forbidden := f["code"] == string(wire.Forbidden) && strings.Contains(fmt.Sprint(f["reason"]), " needs the scope "+string(d.Scope))
			allowed := d.Scope == wire.ScopeRead || slices.Contains(scopes, d.Scope) || slices.Contains(scopes, wire.ScopeAdmin)
			if forbidden == allowed {
				t.Errorf("with %s, %s, which needs %s, is answered with %v (%v)", scopes, d.Request, d.Scope, f["type"], f["reason"])
			}
		}
	}
}

func TestARemovedTokenHoldsNoMoreAtOnce(t *testing.T) {
	a := daemontest.NewHome(t).Start("a")
	id, text := newToken(t, a.Profile, 0, wire.ScopeRead)
	r, silent := authenticated(t, a, text), authenticated(t, a, text)
	if f := answer(r, daemontest.Frame{"type": "info"}); f["type"] != "info" {
		t.Fatalf("info: %v", f)
	}
	if _, err := a.Profile.RemoveToken(id); err != nil {
		t.Fatal(err)
	}
	if f := answer(r, daemontest.Frame{"type": "info"}); f["code"] != string(wire.Unauthorized) {
		t.Errorf("info after the removal: %v", f)
	}
	for _, c := range []*daemontest.Raw{r, silent} {
		if f, err := c.TryNext(soon); err == nil {
			t.Errorf("the connection goes on with %v", f)
		}
	}
	again, _ := a.ConnectTCP(nil)
	again.Until("hello")
	if f := answer(again, daemontest.Frame{"type": "auth", "token": text}); f["type"] != "error" {
		t.Errorf("auth after the removal: %v", f)
	}
}

// TestNothingThatHappensAfterTheRemovalIsPushed removes tokens as quickly as
// others take their place: a file may look like the one before it.
func TestNothingThatHappensAfterTheRemovalIsPushed(t *testing.T) {
	a := daemontest.NewHome(t).Start("a")
	id, text := newToken(t, a.Profile, 0, wire.ScopeRead)
	for n := range 10 {
		plain, follows := authenticated(t, a, text), authenticated(t, a, text)
		answer(follows, daemontest.Frame{"type": "events"})
		if _, err := a.Profile.RemoveToken(id); err != nil {
			t.Fatal(err)
		}
		id, text = newToken(t, a.Profile, 0, wire.ScopeRead)
		a.Raw(daemontest.Frame{"type": "focus_start", "room": fmt.Sprint("r", n)})
		for name, r := range map[string]*daemontest.Raw{"plain": plain, "that follows": follows} {
			if f, err := r.TryNext(soon); err == nil {
				t.Errorf("the connection %s gets %v", name, f)
			}
		}
	}
}

func TestATokenEndsWithItsTimeAlsoOnOpenConnections(t *testing.T) {
	h := daemontest.NewHome(t)
	clock := daemontest.NewClock(t, h)
	a := h.Start("a")
	_, text := newToken(t, a.Profile, time.Hour, wire.ScopeRead)
	r := authenticated(t, a, text)
	clock.Set(59 * time.Minute)
	if f := answer(r, daemontest.Frame{"type": "info"}); f["type"] != "info" {
		t.Fatalf("info: %v", f)
	}
	clock.Set(61 * time.Minute)
	if f, err := r.TryNext(soon); err == nil {
		t.Errorf("the connection goes on with %v", f)
	}
}

func TestTokensThatOthersCanWriteHoldForNobody(t *testing.T) {
	a := daemontest.NewHome(t).Start("a")
	_, text := newToken(t, a.Profile, 0, wire.ScopeAdmin)
	r := authenticated(t, a, text)
	if err := os.Chmod(a.Profile.TokensFile(), 0o666); err != nil {
		t.Fatal(err)
	}
	if f := answer(r, daemontest.Frame{"type": "info"}); f["type"] == "info" {
		t.Error("it still holds")
	}
	daemontest.Eventually(t, soon, "the log says why", func() bool { return strings.Contains(a.Log(), "scoped tokens are refused") })
	if err := os.Chmod(a.Profile.TokensFile(), 0o600); err != nil {
		t.Fatal(err)
	}
	if f := answer(authenticated(t, a, text), daemontest.Frame{"type": "info"}); f["type"] != "info" {
		t.Errorf("repaired: %v", f)
	}
}

func TestNoTokenIsLogged(t *testing.T) {
	h := daemontest.NewHome(t)
	h.Env = append(h.Env, "INTERCOM_LOG_LEVEL=debug")
	a := h.Start("a")
	_, text := newToken(t, a.Profile, 0, wire.ScopeRead)
	answer(authenticated(t, a, text), daemontest.Frame{"type": "join", "channel": "x"})
	r, _ := a.ConnectTCP(nil)
	answer(r, daemontest.Frame{"type": "auth", "token": "wrong-" + text})
	if code := a.Stop(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
	for _, secret := range []string{text, fmt.Sprint("wrong-", text)} {
		if strings.Contains(a.Log(), secret) {
			t.Errorf("the log has a token:\n%s", a.Log())
		}
	}
}

func TestTheOwnersClientGetsInOverTCPWhileStrangersHoldTheirPlaces(t *testing.T) {
	a := daemontest.NewHome(t).Start("a")
	for {
		if r, status := a.ConnectTCP(nil); r == nil {
			if status != http.StatusServiceUnavailable {
				t.Fatalf("HTTP status %d", status)
			}
			break
		}
	}
	over := client.Client{Profile: a.Profile, Address: a.Info().TCP}
	defer over.Close()
	if _, err := client.Call(t.Context(), &over, wire.Info, wire.None{}); err != nil {
		t.Error(err)
	}
	wrong := client.Client{Profile: a.Profile, Address: a.Info().TCP, Token: "wrong"}
	defer wrong.Close()
	if _, err := client.Call(t.Context(), &wrong, wire.Info, wire.None{}); wire.AsError(err).Code != wire.Unauthorized {
		t.Errorf("a wrong token: %v", err)
	}
}
