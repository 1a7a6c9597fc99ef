package apptest

import (
	"flag"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// Check tries a property as often as INTERCOM_SEEDS says, else 200 times.
func Check(t *testing.T, property func(*rapid.T)) {
	t.Helper()
	n := os.Getenv("INTERCOM_SEEDS")
	if n == "" {
		n = "200"
	}
	checks := flag.Lookup("rapid.checks").Value
	before := checks.String()
	if err := checks.Set(n); err != nil {
		t.Fatalf("INTERCOM_SEEDS: %v", err)
	}
	defer func() { _ = checks.Set(before) }()
	rapid.Check(t, property)
}
