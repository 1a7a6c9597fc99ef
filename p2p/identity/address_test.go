package identity_test

import (
	"errors"
	"strings"
	"testing"

	"intercom/p2p/identity"

	"pgregory.net/rapid"
)

func TestRefusedPrefixes(t *testing.T) {
	for _, hrp := range []string{"", "Trac", "tr4c", "tr1c", "tr c", "träc", strings.Repeat("a", 32)} {
		if address, err := identity.EncodeAddress(hrp, [32]byte{}); !errors.Is(err, identity.ErrAddress) {
			t.Errorf("%q: got %q %v, want ErrAddress", hrp, address, err)
		}
	}
	longest := strings.Repeat("a", 31)
	address, err := identity.EncodeAddress(longest, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	if hrp, pub, err := identity.DecodeAddress(address); err != nil || hrp != longest || pub != [32]byte{1} {
		t.Errorf("longest prefix: got %q %x %v", hrp, pub, err)
	}
}

// A refusal must not tell the characters that would make the address pass.
func TestRefusalDoesNotCompleteTheAddress(t *testing.T) {
	address := mustIdentity(t, legal, identity.Mainnet, "").Address()
	broken := address[:len(address)-6] + "qqqqqq"
	_, _, err := identity.DecodeAddress(broken)
	if err == nil || strings.Contains(err.Error(), address[len(address)-6:]) {
		t.Errorf("got %v", err)
	}
}

func TestEveryKeyComesBackFromItsAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pub := drawKey(t)
		hrp := rapid.StringMatching("[a-z]{1,31}").Draw(t, "hrp")
		address, err := identity.EncodeAddress(hrp, pub)
		if err != nil {
			t.Fatal(err)
		}
		prefix, ok := identity.AddressFormat(address)
		back, key, err := identity.DecodeAddress(address)
		if err != nil || !ok || prefix != hrp || back != hrp || key != pub {
			t.Fatalf("%s: got %q %v %q %x %v", address, prefix, ok, back, key, err)
		}
	})
}

// Bech32m finds every mistake of up to four characters of an address.
func TestEveryMistypedCharacterIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		address, err := identity.EncodeAddress("trac", drawKey(t))
		if err != nil {
			t.Fatal(err)
		}
		wrong := []byte(address)
		for range rapid.IntRange(1, 4).Draw(t, "mistakes") {
			wrong[rapid.IntRange(0, len(wrong)-1).Draw(t, "at")] = rapid.ByteRange(' ', '~').Draw(t, "typed")
		}
		if string(wrong) == address {
			return
		}
		if _, _, err := identity.DecodeAddress(string(wrong)); !errors.Is(err, identity.ErrAddress) {
			t.Fatalf("%s for %s: got %v, want ErrAddress", wrong, address, err)
		}
	})
}

func drawKey(t *rapid.T) [32]byte {
	return [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key"))
}

// An address that decodes is the only one of its prefix and key.
func FuzzDecodeAddress(f *testing.F) {
	f.Add("trac1zl8237sv345e8czm6h62mr8lnaqnksxcdpdute3newax7784mlzspgq04v")
	f.Add("TRAC1ZL8237SV345E8CZM6H62MR8LNAQNKSXCDPDUTE3NEWAX7784MLZSPGQ04V")
	f.Add("testtrac1zl8237sv345e8czm6h62mr8lnaqnksxcdpdute3newax7784mlzs7gwjae")
	f.Add("trac1zl8237sv345e8czm6h62mr8lnaqnksxcdpdute3newax7784mlzs55srsw")
	f.Add("trac1zl8237sv345e8czm6h62mr8lnaqnksxcdpdute3newax7784mufrnynn")
	f.Add("1")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		prefix, ok := identity.AddressFormat(text)
		hrp, pub, err := identity.DecodeAddress(text)
		if err != nil {
			if !errors.Is(err, identity.ErrAddress) || hrp != "" || pub != [32]byte{} {
				t.Fatalf("%q: got %q %x %v", text, hrp, pub, err)
			}
			return
		}
		if back, err := identity.EncodeAddress(hrp, pub); err != nil || back != text || !ok || prefix != hrp {
			t.Fatalf("%q: encodes to %q %v, format %q %v", text, back, err, prefix, ok)
		}
	})
}
