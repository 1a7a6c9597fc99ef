package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"slices"
	"strings"

	"filippo.io/age"

	"intercom/client/wire"
	"intercom/daemon/bridge"
	"intercom/daemon/roomfile"
	"intercom/ledger"
	"intercom/ledger/event"
)

// exporting is a file that is being written as its pieces are asked for.
type exporting struct {
	room   *ledger.Room
	events *ledger.Export
	file   *roomfile.Writer
	buf    bytes.Buffer // written, and not asked for yet
	ended  bool
}

func (e *exporting) close() {}

// piece returns the next bytes of the file; none follow when last.
func (e *exporting) piece(ctx context.Context) (data []byte, last bool, err error) {
	for !e.ended && e.buf.Len() < wire.MaxPiece {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		events, err := e.events.Next()
		if err != nil {
			return nil, false, err
		}
		if e.ended = len(events) == 0; e.ended {
			err = e.file.Close()
		} else {
			err = e.file.Write(events)
		}
		if err != nil {
			return nil, false, err
		}
	}
	data = e.buf.Next(wire.MaxPiece)
	return data, e.ended && e.buf.Len() == 0, nil
}

func (s *Services) roomExport(ctx context.Context, in wire.RoomExportReq, _ bridge.Call) (rep wire.RoomExportReply, err error) {
	e, err := s.exporting(ctx, in)
	if err != nil {
		return rep, err
	}
	data, last, err := e.piece(ctx)
	if err != nil {
		return rep, err
	}
	rep = wire.RoomExportReply{Channel: e.room.Name(), Data: base64.StdEncoding.EncodeToString(data), Events: e.file.Events()}
	if !last {
		rep.File, err = s.files.keep(e)
	}
	return rep, err
}

// exporting returns the file that a request goes on with, or begins.
func (s *Services) exporting(ctx context.Context, in wire.RoomExportReq) (*exporting, error) {
	if in.File != "" {
		f, err := s.files.take(in.File)
		if err != nil {
			return nil, err
		}
		e, ok := f.(*exporting)
		if !ok {
			f.close()
			return nil, wire.Errorf(wire.InvalidRequest, "file: that one is being taken in")
		}
		return e, nil
	}
	r, err := s.channelRoom(in.Channel)
	if err != nil {
		return nil, err
	}
	e := &exporting{room: r}
	if e.events, err = r.Export(); err != nil {
		return nil, err
	}
	var count uint64
	if err := s.Ledger.View(func(snap *ledger.Snapshot) error { count = snap.Info(r).Events; return nil }); err != nil {
		return nil, err
	}
	if count == 0 {
		return nil, wire.Errorf(wire.NotFound, "nothing of room %s is here", r.Name()).WithHint("intercom channel join " + r.Name())
	}
	to, err := readers(in)
	if err != nil {
		return nil, err
	}
	begin := func() error {
		e.file, err = roomfile.NewWriter(&e.buf, to, r.Class(), r.Base(), r.Owner())
		return err
	}
	if in.Passphrase != "" {
		return e, alone(ctx, begin)
	}
	return e, begin()
}

// readers returns whom a file is for.
func readers(in wire.RoomExportReq) ([]age.Recipient, error) {
	switch {
	case in.Passphrase != "" && len(in.For) > 0:
		return nil, wire.Errorf(wire.InvalidRequest, "for and passphrase exclude each other")
	case len(in.Passphrase) > roomfile.MaxPassphrase:
		return nil, wire.Errorf(wire.TooLarge, "the passphrase has more than %d bytes", roomfile.MaxPassphrase)
	case in.Passphrase != "":
		return roomfile.ForPassphrase(in.Passphrase)
	case len(in.For) == 0:
		return nil, wire.Errorf(wire.MissingField, "nobody is named who may open the file").WithHint("name keys in for, or give a passphrase")
	}
	var keys []event.Key
	for _, text := range in.For {
		k, err := event.ParseKey(strings.ToLower(strings.TrimSpace(text)))
		if err != nil {
			return nil, wire.Errorf(wire.InvalidRequest, "for: %.70q is no key", text).
				WithHint("give all 64 hex digits: `intercom id show` prints them at its owner's")
		}
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	to, err := roomfile.ForKeys(keys)
	if err != nil {
		return nil, wire.Errorf(wire.InvalidRequest, "for: %v", err)
	}
	return to, nil
}
