package p2p

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/multiformats/go-multiaddr"
)

func ma(t testing.TB, s string) multiaddr.Multiaddr {
	t.Helper()
	a, err := multiaddr.NewMultiaddr(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestContactKeepsTheAddressesThatWorkedLast(t *testing.T) {
	b := newBook()
	id := testID(t, 1)
	for i := range maxContactAddrs + 3 {
		b.met(id, ma(t, fmt.Sprintf("/ip4/192.168.0.%d/tcp/1", i)), byMDNS.String(), t0.Add(time.Duration(i)*time.Second))
	}
	b.failed(id)
	b.met(id, ma(t, "/ip4/192.168.0.5/tcp/1"), byMDNS.String(), t0)
	got := b.addrs(id)
	if len(got) != maxContactAddrs || got[0].String() != "/ip4/192.168.0.5/tcp/1" || got[1].String() != "/ip4/192.168.0.10/tcp/1" {
		t.Errorf("%v", got)
	}
}

func TestBookIsBoundedAndSparesThoseToKeep(t *testing.T) {
	b := newBook()
	kept := testID(t, 255)
	b.keep(addrInfo(t, kept, "/ip4/192.168.0.1/tcp/1"), true, t0)
	for i := range maxContacts + 5 {
		id, err := peerID(Key{1, byte(i), byte(i >> 8)})
		if err != nil {
			t.Fatal(err)
		}
		b.met(id, ma(t, "/ip4/192.168.0.1/tcp/1"), byMDNS.String(), t0.Add(time.Duration(i+1)*time.Second))
	}
	if len(b.contacts) != maxContacts || !b.kept(kept) {
		t.Errorf("%d contacts, kept %v", len(b.contacts), b.kept(kept))
	}
	rows := b.rows()
	deleted := 0
	for _, row := range rows {
		if row == nil {
			deleted++
		}
	}
	if deleted != 6 || len(b.rows()) != 0 {
		t.Errorf("%d rows to be taken away", deleted)
	}
	b.sweep(t0.Add(forgetAfter + 24*time.Hour))
	if len(b.contacts) != 1 {
		t.Errorf("%d contacts after a month", len(b.contacts))
	}
}

func TestOneSubnetDoesNotFillTheBook(t *testing.T) {
	b := newBook()
	for i := range byte(100) {
		b.met(testID(t, i), ma(t, fmt.Sprintf("/ip4/8.8.8.%d/tcp/1", i)), cameIn, t0)
	}
	b.met(testID(t, 200), ma(t, "/ip4/8.8.9.1/tcp/1"), cameIn, t0)
	if len(b.contacts) != maxOfSubnet+1 {
		t.Errorf("%d contacts", len(b.contacts))
	}
}

func TestTheBookDialsWhoIsToBeKeptAndWhoWasSeenLast(t *testing.T) {
	b := newBook()
	for i := range byte(10) {
		b.met(testID(t, i), ma(t, "/ip4/192.168.0.1/tcp/1"), byMDNS.String(), t0.Add(time.Duration(i)*time.Second))
	}
	b.keep(addrInfo(t, testID(t, 0), "/ip4/192.168.0.1/tcp/1"), true, t0)
	if got := b.latest(2); len(got) != 3 || got[0] != testID(t, 0) || got[1] != testID(t, 9) || got[2] != testID(t, 8) {
		t.Errorf("%v", got)
	}
}

func TestAddressesThatOnlyAPeerToldMustBePublic(t *testing.T) {
	for row, ok := range map[string]bool{
		`{"v":1,"seen":5,"addrs":[{"addr":"/ip4/8.8.8.8/tcp/1","source":"incoming","ok":5}]}`:   true,
		`{"v":1,"seen":5,"addrs":[{"addr":"/ip4/127.0.0.1/tcp/1","source":"explicit","ok":5}]}`: true,
		`{"v":1,"seen":5,"addrs":[{"addr":"/ip4/127.0.0.1/tcp/1","source":"incoming","ok":5}]}`: false,
		`{"v":1,"seen":5,"addrs":[{"addr":"/ip4/10.0.0.1/tcp/1","source":"incoming","ok":5}]}`:  false,
		`{"v":1,"seen":5,"addrs":[{"addr":"/ip4/8.8.8.8/tcp/1","source":"hearsay","ok":5}]}`:    false,
		`{"v":2,"seen":5,"addrs":[]}`:  false,
		`{"v":1,"seen":-1,"addrs":[]}`: false,
		`{"v":1,"seen":5,"addrs":[{"addr":"/ip4/8.8.8.8/tcp/1/p2p/` + testID(t, 1).String() + `","ok":5}]}`: false,
		`[]`: false,
	} {
		if _, err := decodeContact([]byte(row)); (err == nil) != ok {
			t.Errorf("%s: %v", row, err)
		}
	}
}

func FuzzDecodeContact(f *testing.F) {
	f.Add([]byte(`{"v":1,"keep":true,"seen":5,"addrs":[{"addr":"/ip4/8.8.8.8/udp/1/quic-v1","source":"incoming","ok":5,"fails":2}]}`))
	f.Add([]byte(`{"v":1,"seen":5,"addrs":[]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decodeContact(b)
		if err != nil {
			return
		}
		row, err := c.encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeContact(row)
		if len(row) > maxRowBytes {
			return // never stored: see rows
		}
		if err != nil {
			t.Fatalf("%q is not read again: %v", row, err)
		}
		if twice, _ := again.encode(); !bytes.Equal(row, twice) {
			t.Fatalf("%q became %q", row, twice)
		}
	})
}
