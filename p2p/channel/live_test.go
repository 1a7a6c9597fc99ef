package channel_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intercom/p2p/channel"
)

// live is a channel that runs in a bubble, whose time passes when all wait.
type live struct {
	*channel.Channel
	mu     sync.Mutex
	got    []channel.Message
	gaps   []channel.Gap
	wires  [][]byte
	peers  int
	sentTo func(data []byte) // if not nil
}

func (l *live) Publish(_ context.Context, data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.peers > 0 {
		l.wires = append(l.wires, data)
		if l.sentTo != nil {
			l.sentTo(data)
		}
	}
	return l.peers, nil
}

func (l *live) set(peers int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.peers = peers
}

// runLive runs f with a channel of name.
func runLive(t *testing.T, name string, policy channel.Policy, f func(l *live)) {
	l := &live{peers: 1}
	run(t, l, name, [16]byte{1}, policy, func() { f(l) })
}

func run(t *testing.T, l *live, name string, boot [16]byte, policy channel.Policy, f func()) {
	t.Helper()
	c, err := channel.New(channel.Options{
		Name: "town", ID: here, Key: key(name), Boot: boot, Policy: policy, Publisher: l, Now: time.Now, TTL: 3,
		Deliver: func(m channel.Message) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.got = append(l.got, m)
		},
		Gap: func(g channel.Gap) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.gaps = append(l.gaps, g)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	l.Channel = c
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { c.Run(ctx) })
	f()
	cancel()
	running.Wait()
}

// direct is the way of a packet that its author sent.
func direct(name string) channel.Hop { return channel.Hop{From: pub(name), Way: channel.Direct} }

func packet(t *testing.T, author string, boot byte, seq uint64) []byte {
	return sealed(t, author, channel.Packet{Boot: [16]byte{boot}, Seq: seq, TS: uint64(time.Now().UnixMilli())}, 0, `1`).Encode()
}

func TestWhatDidNotComeIsToldOnceAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runLive(t, "bob", channel.Policy{}, func(b *live) {
			for _, seq := range []uint64{5, 6, 10, 8, 20} { // what was before 5 is nobody's business
				b.Judge(direct("alice"), packet(t, "alice", 1, seq))
			}
			time.Sleep(1900 * time.Millisecond)
			synctest.Wait()
			if len(b.gaps) != 0 {
				t.Errorf("told at once: %v", b.gaps)
			}
			b.Judge(direct("alice"), packet(t, "alice", 1, 7)) // only late
			b.Judge(direct("alice"), packet(t, "alice", 2, 0)) // started again
			time.Sleep(time.Minute)
			synctest.Wait()
			want := []channel.Gap{{pub("alice"), 9, 9}, {pub("alice"), 11, 19}}
			if fmt.Sprint(b.gaps) != fmt.Sprint(want) {
				t.Errorf("gaps %v, want %v", b.gaps, want)
			}
			if s := b.Stats(); s["gaps"] != 2 || s["missing"] != 10 || b.Last().Gap.IsZero() {
				t.Errorf("counted %v", s)
			}
		})
	})
}

func TestWhatNobodyHearsIsKeptForTheFirstWhoAppears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runLive(t, "alice", channel.Policy{}, func(a *live) {
			a.set(0)
			for i := range channel.MaxKept + 1 {
				sent, err := a.Send(t.Context(), json.RawMessage(fmt.Sprint(i)))
				if err != nil || sent.Peers != 0 || sent.Queued != (i < channel.MaxKept) {
					t.Fatalf("message %d: %+v, %v", i, sent, err)
				}
			}
			time.Sleep(59 * time.Second)
			synctest.Wait()
			a.set(1)
			a.MemberAppeared()
			synctest.Wait()
			if len(a.wires) != channel.MaxKept {
				t.Errorf("%d packets sent to who appeared", len(a.wires))
			}
			for i, wire := range a.wires {
				if p, err := channel.Decode(wire); err != nil || string(p.Msgs[0]) != fmt.Sprint(i) {
					t.Errorf("packet %d: %s, %v", i, p.Msgs, err)
				}
			}
			a.MemberAppeared()
			synctest.Wait()
			if s := a.Stats(); len(a.wires) != channel.MaxKept || s["kept"] != channel.MaxKept || s["expired"] != 0 {
				t.Errorf("sent %d, counted %v", len(a.wires), s)
			}
		})
	})
}

func TestWhatIsKeptExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runLive(t, "alice", channel.Policy{}, func(a *live) {
			a.set(0)
			if _, err := a.Send(t.Context(), json.RawMessage(`1`)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(61 * time.Second)
			synctest.Wait()
			a.set(1)
			a.MemberAppeared()
			synctest.Wait()
			if len(a.wires) != 0 || a.Stats()["expired"] != 1 {
				t.Errorf("sent %d, counted %v", len(a.wires), a.Stats())
			}
		})
	})
}

