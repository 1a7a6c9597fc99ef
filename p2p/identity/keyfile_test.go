package identity_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"intercom/p2p/identity"
)

// keyPath returns the name of a key file in a folder of its own.
func keyPath(t *testing.T) string { return filepath.Join(t.TempDir(), "identity.json") }

// saved returns the path of a saved key file and its identity.
func saved(t *testing.T) (string, identity.Identity) {
	t.Helper()
	path, id := keyPath(t), mustIdentity(t, legal, identity.Testnet1, "m/919'/0'/0'/7'")
	if err := identity.Save(path, id); err != nil {
		t.Fatal(err)
	}
	return path, id
}

// onlyFile fails when the folder of path has another file.
func onlyFile(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != filepath.Base(path) {
		t.Errorf("the folder holds %v, want only %s", entries, filepath.Base(path))
	}
}

func TestKeyFileHoldsTheIdentity(t *testing.T) {
	for _, n := range identity.Networks() {
		for _, path := range []string{"", "m/1'/2'"} {
			file, id := keyPath(t), mustIdentity(t, legal, n, path)
			if err := identity.Save(file, id); err != nil {
				t.Fatal(err)
			}
			onlyFile(t, file)
			got, err := identity.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "mnemonic", got.Mnemonic(), id.Mnemonic())
			equal(t, "path", got.Path(), id.Path())
			equal(t, "network", got.Network(), n)
			equal(t, "private key", hexOf(got.PrivateKey()), hexOf(id.PrivateKey()))
		}
	}
}

// The golden file is the format of version 1: it must stay readable for ever.
func TestKeyFileFormat(t *testing.T) {
	golden, err := os.ReadFile("testdata/identity.json")
	if err != nil {
		t.Fatal(err)
	}
	path, id := saved(t)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "file", string(data), string(golden))
	got, err := identity.ParseFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "address", got.Address(), id.Address())
}

func TestSaveNeverReplaces(t *testing.T) {
	path, id := saved(t)
	other := mustIdentity(t, legal, identity.Mainnet, "")
	if err := identity.Save(path, other); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want fs.ErrExist", err)
	}
	onlyFile(t, path)
	got, err := identity.Load(path)
	if err != nil || got.Address() != id.Address() {
		t.Errorf("got %v %v, want the first identity", got, err)
	}

	// A name that leads nowhere is taken too.
	dangling := keyPath(t)
	if err := os.Symlink(filepath.Join(t.TempDir(), "absent"), dangling); err != nil {
		t.Fatal(err)
	}
	if err := identity.Save(dangling, other); !errors.Is(err, fs.ErrExist) {
		t.Errorf("dangling link: got %v, want fs.ErrExist", err)
	}
}

