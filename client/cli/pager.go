package cli

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"intercom/client/cli/out"
)

// pager returns the command that shows long tables: INTERCOM_PAGER, else
// PAGER, else less. It is nil where there is none, and for cat.
func (sh *shell) pager() []string {
	for _, name := range []string{"INTERCOM_PAGER", "PAGER"} {
		if words := strings.Fields(sh.Getenv(name)); len(words) > 0 {
			if words[0] == "cat" {
				return nil
			}
			return words
		}
	}
	if path, err := sh.LookPath("less"); err == nil {
		return []string{path, "-FRX"}
	}
	return nil
}

// pageWith returns what a printer pages with; nil: it does not.
func (sh *shell) pageWith(noPager bool) func([]byte) error {
	if noPager || sh.Page == nil || !sh.Terminal.Tty {
		return nil
	}
	command := sh.pager()
	if command == nil {
		return nil
	}
	return func(text []byte) error {
		err := sh.Page(command, text)
		if _, ended := errors.AsType[*exec.ExitError](err); err == nil || ended {
			return nil // who leaves a pager early has read enough
		}
		_, err = sh.Stdout.Write(text) // a pager that cannot run hides nothing
		if errors.Is(err, syscall.EPIPE) {
			return out.ErrReaderGone
		}
		return err
	}
}

// page runs a pager on the terminal of this process and waits for it. Keys
// are its own: an interrupt does not end it.
func page(command []string, text []byte) error {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(text), os.Stdout, os.Stderr
	cmd.Env = os.Environ()
	if os.Getenv("LESS") == "" {
		cmd.Env = append(cmd.Env, "LESS=FRX")
	}
	return cmd.Run()
}
