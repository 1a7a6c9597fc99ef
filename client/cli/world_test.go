package cli_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"intercom/client"
	"intercom/client/wire"
	"intercom/internal/app"
)

func mustProfile(t *testing.T, env func(string) string) client.Profile {
	t.Helper()
	p, err := client.FindProfile("", env)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// answerZero answers every declared request with an empty reply of its type.
func answerZero(t *testing.T, more ...app.Commands) func(map[string]json.RawMessage) []string {
	known := declared(more...)
	return func(request map[string]json.RawMessage) []string {
		var name string
		if err := json.Unmarshal(request["type"], &name); err != nil {
			t.Error(err)
		}
		d, ok := known[name]
		if !ok {
			return []string{`{"type":"error","code":"unknown_type","error":"Unknown type"}`}
		}
		value := reflect.New(d.Out).Elem()
		if name == wire.Health.Request {
			value.Set(reflect.ValueOf(wire.HealthReply{Status: wire.HealthReady, Ready: true, Started: time.Unix(0, 0)}))
		}
		b, err := json.Marshal(value.Interface())
		if err != nil {
			t.Error(err)
		}
		frame := `{"type":"` + d.Reply + `"}`
		if len(b) > 2 {
			frame = frame[:len(frame)-1] + "," + string(b[1:])
		}
		return []string{frame}
	}
}
