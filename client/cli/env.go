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
	Asks           bool         // a person is at standard input and standard error
	StdinTTY       bool         // standard input is a terminal
	Terminal       out.Terminal // of standard output
	Getenv         func(name string) string
	Environ        []string // of the daemon that `up` starts
	Now            func() time.Time
	Zone           *time.Location
	Executable     func() (string, error)            // of this program
	LookPath       func(name string) (string, error) // searches the PATH
	ReadSecret     func() ([]byte, error)            // a line from the terminal that is not shown
	Apps           []*app.App
	GOOS           string // whose service manager runs daemons
	Root           string // before the paths of its files; empty: they are where they belong
}

// OS returns the world of this process.
func OS() *Env {
	in, outFD, errFD := int(os.Stdin.Fd()), int(os.Stdout.Fd()), int(os.Stderr.Fd())
	stdin := term.IsTerminal(in)
	width, _, err := term.GetSize(outFD)
	if err != nil {
		width = 0
	}
	return &Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Asks: stdin && term.IsTerminal(errFD), StdinTTY: stdin,
		Terminal: out.DetectTerminal(os.Getenv, term.IsTerminal(outFD), width),
		Getenv:   os.Getenv, Environ: os.Environ(),
		Now: time.Now, Zone: time.Local,
		Executable: os.Executable, LookPath: exec.LookPath,
		ReadSecret: func() ([]byte, error) { return term.ReadPassword(in) },
		Apps:       apps.All(),
		GOOS:       runtime.GOOS,
	}
}
