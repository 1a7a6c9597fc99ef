package apps_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"intercom/client/wire"
	"intercom/internal/apps"
)

// Names that every frame has of its own.
var (
	taken = []string{"id", "type"}
	asked = append([]string{"key", "dryRun", "deadlineMs", "protocol"}, taken...)
)

// fields returns the JSON names at the top of a struct.
func fields(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			names = append(names, fields(f.Type)...)
		} else if f.IsExported() && name != "-" {
			names = append(names, name)
		}
	}
	return names
}

func TestNoFieldIsTakenForThatOfTheFrame(t *testing.T) {
	all := wire.Base()
	for _, a := range apps.All() {
		for _, q := range a.Requests {
			all = append(all, q.Declared)
		}
	}
	for _, d := range all {
		for _, name := range fields(d.In) {
			if slices.Contains(asked, name) {
				t.Errorf("%s has a field %q", d.Request, name)
			}
		}
		for _, name := range fields(d.Out) {
			if slices.Contains(taken, name) {
				t.Errorf("%s has a field %q", d.Reply, name)
			}
		}
	}
}
