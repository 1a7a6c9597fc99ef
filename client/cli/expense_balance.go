package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"intercom/client/wire"
	"intercom/expense"
)

// Exit codes of `expense balance --exit-code`.
const (
	exitOwe  exitCode = 20
	exitOwed exitCode = 21
)

// addBalanceFlags adds what the daemon has no part in.
func addBalanceFlags(r *request, cmd *cobra.Command) {
	addBalanceExit(r, cmd)
	addBalanceFile(r, cmd)
	addRatesFile(r, cmd)
}

// addBalanceExit lets scripts ask without reading the output. Who I am is read
// of the room, so it is known once the reply is here.
func addBalanceExit(r *request, cmd *cobra.Command) {
	var ask bool
	var as string
	cmd.Flags().BoolVar(&ask, "exit-code", false, "end with 0 if I am settled, 20 if I owe, 21 if I am owed")
	cmd.Flags().StringVar(&as, "as", "", "who I am (default the name that this key speaks for in the room, else the setting expense.me)")
	complete(r.sh, cmd, "as", wire.CompleteMembers)
	r.more = func(_ context.Context, reply any) (_ any, err error) {
		if ask {
			as, err = r.sh.me(as, reply.(expense.Sheet).Me)
		}
		return reply, err
	}
	r.after = func(reply any) error {
		if !ask {
			return nil
		}
		return standing(reply.(expense.Sheet), as)
	}
}

// me returns the name of this person in a room: the one that he gives, else the
// one that he is known by there, else that of the settings.
func (sh *shell) me(as, known string) (string, error) {
	if as == "" {
		as = known
	}
	if as == "" {
		c, err := sh.config()
		if err != nil {
			return "", err
		}
		as = c.Get("expense.me")
	}
	if as == "" {
		return "", wire.Errorf(wire.MissingField, "it is not known who you are in expense rooms").
			WithHint("pass --as NAME, or: intercom expense claim NAME, or: intercom config set expense.me NAME")
	}
	name, err := expense.Name(as)
	if err != nil {
		return "", wire.Errorf(wire.InvalidRequest, "%v", err)
	}
	return name, nil
}

// standing is nil for who is settled in every currency. Who owes in one is not
// excused by being owed in another. A name that no open entry has is a mistake
// rather than settled, unless nobody has open entries.
func standing(s expense.Sheet, me string) error {
	var owed, known bool
	for _, b := range s.Balances {
		known = known || b.Member == me
		switch {
		case b.Member != me || b.Minor == "0":
		case strings.HasPrefix(b.Minor, "-"):
			return exitOwe
		default:
			owed = true
		}
	}
	switch {
	case owed:
		return exitOwed
	case !known && len(s.Balances) > 0:
		return wire.Errorf(wire.NotFound, "no open entry of %s names %s", s.Channel, me).
			WithHint("intercom expense balance --channel " + s.Channel)
	}
	return nil
}
