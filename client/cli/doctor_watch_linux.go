package cli

import (
	"golang.org/x/sys/unix"
)

// checkWatching makes a watch as the daemon does, which finds other daemons of
// this user by it.
func checkWatching(p *patient) finding {
	const hint = "raise fs.inotify.max_user_instances and fs.inotify.max_user_watches (sysctl); peers are then found at once"
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC)
	if err != nil {
		return warning(hint, "inotify cannot be used: %v", err)
	}
	defer unix.Close(fd)
	if _, err := unix.InotifyAddWatch(fd, nearest(p.profile.RuntimeRoot()), unix.IN_CREATE); err != nil {
		return warning(hint, "inotify cannot watch %s: %v", p.profile.RuntimeRoot(), err)
	}
	return ok("inotify works")
}
