package client_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"intercom/client"
	"intercom/client/clienttest"
)

func write(t *testing.T, p client.Profile, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(p.ConfigFile()), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.ConfigFile(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFlagWinsOverEnvironmentOverFileOverDefault(t *testing.T) {
	p := clienttest.Profile(t)
	flags, e := map[string]string{}, []string{}
	check := func(want, source string) {
		t.Helper()
		c, err := p.Config(flags, env(e...))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Get("log-level"); got != want || !strings.HasPrefix(c.Source("log-level"), source) {
			t.Errorf("got %s from %s, want %s from %s", got, c.Source("log-level"), want, source)
		}
	}
	check("info", "default")
	write(t, p, "log-level: warn\n")
	check("warn", "file "+p.ConfigFile())
	e = []string{"INTERCOM_LOG_LEVEL", "error"}
	check("error", "environment INTERCOM_LOG_LEVEL")
	flags["log-level"] = "debug"
	check("debug", "flag --log-level")
}

func TestSettingsHaveTypes(t *testing.T) {
	p := clienttest.Profile(t)
	write(t, p, "sc-bridge-origins: [a, b]\nsidechannels: x, ,y\nlocal-discovery: false\nsc-bridge-port: 0\nmin-free: 2GiB\nexpense.me: alice\n")
	c, err := p.Config(nil, env())
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.List("sc-bridge-origins"), "|") + " " + strings.Join(c.List("sidechannels"), "|"); got != "a|b x|y" {
		t.Errorf("lists %s", got)
	}
	if c.Switch("local-discovery") || c.Number("sc-bridge-port") != 0 || c.Size("min-free") != 2<<30 || c.Get("expense.me") != "alice" {
		t.Error("a value is not the file's")
	}
	if got := c.List("sc-bridge-hosts"); len(got) != 0 {
		t.Errorf("an absent list is %v", got)
	}
}

func TestFileMayBeWrittenInSeveralWays(t *testing.T) {
	p := clienttest.Profile(t)
	for file, want := range map[string]string{
		"expense: {me: alice}":               "expense.me alice",
		"expense:\n  me: alice":              "expense.me alice",
		`expense.me: "0x10"`:                 "expense.me 0x10",
		"channel: true":                      "channel true",
		"channel: 7":                         "channel 7",
		"channel: 007":                       "channel 007",
		"channel: 2026-01-02":                "channel 2026-01-02",
		"expense: {me: a}\nexpense.me: b":    "",
		"sidechannels: &l [a, b]\npeers: *l": "",
		"channel: |\n  a\n":                  "channel a\n",
		"sidechannels: [a, 1, null]":         "sidechannels a,1,",
		"channel:":                           "channel ",
		"log-level: null":                    "log-level info",
		"":                                   "log-level info",
		"# nothing":                          "log-level info",
		"x: &a {me: b}\nexpense: *a\n":       "",
		"channel: a\nchannel: b":             "",
		"Channel: a":                         "",
		"1: a":                               "",
	} {
		write(t, p, file+"\n")
		c, err := p.Config(nil, env())
		if want == "" {
			if !errors.Is(err, client.ErrSetting) {
				t.Errorf("%.40s: error %v", file, err)
			}
			continue
		}
		key, text, _ := strings.Cut(want, " ")
		if err != nil || c.Get(key) != text {
			t.Errorf("%s: %v, want %q", file, err, want)
		}
	}
}

func TestASwitchTakesManyWords(t *testing.T) {
	p := clienttest.Profile(t)
	for word, want := range map[string]bool{
		"1": true, "0": false, "true": true, "FALSE": false, "yes": true, "no": false, "On": true, "off": false,
	} {
		c, err := p.Config(map[string]string{"sidechannel-auto-join": word}, env())
		if err != nil || c.Switch("sidechannel-auto-join") != want || c.Get("sidechannel-auto-join") != fmt.Sprint(want) {
			t.Errorf("%s: %v", word, err)
		}
	}
}

func TestAListMayBeInAFile(t *testing.T) {
	p := clienttest.Profile(t)
	path := filepath.Join(t.TempDir(), "channels")
	if err := os.WriteFile(path, []byte("ops\nroom one\n\nnews,sport\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := p.Config(map[string]string{"sidechannels": "@" + path}, env())
	if err != nil {
		t.Fatal(err)
	}
	if got := c.List("sidechannels"); !slices.Equal(got, []string{"ops", "room one", "news", "sport"}) {
		t.Errorf("got %q", got)
	}
}

func TestBadSettingsNameTheirOrigin(t *testing.T) {
	p := clienttest.Profile(t)
	for file, want := range map[string]string{
		"log-level: loud":                                "not one of debug",
		"sc-bridge-port: 70000":                          "0 to 65535",
		"local-discovery: 2":                             "not true or false",
		"sidechannel-max-bytes: 0":                       "from 1 to 1000000",
		"sidechannel-max-bytes: 1000001":                 "from 1 to 1000000",
		"sidechannel-pow-difficulty: 33":                 "from 0 to 32",
		"sidechannel-rate-bytes: -1":                     "not a whole number",
		"sidechannels: '@relative'":                      "must be absolute",
		"sidechannels: '@/nowhere/channels'":             "no such file",
		"min-free: many":                                 "not a size",
		"chanel: x":                                      `no key "chanel"`,
		"listen: 127.0.0.1:1":                            "not a multiaddress",
		"listen: /ip4/::1/tcp/1":                         "not a multiaddress",
		"listen: [/ip4/127.0.0.1/tcp/1, /ip4/127.0.0.1]": "not a multiaddress",
		"peers: /ip4/127.0.0.1/tcp/1":                    "/p2p/ID",
		"peers: /dns4/example.org/tcp/1/p2p/x":           "/p2p/ID",
		"a: b: c":                                        p.ConfigFile(),
		"- a":                                            p.ConfigFile(),
	} {
		write(t, p, file+"\n")
		_, err := p.Config(nil, env())
		if !errors.Is(err, client.ErrSetting) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), p.ConfigFile()) {
			t.Errorf("%s: %v", file, err)
		}
	}
	write(t, p, "")
	if _, err := p.Config(nil, env("INTERCOM_SC_BRIDGE_PORT", "x")); err == nil || !strings.Contains(err.Error(), "INTERCOM_SC_BRIDGE_PORT") {
		t.Errorf("environment: %v", err)
	}
	if _, err := p.Config(map[string]string{"nope": ""}, env()); !errors.Is(err, client.ErrSetting) {
		t.Errorf("flag: %v", err)
	}
}

func TestSetKeepsTheRestOfTheFile(t *testing.T) {
	p := clienttest.Profile(t)
	write(t, p, "# mine\nlog-level: warn # loud enough\nchannel: old\n")
	for _, pair := range [][2]string{{"channel", "trip: nyc #1"}, {"format", "json"}, {"format", ""}} {
		if err := p.Set(pair[0], pair[1]); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(p.ConfigFile())
	if err != nil || !strings.Contains(string(text), "# mine") || !strings.Contains(string(text), "# loud enough") || strings.Contains(string(text), "format") {
		t.Errorf("file is %s, %v", text, err)
	}
	c, err := p.Config(nil, env())
	if err != nil || c.Get("channel") != "trip: nyc #1" || c.Get("log-level") != "warn" || c.Get("format") != "table" {
		t.Errorf("channel %q, level %q, %v", c.Get("channel"), c.Get("log-level"), err)
	}
	for _, pair := range [][2]string{{"nope", "1"}, {"format", "xml"}} {
		if err := p.Set(pair[0], pair[1]); !errors.Is(err, client.ErrSetting) {
			t.Errorf("set %v: %v", pair, err)
		}
	}
	if err := p.Set("channel", ""); err != nil {
		t.Fatal(err)
	}
}

func TestSetFindsTheKeyWhereItIs(t *testing.T) {
	for _, c := range []struct{ old, key, value, want string }{
		{"expense:\n    me: a # me\n", "expense.me", "b", "expense:\n    me: b # me\n"},
		{"# only a word\n", "channel", "x", "# only a word\nchannel: x\n"},
		{"", "channel", "true", "channel: \"true\"\n"},
		{"channel: &c a\nexpense.me: *c\n", "expense.me", "b", "channel: &c a\nexpense.me: b\n"},
		{"log-level: warn\nchannel: x\n", "log-level", "", "channel: x\n"},
	} {
		p := clienttest.Profile(t)
		write(t, p, c.old)
		if err := p.Set(c.key, c.value); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(p.ConfigFile())
		if err != nil || string(got) != c.want {
			t.Errorf("%q became %q, want %q", c.old, got, c.want)
		}
	}
}

func TestEverySettingHasAValidDefault(t *testing.T) {
	for _, s := range client.Settings() {
		if err := s.Check(s.Default); err != nil && s.Default != "" {
			t.Errorf("%v", err)
		}
		if s.About == "" {
			t.Errorf("%s says nothing of itself", s.Key)
		}
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]uint64{"0": 0, "12": 12, "12B": 12, "1KiB": 1 << 10, "64MiB": 64 << 20, "3GiB": 3 << 30, "1TiB": 1 << 40} {
		if got, err := client.ParseSize(text); err != nil || got != want {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "MiB", "-1", "1MB", "1.5GiB", "1 KiB", "99999999TiB", "9223372036854775808"} {
		if got, err := client.ParseSize(text); err == nil {
			t.Errorf("%s: %d", text, got)
		}
	}
}

func TestAddressesOfPeersAreAccepted(t *testing.T) {
	const id = "/p2p/12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf"
	for key, values := range map[string][]string{
		"listen": {"/ip4/0.0.0.0/tcp/0", "/ip6/::1/udp/4001/quic-v1,/ip4/127.0.0.1/tcp/1", "/dns4/example.org/tcp/443/wss"},
		"peers":  {"/ip4/127.0.0.1/tcp/1" + id, "/dnsaddr/example.org" + id + ", /ip6/::1/tcp/1" + id},
	} {
		s, _ := client.SettingOf(key)
		for _, value := range values {
			if err := s.Check(value); err != nil {
				t.Error(err)
			}
		}
	}
}
