package client

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"intercom/internal/atomicfile"
	"intercom/internal/process"
)

// Bridge is what a running daemon tells in its profile's BridgeFile.
type Bridge struct {
	PID      int       `json:"pid"`
	Start    string    `json:"start,omitempty"` // of the process as the system counts it; tells a pid used again
	Started  time.Time `json:"started"`
	Version  string    `json:"version"`
	Instance string    `json:"instance"`
	Socket   string    `json:"socket,omitempty"`
	TCP      string    `json:"tcp,omitempty"` // host:port
}

// maxBridge bounds the file in bytes; it has about 300.
const maxBridge = 16 << 10

// Bridge reads the profile's BridgeFile; fs.ErrNotExist where there is none.
// The daemon may be gone: see Alive.
func (p Profile) Bridge() (Bridge, error) {
	var b Bridge
	data, err := os.ReadFile(p.BridgeFile())
	if err != nil {
		return b, fmt.Errorf("read bridge file: %w", err)
	}
	if len(data) > maxBridge {
		return b, fmt.Errorf("read bridge file: %d bytes", len(data))
	}
	if err := json.Unmarshal(data, &b); err != nil {
		return Bridge{}, fmt.Errorf("read bridge file: %w", err)
	}
	return b, nil
}

// WriteBridge writes the profile's BridgeFile for this process, which is the
// daemon: it fills PID and Start.
func (p Profile) WriteBridge(b Bridge) error {
	self := BridgeOf(os.Getpid())
	b.PID, b.Start = self.PID, self.Start
	data, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return fmt.Errorf("write bridge file: %w", err)
	}
	if err := PrivateDir(filepath.Dir(p.BridgeFile())); err != nil {
		return fmt.Errorf("write bridge file: %w", err)
	}
	if err := atomicfile.Replace(p.BridgeFile(), append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("write bridge file: %w", err)
	}
	return nil
}

// BridgeOf returns the PID and Start of a process, all that Alive needs.
func BridgeOf(pid int) Bridge {
	return Bridge{PID: pid, Start: strconv.FormatUint(process.Start(pid), 10)}
}

// Alive reports whether the process that wrote b still runs. A process that
// has its pid but started at another time, or one whose start b does not tell,
// is not it: the pid may be anybody's by now.
func (b Bridge) Alive() bool {
	start, err := strconv.ParseUint(b.Start, 10, 64)
	return err == nil && process.Alive(b.PID, start)
}
