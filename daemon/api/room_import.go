package api

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"filippo.io/age"

	"intercom/client/wire"
	"intercom/daemon/bridge"
	"intercom/daemon/roomfile"
	"intercom/ledger"
	"intercom/ledger/event"
)

// What a file may hold in vain.
const (
	maxRefusals = 100    // that are listed
	maxRefused  = 10_000 // events; then the file is given up
	knownAlways = 1_024  // events that are here already, and
	knownTimes  = 4      // times as many as are here
)

// importing is a file that is being read as its pieces come. The reader runs in
// turns with the requests: it takes what a request brought, and waits for more.
type importing struct {
	s      *Services
	asked  string // name of the room that it must be of
	with   age.Identity
	secret bool // with is made of a passphrase
	dry    bool

	ctx  context.Context // of the request that is being answered
	data []byte          // of it
	last bool

	room *ledger.Room // once the file was opened
	rep  wire.RoomImportReply
	err  error // instead of a reply
	next func() (struct{}, bool)
	stop func()
}

func (i *importing) close() { i.stop() }

var errGivenUp = errors.New("api: file given up")

// begin makes the reader wait for the first piece.
func (i *importing) begin() {
	i.next, i.stop = iter.Pull(func(yield func(struct{}) bool) {
		i.err = i.read(pieces{i, func() bool { return yield(struct{}{}) }})
	})
}

// pieces is the file as a stream.
type pieces struct {
	*importing
	more func() bool // waits for the next piece
}

// Read implements io.Reader.
func (p pieces) Read(b []byte) (int, error) {
	for len(p.data) == 0 {
		if p.last {
			return 0, io.EOF
		}
		if !p.more() {
			return 0, errGivenUp
		}
	}
	n := copy(b, p.data)
	p.data = p.data[n:]
	return n, nil
}

// take gives the reader a piece, and reports whether it wants no more.
func (i *importing) take(ctx context.Context, data []byte, last bool) (done bool) {
	i.ctx, i.data, i.last = ctx, data, last
	_, more := i.next()
	i.ctx = nil
	return !more
}

// read takes in a whole file. Its error is that of a file that is not opened,
// or of the store; what is wrong with the rest is in the reply.
func (i *importing) read(in io.Reader) error {
	var file *roomfile.Reader
	open := func() (err error) { file, err = roomfile.NewReader(in, i.with); return err }
	if err := open(); err != nil {
		return i.explain(err)
	}
	if err := i.find(file.Head()); err != nil {
		return err
	}
	for {
		events, err := file.Next()
		if err == io.EOF {
			i.rep.Whole = true
			return i.join()
		}
		if err == nil {
			err = i.events(events)
		}
		switch {
		case errors.Is(err, errGivenUp):
			return err // nobody waits for an answer, and no request is left whose context could be used
		case errors.Is(err, roomfile.ErrCut):
			i.rep.Problem = "the file is cut short or damaged: what came before that was taken"
		case errors.Is(err, roomfile.ErrFormat), errors.Is(err, errInVain):
			i.rep.Problem = err.Error()
		case err != nil:
			return err
		default:
			continue
		}
		return i.join()
	}
}

// explain returns why a file is not opened.
func (i *importing) explain(err error) error {
	switch {
	case errors.Is(err, roomfile.ErrReader) && i.secret:
		return wire.Errorf(wire.Unauthorized, "the passphrase does not open the file").
			WithHint("ask who wrote it")
	case errors.Is(err, roomfile.ErrReader):
		return wire.Errorf(wire.Forbidden, "the file is not for the key of this peer, %s", i.s.Ledger.Self()).
			WithHint("ask for one: intercom expense export --format room --for " + i.s.Ledger.Self().String())
	case errors.Is(err, roomfile.ErrNewer):
		return wire.Errorf(wire.NewerFormat, "the file is of a newer release: %v", err)
	}
	return wire.Errorf(wire.InvalidRequest, "this is no file of a room, or it is damaged: %v", err).WithHint("nothing was taken")
}

