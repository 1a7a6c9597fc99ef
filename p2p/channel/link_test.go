package channel_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intercom/p2p/channel"
)

// pipe is the writing side of a stream to a peer in a test.
type pipe struct{ net.Conn }

func (p pipe) Reset() error { return p.Close() }

// town is peers to which links lead.
type town struct {
	*channel.Links
	mu   sync.Mutex
	ends map[channel.Key]net.Conn
	lost [][]byte
}

func newTown(ctx context.Context) *town {
	w := &town{ends: map[channel.Key]net.Conn{}}
	w.Links = channel.NewLinks(ctx, channel.LinkOptions{
		Open: func(_ context.Context, peer channel.Key) (channel.LinkStream, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if peer == pub("nobody") {
				return nil, errors.New("nobody is there")
			}
			near, far := net.Pipe()
			w.ends[peer] = far
			return pipe{near}, nil
		},
		Lost: func(_ context.Context, _ channel.Key, packets [][]byte) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.lost = append(w.lost, packets...)
		},
	})
	return w
}

func (w *town) end(name string) net.Conn {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ends[pub(name)]
}

func frameOf(size int) channel.Frame { return channel.Frame{Packet: make([]byte, size)} }

func TestFramesArriveInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t.Context())
		defer w.Close()
		for i := range 100 {
			w.Send(t.Context(), []channel.Key{pub("alice")}, channel.Frame{Packet: []byte{byte(i)}})
		}
		r := bufio.NewReader(w.end("alice"))
		for i := range 100 {
			if f, err := channel.ReadFrame(r); err != nil || f.Packet[0] != byte(i) {
				t.Fatalf("frame %d: %v, %v", i, f, err)
			}
		}
	})
}

func TestAPeerThatDoesNotReadHoldsUpOthersForASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t.Context())
		defer w.Close()
		both := []channel.Key{pub("deaf"), pub("alice")}
		w.Send(t.Context(), both, frameOf(10))
		var read sync.WaitGroup
		read.Go(func() {
			r := bufio.NewReader(w.end("alice"))
			for range 1000 {
				if _, err := channel.ReadFrame(r); err != nil {
					t.Errorf("alice: %v", err)
					return
				}
			}
		})
		began := time.Now()
		for range 999 {
			w.Send(t.Context(), both, frameOf(100_000))
		}
		read.Wait()
		if took := time.Since(began); took > 1100*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		if s := w.Stats(); s["dropped"] == 0 || s["sent"]+s["dropped"] != 2000 {
			t.Errorf("counted %v", s)
		}
	})
}

func TestWhatABrokenLinkMayHaveLostIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t.Context())
		defer w.Close()
		alice := []channel.Key{pub("alice")}
		w.Send(t.Context(), alice, channel.Frame{Packet: []byte("one")})
		end := w.end("alice")
		if _, err := channel.ReadFrame(bufio.NewReader(end)); err != nil {
			t.Fatal(err)
		}
		end.Close()
		w.Send(t.Context(), alice, channel.Frame{Packet: []byte("two")})
		synctest.Wait()
		if len(w.lost) != 2 || string(w.lost[0]) != "one" || string(w.lost[1]) != "two" {
			t.Errorf("lost %q", w.lost)
		}
		if missed := w.Send(t.Context(), alice, frameOf(1)); !slices.Equal(missed, alice) {
			t.Errorf("missed %v", missed)
		}
		time.Sleep(3 * time.Second)
		if missed := w.Send(t.Context(), alice, frameOf(1)); len(missed) != 0 || w.end("alice") == end {
			t.Errorf("no new link: %v", missed)
		}
	})
}

func TestAPeerThatCannotBeReachedIsMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t.Context())
		defer w.Close()
		to := []channel.Key{pub("nobody")}
		w.Send(t.Context(), to, channel.Frame{Packet: []byte("x")})
		synctest.Wait()
		if len(w.lost) != 1 || len(w.Send(t.Context(), to, frameOf(1))) != 1 {
			t.Errorf("lost %q", w.lost)
		}
	})
}
