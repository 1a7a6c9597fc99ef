//go:build linux

package daemon_test

import (
	"encoding/binary"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"intercom/client/wire"
	"intercom/daemon/daemontest"
)

// grows is how much anonymous memory frames of 200 MiB may cost, in KiB.
const grows = 16 << 10

// TestFault03FramesOf200MiBCostNothing on connections before and after authentication,
// whole and in fragments, many at once.
func TestFault03FramesOf200MiBCostNothing(t *testing.T) {
	h := daemontest.NewHome(t)
	h.Program = daemontest.Program(t, daemontest.Build{Lean: true})
	a := h.Start("a")
	a.Write("team", 0, 10)
	before := anonymous(t, a.PID())
	token, err := os.ReadFile(a.Profile.TokenFile())
	if err != nil {
		t.Fatal(err)
	}
	const size = 200 << 20
	whole := append([]byte{0x81, 0x80 | 127}, binary.BigEndian.AppendUint64(nil, size)...)
	whole = append(whole, 1, 2, 3, 4)
	part := append([]byte{0x01, 0x80 | 127}, binary.BigEndian.AppendUint64(nil, 1<<20)...)
	part = append(part, 1, 2, 3, 4)
	next := append([]byte{0x00}, part[1:]...)
	block := make([]byte, 1<<20)
	most := before
	for range 3 {
		for _, known := range []bool{false, true} {
			for name, head := range map[string][]byte{"whole": whole, "fragments": part} {
				r, _ := a.ConnectTCP(nil)
				r.Until("hello")
				if known {
					r.Send(daemontest.Frame{"type": "auth", "token": strings.TrimSpace(string(token))})
					r.Until("auth_ok")
				}
				conn := r.Conn()
				conn.SetWriteDeadline(time.Now().Add(soon))
				sent, err := conn.Write(head)
				for sent < size && err == nil { // until the daemon has enough of it
					var n int
					if n, err = conn.Write(block); name == "fragments" && err == nil {
						_, err = conn.Write(next)
					}
					sent += n
				}
				if err == nil {
					t.Errorf("%s, authenticated %t: all of it was taken", name, known)
				}
				if sent > 16<<20 {
					t.Errorf("%s, authenticated %t: %d MiB were taken", name, known, sent>>20)
				}
				most = max(most, anonymous(t, a.PID()))
			}
		}
	}
	t.Logf("anonymous memory: %d KiB before, %d KiB at most, %d KiB after", before, most, anonymous(t, a.PID()))
	if most > before+grows {
		t.Errorf("it grew by %d KiB", most-before)
	}
	daemontest.Call(a, wire.Ping, wire.None{})
}

// TestClientsThatNeverReadCostABoundedQueue asks for long replies and reads none.
func TestClientsThatNeverReadCostABoundedQueue(t *testing.T) {
	h := daemontest.NewHome(t)
	h.Program = daemontest.Program(t, daemontest.Build{Lean: true})
	a := h.Start("a")
	daemontest.Call(a, wire.Schema, wire.SchemaReq{})
	before := anonymous(t, a.PID())
	most, slow := before, a.Count("bridge_too_slow")
	const text = `{"type":"schema"}`
	ask := append([]byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}, text...)
	var deaf []net.Conn
	for range 3 {
		r := a.Connect()
		deaf = append(deaf, r.Conn())
	}
	for _, conn := range deaf {
		conn.SetWriteDeadline(time.Now().Add(2 * time.Second))
		for range 20_000 {
			if _, err := conn.Write(ask); err != nil {
				break
			}
		}
		most = max(most, anonymous(t, a.PID()))
		daemontest.Call(a, wire.Ping, wire.None{})
	}
	daemontest.Eventually(t, 2*soon, "they lose their connections", func() bool {
		most = max(most, anonymous(t, a.PID()))
		return a.Count("bridge_too_slow") == slow+int64(len(deaf))
	})
	t.Logf("anonymous memory: %d KiB before, %d KiB at most, %d KiB after", before, most, anonymous(t, a.PID()))
	// Their queues of 8 MiB, and twice as much that waits for the collector.
	if most > before+3*3*8<<10 {
		t.Errorf("it grew by %d KiB", most-before)
	}
}
