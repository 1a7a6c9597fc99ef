package identity_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"intercom/p2p/identity"

	"pgregory.net/rapid"
)

// None of these words occurs in a message of the package.
const legal = "legal winner thank year wave sausage worth useful legal winner thank yellow"

func TestWordsAreThoseOfBIP39(t *testing.T) {
	sum := sha256.Sum256([]byte(identity.English)) // of english.txt beside the proposal
	equal(t, "SHA-256", hexOf(sum[:]), "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda")
}

// The English vectors of BIP-39, passphrase aside.
func TestOfficialMnemonics(t *testing.T) {
	for entropy, words := range map[string]string{
		strings.Repeat("00", 16): strings.Repeat("abandon ", 11) + "about",
		strings.Repeat("7f", 16): legal,
		strings.Repeat("80", 16): "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
		strings.Repeat("ff", 16): strings.Repeat("zoo ", 11) + "wrong",
		strings.Repeat("00", 32): strings.Repeat("abandon ", 23) + "art",
		strings.Repeat("7f", 32): strings.Repeat("legal winner thank year wave sausage worth useful ", 2) + "legal winner thank year wave sausage worth title",
		strings.Repeat("80", 32): strings.Repeat("letter advice cage absurd amount doctor acoustic avoid ", 2) + "letter advice cage absurd amount doctor acoustic bless",
		strings.Repeat("ff", 32): strings.Repeat("zoo ", 23) + "vote",
	} {
		b, err := hex.DecodeString(entropy)
		if err != nil {
			t.Fatal(err)
		}
		got, err := identity.Words(b)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, entropy, got, words)
		equal(t, "accepted", mustIdentity(t, words, identity.Mainnet, "").Mnemonic(), words)
	}
}

func TestEmptyPathIsTheDefaultOfTheNetwork(t *testing.T) {
	for _, n := range identity.Networks() {
		short, long := mustIdentity(t, legal, n, ""), mustIdentity(t, legal, n, n.Path)
		equal(t, n.Name, short.Path(), n.Path)
		equal(t, n.Name, short.PublicKey(), long.PublicKey())
		equal(t, n.Name, short.Network(), n)
		equal(t, n.Name, len(short.Address()), n.AddressLen())
	}
}

func TestRefusedMnemonics(t *testing.T) {
	for name, words := range map[string]string{
		"11 words":     strings.TrimPrefix(legal, "legal "),
		"15 words":     legal + " legal winner thank",
		"wrong word":   strings.Replace(legal, "sausage", "sausagemaker", 1),
		"two swapped":  strings.Replace(legal, "thank year", "year thank", 1),
		"long blanks":  legal + strings.Repeat(" ", 1<<20),
		"not UTF-8":    strings.Replace(legal, "sausage", "\xff\xfe", 1),
		"another list": strings.Repeat("abaisser ", 11) + "abaisser",
	} {
		_, err := identity.FromMnemonic(words, identity.Mainnet, "")
		if !errors.Is(err, identity.ErrMnemonic) {
			t.Errorf("%s: got %v, want ErrMnemonic", name, err)
			continue
		}
		noSecret(t, name, err.Error(), words)
	}
}

func TestRefusedPaths(t *testing.T) {
	for _, path := range []string{
		" ", "m", "m//0'", "m/0'/", "m/0h", "m/0''", "m/+1'", "m/0x1'", "m/1_0'", "m/\u0661'", "m/0'\x00", "m/a'\x1b[2J",
		"m/99999999999999999999999'", "m/" + strings.Repeat("0'/", 100) + "0'", legal,
	} {
		_, err := identity.FromMnemonic(legal, identity.Mainnet, path)
		if !errors.Is(err, identity.ErrPath) {
			t.Errorf("%q: got %v, want ErrPath", path, err)
			continue
		}
		noSecret(t, path, err.Error(), legal)
		if strings.ContainsAny(err.Error(), "\x00\x1b") {
			t.Errorf("%q: control characters in %q", path, err)
		}
	}
}

func TestUnknownNetworkIsRefused(t *testing.T) {
	forged := identity.Mainnet
	forged.HRP = "tracc"
	for _, n := range []identity.Network{{}, {Name: "mainnet"}, forged} {
		if _, err := identity.FromMnemonic(legal, n, "m/0'"); !errors.Is(err, identity.ErrNetwork) {
			t.Errorf("FromMnemonic %v: got %v, want ErrNetwork", n, err)
		}
		if _, err := identity.New(bytes.NewReader(make([]byte, 32)), n); !errors.Is(err, identity.ErrNetwork) {
			t.Errorf("New %v: got %v, want ErrNetwork", n, err)
		}
	}
	if _, err := identity.NetworkNamed("Mainnet"); !errors.Is(err, identity.ErrNetwork) {
		t.Errorf("got %v, want ErrNetwork", err)
	}
}

func TestShortRandomnessIsAnError(t *testing.T) {
	_, err := identity.New(bytes.NewReader(make([]byte, 31)), identity.Mainnet)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want io.ErrUnexpectedEOF", err)
	}
}

