package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"intercom/internal/notrun"
	"intercom/internal/store"
)

const (
	diskSize = 640 << 20
	diskMin  = 160 << 20 // what is used if nothing is said
)

var linuxChildren = map[string]func([]string) error{"full": childFull, "inside": childInside, "memory": childMemory}

// childFull writes on and on over 5,000 keys and says what becomes of it: "ok" after each 200
// updates, "full" when the disk is full and reading still works. Told so, it closes the store.
func childFull(args []string) error {
	s, err := store.Open(store.Options{Dir: args[0], MinFree: diskMin})
	if err != nil {
		return err
	}
	end := make(chan struct{})
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		close(end)
	}()
	ok, full := 0, false
	for i := 0; ; i++ {
		select {
		case <-end:
			fmt.Println("closing")
			if err := s.Close(); err != nil {
				return err
			}
			fmt.Println("closed", s.Held())
			return nil
		default:
		}
		key := fmt.Appendf(nil, "k/%05d", i%5_000)
		err := s.Update(context.Background(), func(tx *store.Tx) error {
			tx.Put(key, make([]byte, 4<<10))
			return nil
		})
		switch {
		case err == nil:
			full = false
			if ok++; ok%200 == 0 {
				fmt.Println("ok")
			}
		case !errors.Is(err, store.ErrDiskFull):
			return err
		case !full:
			if err := s.View(func(r store.Reader) error { _, _, err := r.Last([]byte("k/"), nil); return err }); err != nil {
				return fmt.Errorf("read on a full disk: %w", err)
			}
			full = true
			fmt.Println("full", err)
		}
	}
}

// childInside runs in a mount namespace of its own: it mounts a small disk and runs the test there.
func childInside(args []string) error {
	if err := syscall.Mount("tmpfs", args[0], "tmpfs", 0, "size="+strconv.Itoa(diskSize)); err != nil {
		fmt.Println("cannot mount:", err)
		return nil
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestAFullDiskIsSurvived$", "-test.v")
	cmd.Env = append(os.Environ(), childVar+"=", "INTERCOM_STORE_DISK="+args[0])
	out, err := cmd.CombinedOutput()
	fmt.Printf("%s\n", out)
	if err == nil {
		fmt.Println("passed")
	}
	return err
}

func TestAFullDiskIsSurvived(t *testing.T) {
	if disk := os.Getenv("INTERCOM_STORE_DISK"); disk != "" {
		surviveFullDisk(t, disk)
		return
	}
	cmd := exec.Command(os.Args[0])
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Unshareflags: syscall.CLONE_NEWNS}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	c, err := tryStart(t, cmd, "inside", t.TempDir())
	if err != nil {
		notRun(t, err.Error())
		return
	}
	lines, err := c.rest()
	if len(lines) > 0 && lines[0] != "" && len(lines[0]) > 12 && lines[0][:12] == "cannot mount" {
		notRun(t, lines[0])
		return
	}
	if err != nil || lines[len(lines)-1] != "passed" {
		for _, line := range lines {
			t.Log(line)
		}
		t.Errorf("inside: %v", err)
	}
}

func notRun(t *testing.T, why string) {
	t.Helper()
	t.Log(why)
	notrun.Skip(t, "root or user namespaces")
}

// fill writes a foreign file until not one byte more fits: at once down to somewhat above the
// watermark, then as fast as a disk takes it, 250 MB/s. What is faster than Badger writes a table,
// and larger than the watermark, nothing in this process can stand up to.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pace := time.NewTicker(4 * time.Millisecond)
	defer pace.Stop()
	for size := 1 << 20; size > 0; {
		var st syscall.Statfs_t
		if err := syscall.Statfs(filepath.Dir(path), &st); err != nil {
			t.Fatal(err)
		}
		if free := int64(st.Bavail) * st.Bsize; free > 0 && free < diskMin+32<<20 {
			<-pace.C
		}
		n, err := f.Write(make([]byte, size))
		switch {
		case errors.Is(err, syscall.ENOSPC):
			if n == 0 {
				size /= 2
			}
		case err != nil:
			t.Fatal(err)
		}
	}
}

func surviveFullDisk(t *testing.T, disk string) {
	dir, foreign := filepath.Join(disk, "store"), filepath.Join(disk, "foreign")
	rounds := 2
	if os.Getenv("INTERCOM_SOAK") != "" {
		rounds = 10
	}
	for round := range rounds {
		c := start(t, "full", dir)
		for range 3 {
			for range 20 + round*7 { // somewhere else in the life of the tables each time
				c.await("ok")
			}
			fill(t, foreign)
			c.await("full")
			if err := os.Remove(foreign); err != nil {
				t.Fatal(err)
			}
			c.await("ok")
		}
		fill(t, foreign)
		c.await("full")
		if round%2 == 0 {
			if _, err := io.WriteString(c.in, "close\n"); err != nil {
				t.Fatal(err)
			}
			t.Log(c.await("closed"))
		} else if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if _, err := c.rest(); round%2 == 0 && err != nil {
			t.Fatal(err)
		}
		if _, err := store.Open(store.Options{Dir: dir, MinFree: diskMin}); !errors.Is(err, store.ErrDiskFull) {
			t.Errorf("open on a full disk: %v", err)
		}
		if err := os.Remove(foreign); err != nil {
			t.Fatal(err)
		}
	}
	s, err := store.Open(store.Options{Dir: dir, MinFree: diskMin})
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "k/x", "1")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
