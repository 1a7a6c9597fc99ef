package api

import (
	"context"
	"fmt"

	"intercom/client/wire"
	"intercom/daemon/bridge"
)

func (s *Services) schema(_ context.Context, in wire.SchemaReq, _ bridge.Call) (wire.SchemaReply, error) {
	rep := wire.SchemaReply{Requests: []wire.RequestSchema{}, Pushes: []wire.PushSchema{}}
	for _, d := range s.declared() {
		if in.Request != "" && in.Request != d.Request {
			continue
		}
		schema, err := d.Describe()
		if err != nil {
			return rep, fmt.Errorf("describe %s: %w", d.Request, err)
		}
		rep.Requests = append(rep.Requests, schema)
	}
	for _, p := range wire.Pushes() {
		if in.Request != "" && in.Request != p.Type {
			continue
		}
		schema, err := p.Describe()
		if err != nil {
			return rep, fmt.Errorf("describe %s: %w", p.Type, err)
		}
		rep.Pushes = append(rep.Pushes, schema)
	}
	if in.Request != "" && len(rep.Requests)+len(rep.Pushes) == 0 {
		return rep, wire.Errorf(wire.NotFound, "no request or push %q", in.Request).WithHint("`intercom schema` lists all")
	}
	return rep, nil
}

// declared returns every request with its types.
func (s *Services) declared() []wire.Declared {
	all := wire.Base()
	for _, a := range s.Apps {
		for _, q := range a.Requests {
			all = append(all, q.Declared)
		}
	}
	return all
}
