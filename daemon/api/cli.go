package api

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"intercom/client/wire"
	"intercom/daemon/bridge"
	"intercom/daemon/bridge/compat"
)

// commands are the commands of the original's terminal that are another
// request; those of the apps are the requests of their names.
var commands = map[string]string{
	"sc_join": wire.Join.Request, "sc_send": wire.Send.Request, "sc_stats": wire.Stats.Request, "sc_open": "open",
	"stats": wire.Stats.Request, "msb": "msb", "get": "get", "tx": "tx", "deploy_subnet": "deploy_subnet",
	"sc_invite": "invite", "sc_welcome": "welcome",
	"add_admin": "add_admin", "update_admin": "update_admin", "add_indexer": "add_indexer", "remove_indexer": "remove_indexer",
	"add_writer": "add_writer", "remove_writer": "remove_writer", "set_auto_add_writers": "set_auto_add_writers",
	"join_validator": "join_validator", "enable_transactions": "enable_transactions",
	"post": "chat_post", "set_nick": "chat_nick", "set_chat_status": "chat_status",
}

// cli runs a command as the original's terminal did and returns what it would
// have printed: JSON, one value a line.
func (s *Services) cli(ctx context.Context, in wire.CliReq, c bridge.Call) (wire.CliReply, error) {
	if !s.CLI {
		return wire.CliReply{}, wire.Errorf(wire.Forbidden, "commands are switched off").WithHint("set sc-bridge-cli to true and restart the daemon")
	}
	if strings.TrimSpace(in.Command) == "" {
		return wire.CliReply{}, wire.Errorf(wire.MissingField, "no command is given").WithHint("try /help")
	}
	out := wire.CliReply{Command: in.Command, OK: true, Output: []string{}}
	lines, err := s.command(ctx, strings.TrimSpace(in.Command), c)
	if err != nil {
		e := wire.AsError(err)
		reason := e.Error()
		out.OK, out.Error, out.Code = false, &reason, e.Code
		return out, nil
	}
	out.Output = append(out.Output, lines...)
	return out, nil
}

func (s *Services) command(ctx context.Context, line string, c bridge.Call) ([]string, error) {
	name, args, _ := strings.Cut(line, " ")
	name, slash := strings.CutPrefix(name, "/")
	routes := s.Routes()
	request, known := commands[name]
	if route, ok := routes[name]; !known && ok && (strings.HasPrefix(name, "focus_") || strings.HasPrefix(name, "expense_")) {
		request, known = route.Request, true
	}
	switch route, ok := routes[request]; {
	case slash && name == "help":
		return s.help(routes), nil
	case slash && name == "exit":
		return nil, wire.Errorf(wire.Unsupported, "/exit: a client does not end the daemon").WithHint("intercom down")
	case !slash || !known:
		return nil, nil
	case !ok:
		return nil, wire.Errorf(wire.Unsupported, "/%s is not available in this version", name)
	default:
		fields, err := compat.Flags(args)
		if err != nil {
			return nil, err
		}
		reply, err := route.Handle(ctx, bridge.Call{Type: request, Fields: fields, Session: c.Session})
		if later, ok := reply.(bridge.Later); ok && err == nil {
			reply, err = later()
		}
		if err != nil {
			return nil, err
		}
		return s.printed(name, request, reply)
	}
}

// printed returns a reply as the line that the original prints.
func (s *Services) printed(name, request string, reply any) ([]string, error) {
	if stats, ok := reply.(wire.StatsReply); ok && name == "sc_stats" {
		reply = struct {
			Channels        []string `json:"channels"`
			ConnectionCount int      `json:"connectionCount"`
		}{stats.Channels, stats.ConnectionCount}
	} else if s.Original != nil {
		if fields := s.Original(request, reply); fields != nil {
			reply = fields
		}
	}
	b, err := compat.Encode(reply)
	if err != nil {
		return nil, fmt.Errorf("print reply: %w", err)
	}
	return []string{string(b)}, nil
}

// help lists the commands that do something here.
func (s *Services) help(routes map[string]bridge.Route) []string {
	summaries := map[string]string{"help": "List the commands"}
	for name, request := range commands {
		if route, ok := routes[request]; ok {
			summaries[name] = route.Summary
		}
	}
	for _, a := range s.Apps {
		for _, q := range a.Requests {
			summaries[q.Request] = q.Summary
		}
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(summaries)) {
		lines = append(lines, "/"+name+" | "+summaries[name])
	}
	return lines
}
