package main_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestClientIsLight keeps out what would cost every command its start-up time
// and the program its size.
func TestClientIsLight(t *testing.T) {
	list, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	deps := strings.Fields(string(list))
	if len(deps) < 50 {
		t.Fatalf("only %d packages: the list is not whole", len(deps))
	}
	heavy := []string{
		"github.com/libp2p/", "github.com/multiformats/", "github.com/ipfs/", "github.com/dgraph-io/", "github.com/prometheus/",
		"github.com/cometbft/", "github.com/modelcontextprotocol/", "google.golang.org/", "github.com/google/", "github.com/tyler-smith/", "go.opentelemetry.io/", "go.uber.org/",
		"intercom/daemon", "intercom/internal/store", "intercom/p2p/channel", "net/http", "crypto/tls", "crypto/x509", "html/template", "github.com/gorilla/", "github.com/spf13/viper", "database/sql", "testing",
	}
	for _, dep := range deps {
		for _, prefix := range heavy {
			if dep == prefix || strings.HasPrefix(dep, strings.TrimSuffix(prefix, "/")+"/") {
				t.Errorf("%s is linked into the client", dep)
			}
		}
		if dep == "intercom/p2p" || dep == "intercom/ledger" {
			t.Errorf("%s is linked into the client", dep)
		}
	}
}
