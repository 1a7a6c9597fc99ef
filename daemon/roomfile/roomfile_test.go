package roomfile_test

import (
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"testing"

	"filippo.io/age"

	"intercom/daemon/roomfile"
	"intercom/ledger"
	"intercom/ledger/event"
)

func keyOf(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func public(n byte) event.Key { return event.Key(keyOf(n).Public().(ed25519.PublicKey)) }

func withKey(t testing.TB, n byte) age.Identity {
	t.Helper()
	id, err := roomfile.WithKey(keyOf(n))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// parts are some events; the container does not look at them.
func parts() [][]event.Bytes {
	var all [][]event.Bytes
	for n := range 3 {
		all = append(all, []event.Bytes{bytes.Repeat([]byte{byte(n)}, 70_000), event.Bytes(fmt.Sprint("event ", n))})
	}
	return all
}

func write(t testing.TB, to []age.Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := roomfile.NewWriter(&b, to, event.Owned, "trip", public(9))
	for _, p := range parts() {
		err = errors.Join(err, w.Write(p))
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func forKeys(t testing.TB, keys ...byte) []age.Recipient {
	t.Helper()
	var list []event.Key
	for _, n := range keys {
		list = append(list, public(n))
	}
	to, err := roomfile.ForKeys(list)
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// read returns how many parts a file gave before it ended, and with what.
func read(data []byte, with age.Identity) (n int, err error) {
	r, err := roomfile.NewReader(bytes.NewReader(data), with)
	for err == nil {
		if _, err = r.Next(); err == nil {
			n++
		}
	}
	return n, err
}

func TestEachReaderReadsWhatWasWritten(t *testing.T) {
	data := write(t, forKeys(t, 1, 2))
	for _, n := range []byte{1, 2} {
		r, err := roomfile.NewReader(bytes.NewReader(data), withKey(t, n))
		if err != nil {
			t.Fatal(err)
		}
		if h := r.Head(); h.Class != event.Owned || h.Name != "trip" || event.Key(h.Owner) != public(9) {
			t.Errorf("%+v", h)
		}
		for _, want := range parts() {
			got, err := r.Next()
			if err != nil || len(got) != 2 || !bytes.Equal(got[0], want[0]) || !bytes.Equal(got[1], want[1]) {
				t.Fatal("other events", err)
			}
		}
		for range 2 {
			if _, err := r.Next(); err != io.EOF {
				t.Errorf("at the end: %v", err)
			}
		}
	}
	if _, err := read(data, withKey(t, 3)); !errors.Is(err, roomfile.ErrReader) {
		t.Errorf("another key: %v", err)
	}
}

func TestAPassphraseOpensItsFileAlone(t *testing.T) {
	cheap, err := age.NewScryptRecipient("correct horse") // ours takes seconds with the race detector
	if err != nil {
		t.Fatal(err)
	}
	cheap.SetWorkFactor(10)
	data := write(t, []age.Recipient{cheap})
	for text, want := range map[string]error{"correct horse": io.EOF, "correct horsf": roomfile.ErrReader} {
		with, err := roomfile.WithPassphrase(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := read(data, with); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
	if _, err := read(data, withKey(t, 1)); !errors.Is(err, roomfile.ErrReader) {
		t.Errorf("a key: %v", err)
	}
	// A file that asks for a gigabyte of work is not tried.
	greedy := bytes.Replace(data, []byte(" 10\n"), []byte(" 20\n"), 1)
	with, _ := roomfile.WithPassphrase("correct horse")
	if _, err := read(greedy, with); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("too much work: %v", err)
	}
	to, err := roomfile.ForPassphrase("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if ours := write(t, to); !bytes.Contains(ours[:200], []byte(" 17\n")) {
		t.Errorf("another work factor: %q", ours[:200])
	}
}

func TestAKeyThatIsNoPointIsRefused(t *testing.T) {
	for _, k := range []event.Key{{2}, {1}, {}} { // no point; of small order, which everybody could open
		to, err := roomfile.ForKeys([]event.Key{k})
		if err == nil {
			_, err = roomfile.NewWriter(io.Discard, to, event.Open, "trip", event.Key{})
		}
		if err == nil {
			t.Errorf("%s is taken", k)
		}
	}
	if _, err := roomfile.ForKeys(make([]event.Key, roomfile.MaxReaders+1)); err == nil {
		t.Error("more readers than a header may have")
	}
}

func TestACutFileSaysSoWhereverItIsCut(t *testing.T) {
	data, with := write(t, forKeys(t, 1)), withKey(t, 1)
	for n := range data {
		got, err := read(data[:n], with)
		if !errors.Is(err, roomfile.ErrCut) && !errors.Is(err, roomfile.ErrFormat) {
			t.Fatalf("cut at %d of %d: %d parts, %v", n, len(data), got, err)
		}
	}
	if n, err := read(append(bytes.Clone(data), 0), with); err == io.EOF {
		t.Errorf("something behind the end: %d parts, %v", n, err)
	}
}

func TestNoBitCanBeChanged(t *testing.T) {
	data, with := write(t, forKeys(t, 1)), withKey(t, 1)
	for n := range data {
		changed := bytes.Clone(data)
		changed[n] ^= 1 << (n % 8)
		if got, err := read(changed, with); err == io.EOF {
			t.Fatalf("bit %d of byte %d is not missed: %d parts", n%8, n, got)
		}
	}
}

// sealed is a container that nobody of ours would write: what the reader's key
// opens is in anybody's hands.
func sealed(t testing.TB, plain func(w io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, forKeys(t, 1)...)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(w)
	if err := errors.Join(plain(z), z.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// frames writes items as frames.
func frames(items ...any) func(io.Writer) error {
	return func(w io.Writer) error {
		for _, v := range items {
			if err := ledger.WriteFrame(w, v); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestHostileContainersAreRefused(t *testing.T) {
	head := roomfile.Head{Version: 1, Class: event.Open, Name: "trip"}
	some, none := []any{[]event.Bytes{{1}, {2}}}, []any{[]event.Bytes{}}
	edit := func(f func(*roomfile.Head)) *roomfile.Head { h := head; f(&h); return &h }
	with := withKey(t, 1)
	for name, c := range map[string]struct {
		plain func(io.Writer) error
		want  error
		parts int
	}{
		"right":                {frames(&head, some, none, []any{2}), io.EOF, 1},
		"an empty room":        {frames(&head, none, []any{0}), io.EOF, 0},
		"newer":                {frames(edit(func(h *roomfile.Head) { h.Version = 2 })), roomfile.ErrNewer, 0},
		"version 0":            {frames(edit(func(h *roomfile.Head) { h.Version = 0 })), roomfile.ErrFormat, 0},
		"open with owner":      {frames(edit(func(h *roomfile.Head) { h.Owner = make([]byte, 32) })), roomfile.ErrFormat, 0},
		"owned without owner":  {frames(edit(func(h *roomfile.Head) { h.Class = event.Owned })), roomfile.ErrFormat, 0},
		"half an owner":        {frames(edit(func(h *roomfile.Head) { h.Class, h.Owner = event.Owned, make([]byte, 31) })), roomfile.ErrFormat, 0},
		"no head":              {frames(some, none, []any{2}), roomfile.ErrFormat, 0},
		"nothing":              {frames(), roomfile.ErrCut, 0},
		"no end":               {frames(&head, some, none), roomfile.ErrCut, 1},
		"no empty part":        {frames(&head, some, []any{2}), roomfile.ErrFormat, 1},
		"another count":        {frames(&head, some, none, []any{3}), roomfile.ErrFormat, 1},
		"two ends":             {frames(&head, some, none, []any{2}, []any{2}), roomfile.ErrFormat, 1},
		"a second room":        {frames(&head, some, none, []any{2}, &head, some, none, []any{2}), roomfile.ErrFormat, 1},
		"events that are none": {frames(&head, []any{[]any{1, 2}}), roomfile.ErrFormat, 0},
		"many items":           {frames(&head, []any{make([]event.Bytes, 70_000)}), roomfile.ErrFormat, 0},
		"a length that lies": {func(w io.Writer) error {
			return errors.Join(frames(&head)(w), bytesTo(w, 0xff, 0xff, 0xff, 0xff, 0x7f))
		}, roomfile.ErrFormat, 0},
		"a length that is not there": {func(w io.Writer) error { return errors.Join(frames(&head)(w), bytesTo(w, 0x81, 0x80, 0x80, 0x04)) }, roomfile.ErrFormat, 0},
		"a length of 8 MiB":          {func(w io.Writer) error { return errors.Join(frames(&head)(w), bytesTo(w, 0x80, 0x80, 0x80, 0x03, 1)) }, roomfile.ErrCut, 0},
		"no CBOR":                    {func(w io.Writer) error { return errors.Join(frames(&head)(w), bytesTo(w, 2, 0xff, 0xff)) }, roomfile.ErrFormat, 0},
		"a bomb of zeros":            {func(w io.Writer) error { return errors.Join(frames(&head)(w), zeros(w, 16<<20)) }, roomfile.ErrFormat, 0},
	} {
		if n, err := read(sealed(t, c.plain), with); !errors.Is(err, c.want) || n != c.parts {
			t.Errorf("%s: %d parts, %v; want %d and %v", name, n, err, c.parts, c.want)
		}
	}
	var twice bytes.Buffer // two members of gzip
	w, err := age.Encrypt(&twice, forKeys(t, 1)...)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		z := gzip.NewWriter(w)
		err = errors.Join(err, frames(&head, some, none, []any{2})(z), z.Close())
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	if n, err := read(twice.Bytes(), with); !errors.Is(err, roomfile.ErrFormat) {
		t.Errorf("two packed streams: %d parts, %v", n, err)
	}
}

func bytesTo(w io.Writer, b ...byte) error { _, err := w.Write(b); return err }

func zeros(w io.Writer, n int64) error {
	_, err := io.CopyN(w, zero{}, n)
	return err
}

type zero struct{}

func (zero) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A header that never ends takes no memory.
func TestAnEndlessHeaderIsRefused(t *testing.T) {
	endless := io.MultiReader(bytes.NewReader([]byte("age-encryption.org/v1\n")), &stanzas{})
	if _, err := roomfile.NewReader(endless, withKey(t, 1)); !errors.Is(err, roomfile.ErrFormat) {
		t.Errorf("%v", err)
	}
}

type stanzas struct{ rest []byte }

func (s *stanzas) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		s.rest = []byte("-> ssh-ed25519 AAAA AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// FuzzRead takes what is encrypted for the reader: the encryption keeps a
// fuzzer out of everything else.
func FuzzRead(f *testing.F) {
	head := &roomfile.Head{Version: 1, Class: event.Open, Name: "trip"}
	for _, items := range [][]any{
		{head, []any{[]event.Bytes{{1}}}, []any{[]event.Bytes{}}, []any{1}}, {head}, {},
	} {
		var b bytes.Buffer
		if err := frames(items...)(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes(), false)
	}
	f.Add([]byte("age-encryption.org/v1\n-> scrypt"), true)
	with := withKey(f, 1)
	f.Fuzz(func(t *testing.T, data []byte, outer bool) {
		if !outer {
			data = sealed(t, func(w io.Writer) error { return bytesTo(w, data...) })
		}
		n, err := read(data, with)
		if err != io.EOF && !errors.Is(err, roomfile.ErrFormat) && !errors.Is(err, roomfile.ErrCut) && !errors.Is(err, roomfile.ErrNewer) && !errors.Is(err, roomfile.ErrReader) {
			t.Fatalf("%d parts, %v", n, err)
		}
	})
}
