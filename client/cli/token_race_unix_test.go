//go:build unix

package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"intercom/client"
	"intercom/client/clienttest"
)

// TestProcessesThatChangeTokensAtOnceLoseNone lets processes make and remove
// tokens while somebody reads them, who never sees half a file.
func TestProcessesThatChangeTokensAtOnceLoseNone(t *testing.T) {
	env := clienttest.Env(t)
	p, err := client.FindProfile("", env)
	if err != nil {
		t.Fatal(err)
	}
	const writers, each = 8, 3
	intercom := func(args ...string) error {
		cmd := exec.Command("intercom", args...)
		cmd.Env = append(os.Environ(), "INTERCOM_HOME="+env("INTERCOM_HOME"))
		if said, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w: %s", args, err, said)
		}
		return nil
	}
	done, read := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-done:
				read <- nil
				return
			default:
			}
			all, err := p.Tokens()
			for _, k := range all {
				if err == nil && (len(k.Hash) != 64 || len(k.Scopes) != 1) {
					err = fmt.Errorf("a token is half: %+v", k)
				}
			}
			if err != nil {
				read <- err
				return
			}
		}
	}()
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for n := range each {
				name := fmt.Sprintf("t%d-%d", w, n)
				err := intercom("token", "add", name, "--scope", "read")
				if err == nil && n > 0 { // the first one stays
					err = intercom("token", "rm", name)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	close(done)
	if err := <-read; err != nil {
		t.Errorf("a reader: %v", err)
	}
	left, err := p.Tokens()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, k := range left {
		names[k.Name] = true
	}
	for w := range writers {
		if name := fmt.Sprintf("t%d-0", w); !names[name] {
			t.Errorf("%s is lost", name)
		}
	}
	if len(left) != writers {
		t.Errorf("%d tokens, not %d: %v", len(left), writers, names)
	}
}