// TestAnHonestLoopLosesNothing: whatever is sent, as fast as it can be, is
// accepted by a member with the same limits.
func TestAnHonestLoopLosesNothing(t *testing.T) {
	policy := channel.OpenPolicy
	policy.WorkBits = 0
	for _, size := range []int{10, 1_000, 300_000, channel.MaxPayload - 2} {
		synctest.Test(t, func(t *testing.T) {
			runLive(t, "bob", policy, func(b *live) {
				a := &live{peers: 1, sentTo: func(data []byte) {
					if v := b.Judge(direct("alice"), data); v != channel.Accept {
						t.Errorf("size %d: %v %v", size, v, b.Stats())
					}
				}}
				run(t, a, "alice", [16]byte{1}, policy, func() {
					message := json.RawMessage(`"` + strings.Repeat("x", size) + `"`)
					n := max(4, min(2_000, 4_000_000/size))
					var wg sync.WaitGroup
					began := time.Now()
					for range n {
						wg.Go(func() {
							if _, err := a.Send(t.Context(), message); err != nil {
								t.Error(err)
							}
						})
					}
					wg.Wait()
					if took := time.Since(began); n*size > 2_000_000 && took < time.Duration(n*size-1_250_000)*time.Second/64_000 {
						t.Errorf("%d bytes took only %v", n*size, took)
					}
					if b.Stats()["received"] != uint64(n) {
						t.Errorf("size %d: %d sent, %v", size, n, b.Stats())
					}
				})
			})
		})
	}
}

func TestWhoJoinsAgainKeepsThePace(t *testing.T) {
	policy := channel.Policy{RateBytes: 1000, Burst: 10_000, MaxBytes: 8_000}
	synctest.Test(t, func(t *testing.T) {
		a := &live{peers: 1}
		message := json.RawMessage(`"` + strings.Repeat("x", 7_000) + `"`)
		run(t, a, "alice", [16]byte{1}, policy, func() {
			if _, err := a.Send(t.Context(), message); err != nil {
				t.Fatal(err)
			}
		})
		c, err := channel.New(channel.Options{Name: "town", ID: here, Key: key("alice"), Policy: policy, Pace: a.Pace(),
			Publisher: a, Deliver: func(channel.Message) {}, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Submit(ctx, message); !errors.Is(err, channel.ErrRate) {
			t.Errorf("got %v", err)
		}
	})
}

func TestMessagesThatWaitShareAPacket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runLive(t, "alice", channel.Policy{}, func(a *live) {
			var waits []func() (channel.Sent, error)
			all := make(chan struct{})
			a.sentTo = func([]byte) { <-all } // the first packet is on its way while the others come
			for i := range 200 {
				wait, err := a.Submit(t.Context(), json.RawMessage(fmt.Sprint(i)))
				if err != nil {
					t.Fatal(err)
				}
				waits = append(waits, wait)
			}
			close(all)
			ids := map[string]bool{}
			for _, wait := range waits {
				sent, err := wait()
				if err != nil {
					t.Fatal(err)
				}
				ids[sent.ID] = true
			}
			synctest.Wait()
			if len(a.wires) > 5 || len(ids) != 200 {
				t.Errorf("%d packets, %d ids", len(a.wires), len(ids))
			}
			for i, m := range a.got { // own ones
				if string(m.Message) != fmt.Sprint(i) || !m.Own {
					t.Fatalf("own delivery %d is %s", i, m.Message)
				}
			}
			if len(a.got) != 200 {
				t.Errorf("%d own deliveries", len(a.got))
			}
		})
	})
}

func TestAMessageThatIsAloneLeavesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runLive(t, "alice", channel.Policy{}, func(a *live) {
			for range 10 {
				began := time.Now()
				if _, err := a.Send(t.Context(), json.RawMessage(`1`)); err != nil || time.Since(began) != 0 {
					t.Fatalf("after %v: %v", time.Since(began), err)
				}
			}
		})
	})
}

func TestWhatWaitsWhenTheDeadlineComesIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runLive(t, "alice", channel.Policy{RateBytes: 100, Burst: 1000, MaxBytes: 800}, func(a *live) {
			message := json.RawMessage(`"` + strings.Repeat("x", 700) + `"`)
			if _, err := a.Send(t.Context(), message); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			if _, err := a.Send(ctx, message); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			if len(a.wires) != 1 {
				t.Errorf("%d packets", len(a.wires))
			}
		})
	})
}

func TestAFloodCostsWhoeverSendsIt(t *testing.T) {
	policy := channel.Policy{RateBytes: 1_000, Burst: 10_000, MaxBytes: 8_000}
	synctest.Test(t, func(t *testing.T) {
		runLive(t, "bob", policy, func(b *live) {
			rejected := 0
			for seq := range uint64(500) {
				if b.Judge(direct("mallory"), packet(t, "mallory", 1, seq)) == channel.Reject {
					rejected++
				}
			}
			if rejected == 0 || b.Stats()["patience"] != uint64(rejected) {
				t.Errorf("%d rejected, %v", rejected, b.Stats())
			}
			if v := b.Judge(direct("alice"), packet(t, "alice", 1, 0)); v != channel.Accept {
				t.Errorf("alice's packet: %v", v)
			}
		})
	})
}

func TestGossipCarriesOnWhatCameDirectlyBefore(t *testing.T) {
	b := newBench(t, channel.Policy{})
	good := sealed(t, "alice", at(0), 0, `1`)
	if v := b.Judge(direct("alice"), good.Encode()); v != channel.Accept {
		t.Fatal(v)
	}
	forged := *good
	forged.Sig[0] ^= 1
	other := newBench(t, channel.Policy{})
	other.Judge(direct("alice"), good.Encode())
	if v := other.Judge(by("carol"), forged.Encode()); v != channel.Reject {
		t.Errorf("a copy with a bad signature: %v", v)
	}
	if v := b.Judge(by("carol"), good.Encode()); v != channel.Accept || len(b.got) != 1 {
		t.Errorf("verdict %v, delivered %d times", v, len(b.got))
	}
	if v := b.Judge(by("carol"), good.Encode()); v != channel.Ignore {
		t.Errorf("the second time: %v", v)
	}
	if v := b.Judge(direct("carol"), good.Encode()); v != channel.Ignore || len(b.got) != 1 {
		t.Errorf("directly again: %v", v)
	}
}
