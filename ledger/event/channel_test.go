package event_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"intercom/ledger/event"
)

func TestChannelName(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"trip-nyc", "trip-nyc"},
		{"  trip nyc\t\n", "trip nyc"},
		{"\u00a0trip\u2003", "trip"},
		{"Trip-NYC", "Trip-NYC"},
		{"cafe\u0301", "caf\u00e9"},
		{"\u1112\u1161\u11ab", "\ud55c"},
		{"\u212b", "\u00c5"},
		{"ﬁ", "ﬁ"}, // NFC, not NFKC
		{"\U0001f3d4 hut", "\U0001f3d4 hut"},
		{"a\u200bb", "a\u200bb"}, // a format character is no control character
		{strings.Repeat("n", 128), strings.Repeat("n", 128)},
		{strings.Repeat("e\u0301", 64), strings.Repeat("\u00e9", 64)},
		{strings.Repeat(" ", 200) + "n", "n"},
	} {
		if got, err := event.ChannelName(c.name); err != nil || got != c.want {
			t.Errorf("%q is %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}

func TestChannelNameIsRefused(t *testing.T) {
	for what, name := range map[string]string{
		"empty":              "",
		"only space":         " \t\u2003 ",
		"129 bytes":          strings.Repeat("n", 129),
		"129 bytes in NFC":   strings.Repeat("\u00e9", 64) + "n",
		"grown by NFC":       strings.Repeat("\U0001d160", 30), // 4 bytes each, 12 in NFC
		"a megabyte":         strings.Repeat("n", 1<<20),
		"not UTF-8":          "trip\xff",
		"surrogate":          "\xed\xa0\x80",
		"line feed inside":   "a\nb",
		"zero byte":          "a\x00b",
		"escape":             "\x1b[31m",
		"delete":             "a\x7f",
		"C1 control":         "a\u0085b",
		"513 bytes of space": strings.Repeat(" ", 513) + "n",
	} {
		if got, err := event.ChannelName(name); !errors.Is(err, event.ErrName) {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
}

func TestAChannelNameStaysAsItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once, err := event.ChannelName(rapid.String().Draw(t, "name"))
		if err != nil {
			return
		}
		if twice, err := event.ChannelName(once); err != nil || twice != once {
			t.Fatalf("%q became %q, %v", once, twice, err)
		}
	})
}

func TestChannelIDsDiffer(t *testing.T) {
	owner, nonce := []byte(strings.Repeat("o", 32)), []byte(strings.Repeat("n", 16))
	seen := map[event.ID]bool{}
	all := []event.ID{
		event.OpenRoom("a"), event.OpenRoom("A"), event.OpenRoom("b"),
		event.ChannelID(event.Owned, "a", nil, nil),
		event.ChannelID(event.Owned, "a", owner, nil),
		event.ChannelID(event.Owned, "", owner, []byte("a")),
		event.ChannelID(event.Private, "a", owner, nil),
		event.ChannelID(event.Private, "a", owner, nonce),
		event.ChannelID(event.Private, "a", nonce, owner),
		event.SelfRoom(event.Key(owner)), event.SelfRoom(event.Key{}),
	}
	for _, id := range all {
		if seen[id] {
			t.Errorf("id %s twice", id)
		}
		seen[id] = true
	}
}
