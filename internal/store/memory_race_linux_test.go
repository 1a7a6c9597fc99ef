//go:build race

package store_test

// restKB bounds nothing: the race detector's shadow is several times what the store holds.
const restKB = 1 << 30
