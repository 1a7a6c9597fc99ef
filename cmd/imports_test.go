// Package cmd holds the test that keeps the direction of imports.
package cmd

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// deps returns everything that a package links, itself included.
func deps(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", pkg).Output()
	if err != nil {
		t.Fatalf("go list -deps %s: %v", pkg, err)
	}
	return strings.Fields(string(out))
}

// packages returns all packages of the module.
func packages(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "intercom/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))
}

// heavy is what a client must not link: it costs start-up time and size.
var heavy = []string{
	"github.com/libp2p/", "github.com/dgraph-io/badger", "github.com/cometbft/", "go.etcd.io/raft",
	"github.com/modelcontextprotocol/", "github.com/prometheus/", "net/http", "crypto/tls", "github.com/spf13/viper",
}

func TestClientLinksNothingHeavy(t *testing.T) {
	for _, dep := range deps(t, "intercom/cmd/intercom") {
		for _, h := range heavy {
			if strings.HasPrefix(dep, h) {
				t.Errorf("the client links %s", dep)
			}
		}
		if strings.HasPrefix(dep, "intercom/daemon") || dep == "intercom/ledger" || dep == "intercom/p2p" {
			t.Errorf("the client links %s", dep)
		}
	}
}

// may lists, for each package, the packages of ours that it may import, with
// everything below them. Packages that are not named may not exist.
var may = map[string][]string{
	"cmd":                  {},
	"cmd/intercom":         {"client/cli"},
	"cmd/intercomd":        {"daemon"},
	"client/cli":           {"client", "expense/exchange", "internal/apps", "internal/app", "internal/atomicfile", "internal/private", "focus", "expense", "p2p/identity", "ledger/event"},
	"client/cli/out":       {"client/wire"},
	"client":               {"client/websocket", "client/wire", "ledger/event", "internal/atomicfile", "internal/private", "internal/process"},
	"client/websocket":     {},
	"client/wire":          {"ledger/event"},
	"client/clienttest":    {"client"},
	"docs":                 {}, // tests of what the pages say
	"daemon":               {"client", "daemon", "internal", "ledger", "p2p", "focus", "expense"},
	"daemon/api":           {"client/wire", "daemon/bridge", "daemon/journal", "daemon/roomfile", "internal", "ledger", "p2p"},
	"daemon/bridge":        {"client/wire", "daemon/bridge", "daemon/journal", "internal/latency", "ledger/event", "internal/jsontext"},
	"daemon/bridge/compat": {"client/wire", "internal/jsontext", "focus", "expense", "internal/app", "ledger/event", "p2p/channel", "p2p/identity"},
	"daemon/conformance":   {}, // tests
	"daemon/desktop":       {},
	"daemon/hook":          {},
	"daemon/journal":       {"client/wire"},
	"daemon/daemontest":    {"client", "daemon", "p2p", "ledger", "internal"},
	"daemon/metrics":       {"internal/latency"},
	"daemon/roomfile":      {"ledger"},
	"expense":              {"internal/app", "client/wire", "ledger/event", "ledger/core"},
	"expense/exchange":     {},
	"focus":                {"internal/app", "client/wire", "ledger/event", "focus/timesheet"},
	"focus/timesheet":      {},
	"internal/app":         {"client/wire", "ledger/event"},
	"internal/app/apptest": {"internal/app", "client/wire", "ledger/event", "ledger/core"},
	"internal/jsontext":    {},
	"internal/apps":        {"focus", "expense", "internal/app"},
	"internal/atomicfile":  {},
	"internal/latency":     {},
	"internal/notrun":      {},
	"internal/private":     {},
	"internal/process":     {},
	"internal/store":       {"internal/atomicfile", "internal/latency"},
	"ledger":               {"internal/app", "internal/store", "ledger/event", "ledger/core"},
	"ledger/core":          {"internal/app", "ledger/event"},
	"ledger/event":         {},
	"p2p":                  {"internal/atomicfile", "internal/private", "internal/process"},
	"p2p/channel":          {"internal/jsontext"},
	"p2p/identity":         {"internal/atomicfile", "internal/private"},
}

func TestImportsPointOneWay(t *testing.T) {
	for _, pkg := range packages(t) {
		name := strings.TrimPrefix(pkg, "intercom/")
		allowed, ok := may[name]
		if !ok {
			t.Errorf("package %s has no place in the layout: see docs/architecture.md", name)
			continue
		}
		out, err := exec.Command("go", "list", "-f", `{{join .Imports "\n"}}`, pkg).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, dep := range strings.Fields(string(out)) {
			dep, ours := strings.CutPrefix(dep, "intercom/")
			if ours && !slices.ContainsFunc(allowed, func(a string) bool { return dep == a || strings.HasPrefix(dep, a+"/") }) {
				t.Errorf("%s imports %s", name, dep)
			}
		}
	}
}

func TestOnlyTheStoreImportsBadger(t *testing.T) {
	for _, pkg := range packages(t) {
		out, err := exec.Command("go", "list", "-f", `{{join .Imports "\n"}}`, pkg).Output()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(out), "github.com/dgraph-io/badger") && pkg != "intercom/internal/store" {
			t.Errorf("%s imports Badger", pkg)
		}
	}
}