func TestSaveLeavesNothingWhenItFails(t *testing.T) {
	absent := filepath.Join(t.TempDir(), "absent", "identity.json")
	if err := identity.Save(absent, mustIdentity(t, legal, identity.Mainnet, "")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: got %v, want fs.ErrNotExist", err)
	}
	path := keyPath(t)
	if err := identity.Save(path, identity.Identity{}); err == nil {
		t.Error("the zero identity was saved")
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 0 {
		t.Errorf("the folder holds %v %v", entries, err)
	}
}

// Of many that save at once one wins, and whoever looks meanwhile sees no file
// or a whole one.
func TestKeyFileIsWholeOrAbsent(t *testing.T) {
	path := keyPath(t)
	ids := make([]identity.Identity, 8)
	for i := range ids {
		ids[i] = mustIdentity(t, legal, identity.Mainnet, fmt.Sprintf("m/%d'", i))
	}
	start := make(chan struct{})
	errs := make([]error, len(ids))
	var writers, reader sync.WaitGroup
	for i, id := range ids {
		writers.Go(func() {
			<-start
			errs[i] = identity.Save(path, id)
		})
	}
	var seen identity.Identity
	var readErr error
	reader.Go(func() {
		<-start
		for {
			if seen, readErr = identity.Load(path); !errors.Is(readErr, fs.ErrNotExist) {
				return
			}
		}
	})
	close(start)
	writers.Wait()
	reader.Wait()
	if readErr != nil {
		t.Fatalf("a reader saw half a file: %v", readErr)
	}
	winner := -1
	for i, err := range errs {
		switch {
		case err == nil && winner >= 0:
			t.Errorf("both %d and %d won", winner, i)
		case err == nil:
			winner = i
		case !errors.Is(err, fs.ErrExist):
			t.Errorf("%d: got %v, want fs.ErrExist", i, err)
		}
	}
	if winner < 0 {
		t.Fatal("nobody won")
	}
	equal(t, "identity read", seen.Address(), ids[winner].Address())
	onlyFile(t, path)
}

func TestLeftoverOfACrashDoesNoHarm(t *testing.T) {
	path := keyPath(t)
	leftover := filepath.Join(filepath.Dir(path), ".identity.json.tmp-123")
	if err := os.WriteFile(leftover, []byte(`{"version":1,"mnem`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := identity.Load(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before: got %v, want fs.ErrNotExist", err)
	}
	id := mustIdentity(t, legal, identity.Mainnet, "")
	if err := identity.Save(path, id); err != nil {
		t.Fatal(err)
	}
	if got, err := identity.Load(path); err != nil || got.Address() != id.Address() {
		t.Errorf("after: got %v %v", got, err)
	}
}

func TestLoadFollowsALink(t *testing.T) {
	path, id := saved(t)
	link := keyPath(t)
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if got, err := identity.Load(link); err != nil || got.Address() != id.Address() {
		t.Errorf("got %v %v", got, err)
	}
}

func TestLoadOfAbsentFile(t *testing.T) {
	if _, err := identity.Load(keyPath(t)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want os.ErrNotExist", err)
	}
}

func TestLoadRefusesAFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := identity.Load(dir); !errors.Is(err, identity.ErrCorrupt) {
		t.Errorf("got %v, want ErrCorrupt", err)
	}
}

// damaged returns the good file with one string replaced.
func damaged(t testing.TB, good []byte, old, replacement string) string {
	t.Helper()
	if !bytes.Contains(good, []byte(old)) {
		t.Fatalf("the key file has no %q", old)
	}
	return strings.Replace(string(good), old, replacement, 1)
}

func TestLoadRefusesBadFiles(t *testing.T) {
	path, _ := saved(t)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	change := func(old, replacement string) string { return damaged(t, good, old, replacement) }
	for name, c := range map[string]struct {
		file string
		want error
	}{
		"empty":             {"", identity.ErrCorrupt},
		"not JSON":          {legal, identity.ErrCorrupt},
		"half":              {string(good[:len(good)/2]), identity.ErrCorrupt},
		"twice":             {string(good) + string(good), identity.ErrCorrupt},
		"list":              {"[]", identity.ErrCorrupt},
		"null":              {"null", identity.ErrCorrupt},
		"zero bytes":        {strings.Repeat("\x00", len(good)), identity.ErrCorrupt},
		"no version":        {change(`"version": 1,`, ""), identity.ErrCorrupt},
		"version 0":         {change(`"version": 1`, `"version": 0`), identity.ErrCorrupt},
		"version as words":  {change(`"version": 1`, `"version": "`+legal+`"`), identity.ErrCorrupt},
		"newer":             {change(`"version": 1`, `"version": 3`), identity.ErrNewer},
		"newer with more":   {`{"version":3,"keys":["` + legal + `"]}`, identity.ErrNewer},
		"unknown field":     {change(`"network"`, `"`+legal+`": 1, "network"`), identity.ErrCorrupt},
		"unknown network":   {change("testnet1", legal), identity.ErrCorrupt},
		"other network":     {change("testnet1", "mainnet"), identity.ErrCorrupt},
		"other path":        {change("0'/7'", "0'/8'"), identity.ErrCorrupt},
		"empty path":        {change("m/919'/0'/0'/7'", ""), identity.ErrCorrupt},
		"words as path":     {change("m/919'/0'/0'/7'", "m/"+legal), identity.ErrCorrupt},
		"wrong checksum":    {change("yellow", "legal"), identity.ErrCorrupt},
		"other words":       {change(legal, strings.Repeat("zoo ", 11)+"wrong"), identity.ErrCorrupt},
		"mnemonic a number": {change(`"`+legal+`"`, "12345678901234567890"), identity.ErrCorrupt},
		"no public key":     {change(`"public_key"`, `"path"`), identity.ErrCorrupt},
		"too large":         {string(good) + strings.Repeat(" ", 16<<10), identity.ErrCorrupt},
	} {
		t.Run(name, func(t *testing.T) {
			path := keyPath(t)
			if err := os.WriteFile(path, []byte(c.file), 0o600); err != nil {
				t.Fatal(err)
			}
			id, err := identity.Load(path)
			if !errors.Is(err, c.want) || id != (identity.Identity{}) {
				t.Fatalf("got %v %v, want %v", id, err, c.want)
			}
			text := strings.ReplaceAll(err.Error(), path, "")
			noSecret(t, "error", text, legal+" 12345678901234567890")
		})
	}
}

// Whatever a key file holds is an identity that is written the same way again,
// or an error of a known kind that quotes nothing.
func FuzzKeyFile(f *testing.F) {
	good, err := os.ReadFile("testdata/identity.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(damaged(f, good, `"version": 1`, `"version": 2`)))
	f.Add([]byte(damaged(f, good, "testnet1", "mainnet")))
	f.Add([]byte(damaged(f, good, legal, "legal")))
	f.Add([]byte(`{"VERSION":1,"version":1e0}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		id, err := identity.ParseFile(data)
		if err != nil {
			if !errors.Is(err, identity.ErrCorrupt) && !errors.Is(err, identity.ErrNewer) {
				t.Fatalf("unknown kind: %v", err)
			}
			noSecret(t, "error", err.Error(), legal)
			return
		}
		again := mustIdentity(t, id.Mnemonic(), id.Network(), id.Path())
		if again.PublicKey() != id.PublicKey() {
			t.Fatalf("%q: the words are not the key's", data)
		}
	})
}
