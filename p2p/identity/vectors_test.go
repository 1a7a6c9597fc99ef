package identity_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"intercom/p2p/identity"
)

// section reads one section of testdata/vectors.json, which was made by running
// trac-crypto-api 0.1.5, trac-wallet 2.1.0 and trac-msb 0.2.16. An absent or
// empty section fails the test.
func section[T any](t *testing.T, name string) []T {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	var rows []T
	strict := json.NewDecoder(bytes.NewReader(all[name]))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&rows); err != nil {
		t.Fatalf("section %q: %v", name, err)
	}
	if len(rows) == 0 {
		t.Fatalf("section %q is empty", name)
	}
	return rows
}

type identityVector struct {
	Name, Note, Mnemonic, HRP, Address string
	PathArgument                       *string `json:"path_argument"`
	PathStored                         string  `json:"path_stored"`
	FullPath                           string  `json:"slip10_full_path"`
	Seed                               string  `json:"bip39_seed"`
	PrivateSeed                        string  `json:"private_seed32"`
	PublicKey                          string  `json:"public_key"`
	SecretKey                          string  `json:"secret_key64"`
}

// networkOf returns the network of a prefix; the vectors name only prefixes.
func networkOf(t *testing.T, hrp string) identity.Network {
	t.Helper()
	for _, n := range identity.Networks() {
		if n.HRP == hrp {
			return n
		}
	}
	t.Fatalf("no network has prefix %q", hrp)
	return identity.Network{}
}

// mustIdentity derives an identity that has to exist.
func mustIdentity(t testing.TB, words string, n identity.Network, path string) identity.Identity {
	t.Helper()
	id, err := identity.FromMnemonic(words, n, path)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func hexOf[T ~[]byte](b T) string { return hex.EncodeToString(b) }

func pubHex(id identity.Identity) string {
	pub := id.PublicKey()
	return hexOf(pub[:])
}

func pubFrom(t *testing.T, text string) [32]byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != 32 {
		t.Fatalf("bad public key %q in the vectors", text)
	}
	return [32]byte(b)
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}

func TestVectorsIdentity(t *testing.T) {
	for i, v := range section[identityVector](t, "identity") {
		t.Run(fmt.Sprintf("%d-%s", i, v.Name), func(t *testing.T) {
			// The library's default path is mainnet's under every prefix.
			path := identity.Mainnet.Path
			if v.PathArgument != nil {
				path = *v.PathArgument
			}
			id := mustIdentity(t, v.Mnemonic, networkOf(t, v.HRP), path)
			equal(t, "path", id.Path(), v.PathStored)
			equal(t, "public key", pubHex(id), v.PublicKey)
			equal(t, "secret key", hexOf(id.PrivateKey()), v.SecretKey)
			equal(t, "private seed", hexOf(id.PrivateKey().Seed()), v.PrivateSeed)
			equal(t, "address", id.Address(), v.Address)
			equal(t, "mnemonic", id.Mnemonic(), v.Mnemonic)

			seed, err := identity.Seed(v.Mnemonic)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "bip39 seed", hexOf(seed), v.Seed)
			_, indexes, err := identity.ParsePath(path)
			if err != nil {
				t.Fatal(err)
			}
			_, full, err := identity.ParsePath(v.FullPath)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "walked path", fmt.Sprint(identity.FullPath(v.HRP, indexes)), fmt.Sprint(full))
			equal(t, "key at the full path", hexOf(identity.Derive(seed, full)), v.PrivateSeed)
		})
	}
}

