//go:build !linux

package store_test

// A disk of a test's own, to be filled, is made on Linux only.
var linuxChildren map[string]func([]string) error
