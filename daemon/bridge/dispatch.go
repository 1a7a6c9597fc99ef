package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"intercom/client/wire"
	"intercom/daemon/bridge/compat"
	"intercom/ledger/event"
)

// maxDeadline bounds deadlineMs.
const maxDeadline = 24 * time.Hour

// made is a reply's frame and what belongs to it.
type made struct {
	frame []byte
	write bool  // it succeeded in a change, so it gets a cursor
	ours  bool  // the request names its protocol
	feed  *feed // begins behind it
}

// answer begins a request.
func (s *Server) answer(ctx context.Context, c *Session, r request) (begun reply) {
	s.requests.Add(1)
	var id json.RawMessage
	now := func(frame []byte) reply { return ready(made{frame: frame}) }
	defer func() {
		if failed := s.recovered(recover(), id); failed != nil {
			begun = now(failed)
		}
	}()
	if r.err != nil {
		return now(s.fail(nil, "", wire.AsError(r.err)))
	}
	fields := r.fields
	id = compat.EchoID(fields["id"])
	typ, named := text(fields["type"])
	switch {
	case named && typ == "auth":
		return now(s.authenticate(ctx, c, id, fields))
	case c.lapsed(s.look()):
		return now(s.fail(id, "", refusal(wire.Unauthorized, compat.Unauthorized, "the token has expired or was removed").WithHint("intercom token add")))
	case !c.authenticated():
		return now(s.fail(id, "", refusal(wire.Unauthorized, compat.Unauthorized, "not authenticated").WithHint("send auth with the token first")))
	}
	if s.o.Log.Enabled(ctx, slog.LevelDebug) {
		s.o.Log.Debug("request", "session", c.id, "type", shorten(typ))
	}
	if err := checkProtocol(fields); err != nil {
		return now(s.fail(id, "", err))
	}
	if typ != "ping" && unpaired(r.data) { // a ping has no input
		return now(s.fail(id, "", refusal(wire.InvalidUTF8, compat.InvalidJSON, "frame has half a surrogate pair")))
	}
	own, ours := ownRequests[typ]
	route, ok := s.o.Routes[typ]
	if !named || !ours && !ok {
		defer s.count(other, r.at)
		text := compat.UnknownType(fields["type"])
		return now(s.fail(id, "", refusal(wire.UnknownType, text, "no such request: "+shorten(compat.StringOf(fields["type"])))))
	}
	need := route.Scope
	if ours {
		need = own.Scope
	}
	granted, refused := c.allow(typ, need)
	if refused != nil {
		s.forbidden.Add(1)
		return now(s.fail(id, "", refused))
	}
	if ours {
		reply, err := own.handle(s, c, fields)
		defer s.count(typ, r.at)
		return now(s.frame(id, typ, own.Reply, reply, nil, err))
	}
	value, err := s.call(ctx, route, Call{Type: typ, Fields: fields, Max: granted.Max, Session: c}, r.at)
	finish := func(value any, err error) made {
		defer s.count(typ, r.at)
		m := made{write: route.Write && err == nil, ours: !foreign(fields)}
		if f, ok := value.(*Following); ok && err == nil {
			value, m.feed = f.Reply, f.feed
		}
		m.frame = s.frame(id, typ, route.Reply, value, s.original(typ, value, m.ours, err), err)
		return m
	}
	later, ok := value.(Later)
	if !ok {
		return ready(finish(value, err))
	}
	return reply{make: func() (m made) {
		defer func() {
			if failed := s.recovered(recover(), id); failed != nil {
				m = made{frame: failed}
			}
		}()
		return finish(later())
	}}
}

// ready is a reply that has been made.
func ready(m made) reply { return reply{make: func() made { return m }, bytes: len(m.frame)} }

