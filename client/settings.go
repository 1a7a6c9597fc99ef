package client

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"intercom/ledger/event"
)

// Type is the type of a setting's value.
type Type string

// The types of settings.
const (
	Text   Type = "text"
	Number Type = "number" // a whole number, from 0 to 65535 where nothing else is said
	Switch Type = "switch" // true or false; also 1 and 0, yes and no, on and off
	List   Type = "list"   // separated by commas; or @ and the absolute path of a file with one a line
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

	entry    func(string) error // checks each entry of a List; nil: any
	min, max uint64             // of a Number; max 0: 65535
}

// Env returns the variable that sets it.
func (s Setting) Env() string {
	return "INTERCOM_" + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(s.Key))
}

// Check returns what is wrong with a value, or nil.
func (s Setting) Check(value string) error {
	switch s.Type {
	case Number:
		most := s.max
		if most == 0 {
			most = 65535
		}
		if n, err := strconv.ParseUint(value, 10, 64); err != nil || n < s.min || n > most {
			return fmt.Errorf("%s: %q is not a whole number from %d to %d", s.Key, value, s.min, most)
		}
	case Switch:
		if v := s.normal(value); v != "true" && v != "false" {
			return fmt.Errorf("%s: %q is not true or false", s.Key, value)
		}
	case List:
		var err error
		if value, err = expandList(value); err != nil {
			return fmt.Errorf("%s: %w", s.Key, err)
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

// normal returns a value in its usual form: the words of a switch as true or
// false, a number without zeros in front. A wrong value stays as it is.
func (s Setting) normal(value string) string {
	switch s.Type {
	case Switch:
		switch strings.ToLower(value) {
		case "1", "true", "yes", "on":
			return "true"
		case "0", "false", "no", "off":
			return "false"
		}
	case Number:
		if n, err := strconv.ParseUint(value, 10, 64); err == nil {
			return strconv.FormatUint(n, 10)
		}
	}
	return value
}

// maxListFile bounds the file that a List is in, in bytes.
const maxListFile = 1 << 20

// expandList returns a List that is in a file as one with commas.
func expandList(value string) (string, error) {
	path, ok := strings.CutPrefix(value, "@")
	if !ok {
		return value, nil
	}
	if !filepath.IsAbs(path) {
		return "", fmt.Errorf("%q: the path of a file must be absolute: the daemon runs elsewhere", value)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxListFile+1))
	if err != nil {
		return "", err
	}
	if len(data) > maxListFile {
		return "", fmt.Errorf("%s has more than %d bytes", path, maxListFile)
	}
	return strings.NewReplacer("\r\n", ",", "\n", ",").Replace(string(data)), nil
}

// checkChannel returns what is wrong with the name of a channel.
func checkChannel(name string) error {
	_, err := event.ChannelName(name)
	return err
}

// checkLimit returns what is wrong with an amount of a currency.
func checkLimit(text string) error {
	amount, currency, _ := strings.Cut(text, " ")
	whole, fraction, point := strings.Cut(amount, ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	code := strings.TrimSpace(currency)
	if !digits(whole) || point && !digits(fraction) || len(amount) > 24 ||
		len(code) < 3 || len(code) > 8 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return fmt.Errorf("%q is not an amount and its currency, such as 50 EUR", text)
	}
	return nil
}

var settings = []Setting{
	{Key: "channel", Type: Text, About: "current channel: the room of commands that name none"},
	{Key: "expense.me", Type: Text, About: "name under which this person is in expense rooms"},
	{Key: "expense.owe", Type: List, entry: checkLimit,
		About: "what this person may owe in a room before its hook expense_owe runs, by currency: 50 EUR,20.50 USD"},
	{Key: "focus.day-start", Type: Text, About: "when one's days start, for streaks and reports: 04:00; absent: midnight"},
	{Key: "focus.goal", Type: Text, About: "what to do each day, shown by focus status and stats: 90m, 1h30m or 4 sessions"},
	{Key: "focus.weekdays", Type: Text, About: "days that a streak asks for: mon-fri or mon,wed,fri; absent: every day"},
	{Key: "focus.freezes", Type: Text, About: "missed days that do not end a streak: 1/week or 3/month"},
	{Key: "format", Type: Text, Default: "table", Choices: []string{"table", "json", "jsonl", "csv", "tsv", "md", "yaml"},
		About: "how commands print data"},
	{Key: "listen", Type: List, entry: checkAddr,
		About: "multiaddresses at which peers reach the daemon; absent: this machine and, with mdns, its private networks"},
	{Key: "peers", Type: List, entry: checkPeer, About: "peers to stay connected with: multiaddresses that end in /p2p/ID"},
	{Key: "network", Type: Text, Default: "main", About: "peers of another network are never met"},
	{Key: "local-discovery", Type: Switch, Default: "true", About: "find the other daemons of this user on this machine"},
	{Key: "mdns", Type: Switch, Default: "true", About: "find the daemons of the local network, and be found there"},
	{Key: "sidechannels", Type: List, entry: checkChannel, About: "channels to join at the start"},
	{Key: "sidechannel-max-bytes", Type: Number, Default: "1000000", min: 1, max: 1_000_000,
		About: "largest message, in bytes of JSON"},
	{Key: "sidechannel-rate-bytes", Type: Number, Default: "64000", max: 1_000_000_000,
		About: "bytes a second that one peer may send to a channel, this one too; 0: no limit"},
	{Key: "sidechannel-rate-burst", Type: Number, Default: "256000", max: 1_000_000_000,
		About: "bytes that it may send at once; at least 1.25 times the largest message is taken"},
	{Key: "sidechannel-max-strikes", Type: Number, Default: "3", min: 1, max: 1000,
		About: "offences within 5 seconds that block a peer, for 30 seconds at first"},
	{Key: "sidechannel-allow-remote-open", Type: Switch, Default: "true", About: "take the requests of others to open a channel"},
	{Key: "sidechannel-auto-join", Type: Switch, Default: "false", About: "join what they ask to open"},
	{Key: "sidechannel-relay", Type: Switch, Default: "true", About: "pass messages on to members that their author does not reach"},
	{Key: "sidechannel-relay-ttl", Type: Number, Default: "3", max: 255, About: "ttl shown with messages"},
	{Key: "sidechannel-pow", Type: Switch, Default: "true", About: "ask for a proof of work with messages, and do it"},
	{Key: "sidechannel-pow-difficulty", Type: Number, Default: "12", max: 32,
		About: "its zero bits; members of a channel need the same"},
	{Key: "sidechannel-pow-entry", Type: Switch, Default: "false", About: "only in the entry channel"},
	{Key: "sidechannel-pow-channels", Type: List, entry: checkChannel, About: "only in these channels"},
	{Key: "sidechannel-quiet", Type: Switch, Default: "false", About: "log nothing of channels"},
	{Key: "sidechannel-debug", Type: Switch, Default: "false", About: "log each message that comes, without its content"},
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
	{Key: "journal-days", Type: Number, Default: "7", About: "days for which clients can go on from where they were in the stream of events; 0 keeps it for ever"},
	{Key: "hooks", Type: Text, About: "folder of executables to run when something happens; absent: hooks beside the profile's config.yaml"},
	{Key: "notify", Type: Text, Default: "auto", Choices: []string{"auto", "off"},
		About: "show on the desktop, where there is one, when a session that you are in ends or has a break"},
	{Key: "log-level", Type: Text, Default: "info", Choices: []string{"debug", "info", "warn", "error"}, About: "least level that is logged"},
	{Key: "log-to", Type: Text, Default: "stderr", Choices: []string{"stderr", "file"},
		About: "where the daemon logs: standard error, or the profile's log file, which is kept small"},
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
