package channel

import "time"

// What is sent while nobody is in the channel is kept for the first member to appear.
const (
	// MaxKept bounds the messages that are kept.
	MaxKept = 64
	// KeptFor is how long they are kept.
	KeptFor = 60 * time.Second

	maxKeptBytes = 4 << 20
)

// outbox holds packets that went to nobody. It takes no more once it is full: what it has taken was promised.
type outbox struct {
	packets []keptPacket // oldest first
	msgs    int
	bytes   int
}

type keptPacket struct {
	wire  []byte
	msgs  int
	until time.Time
}

// add is false when there is no room.
func (o *outbox) add(wire []byte, msgs int, now time.Time) bool {
	if o.msgs+msgs > MaxKept || o.bytes+len(wire) > maxKeptBytes {
		return false
	}
	o.packets = append(o.packets, keptPacket{wire, msgs, now.Add(KeptFor)})
	o.msgs, o.bytes = o.msgs+msgs, o.bytes+len(wire)
	return true
}

func (o *outbox) pop() {
	p := o.packets[0]
	o.packets[0] = keptPacket{}
	o.packets = o.packets[1:]
	o.msgs, o.bytes = o.msgs-p.msgs, o.bytes-len(p.wire)
}

// expire drops what has been kept long enough, and says how many messages that are and when the next are due.
func (o *outbox) expire(now time.Time) (msgs int, next time.Time) {
	for len(o.packets) > 0 {
		if o.packets[0].until.After(now) {
			return msgs, o.packets[0].until
		}
		msgs += o.packets[0].msgs
		o.pop()
	}
	return msgs, time.Time{}
}