// recovered returns the reply to a request whose handler panicked with p, or
// nil for none.
func (s *Server) recovered(p any, id json.RawMessage) []byte {
	if p == nil {
		return nil
	}
	s.o.Log.Error("request handler panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	return s.fail(id, "", wire.Errorf(wire.Internal, "the daemon failed at this request"))
}

// original returns the original protocol's fields of a reply. A client that
// names its protocol is none of the original's and gets the reply as declared.
func (s *Server) original(request string, reply any, ours bool, err error) any {
	if err != nil || s.o.Original == nil || ours {
		return nil
	}
	return s.o.Original(request, reply)
}

// checkProtocol returns what is wrong with the protocol that a request names.
func checkProtocol(fields map[string]json.RawMessage) *wire.Error {
	var named struct {
		Protocol *int `json:"protocol"`
	}
	if err := Decode(fields, &named); err != nil {
		return wire.AsError(err)
	}
	if p := named.Protocol; p != nil && (*p < wire.Protocol.Min || *p > wire.Protocol.Max) {
		return wire.Errorf(wire.Incompatible, "the daemon speaks protocol %s, not %d", wire.Protocol, *p).
			WithHint("use programs of one release; hello names the protocols")
	}
	return nil
}

// key is an idempotency key: text and nothing else, so that no two of what
// clients send become the same one.
type key string

func (k *key) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" {
		return nil
	}
	s, ok := text(raw)
	if !ok {
		return mismatch("key", "a text", raw)
	}
	*k = key(s)
	return nil
}

// given reports whether a request has one of these fields.
func given(fields map[string]json.RawMessage, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return fields[name] != nil })
}

// call runs a route within the request's deadline.
func (s *Server) call(ctx context.Context, route Route, c Call, at time.Time) (reply any, err error) {
	common := struct {
		Key        key    `json:"key"`
		DryRun     bool   `json:"dryRun"`
		AsOf       string `json:"asOf"`
		DeadlineMs *int64 `json:"deadlineMs"`
	}{}
	if given(c.Fields, "key", "dryRun", "asOf", "deadlineMs") {
		if err := Decode(c.Fields, &common); err != nil {
			return nil, err
		}
	}
	c.Key, c.DryRun, c.AsOf = string(common.Key), common.DryRun, common.AsOf
	if len(c.Key) > event.MaxKey {
		return nil, wire.Errorf(wire.InvalidRequest, "key is longer than %d bytes", event.MaxKey)
	}
	if ms := common.DeadlineMs; ms != nil {
		if *ms <= 0 || *ms > maxDeadline.Milliseconds() {
			return nil, wire.Errorf(wire.InvalidRequest, "deadlineMs must be from 1 to %d", maxDeadline.Milliseconds())
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, at.Add(time.Duration(*ms)*time.Millisecond))
		defer func() { reply = after(reply, cancel) }()
	}
	if ctx.Err() != nil { // it waited for the request before it
		return nil, ctx.Err()
	}
	return route.Handle(ctx, c)
}

// after calls done once the reply is made, which may be now.
func after(reply any, done func()) any {
	later, ok := reply.(Later)
	if !ok {
		done()
		return reply
	}
	return Later(func() (any, error) {
		defer done()
		return later()
	})
}

// frame makes the frame of a reply or of the error that came instead.
func (s *Server) frame(id json.RawMessage, request, typ string, reply, original any, err error) []byte {
	if err != nil {
		return s.fail(id, request, s.explain(request, err))
	}
	frame, err := replyFrame(id, typ, original, reply)
	if err != nil {
		s.o.Log.Error("encode reply", "request", request, "error", err)
		return s.fail(id, request, wire.Errorf(wire.Internal, "the daemon failed at this reply"))
	}
	return frame
}

// explain gives err a code.
func (s *Server) explain(request string, err error) *wire.Error {
	if e, ok := errors.AsType[*wire.Error](err); ok {
		return e
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return wire.Errorf(wire.Timeout, "not done within the deadline").WithHint("it may still happen; ask again with the same key")
	case errors.Is(err, context.Canceled):
		return wire.Errorf(wire.Unavailable, "the daemon is stopping")
	}
	s.o.Log.Error("request failed", "request", request, "error", err)
	return wire.AsError(err)
}

// fail makes an error frame; request is empty for errors before dispatch.
func (s *Server) fail(id json.RawMessage, request string, e *wire.Error) []byte {
	s.failed.Add(1)
	text := ""
	if s.o.ErrorText != nil && request != "" {
		text = s.o.ErrorText(request, e)
	}
	if text == "" {
		text = e.Text
	}
	if text == "" {
		text = e.Reason
	}
	return errorFrame(id, text, e)
}

// shorten makes text from a client fit for a line.
func shorten(s string) string {
	if len(s) > 100 {
		s = s[:100] + "…"
	}
	return strconv.Quote(s)
}
