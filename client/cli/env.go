// Package cli is the command line of the client. Data goes to standard output
// in the format that was asked for, everything else to standard error; every
// failure has a code, a next step and an exit code from one table; nothing is
// asked where nobody can answer.
//
// Commands of apps are made from the declarations of their requests. One file
// holds one command, or the commands of one noun: newXCmd parses, runX works.
package cli

import (
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/term"

	"intercom/client/cli/out"
	"intercom/internal/app"
	"intercom/internal/apps"
)

// Env is the world of a command line. Nothing else is read or written but the
// files of the profile, and the daemon.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Asks           bool                                      // a person is at standard input and standard error
	StdinTTY       bool                                      // standard input is a terminal
	Terminal       out.Terminal                              // of standard output
	Redraws        bool                                      // standard error is a terminal that can take back a line
	Page           func(command []string, text []byte) error // shows text with a pager, and waits for it
	Getenv         func(name string) string
	Environ        []string // of the daemon that `up` starts
	Now            func() time.Time
	NamesWithin    time.Duration // how long a person waits for names after pressing TAB
	Zone           *time.Location
	Executable     func() (string, error)            // of this program
	LookPath       func(name string) (string, error) // searches the PATH
	ReadSecret     func() ([]byte, error)            // a line from the terminal that is not shown
	Restore        func()                            // the terminal, from a ReadSecret that is left alone
	Apps           []app.Commands
	GOOS           string // whose service manager runs daemons
	Root           string // before the paths of its files; empty: they are where they belong
}

// OS returns the world of this process.
func OS() *Env {
	in, outFD, errFD := int(os.Stdin.Fd()), int(os.Stdout.Fd()), int(os.Stderr.Fd())
	stdin := term.IsTerminal(in)
	stdout, stderr := term.IsTerminal(outFD), term.IsTerminal(errFD)
	width, height, err := term.GetSize(outFD)
	if err != nil {
		width, height = 0, 0
	}
	terminal := out.DetectTerminal(os.Getenv, stdout, width)
	if stdout {
		terminal.Height = height
	}
	var before atomic.Pointer[term.State] // of the terminal that ReadSecret reads
	return &Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Asks: stdin && stderr, StdinTTY: stdin,
		Terminal: terminal, Redraws: out.Redraws(os.Getenv, stderr), Page: page,
		Getenv: os.Getenv, Environ: os.Environ(),
		Now: time.Now, NamesWithin: 150 * time.Millisecond, Zone: time.Local,
		Executable: os.Executable, LookPath: exec.LookPath,
		ReadSecret: func() ([]byte, error) {
			if s, err := term.GetState(in); err == nil {
				before.Store(s)
			}
			return term.ReadPassword(in)
		},
		Restore: func() {
			if s := before.Load(); s != nil {
				_ = term.Restore(in, s) // nothing is left to do where it fails
			}
		},
		Apps: apps.Commands(),
		GOOS: runtime.GOOS,
	}
}
