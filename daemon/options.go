package daemon

import (
	"io"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"

	"intercom/client"
	"intercom/client/wire"
)

// Options are what a daemon is started with.
type Options struct {
	Profile client.Profile
	Config  *client.Config
	Version wire.VersionReply
	Log     *slog.Logger
	Level   *slog.LevelVar // of Log
	Rand    io.Reader
	Now     func() time.Time // in the local time zone

	Notify Notify                         // the service manager
	Hangup <-chan os.Signal               // each asks for Reload
	Reload func() (*client.Config, error) // reads the configuration again
}

// portTries is how many ports are tried, from the default one up, where other
// profiles have them.
const portTries = 32

// bridgeAddrs returns the TCP addresses to try in turn for the bridge. A port
// that was asked for is the only one; there is none where TCP is switched off.
func bridgeAddrs(c *client.Config) []string {
	if !c.Switch("sc-bridge") {
		return nil
	}
	host, port := c.Get("sc-bridge-host"), c.Number("sc-bridge-port")
	tries := 1
	if c.Source("sc-bridge-port") == "default" {
		tries = portTries
	}
	addrs := make([]string, 0, tries)
	for n := range tries {
		addrs = append(addrs, net.JoinHostPort(host, strconv.Itoa(port+n)))
	}
	return addrs
}

// NewLog returns the logger that the settings ask for, and its level, which
// may be changed while it is used.
func NewLog(w io.Writer, c *client.Config) (*slog.Logger, *slog.LevelVar, error) {
	at, err := parseLevel(c.Get(levelKey))
	if err != nil {
		return nil, nil, err
	}
	level := &slog.LevelVar{}
	level.Set(at)
	o := &slog.HandlerOptions{Level: level}
	if c.Get("log-format") == "json" {
		return slog.New(slog.NewJSONHandler(w, o)), level, nil
	}
	return slog.New(slog.NewTextHandler(w, o)), level, nil
}

// parseLevel reads a level as the setting writes it: slog would take more.
func parseLevel(text string) (slog.Level, error) {
	s, _ := client.SettingOf(levelKey)
	if err := s.Check(text); err != nil {
		return 0, err
	}
	var level slog.Level
	return level, level.UnmarshalText([]byte(text))
}
