package cli

import "golang.org/x/sys/windows"

// freeSpace returns the bytes that this user may still write.
func freeSpace(dir string) (uint64, error) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var free uint64
	return free, windows.GetDiskFreeSpaceEx(path, &free, nil, nil)
}

func checkLimits(*patient) finding { return ok("this system sets none") }
