package identity

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/nacl/secretbox"
)

var (
	// ErrKeystore means that data is not a keypair.json of trac-wallet, or that
	// what it holds does not fit together.
	ErrKeystore = errors.New("not a keystore")
	// ErrPassphrase means that a passphrase does not open a keystore, or that
	// its content was changed.
	ErrPassphrase = errors.New("the passphrase does not open the keystore")
)

// Parameters of keypair.json, which its files do not name: the key is made by
// Argon2i v1.3 and the cipher is XSalsa20-Poly1305.
const (
	keystorePasses  = 3
	keystoreMemory  = 256 << 10 // KiB
	keystoreThreads = 1
	keystoreVersion = "1.0.0"
	saltSize        = 16
	nonceSize       = 24
	boxKeySize      = 32
)

// sealed is the file: hexadecimal text.
type sealed struct {
	Nonce      string `json:"nonce"`
	Salt       string `json:"salt"`
	Ciphertext string `json:"ciphertext"`
}

// wallet is what is sealed, in the order of trac-wallet 2.1.0. Version 1.0.x
// leaves out the prefix, the address and the version, a wallet without words
// the mnemonic and the path.
type wallet struct {
	AddressPrefix  string `json:"addressPrefix,omitempty"`
	PublicKey      string `json:"publicKey"`
	SecretKey      string `json:"secretKey"`
	Address        string `json:"address,omitempty"`
	Mnemonic       string `json:"mnemonic,omitempty"`
	DerivationPath string `json:"derivationPath,omitempty"`
	Version        string `json:"version,omitempty"`
}

// OpenKeystore returns the identity in a keypair.json of trac-wallet. The
// passphrase may be empty, as it is by default there. n is the network; the
// zero Network is the first whose addresses the file has. It takes 256 MiB and
// about a second of processor time. It fails with ErrKeystore, ErrPassphrase,
// ErrNewer, or ErrNetwork where the file's addresses are not n's.
func OpenKeystore(data, passphrase []byte, n Network) (Identity, error) {
	plain, err := unseal(data, passphrase)
	if err != nil {
		return Identity{}, fmt.Errorf("open keystore: %w", err)
	}
	defer clear(plain)
	id, err := readWallet(plain, n)
	if err != nil {
		return Identity{}, fmt.Errorf("open keystore: %w", err)
	}
	return id, nil
}

// SealKeystore returns the keypair.json of an identity, as trac-wallet 2.1.0
// writes it. It takes 40 bytes of random, and memory and time as OpenKeystore.
func SealKeystore(random io.Reader, id Identity, passphrase []byte) ([]byte, error) {
	if id.p == nil {
		return nil, errEmpty
	}
	var fresh [saltSize + nonceSize]byte
	if _, err := io.ReadFull(random, fresh[:]); err != nil {
		return nil, fmt.Errorf("seal keystore: %w", err)
	}
	salt, nonce := fresh[:saltSize], [nonceSize]byte(fresh[saltSize:])
	pub := id.PublicKey()
	plain, err := json.MarshalIndent(wallet{
		AddressPrefix: id.Network().HRP, PublicKey: hex.EncodeToString(pub[:]), SecretKey: hex.EncodeToString(id.PrivateKey()),
		Address: id.Address(), Mnemonic: id.Mnemonic(), DerivationPath: id.Path(), Version: keystoreVersion,
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("seal keystore: %w", err)
	}
	defer clear(plain)
	key := boxKey(passphrase, salt)
	defer clear(key[:])
	return json.Marshal(sealed{
		hex.EncodeToString(nonce[:]), hex.EncodeToString(salt), hex.EncodeToString(secretbox.Seal(nil, plain, &nonce, &key)),
	})
}

// SaveKeystore writes a new file as Save does.
func SaveKeystore(path string, data []byte) error {
	if err := writeNew(path, data); err != nil {
		return fmt.Errorf("save keystore %s: %w", path, err)
	}
	return nil
}

func boxKey(passphrase, salt []byte) [boxKeySize]byte {
	return [boxKeySize]byte(argon2.Key(passphrase, salt, keystorePasses, keystoreMemory, keystoreThreads, boxKeySize))
}

// unseal refuses what cannot be a keystore before it works for it.
func unseal(data, passphrase []byte) ([]byte, error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("%w: over %d bytes", ErrKeystore, maxFile)
	}
	var file sealed
	if decodeStrict(data, &file) != nil {
		return nil, fmt.Errorf("%w: not a JSON object with nonce, salt and ciphertext", ErrKeystore)
	}
	nonce, badNonce := hex.DecodeString(file.Nonce)
	salt, badSalt := hex.DecodeString(file.Salt)
	box, badBox := hex.DecodeString(file.Ciphertext)
	if badNonce != nil || badSalt != nil || badBox != nil || len(nonce) != nonceSize || len(salt) != saltSize || len(box) <= secretbox.Overhead {
		return nil, fmt.Errorf("%w: nonce, salt or ciphertext has a wrong length or is not hexadecimal", ErrKeystore)
	}
	key := boxKey(passphrase, salt)
	defer clear(key[:])
	plain, ok := secretbox.Open(nil, box, (*[nonceSize]byte)(nonce), &key)
	if !ok {
		return nil, ErrPassphrase
	}
	return plain, nil
}

// decodeStrict reads one JSON value without keys that v does not know.
func decodeStrict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more behind the value")
	}
	return nil
}

// readWallet wraps no error of what it calls: they could quote the words.
func readWallet(plain []byte, n Network) (Identity, error) {
	var w wallet
	if json.Unmarshal(plain, &w) != nil {
		return Identity{}, fmt.Errorf("%w: it does not hold a wallet", ErrKeystore)
	}
	if w.Version != "" && w.Version != keystoreVersion {
		return Identity{}, fmt.Errorf("%w: keystore version %q, this program reads %s", ErrNewer, printable(w.Version), keystoreVersion)
	}
	networks := Networks()
	if n != (Network{}) {
		networks = []Network{n}
	}
	fits := false
	for _, n := range networks {
		if w.AddressPrefix != "" && w.AddressPrefix != n.HRP {
			continue
		}
		fits = true
		// Without a prefix only the key tells for which one it was derived.
		if id, err := w.identity(n); err == nil {
			return id, nil
		}
	}
	if !fits {
		return Identity{}, fmt.Errorf("%w: the keystore is for addresses that begin with %q", ErrNetwork, printable(w.AddressPrefix))
	}
	return Identity{}, fmt.Errorf("%w: words, keys and address do not fit together", ErrKeystore)
}

func (w wallet) identity(n Network) (Identity, error) {
	key, err := hex.DecodeString(w.SecretKey)
	if err != nil {
		return Identity{}, ErrKeystore
	}
	id, err := FromSecretKey(key, n)
	if err == nil && w.Mnemonic != "" {
		id, err = FromMnemonic(w.Mnemonic, n, w.DerivationPath)
	}
	if err != nil {
		return Identity{}, ErrKeystore
	}
	pub := id.PublicKey()
	if w.PublicKey != hex.EncodeToString(pub[:]) || !bytes.Equal(id.PrivateKey(), key) || w.Address != "" && w.Address != id.Address() {
		return Identity{}, ErrKeystore
	}
	return id, nil
}
