//go:build linux

package daemon_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"intercom/client/wire"
	"intercom/daemon/daemontest"
	"intercom/internal/notrun"
)

const (
	diskVar  = "INTERCOM_TEST_DISK"       // folder of a small disk
	mountVar = "INTERCOM_TEST_DISK_MOUNT" // folder to mount one on
	diskSize = "400m"
)

// TestADaemonSurvivesAFullDisk runs itself again in a mount namespace of its
// own, and there once more on a small disk.
func TestADaemonSurvivesAFullDisk(t *testing.T) {
	if disk := os.Getenv(diskVar); disk != "" {
		surviveFullDisk(t, disk)
		return
	}
	if at := os.Getenv(mountVar); at != "" {
		if err := syscall.Mount("tmpfs", at, "tmpfs", 0, "size="+diskSize); err != nil {
			notRun(t, err)
			return
		}
		again(t, nil, diskVar+"="+at)
		return
	}
	at, err := os.MkdirTemp("", "icd") // short: sockets are below it
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(at)
	ns := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Unshareflags: syscall.CLONE_NEWNS}
	if os.Getuid() != 0 {
		ns.Cloneflags |= syscall.CLONE_NEWUSER
		ns.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
		ns.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
		ns.AmbientCaps = []uintptr{capSysAdmin}
	}
	again(t, ns, mountVar+"="+at)
}

const capSysAdmin = 21

// again runs this test in a process of its own. It passes on what that
// printed, and fails with it.
func again(t *testing.T, attr *syscall.SysProcAttr, env string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestADaemonSurvivesAFullDisk$", "-test.v")
	cmd.Env = append(os.Environ(), env)
	cmd.SysProcAttr = attr
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) { // no namespaces for this user, or none left
		notRun(t, err)
		return
	}
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("inside: %v", err)
	}
}

func notRun(t *testing.T, why error) {
	t.Helper()
	t.Log(why)
	notrun.Skip(t, "root or user namespaces")
}

// fillDisk writes a foreign file until not one byte more fits.
func fillDisk(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		switch _, err := f.Write(make([]byte, size)); {
		case errors.Is(err, syscall.ENOSPC):
			size /= 2
		case err != nil:
			t.Fatal(err)
		}
	}
}

func surviveFullDisk(t *testing.T, disk string) {
	h, foreign := daemontest.HomeAt(t, disk), filepath.Join(disk, "foreign")
	a := h.Start("a")
	a.Write("team", 0, 20)
	full := func(n int) {
		t.Helper()
		_, err := a.TryRaw(daemontest.Entry("team", n))
		e := wire.AsError(err)
		if err == nil || e.Code != wire.DiskFull || e.Hint == "" {
			t.Errorf("a write on a full disk: %v (%s, hint %q)", err, e.Code, e.Hint)
		}
	}
	writable := func(n int) {
		t.Helper()
		var err error
		daemontest.Eventually(t, soon, "writes are taken again", func() bool {
			_, err = a.TryRaw(daemontest.Entry("team", n))
			return err == nil
		})
	}
	for round := range 3 {
		fillDisk(t, foreign)
		for n := range 5 {
			full(100 + n)
		}
		if has := a.Room("team").Events; has != uint64(20+round) {
			t.Errorf("it has %d events, want %d", has, 20+round)
		}
		status(t, a, "team")
		a.Raw(daemontest.Frame{"type": "expense_list", "channel": "team"})
		t.Logf("health on a full disk: %v", a.Raw(daemontest.Frame{"type": "health"}))
		if err := os.Remove(foreign); err != nil {
			t.Fatal(err)
		}
		writable(20 + round)
	}
	want := a.Room("team")

	for _, end := range []func(){a.Kill, func() { a.Stop() }} {
		fillDisk(t, foreign)
		full(100)
		end()
		refused(t, h.Launch("a"), wire.DiskFull)
		refused(t, h.Launch("new"), wire.DiskFull)
		if err := os.Remove(foreign); err != nil {
			t.Fatal(err)
		}
		a = h.Start("a")
		if got := a.Room("team"); got.SetHash != want.SetHash || fmt.Sprint(got.State) != fmt.Sprint(want.State) {
			t.Errorf("after the start the room is %+v, was %+v", got, want)
		}
	}
	a.Write("team", 200, 210)
	h.Start("new")
}
