package daemon

import (
	"fmt"
	"io"
	"log/slog"
	"net"
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
	Rand    io.Reader
	Now     func() time.Time // in the local time zone
}

// portTries is how many ports are tried, from the default one up, where other
// profiles have them.
const portTries = 32

// bridgeAddrs returns the TCP addresses to try in turn for the bridge. A port
// that was asked for is the only one.
func bridgeAddrs(c *client.Config) []string {
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

// NewLog returns the logger that the settings ask for.
func NewLog(w io.Writer, c *client.Config) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Get("log-level"))); err != nil {
		return nil, fmt.Errorf("log-level: %w", err)
	}
	o := &slog.HandlerOptions{Level: level}
	if c.Get("log-format") == "json" {
		return slog.New(slog.NewJSONHandler(w, o)), nil
	}
	return slog.New(slog.NewTextHandler(w, o)), nil
}
