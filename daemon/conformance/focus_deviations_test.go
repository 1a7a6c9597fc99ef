//go:build unix

package conformance_test

import (
	"fmt"
	"slices"
)

// The keys and the rooms of the recordings.
const (
	focusA     = "aa7f1d929922a9b90fe286baddefaf0abe33eeb36383950f3f634f74adc4bad6"
	focusB     = "c0fb4966d234169093f91ffffc372a896f596e23389e9433b02ace453a22f106"
	focusRoom  = "tr-focus-mwrkzut7"
	expiryRoom = "tr-exp-mwrl0o6q"
	bothAFirst = `["` + focusA + `","` + focusB + `"]`
)

// heardJoin is what a hears of the join of b: in the recording b was alone in
// the room when it joined, and a never learned of it.
func heardJoin(room string, at int) []string {
	payload := fmt.Sprintf(`{"room":%q,"who":%q,"at":%d}`, room, focusB, at)
	message := fmt.Sprintf(`{"app":"focus_room","eventType":"session_join","payload":%s,"at":%d,"by":%q}`, payload, at, focusB)
	return []string{
		fmt.Sprintf(`{"type":"focus_event","app":"focus_room","eventType":"session_join","payload":%s,"at":%d,"by":%q,"source":"remote"}`, payload, at, focusB),
		fmt.Sprintf(`{"type":"sidechannel_message","channel":%q,"id":"…","from":%q,"origin":%q,"sig":"…","relayedBy":null,"ttl":3,"ts":%d,"message":%s}`,
			room, focusB, focusB, at, message),
	}
}

func focusDeviations() []deviation {
	const seven, eight = "focus-07-focus", "focus-08-focus-expiry"
	ends := func(path string) map[string]string { return map[string]string{path: "1795339203517"} } // 45 minutes
	planned := func(paths ...string) map[string]string {
		set := map[string]string{}
		for _, p := range paths {
			set[p] = "2700000"
		}
		return set
	}
	ended := map[string]string{"room.endsAt": "1795339203517", "room.stats.plannedDurationMs": "2700000"}
	all := []deviation{
		{files: seven, lines: []int{86, 88}, why: noRoom, set: map[string]string{"rooms": "[]"}},
		{files: seven, lines: []int{94, 96}, why: firstJoin, first: heardJoin(focusRoom, 1795336501996)},
		{files: seven, lines: []int{95}, why: firstJoin, set: map[string]string{"room.participants": bothAFirst}},

		// What the extensions that are refused would have added is missing from then on.
		{files: seven, lines: []int{211, 213, 215, 217}, why: strictMinutes, set: ends("room.endsAt")},
		{files: seven, lines: []int{219, 221}, why: strictMinutes, set: ends("room.0.endsAt")},
		{files: seven, lines: []int{223, 225, 227, 229}, why: strictMinutes, set: ends("rooms.0.endsAt")},
		{files: seven, lines: []int{231, 233, 234}, why: strictMinutes, set: planned("payload.stats.plannedDurationMs")},
		{files: seven, lines: []int{235}, why: strictMinutes, set: planned("message.payload.stats.plannedDurationMs")},
		{files: seven, lines: []int{232}, why: strictMinutes, set: map[string]string{
			"room.endsAt": "1795339203517", "room.stats.plannedDurationMs": "2700000", "stats.plannedDurationMs": "2700000",
		}},
		{files: seven, lines: []int{241, 243, 255, 262, 269, 276}, why: strictMinutes, set: ended},
		{files: seven, lines: []int{295}, why: strictMinutes, set: map[string]string{"streaks.0.sessions": "1", "streaks.1.sessions": "1"}},
	}
	// The original's clock fires late, and its peers tell each other of the end.
	two := func(path string) map[string]string { return map[string]string{path + ".participantCount": "2"} }
	all = append(all,
		deviation{files: eight, lines: []int{11}, why: firstJoin, first: heardJoin(expiryRoom, 1795336534904)},
		deviation{files: eight, lines: []int{12}, why: firstJoin, set: map[string]string{"room.participants": bothAFirst}},
		deviation{files: eight, lines: []int{16, 17}, why: firstJoin, set: two("payload.stats")},
		deviation{files: eight, lines: []int{18}, why: expiryOnce, nothing: true},
		deviation{files: eight, lines: []int{20}, why: firstJoin, set: map[string]string{
			"room.participants": bothAFirst, "room.stats.participantCount": "2",
		}},
		deviation{files: eight, lines: []int{22}, why: firstJoin, set: two("room.stats")},
		deviation{files: eight, lines: []int{24}, why: strictMinutes, set: map[string]string{"streaks.0.sessions": "4", "streaks.1.sessions": "3"}},
		deviation{files: eight, lines: []int{26}, why: strictMinutes, set: map[string]string{"streaks.0.sessions": "3", "streaks.1.sessions": "4"}},
	)
	// A session with b, who has joined since the one before, and one without.
	for _, s := range []struct {
		line         int // of the start
		participants string
		count        string
	}{{333, bothAFirst, "2"}, {369, `["` + focusA + `"]`, "1"}} {
		stats := func(set map[string]string, paths ...string) map[string]string {
			for _, p := range paths {
				set[p+".checkinCount"], set[p+".participantCount"] = "0", s.count
			}
			return set
		}
		room := func() map[string]string {
			return map[string]string{"room.checkins": "[]", "room.participants": s.participants}
		}
		all = append(all,
			deviation{files: seven, lines: []int{s.line + 2}, why: notInherited, set: room()},
			deviation{files: seven, lines: []int{s.line + 7, s.line + 9, s.line + 10}, why: notInherited, set: stats(map[string]string{}, "payload.stats")},
			deviation{files: seven, lines: []int{s.line + 8}, why: notInherited, set: stats(room(), "room.stats", "stats")},
			deviation{files: seven, lines: []int{s.line + 11}, why: notInherited, set: stats(map[string]string{}, "message.payload.stats")},
		)
	}
	for i, line := range []int{165, 171, 177, 183, 189, 195} {
		id := []string{"", `"id":7,`}[i%2]
		all = append(all, instead(seven, strictMinutes, line+1, line+5, `{`+id+`"type":"error","code":"invalid_request"}`)...)
	}
	// Starts that are refused, so that there is nothing to end.
	for _, start := range []struct{ line, id, end int }{{282, 6, 7}, {297, 9, 10}, {309, 9, 10}, {321, 9, 10}, {345, 9, 10}, {357, 9, 10}, {381, 9, 10}} {
		all = slices.Concat(all,
			instead(seven, strictMinutes, start.line+1, start.line+5, fmt.Sprintf(`{"id":%d,"type":"error","code":"invalid_request"}`, start.id)),
			instead(seven, strictMinutes, start.line+7, start.line+11,
				fmt.Sprintf(`{"id":%d,"type":"error","error":"focus_end failed: room is not active"}`, start.end)))
	}
	return all
}
