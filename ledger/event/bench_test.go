package event_test

import (
	"testing"

	"intercom/ledger/event"
)

func BenchmarkSign(b *testing.B) {
	e, key := signedVectors(b)[0].Event, testKey(1)
	e.Author = publicKey(key)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := event.Sign(e, key); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	whole := signedVectors(b)[0].Encode()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := event.Decode(whole); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	s := signedVectors(b)[0]
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Verify(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAddID(b *testing.B) {
	var h event.LtHash16
	b.ReportAllocs()
	for b.Loop() {
		h.AddID(event.ID{1})
	}
}