func TestVectorsMnemonicChecks(t *testing.T) {
	type check struct {
		Input    string
		IsValid  bool `json:"is_valid"`
		Sanitize *string
	}
	for _, v := range section[check](t, "mnemonic_checks") {
		id, err := identity.FromMnemonic(v.Input, identity.Mainnet, "")
		if v.Sanitize == nil {
			if !errors.Is(err, identity.ErrMnemonic) || v.IsValid {
				t.Errorf("%q: got %v, want ErrMnemonic", v.Input, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", v.Input, err)
			continue
		}
		equal(t, "sanitized", id.Mnemonic(), *v.Sanitize)
		equal(t, "strictly valid, so unchanged", id.Mnemonic() == v.Input, v.IsValid)
	}
}

func TestVectorsEntropyToMnemonic(t *testing.T) {
	type entropy struct {
		Hex      string `json:"entropy_hex"`
		Mnemonic string
	}
	for _, v := range section[entropy](t, "entropy_to_mnemonic") {
		b, err := hex.DecodeString(v.Hex)
		if err != nil {
			t.Fatal(err)
		}
		id, err := identity.New(bytes.NewReader(b), identity.Mainnet)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, v.Hex, id.Mnemonic(), v.Mnemonic)
	}
}

func TestVectorsPathChecks(t *testing.T) {
	type check struct {
		Path, Error string
		OK          bool
		PublicKey   string `json:"public_key"`
	}
	words := section[identityVector](t, "identity")[0].Mnemonic
	for _, v := range section[check](t, "path_checks") {
		id, err := identity.FromMnemonic(words, identity.Mainnet, v.Path)
		if v.OK {
			if err != nil {
				t.Errorf("%s: %v", v.Path, err)
				continue
			}
			equal(t, v.Path, pubHex(id), v.PublicKey)
			continue
		}
		if !errors.Is(err, identity.ErrPath) || v.Error == "" || !strings.HasSuffix(err.Error(), ": "+v.Error) {
			t.Errorf("%s:\n got %v\nwant %s", v.Path, err, v.Error)
		}
	}
}

func TestVectorsAddressEncode(t *testing.T) {
	type row struct {
		HRP, Address string
		PublicKey    string `json:"public_key"`
		Length       int
	}
	for _, v := range section[row](t, "address_encode") {
		pub := pubFrom(t, v.PublicKey)
		address, err := identity.EncodeAddress(v.HRP, pub)
		if err != nil {
			t.Errorf("%s: %v", v.Address, err)
			continue
		}
		equal(t, "address", address, v.Address)
		equal(t, "length", len(address), v.Length)
		hrp, back, err := identity.DecodeAddress(address)
		if err != nil || hrp != v.HRP || back != pub {
			t.Errorf("decode %s: got %s %x %v", address, hrp, back, err)
		}
	}
}

func TestVectorsAddressChecks(t *testing.T) {
	type check struct {
		Note, Address, Decode string
		Format                bool `json:"api_isValid"`
		Decodes               bool `json:"api_canDecode"`
		Trac                  bool `json:"msb_isAddressValid_trac"`
		Testtrac              bool `json:"msb_isAddressValid_testtrac"`
	}
	for _, v := range section[check](t, "address_checks") {
		t.Run(v.Note, func(t *testing.T) {
			prefix, ok := identity.AddressFormat(v.Address)
			equal(t, "format", ok, v.Format)
			equal(t, "format under trac", ok && prefix == "trac", v.Trac)
			equal(t, "format under testtrac", ok && prefix == "testtrac", v.Testtrac)

			hrp, pub, err := identity.DecodeAddress(v.Address)
			// The library decodes upper case too, which MSB then refuses.
			if !v.Decodes || !v.Format {
				if !errors.Is(err, identity.ErrAddress) {
					t.Errorf("got %s %x %v, want ErrAddress", hrp, pub, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "public key", hexOf(pub[:]), v.Decode)
			equal(t, "prefix", hrp, prefix)
		})
	}
}

func TestVectorsSignVerify(t *testing.T) {
	type row struct {
		Key, Signature string
		PublicKey      string `json:"public_key"`
		Message        string `json:"message_hex"`
		Verify         bool
		Tampered       bool `json:"verify_tampered"`
	}
	words := map[string]string{}
	for _, v := range section[identityVector](t, "identity") {
		words[v.Name] = v.Mnemonic
	}
	for _, v := range section[row](t, "sign_verify") {
		id := mustIdentity(t, words[v.Key], identity.Mainnet, "")
		equal(t, "public key", pubHex(id), v.PublicKey)
		msg, err := hex.DecodeString(v.Message)
		if err != nil {
			t.Fatal(err)
		}
		sig := id.Sign(msg)
		equal(t, "signature", hexOf(sig), v.Signature)
		equal(t, "verify", identity.Verify(id.PublicKey(), msg, sig), v.Verify)
		equal(t, "standard library", ed25519.Verify(id.PrivateKey().Public().(ed25519.PublicKey), msg, sig), v.Verify)
		sig[0] ^= 1
		equal(t, "verify tampered", identity.Verify(id.PublicKey(), msg, sig), v.Tampered)
	}
}

func TestVectorsNetworks(t *testing.T) {
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Networks map[string]struct {
			HRP           string
			AddressLength int
			Path          string `json:"derivationPath"`
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	equal(t, "number of networks", len(identity.Networks()), 3)
	equal(t, "number of networks in the vectors", len(file.Networks), 3)
	for name, v := range file.Networks {
		n, err := identity.NetworkNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "name", n.Name, name)
		equal(t, "prefix", n.HRP, v.HRP)
		equal(t, "path", n.Path, v.Path)
		equal(t, "address length", n.AddressLen(), v.AddressLength)
	}
}
