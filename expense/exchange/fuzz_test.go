package exchange_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intercom/expense/exchange"
)

// FuzzRead: whatever a file holds, each reader refuses it with a line, or every
// record adds up and can be written in each format.
func FuzzRead(f *testing.F) {
	for i, pattern := range []string{"splitwise-*.csv", "spliit.csv", "spliit.json", "ihatemoney*.csv", "cospend.csv", "*.jsonl", "list.json"} {
		found, err := filepath.Glob(filepath.Join("testdata/import", pattern))
		if err != nil || len(found) == 0 {
			f.Fatal(pattern, err)
		}
		for _, path := range found {
			b, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(byte(i), string(b))
		}
		for _, r := range refusals {
			f.Add(byte(i), r.text)
		}
	}
	f.Fuzz(func(t *testing.T, reader byte, text string) {
		o := options()
		formats := exchange.Readable()
		o.Format, o.Today = formats[int(reader)%len(formats)], "2026-03-01"
		file, err := exchange.Read(strings.NewReader(text), o)
		if err != nil {
			refused, ok := errors.AsType[*exchange.Error](err)
			if !ok || len(refused.Problems) == 0 || refused.Problems[0].Line < 1 {
				t.Fatalf("refused without a line: %v", err)
			}
			return
		}
		for i := range file.Records {
			file.Records[i].Shares = divided(file.Records[i])
		}
		balancesOf(t, file.Records)
		for _, format := range exchange.Writable() {
			if _, err := written(format, file.Records, exchange.WriteOptions{Room: "fuzz"}); err != nil && !errors.Is(err, exchange.ErrUnfit) {
				t.Fatalf("%s: %v", format, err)
			}
		}
	})
}
