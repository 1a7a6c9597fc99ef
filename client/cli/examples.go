package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// examples are those of commands that bring none of their own: of the requests
// of apps, and of commands of a line. They stand without the program's name.
var examples = map[string]string{
	"channel consent":  "channel consent trip-nyc --jq .consent",
	"channel create":   "channel create trip-nyc",
	"channel join":     "channel join trip-nyc\nchannel join trip-nyc --owner 03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8",
	"channel leave":    "channel leave trip-nyc",
	"channel list":     "channel list --format tsv --fields channel,peers",
	"channel use":      "channel use trip-nyc",
	"config get":       "config get log-level",
	"config list":      "config list --format csv --fields key,value,source",
	"config path":      "config path",
	"config set":       "config set log-level debug",
	"down":             "down --timeout 30s",
	"expense add":      "expense add --channel trip --payer alice --amount 30 --split alice,bob --note dinner\nexpense add --payer alice=20,bob=10 --amount 30 --split alice=60,bob=40 --by percent --category food\nexpense add --payer alice --amount 12.50 --split alice,bob --income --note deposit\nexpense add --channel trip --from - --key import-7",
	"expense balance":  "expense balance --channel trip --format csv\nexpense balance --channel trip --exit-code --as alice\nexpense balance --channel trip --in EUR --rates rates.csv\nexpense balance --from trip.jsonl",
	"expense claim":    "expense claim alice --channel trip",
	"expense clear":    "expense clear --channel trip --dry-run",
	"expense confirm":  "expense confirm 3f2a91c04d5e --channel trip",
	"expense defaults": "expense defaults --channel house --currency EUR --split alice=2,bob=1 --by shares",
	"expense dispute":  "expense dispute 3f2a91c04d5e --reason 'it was 20'",
	"expense edit":     "expense edit 3f2a91c04d5e --amount 32.50 --note 'dinner and tip'",
	"expense import":   "expense import splitwise.csv --channel trip --dry-run\nexpense import splitwise.csv --channel trip --member 'Alice Smith=alice'\nexpense import trip.room",
	"expense list":     "expense list --channel trip --format jsonl --fields date,payer,amount\nexpense list --member bob --since 2026-01-01 --all\nexpense list --mine --channel trip",
	"expense pay":      "expense pay --channel trip --from bob --to alice --amount 15",
	"expense members":  "expense members --channel trip",
	"expense persist":  "expense persist --channel trip",
	"expense policy":   "expense policy confirm --days 7 --channel trip\nexpense policy --channel trip",
	"expense reopen":   "expense reopen --channel trip",
	"expense restore":  "expense restore --channel trip",
	"expense role":     "expense role 03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8 member --alias bob --channel trip\nexpense role bob --remove --channel trip\nexpense role bob owner --consent SIGNATURE --channel trip",
	"expense settle":   "expense settle --channel trip --format tsv\nexpense settle --channel trip --pin\nexpense settle --channel trip --explain\nexpense settle --channel trip --center alice --min 1.00",
	"expense show":     "expense show 3f2a91c04d5e --proof --json",
	"expense stats":    "expense stats --channel trip --by month",
	"expense verify":   "expense verify --channel trip\nexpense verify --channel trip --full",
	"expense void":     "expense void 3f2a91c04d5e --reason 'entered twice'\nexpense void 3f2a91c04d5e --undo",
	"focus break":      "focus break ship-room --minutes 10\nfocus break ship-room --long",
	"focus checkin":    "focus checkin ship-room --text 'parser done'",
	"focus end":        "focus end ship-room --summary 'released'",
	"focus export":     "focus export --format ics --since 3m > focus.ics\nfocus export --format hledger | hledger -f - balance\nfocus export --format expense --rate 80/h --payer alice --split bob | intercom expense add --channel trip --from -",
	"focus extend":     "focus extend ship-room --minutes 10",
	"focus handover":   "focus handover ship-room --to 9f3a\nfocus handover ship-room --to 9f3a --cohost",
	"focus join":       "focus join ship-room",
	"focus leave":      "focus leave ship-room",
	"focus pause":      "focus pause ship-room",
	"focus resume":     "focus resume ship-room",
	"focus schedule":   "focus schedule ship-room --at 09:00 --minutes 50 --every weekday --until 2026-12-18\nfocus schedule ship-room\nfocus schedule ship-room --cancel all",
	"focus who":        "focus who ship-room --format csv",
	"focus report":     "focus report --by week --since 3m\nfocus report ship-room --by person --format csv",
	"focus rooms":      "focus rooms --jq '.rooms[] | select(.status == \"active\") | .room'",
	"focus start":      "focus start ship-room --minutes 1h30m --goal 'ship v2' --tag release\nfocus start ship-room --ago 10m\nfocus start ship-room --align :00,:30 --cycle 25m/5m/4",
	"focus stats":      "focus stats ship-room --json",
	"focus status":     "focus status ship-room --template '{{(index .rooms 0).goal}}'\nfocus status --bar waybar\nfocus status --wait --exit-code --timeout 30m",
	"focus streaks":    "focus streaks --format md\nfocus streaks ship-room\nfocus streaks --weekdays mon-fri --freezes 1/week",
	"help":             "help expense add\nhelp exit-codes",
	"id address":       "id address",
	"id new":           "--profile work id new",
	"id show":          "id show --json",
	"peers block":      "peers block 9f3a --for 30d",
	"peers disconnect": "peers disconnect 9f3a",
	"peers list":       "peers list --format jsonl",
	"peers unblock":    "peers unblock 9f3a",
	"profile list":     "profile list",
	"profile new":      "profile new work",
	"profile rm":       "profile rm work --yes",
	"profile use":      "profile use work",
	"status":           "status --jq .info.listen[0]",
	"token list":       "token list",
	"token rm":         "token rm bot",
	"version":          "version --jq .client.version",
	"wait":             "wait --timeout 5s",

	"expense recur add":  "expense recur add --every month --start 2026-12-01 --payer alice --amount 900 --split alice,bob --note rent\nexpense recur add --every '2 weeks' --payer bob --amount 40 --split alice=2,bob=1 --by shares --count 10 --dry-run",
	"expense recur edit": "expense recur edit 3f2a --amount 950",
	"expense recur list": "expense recur list --channel house",
	"expense recur run":  "expense recur run --channel house",
	"expense recur stop": "expense recur stop 3f2a --last 2026-12-31",
}

// addExamples gives each command below cmd the example that it lacks.
func addExamples(cmd *cobra.Command) {
	if lines := examples[pathOf(cmd)]; cmd.Example == "" && lines != "" {
		cmd.Example = "  intercom " + strings.ReplaceAll(lines, "\n", "\n  intercom ")
	}
	for _, sub := range cmd.Commands() {
		addExamples(sub)
	}
}
