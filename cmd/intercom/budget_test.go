package main_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// The budgets of one command: every command pays them. Time is not measured
// here, since it is that of the machine: what packages do before main is
// counted instead.
const (
	maxSize       = 10_000_000 // bytes, stripped
	maxInits      = 90         // packages that do something before main
	maxInitAllocs = 4_500      // gojq's table of functions makes half of them
	maxInitBytes  = 500_000
)

// build makes the program as `make build` does.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "intercom")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

func TestClientIsSmallAndStartsAtOnce(t *testing.T) {
	path := build(t)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes", info.Size())
	if info.Size() > maxSize {
		t.Errorf("the program has %d bytes, above %d", info.Size(), maxSize)
	}

	var trace bytes.Buffer
	cmd := exec.Command(path, "version", "--profile", "none")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1", "INTERCOM_HOME="+t.TempDir())
	cmd.Stderr = &trace
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	var inits, allocs, size int
	for _, m := range regexp.MustCompile(`(?m)^init .* (\d+) bytes, (\d+) allocs$`).FindAllStringSubmatch(trace.String(), -1) {
		b, _ := strconv.Atoi(m[1])
		n, _ := strconv.Atoi(m[2])
		inits, size, allocs = inits+1, size+b, allocs+n
	}
	t.Logf("%d packages make %d objects of %d bytes before main", inits, allocs, size)
	if inits < 10 {
		t.Fatalf("no trace in %s", trace.String())
	}
	if inits > maxInits || allocs > maxInitAllocs || size > maxInitBytes {
		t.Errorf("%d packages make %d objects of %d bytes before main, above %d, %d or %d",
			inits, allocs, size, maxInits, maxInitAllocs, maxInitBytes)
	}
}
