package client

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
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
	if err := writeFile(p.BridgeFile(), append(data, '\n')); err != nil {
		return fmt.Errorf("write bridge file: %w", err)
	}
	return nil
}

// BridgeOf returns the PID and Start of a process, all that Alive needs.
func BridgeOf(pid int) Bridge { return Bridge{PID: pid, Start: processStart(pid)} }

// Alive reports whether the process that wrote b still runs. A process that
// has its pid but started at another time, or one whose start b does not tell,
// is not it: the pid may be anybody's by now.
func (b Bridge) Alive() bool {
	return b.PID > 0 && b.Start != "" && processRuns(b.PID) && processStart(b.PID) == b.Start
}
