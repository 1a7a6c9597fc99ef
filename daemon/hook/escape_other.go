//go:build !linux

package hook

// endEscaped: there is no way to find what has left the group of its hook.
func endEscaped(string) {}
