package apptest

import (
	"fmt"
	"reflect"
	"strconv"
	"time"

	"intercom/internal/app"
	"intercom/ledger/event"
)

// Do runs the app's request that takes fields of in's type, as w at the time
// now: it decides, writes and applies the events and makes the reply, or
// reads. The reply of a request that reads rooms is made from r alone.
func (r *Room) Do(w Writer, now time.Time, in any) (reply any, events []*event.Signed, err error) {
	return r.DoKeyed(w, now, "", in)
}

// DoKeyed is Do with an idempotency key: the events' keys follow from it.
func (r *Room) DoKeyed(w Writer, now time.Time, key string, in any) (reply any, events []*event.Signed, err error) {
	q := r.request(in)
	c := r.Call(w, now)
	switch {
	case q.Read != nil:
		reply, err = q.Read(r, in, c)
	case q.ReadRooms != nil:
		reply, err = q.ReadRooms([]app.RoomReader{{Room: c.Room, Reader: r}}, in, c)
	default:
		drafts, err := q.Write(r, in, c)
		if err != nil {
			return nil, nil, err
		}
		for n, d := range drafts {
			k := key
			if n > 0 && key != "" {
				k += "/" + strconv.Itoa(n)
			}
			events = append(events, r.Write(w, now, k, d))
		}
		reply, err = q.Reply(r, in, events, c)
		return reply, events, err
	}
	return reply, nil, err
}

// Call returns what a request of w at the time now knows.
func (r *Room) Call(w Writer, now time.Time) app.Call {
	c := app.Call{
		Room:   app.Room{Name: r.Name, ID: r.ID, Joined: true, Owned: r.owned},
		Author: w.Key, Instance: w.Instance, Now: now, State: func() event.ID { return r.StateHash() },
	}
	c.Events = uint64(len(r.order))
	c.Recheck = func(string) app.Rechecked { return app.Rechecked{Events: c.Events, Signed: c.Events} }
	if last := r.head(w); last != nil {
		c.Seq = last.Seq + 1
	}
	r.present(&c)
	return c
}

func (r *Room) request(in any) app.Request {
	for _, q := range r.App.Requests {
		if q.In == reflect.TypeOf(in) {
			return q
		}
	}
	panic(fmt.Sprintf("apptest: no request of %s takes %T", r.App.Name, in))
}
