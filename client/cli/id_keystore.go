package cli

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"intercom/client/wire"
	"intercom/internal/private"
	"intercom/p2p/identity"
)

const (
	maxPassphrase = 4 << 10 // bytes
	maxKeystore   = 16 << 10
)

// passphraseVar is the variable that may hold the passphrase of a keystore.
const passphraseVar = "INTERCOM_PASSPHRASE"

type keystoreOptions struct {
	file           string
	passphraseFile string
	noPassphrase   bool
}

func (o *keystoreOptions) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.file, "keystore", "", "file in the format of trac-wallet (keypair.json)")
	f.StringVar(&o.passphraseFile, "passphrase-file", "", "file with the passphrase of the keystore, - for standard input (default "+passphraseVar+", else it is asked for)")
	f.BoolVar(&o.noPassphrase, "no-passphrase", false, "the passphrase of the keystore is empty: only the file's mode protects the key")
}

// passphrase returns what seals the keystore; fresh is asked for twice.
func (sh *shell) passphrase(cmd *cobra.Command, o keystoreOptions, fresh bool) ([]byte, error) {
	switch {
	case o.noPassphrase && o.passphraseFile != "":
		return nil, usage(cmd, "--passphrase-file and --no-passphrase exclude each other")
	case o.noPassphrase:
		return nil, nil
	case o.passphraseFile == "-":
		return readPassphrase(sh.Stdin)
	case o.passphraseFile != "":
		f, err := os.Open(o.passphraseFile)
		if err != nil {
			return nil, fmt.Errorf("read passphrase: %w", err)
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && private.Exposed(info.Mode()) {
			return nil, wire.Errorf(wire.KeyFileExposed, "others may read the passphrase file %s", o.passphraseFile).WithHint("chmod 600 " + o.passphraseFile)
		}
		return readPassphrase(f)
	}
	if set := sh.Getenv(passphraseVar); set != "" {
		return []byte(set), nil
	}
	if !sh.Asks {
		return nil, usage(cmd, "the passphrase is missing: give --passphrase-file, %s or --no-passphrase", passphraseVar)
	}
	first, err := sh.askPassphrase("passphrase (not shown): ")
	if err != nil || !fresh {
		return first, err
	}
	second, err := sh.askPassphrase("once more: ")
	if err == nil && !bytes.Equal(first, second) {
		err = wire.Errorf(wire.InvalidRequest, "the two passphrases differ").WithHint("try again")
	}
	return first, err
}

func (sh *shell) askPassphrase(prompt string) ([]byte, error) {
	sh.printer.Prompt(prompt)
	text, err := sh.ReadSecret()
	fmt.Fprintln(sh.Stderr)
	if err != nil {
		return nil, fmt.Errorf("read passphrase: %w", err)
	}
	return text, nil
}

// readPassphrase takes everything but the end of the line.
func readPassphrase(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxPassphrase+1))
	if err != nil {
		return nil, fmt.Errorf("read passphrase: %w", err)
	}
	if len(text) > maxPassphrase {
		return nil, wire.Errorf(wire.TooLarge, "the passphrase has more than %d bytes", maxPassphrase)
	}
	return bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r")), nil
}

const deriving = "making the key of the keystore from the passphrase (256 MiB of memory, about a second)"

func runKeystoreImport(cmd *cobra.Command, sh *shell, network string, o keystoreOptions, dryRun bool) error {
	var n identity.Network
	if network != "" {
		var err error
		if n, err = identity.NetworkNamed(network); err != nil {
			return err
		}
	}
	p, err := sh.findProfile()
	if err != nil {
		return err
	}
	if err := free(p.IdentityFile()); err != nil { // before anything is asked
		return hasKey(err, p, "id import")
	}
	f, err := os.Open(o.file)
	if err != nil {
		return fmt.Errorf("read keystore: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxKeystore+1))
	if err != nil {
		return fmt.Errorf("read keystore: %w", err)
	}
	passphrase, err := sh.passphrase(cmd, o, false)
	if err != nil {
		return err
	}
	progress := sh.printer.Progress(deriving)
	id, err := identity.OpenKeystore(data, passphrase, n)
	progress.End()
	if err != nil {
		return err
	}
	if info, err := f.Stat(); err == nil && len(passphrase) == 0 && private.Exposed(info.Mode()) {
		sh.printer.Note("others can read " + o.file + ", and its passphrase is empty: chmod 600, or remove it")
	}
	return runIDSave(sh, id, "id import", dryRun)
}

func runKeystoreExport(cmd *cobra.Command, sh *shell, id identity.Identity, o keystoreOptions, dryRun bool) error {
	if _, err := os.Lstat(o.file); err == nil { // before anything is asked
		return keystoreExists(o.file)
	}
	if dryRun {
		return sh.wouldBe("writes the sealed key to " + o.file)
	}
	passphrase, err := sh.passphrase(cmd, o, true)
	if err != nil {
		return err
	}
	if len(passphrase) == 0 && !o.noPassphrase {
		return usage(cmd, "the passphrase is empty: --no-passphrase says that this is meant")
	}
	progress := sh.printer.Progress(deriving)
	data, err := identity.SealKeystore(rand.Reader, id, passphrase)
	progress.End()
	if err != nil {
		return err
	}
	if err := identity.SaveKeystore(o.file, data); errors.Is(err, fs.ErrExist) {
		return keystoreExists(o.file)
	} else if err != nil {
		return err
	}
	if len(passphrase) == 0 {
		sh.printer.Note("nothing but its mode protects " + o.file + ": whoever can read it has the identity")
	}
	return nil
}

func keystoreExists(file string) error {
	return wire.Errorf(wire.Conflict, "%s is there already", file).WithHint("choose another name; no key is replaced")
}
