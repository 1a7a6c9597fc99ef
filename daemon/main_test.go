//go:build unix

package daemon_test

import (
	"os"
	"testing"
	"time"

	"intercom/daemon/daemontest"
)

func TestMain(m *testing.M) { os.Exit(daemontest.Main(m)) }

// soon is how long what needs no waiting may take on a busy machine.
const soon = 20 * time.Second

// soaks reports whether the long tests run with their big numbers.
func soaks() bool { return os.Getenv("INTERCOM_SOAK") == "1" }
