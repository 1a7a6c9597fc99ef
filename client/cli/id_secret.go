package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/wire"
	"intercom/p2p/identity"
)

// secretIdentity is what `id export` prints.
type secretIdentity struct {
	Mnemonic string `json:"mnemonic" jsonschema:"24 words; whoever has them has the identity"`
	wire.IdentityReply
}

// Table returns one row.
func (s secretIdentity) Table() wire.Table {
	return wire.Table{Columns: wire.Columns("mnemonic", "network", "path"), Rows: [][]any{{s.Mnemonic, s.Network, s.Path}}}
}

func newIDExportCmd(sh *shell) *cobra.Command {
	var dryRun bool
	var store keystoreOptions
	cmd := &cobra.Command{
		Use: "export", Short: "Print the secret words of the key, to keep them safe",
		Long: `Print the words that the key is made from. Whoever has them has the identity:
keep them where nobody else reads. With --keystore the key is written to a new
file in the format of trac-wallet, keypair.json, sealed with a passphrase.`,
		Example: `  (umask 077; intercom id export > intercom-words.txt)
  intercom id export --keystore keypair.json`,
		Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			id, err := sh.identity()
			if err != nil {
				return err
			}
			if store.file != "" {
				return runKeystoreExport(cmd, sh, id, store, dryRun)
			}
			if dryRun {
				return usage(cmd, "--dry-run belongs to --keystore: the words are only printed")
			}
			if id.Mnemonic() == "" {
				return wire.Errorf(wire.Unsupported, "this key came without words").WithHint("intercom id export --keystore FILE")
			}
			return sh.showText(wire.SchemaName("id export"), secretIdentity{id.Mnemonic(), describe(id)}, id.Mnemonic())
		},
	}
	store.add(cmd)
	addLocalWrite(cmd, &dryRun)
	return cmd
}

func newIDImportCmd(sh *shell) *cobra.Command {
	var network, path string
	var dryRun bool
	var store keystoreOptions
	cmd := &cobra.Command{
		Use: "import [FILE|-]", Short: "Make the key of a profile from secret words",
		Long: `Make the key of a profile that has none from 12 or 24 words, read from a file or
standard input. They are never an argument: other users could see them there.
With --keystore the key is that of a keypair.json of trac-wallet, whose
passphrase is empty unless its owner chose one.`,
		Example: `  intercom --profile mine id import intercom-words.txt
  intercom --profile mine id import --keystore keypair.json --no-passphrase`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if store.file != "" {
				if len(args) > 0 || path != "" {
					return usage(cmd, "--keystore holds the key and its path: give no FILE and no --path")
				}
				if !cmd.Flags().Changed("network") {
					network = "" // that of the file
				}
				return runKeystoreImport(cmd, sh, network, store, dryRun)
			}
			words, err := sh.readWords(cmd, args)
			if err != nil {
				return err
			}
			n, err := identity.NetworkNamed(network)
			if err != nil {
				return err
			}
			id, err := identity.FromMnemonic(words, n, path)
			if err != nil {
				return err
			}
			return runIDSave(sh, id, "id import", dryRun)
		},
	}
	addLocalWrite(cmd, &dryRun)
	addNetworkFlag(cmd, &network)
	cmd.Flags().StringVar(&path, "path", "", "derivation path, like m/918'/0'/0'/0' (default that of the network)")
	store.add(cmd)
	return cmd
}

func newIDNewCmd(sh *shell) *cobra.Command {
	var network string
	var dryRun bool
	cmd := &cobra.Command{
		Use: "new", Short: "Make a new key for a profile that has none", Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			n, err := identity.NetworkNamed(network)
			if err != nil {
				return err
			}
			id, err := identity.New(rand.Reader, n)
			if err != nil {
				return err
			}
			return runIDSave(sh, id, "id new", dryRun)
		},
	}
	addLocalWrite(cmd, &dryRun)
	addNetworkFlag(cmd, &network)
	return cmd
}

func addNetworkFlag(cmd *cobra.Command, network *string) {
	var names []string
	for _, n := range identity.Networks() {
		names = append(names, n.Name)
	}
	cmd.Flags().StringVar(network, "network", identity.Mainnet.Name, "network that the address is for: "+strings.Join(names, ", "))
}

func (sh *shell) readWords(cmd *cobra.Command, args []string) (string, error) {
	if len(args) == 1 && args[0] != "-" {
		f, err := os.Open(args[0])
		if err != nil {
			return "", fmt.Errorf("read words: %w", err)
		}
		defer f.Close()
		return readText(f)
	}
	if len(args) == 1 || !sh.StdinTTY {
		return readText(sh.Stdin)
	}
	if !sh.Asks {
		return "", usage(cmd, "FILE is missing")
	}
	sh.printer.Prompt("words (not shown): ")
	words, err := sh.ReadSecret()
	fmt.Fprintln(sh.Stderr)
	if err != nil {
		return "", fmt.Errorf("read words: %w", err)
	}
	return string(words), nil
}

func runIDSave(sh *shell, id identity.Identity, command string, dryRun bool) error {
	p, err := sh.findProfile()
	if err != nil {
		return err
	}
	if dryRun {
		err = free(p.IdentityFile())
	} else if err = client.PrivateDir(p.DataDir()); err == nil {
		err = identity.Save(p.IdentityFile(), id)
	}
	if err != nil {
		return hasKey(err, p, command)
	}
	if dryRun && command == "id new" { // which would make another one
		return sh.wouldBe("makes a key for profile " + p.Name + " in " + p.IdentityFile())
	}
	return sh.showWrite(wire.SchemaName(command), describe(id), dryRun)
}

// hasKey says of an error that a profile has a key, where it is that.
func hasKey(err error, p client.Profile, command string) error {
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	return wire.Errorf(wire.Conflict, "profile %s has a key already", p.Name).
		WithHint("use another profile: intercom --profile NAME " + command)
}

// free fails with fs.ErrExist where there is a file.
func free(path string) error {
	_, err := os.Lstat(path)
	switch {
	case err == nil:
		return fs.ErrExist
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return err
}
