//go:build unix

package private_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"intercom/internal/private"
)

func TestModes(t *testing.T) {
	for mode, want := range map[fs.FileMode]struct{ guarded, exposed bool }{
		0o600: {true, false}, 0o640: {true, true}, 0o604: {true, true},
		0o620: {false, true}, 0o602: {false, true}, 0o644: {true, true},
	} {
		path := filepath.Join(t.TempDir(), "a")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if !private.Owned(info) || private.Guarded(info) != want.guarded || private.Exposed(info.Mode()) != want.exposed {
			t.Errorf("mode %o: owned %v, guarded %v, exposed %v", mode, private.Owned(info), private.Guarded(info), private.Exposed(info.Mode()))
		}
	}
}