// find finds the room of a file, which is the one that was asked for.
func (i *importing) find(h roomfile.Head) (err error) {
	var owner event.Key
	copy(owner[:], h.Owner)
	if i.room, err = i.s.Ledger.Described(h.Class, h.Name, owner); err != nil {
		return err
	}
	i.rep.Channel, i.rep.ChannelID = i.room.Name(), i.room.ID().String()
	if h.Class == event.Owned {
		i.rep.Owner = owner.String()
	}
	if i.asked == "" {
		return nil
	}
	r, err := i.s.Ledger.Room(i.asked)
	if err != nil {
		return err
	}
	unknown := i.s.Ledger.ByID(r.ID()) == nil && r.Name() == i.room.Base()
	if r.ID() != i.room.ID() && !unknown {
		return wire.Errorf(wire.Conflict, "the file is of another room than %s: %s", i.asked, describeFile(i.rep)).
			WithHint("nothing was taken; without --channel it goes into its own room")
	}
	return nil
}

func describeFile(r wire.RoomImportReply) string {
	if r.Owner == "" {
		return "the open room " + r.Channel
	}
	return fmt.Sprintf("%s of the owner %s", r.Channel, r.Owner)
}

var errInVain = errors.New("the file is given up")

// events takes in a part of the file.
func (i *importing) events(list []event.Bytes) error {
	if err := i.ctx.Err(); err != nil {
		return err // a dry run asks nobody else, and a small piece can unpack to very much
	}
	t, err := i.room.Take(i.ctx, list, i.dry)
	i.rep.Events += t.Added + t.Known + len(t.Refused)
	i.rep.Added += t.Added
	i.rep.Known += t.Known
	for _, r := range t.Refused {
		if i.rep.Refused++; len(i.rep.Refusals) < maxRefusals {
			row := wire.RefusedEvent{Reason: r.Reason}
			if !r.Event.IsZero() {
				row.Event = r.Event.String()
			}
			i.rep.Refusals = append(i.rep.Refusals, row)
		}
	}
	if err != nil {
		return err
	}
	if i.rep.Refused > maxRefused {
		return fmt.Errorf("%w: more than %d of its events were refused", errInVain, maxRefused)
	}
	if i.rep.Known > knownAlways {
		var here uint64
		err = i.s.Ledger.View(func(snap *ledger.Snapshot) error { here = snap.Info(i.room).Events; return nil })
		if err == nil && uint64(i.rep.Known) > knownAlways+knownTimes*here {
			err = fmt.Errorf("%w: it repeats its events without end", errInVain)
		}
	}
	return err
}

// join joins the room of which something was in the file.
func (i *importing) join() error {
	joined, err := i.s.joined(i.room)
	if err != nil || joined || i.rep.Added+i.rep.Known == 0 {
		return err
	}
	i.rep.Joined = true
	if i.dry {
		return nil
	}
	err = i.room.Join(i.ctx)
	if r := i.s.Ledger.ByID(i.room.ID()); r != nil {
		i.rep.Channel = r.Name()
	}
	return err
}

func (s *Services) roomImport(ctx context.Context, in wire.RoomImportReq, c bridge.Call) (rep wire.RoomImportReply, err error) {
	data, err := base64.StdEncoding.DecodeString(in.Data)
	if err != nil {
		return rep, wire.Errorf(wire.InvalidRequest, "data is not in base64: %v", err)
	}
	i, err := s.importing(in, c.DryRun)
	if err != nil {
		return rep, err
	}
	var done bool
	take := func() error { done = i.take(ctx, data, in.Last); return nil }
	if i.secret && i.room == nil {
		err = alone(ctx, take)
	} else {
		err = take()
	}
	if err != nil || done {
		i.close()
		return i.rep, errors.Join(err, i.err)
	}
	rep = i.rep
	rep.File, err = s.files.keep(i)
	return rep, err
}

// importing returns the file that a request goes on with, or begins.
func (s *Services) importing(in wire.RoomImportReq, dry bool) (*importing, error) {
	if in.File != "" {
		f, err := s.files.take(in.File)
		if err != nil {
			return nil, err
		}
		i, ok := f.(*importing)
		if !ok {
			f.close()
			return nil, wire.Errorf(wire.InvalidRequest, "file: that one is being written")
		}
		return i, nil
	}
	i := &importing{s: s, asked: strings.TrimSpace(in.Channel), dry: dry, secret: in.Passphrase != ""}
	i.rep.Refusals = []wire.RefusedEvent{}
	var err error
	switch {
	case len(in.Passphrase) > roomfile.MaxPassphrase:
		return nil, wire.Errorf(wire.TooLarge, "the passphrase has more than %d bytes", roomfile.MaxPassphrase)
	case i.secret:
		i.with, err = roomfile.WithPassphrase(in.Passphrase)
	default:
		i.with, err = roomfile.WithKey(s.Key)
	}
	if err != nil {
		return nil, err
	}
	i.begin()
	return i, nil
}
