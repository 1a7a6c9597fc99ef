package p2p_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"intercom/internal/notrun"
	"intercom/p2p"
)

// insideEnv makes the test of that name run in a network of its own.
const insideEnv = "P2P_TEST_INSIDE"

// ownNetwork are the namespaces of a process that may make interfaces, and harm no others by it.
func ownNetwork() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if os.Getuid() != 0 {
		a.Cloneflags |= syscall.CLONE_NEWUSER
		a.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		a.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	return a
}

// inOwnNetwork runs the calling test again in a network namespace, and reports whether this is that run.
func inOwnNetwork(t *testing.T) bool {
	t.Helper()
	if os.Getenv(insideEnv) == t.Name() {
		return true
	}
	if _, err := exec.LookPath("ip"); err != nil {
		notrun.Skip(t, "ip (iproute2)")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), insideEnv+"="+t.Name())
	cmd.SysProcAttr = ownNetwork()
	out, err := cmd.CombinedOutput()
	switch {
	case err != nil && len(out) == 0:
		notrun.Skip(t, "root or user namespaces")
	case err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()):
		t.Errorf("inside: %v\n%s", err, out)
	default:
		t.Logf("%s", out)
	}
	return false
}

// ip runs the command of that name.
func ip(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %v: %v %s", args, err, out)
	}
}

// neighbour is a process in another network namespace, at the other end of a cable.
type neighbour struct {
	cmd *exec.Cmd
	in  io.Writer
}

func newNeighbour(t *testing.T) *neighbour {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+lanChild)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	go io.Copy(io.Discard, bufio.NewReader(out))
	return &neighbour{cmd, in}
}

// cable lays a cable from here to the neighbour, with an address at both ends.
func (n *neighbour) cable(t *testing.T, here, there string) {
	t.Helper()
	pid := strconv.Itoa(n.cmd.Process.Pid)
	ip(t, "link", "add", "v0", "type", "veth", "peer", "name", "v1", "netns", pid)
	ip(t, "addr", "add", here, "dev", "v0")
	ip(t, "link", "set", "v0", "up")
	for _, args := range []string{"link set lo up", "addr add " + there + " dev v1", "link set v1 up"} {
		cmd := exec.Command("nsenter", append([]string{"-t", pid, "-n", "ip"}, strings.Fields(args)...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("ip %s there: %v %s", args, err, out)
		}
	}
}

// begin starts the neighbour's node.
func (n *neighbour) begin(t *testing.T) {
	t.Helper()
	if _, err := fmt.Fprintln(n.in); err != nil {
		t.Fatal(err)
	}
}

func TestPeersOfALocalNetworkFindEachOther(t *testing.T) {
	if !inOwnNetwork(t) {
		return
	}
	ip(t, "link", "set", "lo", "up")
	other := newNeighbour(t)
	n := start(t, "n", "", func(o *p2p.Options) { o.MDNS = true })
	if n.Reach() != p2p.ReachMachine {
		t.Errorf("reach %s with nothing but the loopback interface", n.Reach())
	}
	// The network comes while the node runs.
	other.cable(t, "10.77.0.1/24", "10.77.0.2/24")
	other.begin(t)
	eventually(t, "they meet", func() bool { return sees(n, pub("lan")) })
	p := n.Peers()[0]
	if n.Reach() != p2p.ReachNetwork || p.Source != "mdns" && p.Source != "incoming" || p.Transport != "tcp" || strings.Contains(p.Addr, "127.0.0.1") {
		t.Errorf("reach %s, peer %+v", n.Reach(), p)
	}
	if !slices.ContainsFunc(n.Addrs(), func(a string) bool { return strings.Contains(a, "/10.77.0.1/udp/") }) {
		t.Errorf("addresses %v", n.Addrs())
	}

	ip(t, "link", "set", "v0", "down")
	eventually(t, "they lose each other", func() bool { return !sees(n, pub("lan")) })
	ip(t, "link", "set", "v0", "up")
	eventually(t, "they meet again", func() bool { return sees(n, pub("lan")) })
	if n.Stats()["network_changes"] < 3 {
		t.Errorf("counted %v", n.Stats())
	}
	ip(t, "addr", "del", "10.77.0.1/24", "dev", "v0")
	eventually(t, "the address is gone", func() bool { return n.Reach() == p2p.ReachMachine })
	ip(t, "addr", "add", "10.77.0.1/24", "dev", "v0")
	eventually(t, "it is back", func() bool { return n.Reach() == p2p.ReachNetwork })
}

func TestWithoutListeningAddressesOnlyTheOwnNetworksAreServed(t *testing.T) {
	if !inOwnNetwork(t) {
		return
	}
	ip(t, "link", "set", "lo", "up")
	ip(t, "link", "add", "d0", "type", "veth", "peer", "name", "d1")
	ip(t, "addr", "add", "10.77.0.1/24", "dev", "d0")
	ip(t, "addr", "add", "203.0.113.5/24", "dev", "d0") // not private: RFC 5737
	ip(t, "link", "set", "d0", "up")
	ip(t, "link", "set", "d1", "up")
	n := start(t, "n", "", func(o *p2p.Options) { o.MDNS = true })
	for _, a := range n.Addrs() {
		if strings.Contains(a, "203.0.113.5") {
			t.Errorf("tells %s", a)
		}
	}
	near := slices.IndexFunc(n.Addrs(), func(a string) bool { return strings.Contains(a, "/10.77.0.1/tcp/") })
	if near < 0 {
		t.Fatalf("addresses %v", n.Addrs())
	}
	far := strings.Replace(n.Addrs()[near], "10.77.0.1", "203.0.113.5", 1)
	visitor := start(t, "visitor", "")
	if err := visitor.Dial(t.Context(), far); err == nil || n.Stats()["connections_refused"] == 0 {
		t.Errorf("from another network: %v, counted %v", err, n.Stats())
	}
	if err := visitor.Dial(t.Context(), n.Addrs()[near]); err != nil {
		t.Errorf("from the own one: %v", err)
	}
}
