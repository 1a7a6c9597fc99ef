package client_test

import (
	"testing"

	"intercom/client"
	"intercom/client/clienttest"
	"intercom/client/wire"
)

// BenchmarkOneShot is what every command does: connect, ask, hang up.
func BenchmarkOneShot(b *testing.B) {
	p := clienttest.Profile(b)
	clienttest.Bridge{Hello: clienttest.Greeting(), Answer: echo}.ServeSocket(b, p)
	b.ReportAllocs()
	for b.Loop() {
		c := &client.Client{Profile: p}
		if _, err := client.Call(b.Context(), c, wire.Ping, wire.None{}); err != nil {
			b.Fatal(err)
		}
		c.Close()
	}
}

// BenchmarkPing is a request on an open connection.
func BenchmarkPing(b *testing.B) {
	p := clienttest.Profile(b)
	clienttest.Bridge{Hello: clienttest.Greeting(), Answer: echo}.ServeSocket(b, p)
	c := &client.Client{Profile: p}
	defer c.Close()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Call(b.Context(), c, wire.Ping, wire.None{}); err != nil {
			b.Fatal(err)
		}
	}
}
