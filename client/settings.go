package client

import (
	"fmt"
	"strconv"
	"strings"
)

// Type is the type of a setting's value.
type Type string

// The types of settings.
const (
	Text   Type = "text"
	Number Type = "number" // a whole number from 0 to 65535
	Switch Type = "switch" // true or false, also as 1 or 0
	List   Type = "list"   // separated by commas
	Size   Type = "size"   // bytes, or with a unit: 512MiB
)

// Setting describes one key of the configuration: the flag --KEY of the
// daemon, the variable INTERCOM_KEY, and the key in the profile's file.
type Setting struct {
	Key     string
	Type    Type
	Default string
	Choices []string // of a Text; empty: any
	About   string   // one line, no full stop
	Secret  bool     // not shown unless asked for by name

	entry func(string) error // checks each entry of a List; nil: any
}

// Env returns the variable that sets it.
func (s Setting) Env() string {
	return "INTERCOM_" + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(s.Key))
}

// Check returns what is wrong with a value, or nil.
func (s Setting) Check(value string) error {
	switch s.Type {
	case Number:
		if n, err := strconv.ParseUint(value, 10, 64); err != nil || n > 65535 {
			return fmt.Errorf("%s: %q is not a whole number from 0 to 65535", s.Key, value)
		}
	case Switch:
		switch value {
		case "true", "false", "1", "0": // the original's flags have 1 and 0
		default:
			return fmt.Errorf("%s: %q is not true or false", s.Key, value)
		}
	case Size:
		if _, err := ParseSize(value); err != nil {
			return fmt.Errorf("%s: %w", s.Key, err)
		}
	}
	if s.entry != nil {
		for entry := range strings.SplitSeq(value, ",") {
			if entry = strings.TrimSpace(entry); entry == "" {
				continue
			}
			if err := s.entry(entry); err != nil {
				return fmt.Errorf("%s: %w", s.Key, err)
			}
		}
	}
	if len(s.Choices) > 0 {
		for _, c := range s.Choices {
			if value == c {
				return nil
			}
		}
		return fmt.Errorf("%s: %q is not one of %s", s.Key, value, strings.Join(s.Choices, ", "))
	}
	return nil
}

var settings = []Setting{
	{Key: "channel", Type: Text, About: "current channel: the room of commands that name none"},
	{Key: "expense.me", Type: Text, About: "name under which this person is in expense rooms"},
	{Key: "format", Type: Text, Default: "table", Choices: []string{"table", "json", "jsonl", "csv", "tsv", "md", "yaml"},
		About: "how commands print data"},
	{Key: "listen", Type: List, entry: checkAddr,
		About: "multiaddresses at which peers reach the daemon; absent: this machine and, with mdns, its private networks"},
	{Key: "peers", Type: List, entry: checkPeer, About: "peers to stay connected with: multiaddresses that end in /p2p/ID"},
	{Key: "network", Type: Text, Default: "main", About: "peers of another network are never met"},
	{Key: "local-discovery", Type: Switch, Default: "true", About: "find the other daemons of this user on this machine"},
	{Key: "mdns", Type: Switch, Default: "true", About: "find the daemons of the local network, and be found there"},
	{Key: "sidechannels", Type: List, About: "channels to join at the start"},
	{Key: "sc-bridge", Type: Switch, Default: "true", About: "listen for clients on TCP too; the Unix socket is always there"},
	{Key: "sc-bridge-host", Type: Text, Default: "127.0.0.1", About: "address of the bridge's TCP listener"},
	{Key: "sc-bridge-port", Type: Number, Default: "49222",
		About: "port of the bridge's TCP listener; the default moves on where it is taken, 0 takes any"},
	{Key: "sc-bridge-token", Type: Text, Secret: true, About: "token of TCP clients; absent: the profile's token file, made at the first start"},
	{Key: "sc-bridge-origins", Type: List, About: "origins of web pages that may connect, beside loopback ones"},
	{Key: "sc-bridge-hosts", Type: List, About: "host names that a client may connect by, beside loopback addresses"},
	{Key: "sc-bridge-filter", Type: Text, About: "filter of messages that a client has until it sets another, e.g. alpha+beta|gamma"},
	{Key: "sc-bridge-filter-channel", Type: List, About: "channels whose messages are filtered; absent: all"},
	{Key: "sc-bridge-cli", Type: Switch, Default: "false", About: "let clients send /commands with the request cli"},
	{Key: "sc-bridge-debug", Type: Switch, Default: "false", About: "log clients and their requests, never what these hold"},
	{Key: "min-free", Type: Size, Default: "160MiB", About: "free space below which the daemon refuses writes"},
	{Key: "log-level", Type: Text, Default: "info", Choices: []string{"debug", "info", "warn", "error"}, About: "least level that is logged"},
	{Key: "log-format", Type: Text, Default: "text", Choices: []string{"text", "json"}, About: "how the daemon logs"},
}

// Settings returns every setting, in order of the documentation.
func Settings() []Setting { return append([]Setting(nil), settings...) }

// SettingOf returns the setting of a key.
func SettingOf(key string) (Setting, bool) {
	for _, s := range settings {
		if s.Key == key {
			return s, true
		}
	}
	return Setting{}, false
}

// ParseSize reads a number of bytes: a whole number, alone or followed by B,
// KiB, MiB, GiB or TiB.
func ParseSize(text string) (uint64, error) {
	digits := strings.TrimRight(text, "BKMGTi")
	shift, known := map[string]uint{"": 0, "B": 0, "KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40}[text[len(digits):]]
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || !known || n > 1<<63>>shift {
		return 0, fmt.Errorf("%q is not a size: write bytes, or a number with KiB, MiB, GiB or TiB", text)
	}
	return n << shift, nil
}
