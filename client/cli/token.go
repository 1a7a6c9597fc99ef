package cli

import (
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/wire"
	"intercom/expense"
)

const tokenLong = `Tokens let programs and people connect to the daemon over TCP with less than the
owner's rights. A token is shown once. It holds at once, until it is removed or
its time is over; the daemon need not run.

  read     look at everything, and get what is pushed; every token may
  send     send messages; open, join and leave channels
  focus    start, join and end focus sessions
  expense  add, clear and reopen expenses; with --max-amount '50 EUR' up to that
           much each, and nothing that moves whole epochs (clear, reopen, restore)
  admin    everything, as the owner

On this machine its owner needs no token: the Unix socket knows the user.`

func newTokenCmd(sh *shell) *cobra.Command {
	cmd := newNounCmd("token", "Make, list and remove tokens with limited rights",
		newTokenAddCmd(sh), newTokenListCmd(sh), newTokenRmCmd(sh))
	cmd.Long = tokenLong
	return alone(cmd, "list")
}

// tokens is what `token list` prints.
type tokens struct {
	Tokens []tokenRow `json:"tokens"`
}

type tokenRow struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Scopes  []wire.Scope `json:"scopes"`
	Created time.Time    `json:"created"`
	Expires *time.Time   `json:"expires" jsonschema:"null: never"`
	Expired bool         `json:"expired"`
	Max     []string     `json:"maxAmount,omitempty" jsonschema:"the most that one write of expenses may come to, by currency; absent: any amount"`
}

// madeToken is what `token add` prints.
type madeToken struct {
	Token string `json:"token" jsonschema:"the token itself, which is kept nowhere: write it down"`
	tokenRow
}

func (sh *shell) describeToken(t client.Token) tokenRow {
	r := tokenRow{ID: t.ID, Name: t.Name, Scopes: t.Scopes, Created: t.Created, Expired: t.Expired(sh.Now())}
	if !t.Expires.IsZero() {
		r.Expires = &t.Expires
	}
	for _, m := range t.Max {
		r.Max = append(r.Max, expense.FormatAmount(m.Minor, m.Exp)+" "+m.Currency)
	}
	return r
}

func (r tokenRow) cells() []any {
	var expires any
	if r.Expires != nil {
		expires = *r.Expires
	}
	return []any{r.ID, r.Name, strings.Join(wire.ScopeNames(r.Scopes), ","), r.Created, expires, r.Expired, strings.Join(r.Max, ",")}
}

// Table returns one row.
func (r tokenRow) Table() wire.Table { return tokens{[]tokenRow{r}}.Table() }

// Table returns a row for each token.
func (l tokens) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("id", "name", "scopes", "created", "expires", "expired", "max")}
	for _, r := range l.Tokens {
		t.Rows = append(t.Rows, r.cells())
	}
	return t
}

// List implements wire.Listed.
func (tokens) List() string { return "tokens" }

// List implements wire.Listed.
func (tokenRow) List() string { return "" }

// Note tells the next step where there are none.
func (l tokens) Note() string {
	if len(l.Tokens) == 0 {
		return "no tokens; next: intercom token add NAME --scope read"
	}
	return ""
}

// Table returns one row.
func (m madeToken) Table() wire.Table {
	t := m.tokenRow.Table()
	t.Columns = append(wire.Columns("token"), t.Columns...)
	t.Rows[0] = append([]any{m.Token}, t.Rows[0]...)
	return t
}

