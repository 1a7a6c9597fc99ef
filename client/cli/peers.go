package cli

import (
	"time"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/wire"
)

const peersLong = `Peers are the other daemons that this one talks with.

PEER is a public key, a peer id (12D3...), a Trac address, or the beginning of
one of them that no other known peer has.

A block is this daemon's own decision: the peer is not talked with, and its
messages are dropped whoever brings them. What it wrote in rooms still counts,
as for all others, or the balances of two people would differ.`

func newPeersCmd(sh *shell) *cobra.Command {
	cmd := newNounCmd("peers", "List, connect and block peers", newPeersListCmd(sh),
		newPeersConnectCmd(sh), newPeerCmd(sh, "disconnect", wire.PeerDisconnect, ""),
		newPeersBlockCmd(sh), newPeerCmd(sh, "unblock", wire.PeerUnblock, "Blocks for what a peer did end too."))
	cmd.Long = peersLong
	return alone(cmd, "list")
}

func newPeersListCmd(sh *shell) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: wire.Peers.Summary, Args: noArgs, ValidArgsFunction: cobra.NoFileCompletions,
	}
	all := cmd.Flags().Bool("all", false, "also those that are away: found, or in the address book")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return runPeersList(cmd, sh, *all) }
	return cmd
}

func runPeersList(cmd *cobra.Command, sh *shell, all bool) error {
	reply, err := ask(cmd.Context(), sh, wire.Peers, wire.PeersReq{All: all})
	if err != nil {
		return err
	}
	return sh.show(wire.Peers.Schema(), reply)
}

func newPeersConnectCmd(sh *shell) *cobra.Command {
	var key string
	var dryRun, save bool
	cmd := &cobra.Command{
		Use: "connect ADDRESS", Short: wire.PeerConnect.Summary,
		Example: `  intercom peers connect /ip4/192.168.1.20/tcp/4001/p2p/12D3KooWA1b2c3 --save`,
		Args:    atMost(1), ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().BoolVar(&save, "save", false, "stay connected, also after restarts")
	addWriteFlags(cmd, &key, &dryRun)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 || args[0] == "" {
			return usage(cmd, "ADDRESS is missing")
		}
		return doPeer(cmd, sh, wire.PeerConnect, wire.PeerConnectReq{Address: args[0], Save: save}, key, dryRun)
	}
	return cmd
}

func newPeersBlockCmd(sh *shell) *cobra.Command {
	var key, life string
	var dryRun bool
	cmd := &cobra.Command{
		Use: "block PEER", Short: wire.PeerBlock.Summary,
		Args: atMost(1), ValidArgsFunction: completeFirst(sh, wire.CompletePeers),
	}
	cmd.Flags().StringVar(&life, "for", "", "how long, like 90m, 12h or 30d (default until it is unblocked)")
	addWriteFlags(cmd, &key, &dryRun)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 || args[0] == "" {
			return usage(cmd, "PEER is missing")
		}
		d, err := parseLife(life)
		if err != nil {
			return usage(cmd, "--for: %v", err)
		}
		return doPeer(cmd, sh, wire.PeerBlock, wire.PeerBlockReq{Peer: args[0], ForMs: int64(d / time.Millisecond)}, key, dryRun)
	}
	return cmd
}

// newPeerCmd returns a command that needs a peer and nothing else.
func newPeerCmd(sh *shell, verb string, d wire.Def[wire.PeerReq, wire.PeerReply], long string) *cobra.Command {
	var key string
	var dryRun bool
	cmd := &cobra.Command{Use: verb + " PEER", Short: d.Summary, Args: atMost(1), ValidArgsFunction: completeFirst(sh, wire.CompletePeers)}
	if long != "" {
		cmd.Long = d.Summary + ". " + long
	}
	addWriteFlags(cmd, &key, &dryRun)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 || args[0] == "" {
			return usage(cmd, "PEER is missing")
		}
		return doPeer(cmd, sh, d, wire.PeerReq{Peer: args[0]}, key, dryRun)
	}
	return cmd
}

func doPeer[Req any](cmd *cobra.Command, sh *shell, d wire.Def[Req, wire.PeerReply], in Req, key string, dryRun bool) error {
	reply, err := ask(cmd.Context(), sh, d, in, client.Key(key), client.DryRun(dryRun))
	if err != nil {
		return err
	}
	return sh.showWrite(d.Schema(), reply, dryRun)
}
