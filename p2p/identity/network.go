package identity

import (
	"errors"
	"fmt"
)

// ErrNetwork means that a network is not one of Networks.
var ErrNetwork = errors.New("unknown network")

// Network names a Trac network and what an identity needs of it.
type Network struct {
	Name string // as in configuration and key files
	HRP  string // prefix of its addresses, lower case letters
	Path string // default derivation path, all hardened
}

// The known networks, with the constants of trac-msb. Development shares its
// addresses with mainnet: the same mnemonic is the same key on both.
var (
	Mainnet     = Network{Name: "mainnet", HRP: "trac", Path: "m/918'/0'/0'/0'"}
	Testnet1    = Network{Name: "testnet1", HRP: "testtrac", Path: "m/919'/0'/0'/0'"}
	Development = Network{Name: "development", HRP: "trac", Path: "m/918'/0'/0'/0'"}
)

// Networks returns the known networks, mainnet first.
func Networks() []Network { return []Network{Mainnet, Testnet1, Development} }

// NetworkNamed returns the network of that name, or ErrNetwork.
func NetworkNamed(name string) (Network, error) {
	for _, n := range Networks() {
		if n.Name == name {
			return n, nil
		}
	}
	return Network{}, fmt.Errorf("%w: %q", ErrNetwork, name)
}

// AddressLen returns the length of the network's addresses in bytes.
func (n Network) AddressLen() int { return len(n.HRP) + 1 + addressData }