func newTokenAddCmd(sh *shell) *cobra.Command {
	var scopes, most []string
	var ttl string
	var dryRun bool
	cmd := &cobra.Command{
		Use: "add [NAME]", Short: "Make a token and print it, this once",
		Example: `  export INTERCOM_SC_BRIDGE_TOKEN=$(intercom token add bot --scope send,expense --ttl 30d)`,
		Args:    atMost(1), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(scopes) == 0 {
				return wire.Errorf(wire.MissingField, "flag is missing: --scope").WithHint(cmd.CommandPath() + " --help")
			}
			life, err := parseLife(ttl)
			if err != nil {
				return usage(cmd, "--ttl: %v", err)
			}
			if len(args) == 1 && args[0] == "" {
				return usage(cmd, "NAME is empty")
			}
			t := client.Token{Name: strings.Join(args, "")}
			for _, s := range scopes {
				t.Scopes = append(t.Scopes, wire.Scope(strings.TrimSpace(s)))
			}
			if t.Max, err = expense.Most("max-amount", most); err != nil {
				return err
			}
			return runTokenAdd(sh, t, life, dryRun)
		},
	}
	cmd.Flags().StringSliceVar(&scopes, "scope", nil, "what it allows: "+strings.Join(wire.ScopeNames(wire.Scopes()), ", "))
	cmd.Flags().StringSliceVar(&most, "max-amount", nil, "with the scope expense: the most that one write may come to, as '50 EUR', once for each currency that it may use")
	cmd.Flags().StringVar(&ttl, "ttl", "", "how long it holds, like 90m, 12h or 30d (default until it is removed)")
	addLocalWrite(cmd, &dryRun)
	sh.completeFlag(cmd, "scope", cobra.FixedCompletions(wire.ScopeNames(wire.Scopes()), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func runTokenAdd(sh *shell, t client.Token, life time.Duration, dryRun bool) error {
	p, err := sh.ownProfile()
	if err != nil {
		return err
	}
	t.Created = sh.Now().UTC().Truncate(time.Second)
	if life > 0 {
		t.Expires = sh.Now().UTC().Add(life).Truncate(time.Second)
	}
	// An output that cannot be made must not cost a token that nobody saw.
	schema := wire.SchemaName("token add")
	if err := sh.printer.Options.Check(document(schema, madeToken{})); err != nil {
		return err
	}
	if dryRun {
		if t, err = p.CheckToken(t); err != nil {
			return err
		}
		return sh.showWrite(schema, madeToken{tokenRow: sh.describeToken(t)}, true)
	}
	made, text, err := p.AddToken(t, rand.Reader)
	if err != nil {
		return err
	}
	return sh.showText(schema, madeToken{text, sh.describeToken(made)}, text)
}

// ownProfile refuses commands that work on files of this machine where another
// daemon is meant.
func (sh *shell) ownProfile() (client.Profile, error) {
	if sh.flags.address != "" || sh.Getenv("INTERCOM_ADDRESS") != "" {
		return client.Profile{}, wire.Errorf(wire.InvalidRequest, "tokens are made on the machine of the daemon, not through --address").
			WithHint("run it there, without --address and INTERCOM_ADDRESS")
	}
	return sh.findProfile()
}

func newTokenListCmd(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the tokens, without their texts", Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			p, err := sh.ownProfile()
			if err != nil {
				return err
			}
			all, err := p.Tokens()
			if err != nil {
				return err
			}
			list := tokens{Tokens: []tokenRow{}}
			for _, t := range all {
				list.Tokens = append(list.Tokens, sh.describeToken(t))
			}
			return sh.show(wire.SchemaName("token list"), list)
		},
	}
}

func newTokenRmCmd(sh *shell) *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use: "rm NAME|ID", Short: "Remove a token, also from open connections", Args: exactly("NAME|ID"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return sh.tokenNames(args), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := sh.ownProfile()
			if err != nil {
				return err
			}
			remove := p.RemoveToken
			if dryRun {
				remove = p.FindToken
			}
			removed, err := remove(args[0])
			if err != nil {
				return err
			}
			return sh.showWrite(wire.SchemaName("token rm"), sh.describeToken(removed), dryRun)
		},
	}
	addLocalWrite(cmd, &dryRun)
	return cmd
}

func (sh *shell) tokenNames(args []string) []string {
	p, err := sh.findProfile()
	if err != nil || len(args) > 0 {
		return nil
	}
	var names []string
	all, _ := p.Tokens() // a shell has no place for an error
	for _, t := range all {
		names = append(names, t.ID, t.Name)
	}
	return slices.DeleteFunc(names, func(n string) bool { return n == "" })
}
