package cli

import "os"

// passedOn are the signals that a command gets which runs in our place.
var passedOn = []os.Signal{os.Interrupt}

// sentByTerminal: those of the keys go to all programs of a console.
func sentByTerminal(os.Signal) bool { return true }

// exitStatus is the exit code of a process.
func exitStatus(p *os.ProcessState) int { return p.ExitCode() }
