package identity_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intercom/p2p/identity"
)

type keystoreVector struct {
	Note       string
	Password   string `json:"password_utf8"`
	DerivedKey string `json:"derived_key"`
	File       string
	Plaintext  string `json:"plaintext_json"`
	Address    string
}

// keystores reads a section of testdata/keystore.json: files of trac-wallet.
func keystores(t *testing.T, section string) []keystoreVector {
	t.Helper()
	data, err := os.ReadFile("testdata/keystore.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string][]keystoreVector
	if err := json.Unmarshal(data, &all); err != nil || len(all[section]) == 0 {
		t.Fatalf("section %q: %v", section, err)
	}
	return all[section]
}

// What trac-wallet wrote is read, and written again byte by byte.
func TestVectorsKeystore(t *testing.T) {
	for _, v := range keystores(t, "keystore") {
		id, err := identity.OpenKeystore([]byte(v.File), []byte(v.Password), identity.Network{})
		if err != nil {
			t.Errorf("%s: %v", v.Note, err)
			continue
		}
		if !strings.Contains(v.Plaintext, `"address": "`+id.Address()+`"`) || !strings.Contains(v.Plaintext, hexOf(id.PrivateKey())) {
			t.Errorf("%s: opened as %v", v.Note, id)
		}
		var file struct{ Nonce, Salt string }
		if err := json.Unmarshal([]byte(v.File), &file); err != nil {
			t.Fatal(err)
		}
		random, err := hex.DecodeString(file.Salt + file.Nonce)
		if err != nil {
			t.Fatal(err)
		}
		again, err := identity.SealKeystore(bytes.NewReader(random), id, []byte(v.Password))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, v.Note, string(again), v.File)
	}
}

func TestKeystoreOfTheOlderWallet(t *testing.T) {
	for _, v := range keystores(t, "keystore_trac_wallet_1_0_1") {
		id, err := identity.OpenKeystore([]byte(v.File), []byte(v.Password), identity.Network{})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, v.Note, id.Address(), v.Address)
	}
}

func TestWrongPassphraseDoesNotOpen(t *testing.T) {
	v := keystores(t, "keystore")[1]
	if _, err := identity.OpenKeystore([]byte(v.File), []byte(v.Password+" "), identity.Network{}); !errors.Is(err, identity.ErrPassphrase) {
		t.Errorf("error %v", err)
	}
}

func TestKeystoreIsOfOneNetwork(t *testing.T) {
	v := keystores(t, "keystore")[0]
	if _, err := identity.OpenKeystore([]byte(v.File), nil, identity.Testnet1); !errors.Is(err, identity.ErrNetwork) {
		t.Errorf("error %v", err)
	}
}

// None of these costs the memory and the time of opening one.
func TestRefusedKeystores(t *testing.T) {
	good := keystores(t, "keystore")[0].File
	for name, file := range map[string]string{
		"empty":              "",
		"a list":             "[]",
		"more behind":        good + good,
		"parameters":         strings.Replace(good, "{", `{"memory":1099511627776,`, 1),
		"a short nonce":      strings.Replace(good, `"nonce":"77`, `"nonce":"`, 1),
		"a long salt":        strings.Replace(good, `"salt":"`, `"salt":"00`, 1),
		"not hexadecimal":    strings.Replace(good, `"ciphertext":"9`, `"ciphertext":"x`, 1),
		"nothing inside":     `{"nonce":"` + strings.Repeat("00", 24) + `","salt":"` + strings.Repeat("00", 16) + `","ciphertext":""}`,
		"too large":          `{"nonce":"` + strings.Repeat("0", 1<<20),
		"a key file of ours": `{"version":1,"network":"mainnet"}`,
	} {
		allocs := testing.AllocsPerRun(1, func() {
			if _, err := identity.OpenKeystore([]byte(file), nil, identity.Network{}); !errors.Is(err, identity.ErrKeystore) {
				t.Errorf("%s: error %v", name, err)
			}
		})
		if allocs > 200 {
			t.Errorf("%s: %v allocations", name, allocs)
		}
	}
}

func TestWhatAKeystoreHoldsFitsTogether(t *testing.T) {
	good := keystores(t, "keystore")[0].Plaintext
	for name, c := range map[string]struct {
		plain string
		err   error
	}{
		"good":            {good, nil},
		"another key":     {strings.Replace(good, `"publicKey": "17`, `"publicKey": "18`, 1), identity.ErrKeystore},
		"half a secret":   {strings.Replace(good, `"secretKey": "2374`, `"secretKey": "`, 1), identity.ErrKeystore},
		"other seed":      {strings.Replace(good, `"secretKey": "23`, `"secretKey": "24`, 1), identity.ErrKeystore},
		"other words":     {strings.Replace(good, "abandon about", "abandon above", 1), identity.ErrKeystore},
		"other path":      {strings.Replace(good, "m/918'", "m/919'", 1), identity.ErrKeystore},
		"other address":   {strings.Replace(good, `"trac1z`, `"trac1q`, 1), identity.ErrKeystore},
		"other prefix":    {strings.Replace(good, `"addressPrefix": "trac"`, `"addressPrefix": "btc"`, 1), identity.ErrNetwork},
		"a later version": {strings.Replace(good, "1.0.0", "1.1.0", 1), identity.ErrNewer},
		"not JSON":        {"x", identity.ErrKeystore},
		"an older wallet": {strings.NewReplacer(`"addressPrefix": "trac",`, "", `"version": "1.0.0"`, `"version": ""`).Replace(good), nil},
	} {
		_, err := identity.ReadWallet([]byte(c.plain), identity.Network{})
		if !errors.Is(err, c.err) {
			t.Errorf("%s: error %v", name, err)
		}
		if err != nil {
			noSecret(t, name, err.Error(), "abandon about above")
		}
	}
}

func TestKeyWithoutWordsIsSavedAndLoaded(t *testing.T) {
	from := mustIdentity(t, legal, identity.Testnet1, "")
	id, err := identity.FromSecretKey(from.PrivateKey(), identity.Testnet1)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := identity.Save(path, id); err != nil {
		t.Fatal(err)
	}
	again, err := identity.Load(path)
	if err != nil || again.Address() != from.Address() || again.Mnemonic() != "" || again.Path() != "" || !bytes.Equal(again.PrivateKey(), from.PrivateKey()) {
		t.Errorf("loaded %v, %v", again, err)
	}
}

func TestRefusedSecretKeys(t *testing.T) {
	key := mustIdentity(t, legal, identity.Mainnet, "").PrivateKey()
	other := bytes.Clone(key)
	other[63]++
	for _, k := range [][]byte{nil, key[:32], append(bytes.Clone(key), 0), other} {
		if _, err := identity.FromSecretKey(k, identity.Mainnet); !errors.Is(err, identity.ErrSecretKey) {
			t.Errorf("%d bytes: error %v", len(k), err)
		}
	}
	if _, err := identity.FromSecretKey(key, identity.Network{}); !errors.Is(err, identity.ErrNetwork) {
		t.Errorf("error %v", err)
	}
}
