package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// keystoreVectors returns files that trac-wallet wrote: with an empty
// passphrase, with "correct horse battery staple", and without words.
func keystoreVectors(t *testing.T) (files []string) {
	t.Helper()
	data, err := os.ReadFile("../../p2p/identity/testdata/keystore.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Keystore []struct{ File string } }
	if err := json.Unmarshal(data, &all); err != nil || len(all.Keystore) < 3 {
		t.Fatal(err)
	}
	for i, v := range all.Keystore {
		path := filepath.Join(t.TempDir(), "keypair.json")
		mode := os.FileMode(0o600)
		if i == 0 {
			mode = 0o644 // as the original leaves it
		}
		if err := os.WriteFile(path, []byte(v.File), mode); err != nil {
			t.Fatal(err)
		}
		files = append(files, path)
	}
	return files
}

const keystoreAddress = "trac1zl8237sv345e8czm6h62mr8lnaqnksxcdpdute3newax7784mlzspgq04v"

func TestKeystoreIsImportedAndExported(t *testing.T) {
	files := keystoreVectors(t)
	w := newWorld(t)
	if exit := w.run(t, "id", "import", "--keystore", files[0], "--no-passphrase"); exit != 0 {
		t.Fatal(w.stderr.String())
	}
	if !strings.Contains(w.stderr.String(), "others can read") || !strings.Contains(w.out.String(), keystoreAddress) {
		t.Errorf("printed %s and %s", w.out.String(), w.stderr.String())
	}
	path := filepath.Join(t.TempDir(), "out.json")
	w.in.WriteString("a secret\n")
	if exit := w.run(t, "id", "export", "--keystore", path, "--passphrase-file", "-"); exit != 0 || w.out.Len() > 0 {
		t.Fatalf("exit code %d, %s%s", exit, w.out.String(), w.stderr.String())
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	w.wantError(t, w.run(t, "id", "export", "--keystore", path, "--no-passphrase"), 6, "is there already (conflict)")

	other := newWorld(t)
	other.vars["INTERCOM_PASSPHRASE"] = "a secret"
	if exit := other.run(t, "id", "import", "--keystore", path); exit != 0 || !strings.Contains(other.out.String(), keystoreAddress) {
		t.Errorf("exit code %d: %s", exit, other.stderr.String())
	}
	delete(other.vars, "INTERCOM_PASSPHRASE") // it is not needed to refuse
	other.wantError(t, other.run(t, "id", "import", "--keystore", path), 6, "has a key already")
}

func TestKeystoreAsksForThePassphrase(t *testing.T) {
	files := keystoreVectors(t)
	w := newWorld(t)
	w.wantError(t, w.run(t, "id", "import", "--keystore", files[1]), 2, "--passphrase-file", "INTERCOM_PASSPHRASE", "--no-passphrase")
	w.wantError(t, w.run(t, "id", "import", "--keystore", files[1], "--no-passphrase", "--passphrase-file", "x"), 2, "exclude each other")
	w.Asks = true
	answers := []string{"wrong", "correct horse battery staple", "", "one", "two"}
	w.ReadSecret = func() ([]byte, error) {
		first := answers[0]
		answers = answers[1:]
		return []byte(first), nil
	}
	w.wantError(t, w.run(t, "id", "import", "--keystore", files[1]), 4, "passphrase (not shown): ", "does not open the keystore")
	if exit := w.run(t, "id", "import", "--keystore", files[1]); exit != 0 {
		t.Fatal(w.stderr.String())
	}
	path := filepath.Join(t.TempDir(), "out.json")
	answers = append([]string{"", ""}, answers[1:]...)
	w.wantError(t, w.run(t, "id", "export", "--keystore", path), 2, "--no-passphrase says that this is meant")
	w.wantError(t, w.run(t, "id", "export", "--keystore", path), 2, "the two passphrases differ")
}

func TestKeyWithoutWordsHasNoneToExport(t *testing.T) {
	files := keystoreVectors(t)
	w := newWorld(t)
	if exit := w.run(t, "id", "import", "--keystore", files[2], "--no-passphrase"); exit != 0 {
		t.Fatal(w.stderr.String())
	}
	w.wantError(t, w.run(t, "id", "export"), 2, "came without words", "hint: intercom id export --keystore FILE")
	if exit := w.run(t, "id", "address"); exit != 0 || !strings.Contains(w.out.String(), keystoreAddress) {
		t.Errorf("exit code %d: %s", exit, w.stderr.String())
	}
}

func TestBadKeystoresAreMistakes(t *testing.T) {
	w := newWorld(t)
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte(`{"nonce":""}`), 0o600); err != nil {
		t.Fatal(err)
	}
	w.wantError(t, w.run(t, "id", "import", "--keystore", bad, "--no-passphrase"), 2, "not a keystore")
	w.wantError(t, w.run(t, "id", "import", "--keystore", bad+".none", "--no-passphrase"), 5, "no such file")
	w.wantError(t, w.run(t, "id", "import", bad, "--keystore", bad), 2, "give no FILE")
	w.wantError(t, w.run(t, "id", "import", "--keystore", t.TempDir(), "--no-passphrase"), 2, "is a directory", "hint: name a file")
}