func TestPrivateKeyIsACopy(t *testing.T) {
	id := mustIdentity(t, legal, identity.Mainnet, "")
	clear(id.PrivateKey())
	if !identity.Verify(id.PublicKey(), nil, id.Sign(nil)) {
		t.Error("the caller of PrivateKey changed the identity")
	}
}

func TestSignatureOfAWrongLengthIsWrong(t *testing.T) {
	id := mustIdentity(t, legal, identity.Mainnet, "")
	msg := []byte("m")
	sig := id.Sign(msg)
	for _, s := range [][]byte{nil, {}, sig[:63], append(bytes.Clone(sig), 0)} {
		if identity.Verify(id.PublicKey(), msg, s) {
			t.Errorf("a signature of %d bytes verifies", len(s))
		}
	}
}

// noSecret fails when text has a word of the mnemonic.
func noSecret(t testing.TB, what, text, words string) {
	t.Helper()
	for _, w := range strings.Fields(words) {
		if strings.Contains(text, w) {
			t.Errorf("%s: %q shows the secret word %q", what, text, w)
			return
		}
	}
}

func TestNoOutputShowsASecret(t *testing.T) {
	id := mustIdentity(t, legal, identity.Mainnet, "")
	seen := struct{ ID identity.Identity }{id}
	hidden := struct{ id identity.Identity }{id}
	values := map[string]any{
		"value": id, "pointer": &id, "slice": []identity.Identity{id}, "map": map[string]identity.Identity{"k": id},
		"field": seen, "field pointer": &seen, "unexported field": hidden, "unexported field pointer": &hidden,
	}
	key := id.PrivateKey()
	secrets := []string{legal, "sausage", hexOf(key.Seed()), strings.ToUpper(hexOf(key.Seed())), string(key.Seed()),
		fmt.Sprintf("%x", "sausage"), fmt.Sprint(key.Seed()[:4]), fmt.Sprintf("%#v", key.Seed()[:4])}
	for i, s := range secrets {
		secrets[i] = strings.Trim(s, "[]{}") // a list of four goes on
	}
	check := func(what, text string) {
		t.Helper()
		if text == "" {
			t.Errorf("%s: printed nothing", what)
		}
		for _, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("%s shows a secret: %q", what, text)
			}
		}
	}
	for name, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%c", "%t", "%T"} {
			check(name+" "+verb, fmt.Sprintf(verb, v))
		}
		data, err := json.Marshal(v)
		if err != nil {
			t.Errorf("%s: marshal: %v", name, err)
		}
		check(name+" json", string(data))
		var text, lines bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("made", "id", v)
		slog.New(slog.NewJSONHandler(&lines, nil)).Info("made", "id", v)
		check(name+" slog text", text.String())
		check(name+" slog json", lines.String())
	}
	for _, verb := range []string{"%v", "%#v", "%x"} {
		equal(t, verb, fmt.Sprintf(verb, id), id.Address())
	}
	equal(t, "zero", fmt.Sprint(identity.Identity{}), "identity(none)")
}

func TestEveryIdentityComesBackFromItsMnemonic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entropy := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "entropy")
		n := rapid.SampledFrom(identity.Networks()).Draw(t, "network")
		blanks := rapid.StringOfN(rapid.SampledFrom([]rune(" \t\n\r")), 1, 4, -1).Draw(t, "blanks")
		id, err := identity.New(bytes.NewReader(entropy), n)
		if err != nil {
			t.Fatal(err)
		}
		typed := blanks + strings.ToUpper(strings.ReplaceAll(id.Mnemonic(), " ", blanks)) + blanks
		again, err := identity.FromMnemonic(typed, n, strings.ReplaceAll(id.Path(), "/", "/"+blanks))
		if err != nil {
			t.Fatal(err)
		}
		if again.PublicKey() != id.PublicKey() || again.Mnemonic() != id.Mnemonic() || again.Path() != id.Path() {
			t.Fatalf("%v came back as %v", id, again)
		}
	})
}

// Any input gives an identity in its normal form or an error of a known kind.
func FuzzFromMnemonic(f *testing.F) {
	f.Add(legal, "")
	f.Add("  LEGAL\twinner thank year wave sausage worth useful legal winner thank yellow", " m / 0' / 1' ")
	f.Add("zoo", "m/2147483648'")
	f.Fuzz(func(t *testing.T, words, path string) {
		id, err := identity.FromMnemonic(words, identity.Testnet1, path)
		if err != nil {
			if !errors.Is(err, identity.ErrMnemonic) && !errors.Is(err, identity.ErrPath) {
				t.Fatalf("unknown kind: %v", err)
			}
			return
		}
		again := mustIdentity(t, id.Mnemonic(), identity.Testnet1, id.Path())
		if again.Address() != id.Address() || again.Mnemonic() != id.Mnemonic() || again.Path() != id.Path() {
			t.Fatalf("%q %q: not in normal form", words, path)
		}
	})
}
