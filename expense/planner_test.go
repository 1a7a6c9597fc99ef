package expense_test

import (
	"fmt"
	"sync"
	"testing"

	"intercom/expense"
)

// The plans are shared by all readers of an app; the race detector looks on.
func TestReadersShareThePlans(t *testing.T) {
	a := expense.App()
	balance := requestOf(a, expense.Balances.Request)
	var readers sync.WaitGroup
	for i := range 8 {
		readers.Go(func() {
			for j := range 25 { // more rooms than plans are kept
				r := newRoom()
				who := fmt.Sprint("m", (i+j)%20)
				add(t, r, alice, "alice", "30", "alice,"+who)
				reply, err := balance.Read(r, expense.BalanceReq{}, r.Call(alice, noon))
				if err != nil {
					t.Error(err)
					return
				}
				p := reply.(expense.Sheet).Transfers
				if len(p) != 1 || p[0].From != who || p[0].Amount != "15.00" {
					t.Errorf("plan for %s: %+v", who, p)
				}
			}
		})
	}
	readers.Wait()
}

func TestPlansOfBalancesOfOneAmountDiffer(t *testing.T) {
	r := newRoom()
	for _, in := range [][2]string{{"EUR", "alice"}, {"USD", "alice"}, {"SEK", "carol"}} {
		do[expense.AddReply](t, r, alice, expense.AddReq{
			Payer: in[1], Amount: "10", Split: []string{"bob"}, Currency: in[0],
		})
	}
	got := ""
	for _, p := range do[expense.Settlement](t, r, alice, expense.SettleReq{}).Transfers {
		got += p.From + ">" + p.To + " " + p.Amount + p.Currency + " "
	}
	if got != "bob>alice 5.00EUR bob>carol 5.00SEK bob>alice 5.00USD " {
		t.Errorf("plan: %s", got)
	}
}
