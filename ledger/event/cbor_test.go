package event_test

import (
	"bytes"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"intercom/ledger/event"
)

// nested returns an item inside so many arrays.
func nested(arrays int, item ...byte) []byte {
	return append(bytes.Repeat([]byte{0x81}, arrays), item...)
}

// nestedMaps returns an item inside so many maps with the key "".
func nestedMaps(maps int, item ...byte) []byte {
	return append(bytes.Repeat([]byte{0xa1, 0x60}, maps), item...)
}

func TestCanonicalAccepts(t *testing.T) {
	for name, b := range map[string][]byte{
		"0":                          {0x00},
		"23":                         {0x17},
		"24":                         {0x18, 24},
		"256":                        {0x19, 1, 0},
		"65536":                      {0x1a, 0, 1, 0, 0},
		"2^32":                       {0x1b, 0, 0, 0, 1, 0, 0, 0, 0},
		"2^63-1":                     num(1<<63 - 1),
		"-1":                         {0x20},
		"-2^63":                      head(1, 1<<63-1),
		"false":                      {0xf4},
		"true":                       {0xf5},
		"no bytes":                   {0x40},
		"no text":                    {0x60},
		"text":                       textString("é\U0001f600"),
		"text with zero":             textString("a\x00b"),
		"text not in NFC":            textString("e\u0301"), // a matter of the field
		"empty array":                {0x80},
		"empty map":                  {0xa0},
		"24 items":                   append([]byte{0x98, 24}, make([]byte, 24)...),
		"keys by length first":       slices.Concat([]byte{0xa2}, textString("b"), []byte{1}, textString("aa"), []byte{2}),
		"keys of one length":         slices.Concat([]byte{0xa2}, textString("Goal"), []byte{1}, textString("goal"), []byte{2}),
		"empty key":                  slices.Concat([]byte{0xa2}, textString(""), []byte{1}, textString("a"), []byte{2}),
		"depth 8":                    nested(7, 0x01),
		"depth 8, empty array":       nested(7, 0x80),
		"depth 8 in maps":            nestedMaps(7, 0xa0),
		"long key, short one before": slices.Concat([]byte{0xa2}, textString("z"), []byte{0}, textString(strings.Repeat("a", 30)), []byte{0}),
	} {
		if err := event.Canonical(b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCanonicalRefuses(t *testing.T) {
	pair := func(a, b string) []byte {
		return slices.Concat([]byte{0xa2}, textString(a), []byte{1}, textString(b), []byte{2})
	}
	for name, b := range map[string][]byte{
		"nothing":                        {},
		"two items":                      {0x01, 0x02},
		"23 in two bytes":                {0x18, 23},
		"255 in three bytes":             {0x19, 0, 255},
		"65535 in five bytes":            {0x1a, 0, 0, 255, 255},
		"2^32-1 in nine bytes":           {0x1b, 0, 0, 0, 0, 255, 255, 255, 255},
		"-1 in two bytes":                {0x38, 0},
		"length of bytes in two bytes":   {0x58, 1, 0},
		"length of text in two bytes":    {0x78, 1, 'a'},
		"length of array in two bytes":   {0x98, 1, 0},
		"length of map in two bytes":     {0xb8, 1, 0x60, 0},
		"reserved head 28":               {0x1c},
		"reserved head 29":               {0x3d},
		"reserved head 30":               {0x5e},
		"2^63":                           num(1 << 63),
		"2^64-1":                         num(1<<64 - 1),
		"-2^63-1":                        head(1, 1<<63),
		"-2^64":                          head(1, 1<<64-1),
		"bytes of indefinite length":     {0x5f, 0x41, 0, 0xff},
		"text of indefinite length":      {0x7f, 0x61, 'a', 0xff},
		"array of indefinite length":     {0x9f, 0x01, 0xff},
		"map of indefinite length":       {0xbf, 0x60, 0x01, 0xff},
		"break alone":                    {0xff},
		"tag":                            {0xc1, 0x00},
		"tag of two bytes":               {0xd8, 32, 0x60},
		"null":                           {0xf6},
		"undefined":                      {0xf7},
		"simple value 0":                 {0xe0},
		"simple value 19":                {0xf3},
		"simple value 20 in two bytes":   {0xf8, 20},
		"simple value 32":                {0xf8, 32},
		"simple value 244":               {0xf8, 0xf4},
		"half float":                     {0xf9, 0x3c, 0},
		"float":                          {0xfa, 0x3f, 0x80, 0, 0},
		"double":                         {0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0},
		"double that needs all bytes":    {0xfb, 0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a},
		"text not UTF-8":                 textString("\xff"),
		"text cut in a character":        textString("\xc3"),
		"text with an overlong form":     textString("\xc0\xaf"),
		"text with a surrogate":          textString("\xed\xa0\x80"),
		"text past the end of Unicode":   textString("\xf4\x90\x80\x80"),
		"key not UTF-8":                  {0xa1, 0x61, 0xff, 0},
		"keys not sorted":                pair("b", "a"),
		"keys sorted by text, not bytes": pair("aa", "b"),
		"key twice":                      pair("a", "a"),
		"empty key twice":                pair("", ""),
		"key as number":                  {0xa1, 0x01, 0x02},
		"key as bytes":                   {0xa1, 0x41, 'a', 0x02},
		"key as array":                   {0xa1, 0x80, 0x02},
		"map without its last value":     {0xa1, 0x61, 'a'},
		"array without its last item":    {0x82, 0x01},
		"bytes cut off":                  {0x42, 0x01},
		"head cut off":                   {0x19, 0x01},
		"depth 9":                        nested(8, 0x01),
		"depth 9, empty array":           nested(8, 0x80),
		"depth 9 in maps":                nestedMaps(8, 0xa0),
		"null deep inside":               nested(7, 0xf6),
	} {
		if err := event.Canonical(b); !errors.Is(err, event.ErrEncoding) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Lengths and depth are an attacker's to choose: what they claim must not be
// believed before it is there.
func TestHostileLengthsAndDepthCostNothing(t *testing.T) {
	many := func(b []byte) []byte { return append(b, make([]byte, 12)...) }
	for name, b := range map[string][]byte{
		"2^60 items in 20 bytes":   many(head(4, 1<<60)),
		"2^64-1 items":             many(head(4, 1<<64-1)),
		"2^60 pairs":               many(head(5, 1<<60)),
		"2^63 bytes":               many(head(2, 1<<63)),
		"2^60 bytes of text":       many(head(3, 1<<60)),
		"60,000 arrays deep":       nested(60_000, 0x80),
		"30,000 maps deep":         nestedMaps(30_000, 0xa0),
		"2^60 items, nested":       bytes.Repeat(head(4, 1<<60), 7000),
		"60,000 deep, never ended": bytes.Repeat([]byte{0x9b, 0xff}, 32_000),
	} {
		var v anyBody
		for what, f := range map[string]func() error{
			"Canonical":  func() error { return event.Canonical(b) },
			"Parse":      func() error { _, err := event.Parse(b, noSig); return err },
			"Decode":     func() error { _, err := event.Decode(b); return err },
			"DecodeBody": func() error { return event.DecodeBody(b, &v) },
		} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := f()
			runtime.ReadMemStats(&after)
			if !errors.Is(err, event.ErrEncoding) {
				t.Errorf("%s, %s: %v", what, name, err)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 16<<10 { // those of the error
				t.Errorf("%s, %s: %d bytes allocated", what, name, n)
			}
		}
	}
}
