package channel_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"testing"

	"intercom/p2p/channel"
)

func readFrames(b []byte) (all []channel.Frame, err error) {
	r := bufio.NewReader(bytes.NewReader(b))
	for {
		f, err := channel.ReadFrame(r)
		if err != nil {
			return all, err
		}
		all = append(all, f)
	}
}

func TestFramesComeAsTheyWereWritten(t *testing.T) {
	packet := sealed(t, "alice", channel.Packet{Seq: 1, TS: 2}, 0, `1`).Encode()
	two := append(channel.Frame{Packet: packet}.Encode(), channel.Frame{Packet: packet, To: []channel.Key{pub("bob"), pub("carol")}}.Encode()...)
	got, err := readFrames(two)
	if err != io.EOF || len(got) != 2 || !bytes.Equal(got[0].Packet, packet) || len(got[0].To) != 0 || !bytes.Equal(got[1].Packet, packet) {
		t.Fatalf("got %v, %v", got, err)
	}
	if f := got[1]; !f.Lists(pub("bob")) || !f.Lists(pub("carol")) || f.Lists(pub("dave")) || !f.By(pub("alice")) || f.By(pub("bob")) {
		t.Errorf("frame %+v", f)
	}
	if id, ok := got[0].Channel(); !ok || id != here {
		t.Errorf("channel %x, %t", id, ok)
	}
}

func TestReadFrameRefuses(t *testing.T) {
	good := channel.Frame{Packet: []byte("p"), To: []channel.Key{pub("bob")}}.Encode()
	for name, b := range map[string][]byte{
		"no bytes":              {0},
		"too many bytes":        {0xff, 0xff, 0xff, 0x7f},
		"no array":              {1, 0x40},
		"three items":           {4, 0x83, 0x40, 0x40, 0x40},
		"half a key":            {7, 0x82, 0x44, 1, 2, 3, 4, 0x40},
		"trailing byte":         append([]byte{good[0] + 1}, append(bytes.Clone(good[1:]), 0)...),
		"packet beyond the end": {3, 0x82, 0x40, 0x41},
		"to in a longer form":   {4, 0x82, 0x58, 0, 0x40},
		"length beyond 64 bits": bytes.Repeat([]byte{0xff}, 11),
		"a frame that was cut":  good[:len(good)-1],
		"length that was cut":   {0x80},
		"length in longer form": append([]byte{good[0] | 0x80, 0}, good[1:]...),
	} {
		if all, err := readFrames(b); len(all) != 0 || err == nil || err == io.EOF {
			t.Errorf("%s: %v, %v", name, all, err)
		}
	}
}

// TestALengthWithoutEndIsTheSendersFault: a stream that broke is nobody's.
func TestALengthWithoutEndIsTheSendersFault(t *testing.T) {
	for name, b := range map[string][]byte{
		"ones": bytes.Repeat([]byte{0xff}, 100), "nothing but more": bytes.Repeat([]byte{0x80}, 100), "none": {0},
	} {
		if _, err := readFrames(b); !errors.Is(err, channel.ErrFrame) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := readFrames([]byte{0xff}); err != io.ErrUnexpectedEOF {
		t.Errorf("a cut: %v", err)
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add(channel.Frame{Packet: sealed(f, "alice", channel.Packet{Seq: 1, TS: 2}, 0, `1`).Encode()}.Encode())
	f.Add(channel.Frame{Packet: []byte{0x88}, To: []channel.Key{{1}, {2}}}.Encode())
	f.Add([]byte{3, 0x82, 0x40, 0x41})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bufio.NewReader(bytes.NewReader(b))
		frame, err := channel.ReadFrame(r)
		if err != nil {
			return
		}
		frame.Channel()
		frame.By(channel.Key{})
		again, err := channel.ReadFrame(bufio.NewReader(bytes.NewReader(frame.Encode())))
		if err != nil || !bytes.Equal(again.Packet, frame.Packet) || len(again.To) != len(frame.To) {
			t.Fatalf("%+v became %+v, %v", frame, again, errors.Unwrap(err))
		}
	})
}
