package compat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"intercom/daemon/bridge/compat"
	"intercom/expense"
	"intercom/internal/app"
	"intercom/internal/app/apptest"
	"intercom/ledger/event"
	"intercom/p2p/identity"
)

const (
	recordedPayerA   = "b30cac857440dea1384265521b85b82557e2fb04eaa00b13b5557020e791fcfe"
	recordedAddressA = "trac1kvx2ept5gr02zwzzv4fphpdcy4t797cya2sqkya424czpeu3lnlqamw60f"
	recordedPayerB   = "62dabbf6d23884b186e81bc5c5ed3fd38935ce0c26585e9495cca61e6e4f3df8"
	recordedAddressB = "trac1vtdthakj8zztrphgr0zutmfl6wyntnsvyev9a9y4ejnpumj08huqepcpvn"
)

// sorted puts the recorded payments in the order in which we list them.
var sorted = strings.NewReplacer(
	`{"from":"bob","to":"carol","amountCents":33708},{"from":"alice","to":"carol","amountCents":31959}`,
	`{"from":"alice","to":"carol","amountCents":31959},{"from":"bob","to":"carol","amountCents":33708}`,
	`- bob -> carol: 337.08\n- alice -> carol: 319.59`, `- alice -> carol: 319.59\n- bob -> carol: 337.08`,
	`\nbob,carol,337.08\nalice,carol,319.59`, `\nalice,carol,319.59\nbob,carol,337.08`,
)

func (p peer) address() string {
	p.t.Helper()
	a, err := identity.EncodeAddress(identity.Mainnet.HRP, p.w.Key)
	if err != nil {
		p.t.Fatal(err)
	}
	return a
}

// hears returns the pushes of an event of the expense app.
func (p peer) hears(e *event.Signed) []string {
	p.t.Helper()
	frames, err := p.shapes().ExpenseFrames(compat.Happening{
		Room: p.room.Name, Event: e, Local: e.Author == p.w.Key, Reader: p.room, Now: time.UnixMilli(e.TS),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	var out []string
	for _, f := range frames {
		out = append(out, string(f.JSON))
	}
	return out
}

// TestExpenseIsAsRecorded has the recorded conversation again, at the recorded
// times, and compares replies and pushes byte by byte but for names that
// differ from run to run and the order of the payments.
func TestExpenseIsAsRecorded(t *testing.T) {
	const room = "tr-exp-mwrkyhye"
	a := peer{t, apptest.NewWriter(1, 1), apptest.Named(expense.App(), room)}
	// Who carries odd cents depends on the author's instance: with this one it is as recorded.
	b := peer{t, apptest.NewWriter(3, 6), apptest.Named(expense.App(), room)}
	in := app.Channel{Channel: room}
	got := map[string]string{}
	const first, later = 1795336442000, 1795336460000

	got["expense_list none"], _ = a.ask(first, expense.ListReq{Channel: in})
	got["expense_balance none"], _ = a.ask(first, expense.BalanceReq{Channel: in})
	for _, format := range []string{"text", "csv", "json"} {
		got["expense_export none "+format], _ = a.ask(first, expense.ExportReq{Channel: in, Format: format})
	}
	heard := func(by, other peer, e *event.Signed) string {
		t.Helper()
		other.room.Pull(by.room)
		local, remote := by.hears(e), other.hears(e)
		if len(local) != 0 || len(remote) != 1 {
			t.Fatalf("%s: pushes %q and %q", e.Type, local, remote)
		}
		return remote[0]
	}
	var e *event.Signed
	got["expense_added"], e = a.ask(1795336442827, expense.AddReq{
		Channel: in, Payer: "Alice", Amount: "30", Split: []string{"alice", "bob", "carol"}, Note: "dinner",
	})
	got["expense_add message"] = heard(a, b, e)
	got["expense_added of another"], e = a.ask(1795336443731, expense.AddReq{
		Channel: in, Payer: "bob", Amount: `"12.50"`, Split: []string{"Alice", "bob", "bob", ""}, Note: "taxi",
	})
	heard(a, b, e)
	got["expense_added payer put in front"], e = b.ask(1795336444647, expense.AddReq{
		Channel: in, Payer: "carol", Amount: `"1000.01"`, Split: []string{"alice", "bob"},
	})
	heard(b, a, e)
	got["expense_list"], _ = a.ask(later, expense.ListReq{Channel: in})
	got["expense_balance"], _ = a.ask(later, expense.BalanceReq{Channel: in})
	got["expense_export text"], _ = a.ask(later, expense.ExportReq{Channel: in, Format: "xml"})
	got["expense_export csv"], _ = a.ask(later, expense.ExportReq{Channel: in, Format: "CSV"})
	got["expense_cleared"], e = b.ask(1795336478558, expense.ClearReq{Channel: in})
	got["expense_clear message"] = heard(b, a, e)
	never := peer{t, a.w, apptest.Named(expense.App(), "never-used-room")}
	got["expense_cleared of a room never used"], _ = never.ask(later, expense.ClearReq{Channel: app.Channel{Channel: "never-used-room"}})

	want := recorded(t, "testdata/expense.ndjson")
	for name, frame := range want {
		if !strings.HasSuffix(name, " message") {
			frame = fields(frame)
		}
		w := masked(sorted.Replace(frame), recordedPayerA, "A", recordedPayerB, "B", recordedAddressA, "AT-A", recordedAddressB, "AT-B")
		g := masked(got[name], a.w.Key.String(), "A", b.w.Key.String(), "B", a.address(), "AT-A", b.address(), "AT-B")
		if g != w {
			t.Errorf("%s:\n got %s\nwant %s", name, g, w)
		}
		delete(got, name)
	}
	for name := range got {
		t.Errorf("nothing recorded of %s", name)
	}
}

func TestAddressesAreAsRecorded(t *testing.T) {
	for key, want := range map[string]string{recordedPayerA: recordedAddressA, recordedPayerB: recordedAddressB} {
		k, err := event.ParseKey(key)
		if err != nil {
			t.Fatal(err)
		}
		for hrp, prefix := range map[string]string{"": want, "trac": want, "testtrac": "testtrac1"} {
			entry := expense.Entry{By: k, At: time.UnixMilli(7), Money: expense.Money{Minor: "100"}, Unit: expense.Unit{Currency: "EUR", Exp: 2}}
			got := written(t, compat.Shapes{HRP: hrp}.Original("", expense.AddReply{Entry: entry}))
			if !strings.Contains(got, fmt.Sprintf(`"by":"%s`, prefix)) || !strings.Contains(got, `"txId":"`+key[:12]+`:7:00000000"`) {
				t.Errorf("%s under %q: %s", key, hrp, got)
			}
		}
	}
}
