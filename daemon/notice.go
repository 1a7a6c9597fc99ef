package daemon

import (
	"os"
	"os/exec"
	"runtime"

	"intercom/daemon/desktop"
	"intercom/daemon/hook"
	"intercom/ledger"
)

// findDesktop returns what shows notices on the desktop, nil where there is
// none or the user wants none.
func (d *Daemon) findDesktop() *desktop.Notifier {
	if d.o.Config.Get("notify") == "off" {
		return nil
	}
	return desktop.Find(desktop.World{
		GOOS: runtime.GOOS, Getenv: os.Getenv, LookPath: exec.LookPath,
		Exists: func(path string) bool { _, err := os.Stat(path); return err == nil },
	}, d.o.Log)
}

// notice tells the person at the desktop of an entry that is news. An entry is
// told once, since it comes here once; after a crash not at all.
func (d *Daemon) notice(s *ledger.Snapshot, e ledger.Entry) {
	if d.desktop == nil || e.Passed != nil && d.o.Now().Sub(e.Passed.Due) > hook.Grace {
		return
	}
	for _, a := range d.apps {
		if a.Notice == nil || !concerns(s, a, e) {
			continue
		}
		if title, text := a.Notice(s.Reader(e.Room, a), d.happening(e), d.shapes.Self); title != "" {
			d.desktop.Show(desktop.Notice{Title: title, Text: text})
		}
	}
}
