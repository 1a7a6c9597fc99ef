package daemon

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"

	"intercom/internal/notrun"
)

// tzif is a zone file (RFC 8536) of one offset from UTC.
func tzif(offset time.Duration) []byte {
	b := append([]byte("TZif"), make([]byte, 16+6*4)...)
	binary.BigEndian.PutUint32(b[36:], 1) // types
	binary.BigEndian.PutUint32(b[40:], 4) // bytes of names
	b = binary.BigEndian.AppendUint32(b, uint32(int32(offset/time.Second)))
	return append(b, 0, 0, 'X', 'Y', 'Z', 0)
}

func TestAMachineThatMovesToAnotherZoneIsFollowed(t *testing.T) {
	t.Setenv("TZ", "") // restored afterwards
	os.Unsetenv("TZ")
	dir := t.TempDir()
	link := filepath.Join(dir, "localtime")
	move := func(name string, data []byte) {
		t.Helper()
		to := filepath.Join(dir, name)
		if err := os.WriteFile(to, data, 0o644); err != nil {
			t.Fatal(err)
		}
		os.Remove(link)
		if err := os.Symlink(to, link); err != nil {
			notrun.Skip(t, "symbolic links: "+err.Error())
		}
	}
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	clock := here(func() time.Time { return at }, link)
	want := func(offset time.Duration) {
		t.Helper()
		now := clock()
		if _, east := now.Zone(); !now.Equal(at) || time.Duration(east)*time.Second != offset {
			t.Errorf("it is %v, want %v east of UTC", now, offset)
		}
	}
	move("berlin", tzif(time.Hour))
	want(time.Hour)
	move("tokyo", tzif(9*time.Hour))
	want(9 * time.Hour)
	move("broken", []byte("no zone"))
	want(9 * time.Hour)
	os.Remove(link)
	want(9 * time.Hour)
	move("new york", tzif(-5*time.Hour))
	want(-5 * time.Hour)
	t.Setenv("TZ", "UTC")
	if fixed := here(func() time.Time { return at }, link)(); fixed.Location() != at.Location() {
		t.Errorf("with TZ it is %v", fixed)
	}
}
