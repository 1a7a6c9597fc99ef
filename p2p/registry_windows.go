package p2p

import (
	"io/fs"
	"os"
)

// private: folders in a user's profile are private by their access list, which has no mode bits to look at.
func private(fs.FileInfo) bool { return true }

func openNoFollow(path string) (*os.File, error) { return os.Open(path) }

func processStart(int) uint64 { return 0 }

// processAlive: a process that can be opened exists.
func processAlive(pid int, _ uint64) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	p.Release()
	return true
}
