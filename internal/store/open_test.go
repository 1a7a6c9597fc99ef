package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"intercom/internal/store"
)

func TestAFolderInUseIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := store.Open(store.Options{Dir: dir}); !errors.Is(err, store.ErrLocked) {
		t.Errorf("got %v", err)
	}
	put(t, s, "a", "1")
}

func TestOpenMakesAPrivateFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	open(t, dir)
	if fi, err := os.Stat(dir); err != nil || fi.Mode().Perm() != 0o700 {
		t.Errorf("made %v, %v", fi.Mode(), err)
	}
}

func TestANewerFormatIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, "a", "1")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	version := filepath.Join(dir, "VERSION")
	if err := os.WriteFile(version, []byte("3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := listing(t, dir)
	_, err := store.Open(store.Options{Dir: dir})
	if !errors.Is(err, store.ErrNewer) || !strings.Contains(err.Error(), "(format 3, this one reads 2): hint: upgrade") {
		t.Errorf("got %v", err)
	}
	if after := listing(t, dir); after != before {
		t.Errorf("changed from %s to %s", before, after)
	}
	// One before is read, and its number goes on, so that older programs leave it alone.
	if err := os.WriteFile(version, []byte("1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := get(t, open(t, dir), "a"); got != "1" {
		t.Errorf("a = %q", got)
	}
	if text, err := os.ReadFile(version); err != nil || string(text) != "2\n" {
		t.Errorf("VERSION holds %q, %v", text, err)
	}
}

// listing names the files below dir with size and time of change.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var out strings.Builder
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fi, err := d.Info()
		if !d.IsDir() && err == nil {
			fmt.Fprintln(&out, path, fi.Size(), fi.ModTime())
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestAVersionThatSaysNothingIsDamage(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"missing": os.Remove,
		"empty":   func(path string) error { return os.Truncate(path, 0) },
		"words":   func(path string) error { return os.WriteFile(path, []byte("latest"), 0o600) },
		"zero":    func(path string) error { return os.WriteFile(path, []byte("0"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := open(t, dir).Close(); err != nil {
				t.Fatal(err)
			}
			if err := spoil(filepath.Join(dir, "VERSION")); err != nil {
				t.Fatal(err)
			}
			if _, err := store.Open(store.Options{Dir: dir}); !errors.Is(err, store.ErrCorrupt) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestNothingIsWrittenBelowTheWatermark(t *testing.T) {
	var free atomic.Uint64
	free.Store(100 << 20)
	o := store.Options{Dir: t.TempDir(), MinFree: 50 << 20, Free: func(string) (uint64, error) { return free.Load(), nil }}
	s, err := store.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	steps := 0
	s.OnStep(func(string) error { steps++; return nil })
	put(t, s, "a", "1")
	free.Store(30 << 20)
	before := steps
	err = s.Update(t.Context(), func(tx *store.Tx) error { tx.Put([]byte("a"), []byte("2")); return nil })
	if !errors.Is(err, store.ErrDiskFull) || !strings.Contains(err.Error(), "30 MiB free") || !strings.Contains(err.Error(), "50 MiB needed: hint: free 20 MiB") {
		t.Errorf("got %v", err)
	}
	if steps != before {
		t.Error("it went to the disk")
	}
	if got := get(t, s, "a"); got != "1" {
		t.Errorf("a = %q", got)
	}
	if st := s.Stats(); !errors.Is(st.ReadOnly, store.ErrDiskFull) || st.Free != 30<<20 {
		t.Errorf("stats say %+v", st)
	}
	free.Store(50 << 20)
	put(t, s, "a", "3")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	free.Store(50<<20 - 1)
	if _, err := store.Open(o); !errors.Is(err, store.ErrDiskFull) {
		t.Errorf("got %v", err)
	}
}

func TestALargeUpdateThatMeetsAFullDiskIsTakenBack(t *testing.T) {
	var free atomic.Uint64
	free.Store(1 << 40)
	s, err := store.Open(store.Options{Dir: t.TempDir(), Free: func(string) (uint64, error) { return free.Load(), nil }})
	if err != nil {
		t.Fatal(err)
	}
	if err := prepareLarge(s); err != nil {
		t.Fatal(err)
	}
	var state string
	see := func(r store.Reader) (err error) { state, err = states(r); return }
	for at := 1; ; at++ {
		free.Store(1 << 40)
		left := at
		s.OnStep(func(step string) error {
			if step == "written" {
				if left--; left == 0 {
					free.Store(0)
				}
			}
			return nil
		})
		err := writeLarge(s)
		if err == nil && at < 4 {
			t.Errorf("done after %d writes: the batch was not large", at)
		}
		if err == nil {
			break
		}
		if !errors.Is(err, store.ErrDiskFull) {
			t.Fatal(err)
		}
		if err := s.View(see); err != nil || state != firstText {
			t.Fatalf("full after %d writes: %s, %v", at, state, err)
		}
		free.Store(1 << 40)
		put(t, s, "other", firstText)
		if err := s.Update(t.Context(), func(tx *store.Tx) error { tx.Delete([]byte("other")); return nil }); err != nil {
			t.Fatal(err)
		}
		if err := s.View(see); err != nil || state != firstText {
			t.Fatalf("taken back after %d writes: %s, %v", at, state, err)
		}
	}
	free.Store(1 << 40)
	if err := s.View(see); err != nil || state != nextText {
		t.Errorf("%s, %v", state, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// childLeave fills a store until it has a table, then writes some more, so that there is something
// in each kind of file, and ends without closing it.
func childLeave(args []string) error {
	s, err := store.Open(store.Options{Dir: args[0]})
	if err != nil {
		return err
	}
	rows := 0
	write := func() error {
		rows += 400
		return s.Update(context.Background(), func(tx *store.Tx) error {
			for j := range 400 {
				tx.Put(fmt.Appendf(nil, "%d/%d", j, rows), make([]byte, 1000))
			}
			return nil
		})
	}
	for {
		if err := write(); err != nil {
			return err
		}
		if tables, err := filepath.Glob(filepath.Join(args[0], "badger", "*.sst")); err != nil || len(tables) > 0 {
			break
		}
	}
	for range 4 {
		if err := write(); err != nil {
			return err
		}
	}
	fmt.Println("rows", rows)
	return nil
}

func TestADamagedFolderIsAnErrorAndNeverAPanic(t *testing.T) {
	base := t.TempDir()
	c := start(t, "leave", base)
	all := c.await("rows")
	if _, err := c.rest(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(base, "badger", "*"))
	if err != nil || len(files) < 7 {
		t.Fatalf("only %q, %v", files, err)
	}
	for _, file := range files {
		fi, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		for name, spoil := range map[string]func(path string) error{
			"gone":    os.Remove,
			"empty":   func(path string) error { return os.Truncate(path, 0) },
			"short":   func(path string) error { return os.Truncate(path, 7) },
			"half":    func(path string) error { return os.Truncate(path, fi.Size()/2) },
			"begin":   func(path string) error { return scribble(path, 0) },
			"middle":  func(path string) error { return scribble(path, fi.Size()/2) },
			"early":   func(path string) error { return scribble(path, 300_000) },
			"end":     func(path string) error { return scribble(path, fi.Size()-64) },
			"garbage": func(path string) error { return os.WriteFile(path, []byte(strings.Repeat("garbage ", 1000)), 0o600) },
		} {
			dir := t.TempDir()
			copySparse(t, dir, base)
			path := filepath.Join(dir, "badger", filepath.Base(file))
			if err := spoil(path); err != nil {
				t.Fatal(err)
			}
			lines, err := start(t, "read", dir).rest()
			said := strings.Join(lines, " ")
			// An empty log is what a crash leaves, and Badger makes anew what it does not need.
			fine := said == all || strings.HasSuffix(path, ".mem") && (name == "gone" || name == "empty") && strings.HasPrefix(said, "rows ")
			if !fine && !strings.Contains(said, store.ErrCorrupt.Error()) {
				t.Errorf("%s %s: %v, %.300s", filepath.Base(file), name, err, said)
			}
		}
	}
}

// copySparse copies a folder and leaves out what is zero, which is most of a write-ahead file.
func copySparse(t *testing.T, to, from string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, strings.TrimPrefix(path, from))
		if d.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f, err := os.Create(target)
		if err != nil {
			return err
		}
		err = f.Truncate(int64(len(b)))
		zero := make([]byte, 64<<10)
		for at := 0; at < len(b) && err == nil; at += len(zero) {
			if part := b[at:min(at+len(zero), len(b))]; !bytes.Equal(part, zero[:len(part)]) {
				_, err = f.WriteAt(part, int64(at))
			}
		}
		return errors.Join(err, f.Close())
	})
	if err != nil {
		t.Fatal(err)
	}
}

func scribble(path string, at int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte(strings.Repeat("\xff\x13", 32)), max(at, 0))
	return errors.Join(err, f.Close())
}
