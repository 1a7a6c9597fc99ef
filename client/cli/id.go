package cli

import (
	"encoding/hex"
	"errors"
	"io/fs"

	"github.com/spf13/cobra"

	"intercom/client/wire"
	"intercom/p2p/identity"
)

func newIDCmd(sh *shell) *cobra.Command {
	return alone(newNounCmd("id", "Show, save and restore the key of the profile",
		newIDShowCmd(sh), newIDAddressCmd(sh), newIDExportCmd(sh), newIDImportCmd(sh), newIDNewCmd(sh)), "show")
}

func newIDShowCmd(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use: "show", Short: "Show the public key and the address", Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			id, err := runIDShow(cmd, sh)
			if err != nil {
				return err
			}
			return sh.show(wire.Identity.Schema(), id)
		},
	}
}

func newIDAddressCmd(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use: "address", Short: "Print the address alone", Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			id, err := runIDShow(cmd, sh)
			if err != nil {
				return err
			}
			return sh.showText(wire.SchemaName("id address"), id, id.Address)
		},
	}
}

// runIDShow asks another machine's daemon, but reads the own key file, which
// is there without a daemon.
func runIDShow(cmd *cobra.Command, sh *shell) (wire.IdentityReply, error) {
	if sh.flags.address != "" || sh.Getenv("INTERCOM_ADDRESS") != "" {
		return ask(cmd.Context(), sh, wire.Identity, wire.None{})
	}
	id, err := sh.identity()
	if err != nil {
		return wire.IdentityReply{}, err
	}
	return describe(id), nil
}

func (sh *shell) identity() (identity.Identity, error) {
	p, err := sh.findProfile()
	if err != nil {
		return identity.Identity{}, err
	}
	id, err := identity.Load(p.IdentityFile())
	if errors.Is(err, fs.ErrNotExist) {
		return id, wire.Errorf(wire.NotFound, "profile %s has no key yet", p.Name).
			WithHint("intercom up makes one; so does intercom id new")
	}
	return id, err
}

func describe(id identity.Identity) wire.IdentityReply {
	pub := id.PublicKey()
	return wire.IdentityReply{
		PublicKey: hex.EncodeToString(pub[:]), Address: id.Address(), Network: id.Network().Name, Path: id.Path(),
	}
}
