package api

import (
	"context"

	"intercom/client/wire"
	"intercom/daemon/bridge"
)

func (s *Services) present(ctx context.Context, in wire.PresentReq, _ bridge.Call) (wire.PresentReply, error) {
	r, err := s.channelRoom(in.Channel)
	if err != nil {
		return wire.PresentReply{}, err
	}
	counted, err := s.Present(ctx, r)
	return wire.PresentReply{Channel: r.Name(), Counted: counted, Until: s.Now().Add(wire.PresentFor).UTC()}, err
}
