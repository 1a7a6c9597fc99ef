package bridge

import (
	"encoding/json"
	"slices"
	"strings"

	"intercom/client/wire"
	"intercom/daemon/bridge/compat"
)

// Bounds of what one client may ask to have looked at for each push.
const (
	maxFilter        = 1024 // bytes
	maxSubscriptions = 1000
	maxSubscription  = 512 // bytes of one name
)

// interest is what a client wants to have pushed.
type interest struct {
	filter   filter
	channels []string // in order of subscription; none: all
}

// filter passes a text that contains all terms of one of its alternatives.
type filter [][]string

// parseFilter reads the original's language: `|` is or; `+`, `,` and blanks
// are and. A filter without terms passes everything.
func parseFilter(s string) filter {
	var f filter
	for alternative := range strings.SplitSeq(strings.ToLower(s), "|") {
		terms := strings.FieldsFunc(alternative, func(r rune) bool { return strings.ContainsRune("+, \t\r\n", r) })
		if len(terms) > 0 {
			f = append(f, terms)
		}
	}
	return f
}

func (f filter) passes(lower string) bool {
	return len(f) == 0 || slices.ContainsFunc(f, func(terms []string) bool {
		return !slices.ContainsFunc(terms, func(t string) bool { return !strings.Contains(lower, t) })
	})
}

// wants reports whether the session gets a push to all; lower is its text.
func (c *Session) wants(channel string, lower func() string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.proved && c.feed == nil && c.interested(channel, lower)
}

// passes reports whether the session's client is interested.
func (c *Session) passes(channel string, lower func() string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.interested(channel, lower)
}

// interested is passes where mu is held.
func (c *Session) interested(channel string, lower func() string) bool {
	in := c.interest
	if channel == "" {
		return true
	}
	if !in.subscribed(channel) {
		return false
	}
	filtered := c.server.o.FilterChannels
	return len(in.filter) == 0 || len(filtered) > 0 && !slices.Contains(filtered, channel) || in.filter.passes(lower())
}

// subscribed reports whether the client wants to hear of a channel.
func (in interest) subscribed(channel string) bool {
	return len(in.channels) == 0 || slices.Contains(in.channels, channel)
}

// audience is Server.Audience of one session.
func (c *Session) audience(channel string) (follows, listens bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	follows = c.feed != nil
	return follows, c.proved && !follows && c.interest.subscribed(channel)
}

// ownRequests are the requests that concern the connection alone.
var ownRequests = map[string]struct {
	wire.Spec
	handle func(*Server, *Session, map[string]json.RawMessage) (any, error)
}{
	wire.Ping.Request:        {wire.Ping.Spec, (*Server).ping},
	wire.SetFilter.Request:   {wire.SetFilter.Spec, (*Server).setFilter},
	wire.ClearFilter.Request: {wire.ClearFilter.Spec, (*Server).clearFilter},
	wire.Subscribe.Request:   {wire.Subscribe.Spec, (*Server).subscribe},
	wire.Unsubscribe.Request: {wire.Unsubscribe.Spec, (*Server).unsubscribe},
}

func (s *Server) ping(*Session, map[string]json.RawMessage) (any, error) {
	return wire.PingReply{TS: s.o.Now().UnixMilli()}, nil
}

// setFilter echoes what it was given, of whatever type, as the original does.
func (s *Server) setFilter(c *Session, fields map[string]json.RawMessage) (any, error) {
	raw := fields["filter"]
	if !compat.Truthy(raw) {
		return s.clearFilter(c, fields)
	}
	if len(raw) > maxFilter {
		return nil, wire.Errorf(wire.TooLarge, "filter is longer than %d bytes", maxFilter)
	}
	f := parseFilter(compat.StringOf(raw))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.interest.filter = f
	return wire.FilterReply{Filter: raw}, nil
}

func (s *Server) clearFilter(c *Session, _ map[string]json.RawMessage) (any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.interest.filter = nil
	return wire.FilterReply{Filter: json.RawMessage(`""`)}, nil
}

func (s *Server) subscribe(c *Session, fields map[string]json.RawMessage) (any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := slices.Clone(c.interest.channels)
	for _, name := range named(fields) {
		switch {
		case slices.Contains(all, name):
		case len(name) > maxSubscription:
			return nil, wire.Errorf(wire.TooLarge, "channel name is longer than %d bytes", maxSubscription)
		case len(all) == maxSubscriptions:
			return nil, wire.Errorf(wire.TooLarge, "more than %d subscriptions", maxSubscriptions)
		default:
			all = append(all, name)
		}
	}
	c.interest.channels = all
	return wire.SubscribeReply{Channels: append([]string{}, all...)}, nil
}

func (s *Server) unsubscribe(c *Session, fields map[string]json.RawMessage) (any, error) {
	gone := make(map[string]bool)
	for _, name := range named(fields) {
		gone[name] = true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	left := []string{}
	for _, name := range c.interest.channels {
		if !gone[name] {
			left = append(left, name)
		}
	}
	c.interest.channels = left
	return wire.SubscribeReply{Channels: left}, nil
}

// named returns the channels of a request: `channels` where it is an array,
// else `channel` where JavaScript takes it for true.
func named(fields map[string]json.RawMessage) []string {
	var list []json.RawMessage
	if raw := fields["channels"]; len(raw) > 0 && raw[0] == '[' && json.Unmarshal(raw, &list) == nil {
		names := make([]string, len(list))
		for i, raw := range list {
			names[i] = compat.StringOf(raw)
		}
		return names
	}
	if raw := fields["channel"]; compat.Truthy(raw) {
		return []string{compat.StringOf(raw)}
	}
	return nil
}
