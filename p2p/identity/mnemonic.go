package identity

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tyler-smith/go-bip39"
)

// ErrMnemonic means that a text is not a mnemonic of 12 or 24 English words
// (BIP-39). The error says what is wrong and where, never a word of it.
var ErrMnemonic = errors.New("not a mnemonic")

const (
	entropySize  = 32      // bytes of entropy of 24 words
	maxWordsText = 4 << 10 // bytes of text looked at; 24 words need 215
)

// mnemonic returns the words of 16 to 32 bytes of entropy.
func mnemonic(entropy []byte) (string, error) {
	words, err := bip39.NewMnemonic(entropy)
	if err != nil {
		return "", fmt.Errorf("make mnemonic: %w", err)
	}
	return words, nil
}

// sanitize returns the words in lower case with one blank between them, when
// their number and their checksum are right.
func sanitize(text string) (string, error) {
	if len(text) > maxWordsText {
		return "", fmt.Errorf("%w: %d bytes of text", ErrMnemonic, len(text))
	}
	words := strings.Fields(strings.ToLower(text))
	if n := len(words); n != 12 && n != 24 {
		return "", fmt.Errorf("%w: has %d words, not 12 or 24", ErrMnemonic, n)
	}
	for i, w := range words {
		if _, ok := bip39.GetWordIndex(w); !ok {
			return "", fmt.Errorf("%w: word %d is not in the English list", ErrMnemonic, i+1)
		}
	}
	clean := strings.Join(words, " ")
	// The library's own error may quote a word, so it is not wrapped.
	if _, err := bip39.EntropyFromMnemonic(clean); err != nil {
		return "", fmt.Errorf("%w: the checksum does not fit, a word is wrong or misplaced", ErrMnemonic)
	}
	return clean, nil
}

// seed stretches sanitized words into the 64 bytes seed (BIP-39, PBKDF2 with
// an empty passphrase).
func seed(words string) []byte { return bip39.NewSeed(words, "") }
