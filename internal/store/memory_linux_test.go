//go:build !race

package store_test

// restKB is what an idle store of any size may hold of anonymous memory, with the test around it.
const restKB = 32 << 10
