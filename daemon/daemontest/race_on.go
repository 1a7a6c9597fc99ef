//go:build race

package daemontest

// raced reports whether this program looks for data races. The daemons that
// it starts do too.
const raced = true
