package store_test

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"intercom/internal/store"
)

const childVar = "INTERCOM_STORE_CHILD"

// children are what this test binary does, instead of tests, in processes that are to die.
var children = map[string]func(args []string) error{
	"ack":   childAck,
	"large": childLarge,
	"read":  childRead,
	"leave": childLeave,
}

func TestMain(m *testing.M) {
	if line := os.Getenv(childVar); line != "" {
		args := strings.Split(line, "\t")
		maps.Copy(children, linuxChildren)
		if err := children[args[0]](args[1:]); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// child is a running process of this binary.
type child struct {
	*exec.Cmd
	t     *testing.T
	in    io.WriteCloser
	lines chan string // closed at the end of its output
}

func start(t *testing.T, args ...string) *child {
	t.Helper()
	c, err := tryStart(t, exec.Command(os.Args[0]), args...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func tryStart(t *testing.T, cmd *exec.Cmd, args ...string) (*child, error) {
	t.Helper()
	c := &child{Cmd: cmd, t: t, lines: make(chan string, 1<<20)}
	c.Env = append(os.Environ(), childVar+"="+strings.Join(args, "\t"))
	c.Stderr = os.Stderr
	var err error
	if c.in, err = c.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(c.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			c.lines <- s.Text()
		}
	}()
	return c, nil
}

// await returns the next line that begins with want.
func (c *child) await(want string) string {
	c.t.Helper()
	late := time.After(60 * time.Second)
	for {
		select {
		case line, ok := <-c.lines:
			if !ok {
				c.t.Fatalf("the process ended before it said %q: %v", want, c.Wait())
			}
			if strings.HasPrefix(line, want) {
				return line
			}
			if strings.HasPrefix(line, "error") {
				c.t.Errorf("the process says %s", line)
			}
		case <-late:
			_ = c.Process.Kill()
			c.t.Fatalf("the process did not say %q in time", want)
		}
	}
}

// rest returns what is left to read until the process has ended, and how it ended.
func (c *child) rest() ([]string, error) {
	var all []string
	for line := range c.lines {
		all = append(all, line)
	}
	return all, c.Wait()
}

// childRead opens the store, counts its rows and closes it again.
func childRead(args []string) error {
	s, err := store.Open(store.Options{Dir: args[0]})
	if err != nil {
		return err
	}
	s.AwaitVerified()
	n := 0
	err = s.View(func(r store.Reader) error {
		return r.Scan(nil, nil, func(_, _ []byte) bool { n++; return true })
	})
	if err != nil {
		return err
	}
	fmt.Println("rows", n)
	return s.Close()
}
