//go:build unix

package conformance_test

import "fmt"

// The recorded room after two expenses, and after all that are not refused.
const (
	twoPayments = `[{"from":"bob","to":"alice","amountCents":375},{"from":"carol","to":"alice","amountCents":1000}]`
	twoBalances = `[{"member":"alice","cents":1375},{"member":"bob","cents":-375},{"member":"carol","cents":-1000}]`
	twoSummary  = `{"channel":"tr-exp-mwrkyhye","eventCount":2,"totalCents":4250,"balances":` + twoBalances + `,"settlements":` + twoPayments + `}`

	nineBalances = `[{"member":"5","cents":"≈667"},{"member":"a","cents":"≈-333"},{"member":"alice","cents":"≈4503599627373121"},` +
		`{"member":"b","cents":"≈-333"},{"member":"bob","cents":"≈-4503599627372786"},{"member":"carol","cents":-1000},{"member":"not-in-split","cents":"≈667"}]`
	nineSummary = `{"channel":"tr-exp-mwrkyhye","eventCount":9,"totalCents":9007199254750740,"balances":` + nineBalances + `,"settlements":"…"}`
)

// What twoSummary is in the formats of the export.
var twoExports = map[string]string{
	"text": "InterSplit Settlement Export\nchannel: tr-exp-mwrkyhye\nevents: 2\ntotal: 42.50\nsettlements:\n- bob -> alice: 3.75\n- carol -> alice: 10.00",
	"csv":  "from,to,amount\nbob,alice,3.75\ncarol,alice,10.00",
	"json": `{
  "channel": "tr-exp-mwrkyhye",
  "eventCount": 2,
  "totalCents": 4250,
  "balances": [
    {
      "member": "alice",
      "cents": 1375
    },
    {
      "member": "bob",
      "cents": -375
    },
    {
      "member": "carol",
      "cents": -1000
    }
  ],
  "settlements": [
    {
      "from": "bob",
      "to": "alice",
      "amountCents": 375
    },
    {
      "from": "carol",
      "to": "alice",
      "amountCents": 1000
    }
  ]
}`,
}

func expenseDeviations() []deviation {
	const nine = "expense-09-expense"
	refused := func(id string) string {
		return `{` + id + `"type":"error","error":"Invalid amount. Use a positive number.","code":"invalid_amount"}`
	}
	restored := func(added, total int, replace bool) map[string]string {
		return map[string]string{
			"added": fmt.Sprint(added), "total": fmt.Sprint(total), "replace": fmt.Sprint(replace), "confirmed": "false",
		}
	}
	all := []deviation{
		{files: nine, lines: []int{64, 66, 68, 70}, why: strictAmounts, without: []string{"events.2"}, set: map[string]string{"count": "2"}},
		{files: nine, lines: []int{72, 74, 76, 78}, why: strictAmounts, set: map[string]string{"summary": twoSummary}},
		// 90071992547409.9, which the original takes for a float.
		{files: nine, lines: []int{243}, why: strictAmounts, set: map[string]string{"event.amountCents": "9007199254740990"}},
		{files: nine, lines: []int{244}, why: strictAmounts, set: map[string]string{"message.event.amountCents": "9007199254740990"}},
		{files: nine, lines: []int{248, 250}, why: strictAmounts, set: map[string]string{"count": "9", "events.8.amountCents": "9007199254740990"}, without: []string{
			"events.12", "events.10", "events.9", "events.8", "events.7", "events.6", "events.5", "events.4", "events.3", "events.2",
		}},
		{files: nine, lines: []int{252, 254, 256, 258}, why: ownPlan, set: map[string]string{"summary": nineSummary}},
		{files: nine, lines: []int{261, 263}, why: noPersist, set: restored(0, 9, false)},
		{files: nine, lines: []int{265, 267}, why: noPersist, set: restored(0, 9, true)},
		{files: nine, lines: []int{274}, why: persistResult, set: map[string]string{"tx": "null", "result": "null"}},
		{files: nine, lines: []int{276}, why: writable, frame: `{"type":"expense_persisted","channel":"tr-exp-mwrkyhye","sim":true,"tx":null,"result":null}`},
		{files: nine, lines: []int{278}, why: writable, frame: `{"id":7,"type":"expense_persisted","channel":"tr-exp-mwrkyhye","sim":true,"tx":null,"result":null}`},
		{files: nine, lines: []int{289}, why: keptCase, set: map[string]string{"channel": `"TR-EXP-MWRKYHYE"`, "total": "1"}},
		// What is clear already is not cleared again.
		{files: nine, lines: []int{297, 298, 312}, why: clearArchives, nothing: true},
	}
	for first, format := range map[int]string{80: "text", 84: "csv", 88: "json", 92: "csv", 96: "text", 100: "text"} {
		all = append(all, deviation{files: nine, lines: []int{first, first + 2}, why: strictAmounts, set: map[string]string{
			"data": quote(twoExports[format]), "summary": twoSummary,
		}})
	}
	all = append(all, instead(nine, strictAmounts, 60, 62, refused(`"id":3,`))...) // "1,000.01"
	all = append(all, instead(nine, strictAmounts, 161, 162, refused(""))...)      // [10]
	all = append(all, instead(nine, strictAmounts, 164, 165, refused(`"id":7,`))...)
	for _, line := range []int{204, 207, 210, 213, 216, 219, 225} { // 0.005 0.015 1.005 8.165 "0x10" "1e3" "1,2,3"
		all = append(all, instead(nine, strictAmounts, line, line+1, refused(`"id":11,`))...)
	}
	return all
}
