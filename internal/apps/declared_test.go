package apps_test

import (
	"reflect"
	"testing"

	"intercom/client/wire"
	"intercom/internal/apps"
)

// TestClientsAndDaemonsKnowTheSameRequests compares what the client is told of
// each app with what the daemon runs.
func TestClientsAndDaemonsKnowTheSameRequests(t *testing.T) {
	commands := apps.Commands()
	for i, a := range apps.All() {
		var served []wire.Declared
		for _, q := range a.Requests {
			served = append(served, q.Declared)
			if q.Spec.Write != (q.Write != nil) || q.Rooms != (q.ReadRooms != nil) {
				t.Errorf("%s is declared otherwise than it is done", q.Request)
			}
		}
		if i >= len(commands) || !reflect.DeepEqual(commands[i].Requests, served) {
			t.Errorf("%s: declared are\n%v\nserved are\n%v", a.Name, commands[i].Requests, served)
		}
	}
}
