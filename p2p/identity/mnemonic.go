package identity

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrMnemonic means that a text is not a mnemonic of 12 or 24 English words
// (BIP-39). The error says what is wrong and where, never a word of it.
var ErrMnemonic = errors.New("not a mnemonic")

const (
	entropySize  = 32      // bytes of entropy of 24 words
	maxWordsText = 4 << 10 // bytes of text looked at; 24 words need 215
	wordBits     = 11      // that one word stands for
	rounds       = 2048    // of PBKDF2
	seedSize     = 64      // bytes
)

// english has the 2,048 words of BIP-39, sorted, one a line. It is split when
// words are needed, which few commands do.
//
//go:embed english.txt
var english string

// mnemonic returns the words of 16 or 32 bytes of entropy: its bits and, behind
// them, one bit of checksum for each four bytes.
func mnemonic(entropy []byte) (string, error) {
	if len(entropy) != 16 && len(entropy) != 32 {
		return "", fmt.Errorf("make mnemonic: %d bytes of entropy", len(entropy))
	}
	list := strings.Fields(english)
	sum := sha256.Sum256(entropy)
	bits := append(slices.Clone(entropy), sum[0])
	words := make([]string, len(entropy)*3/4)
	for i := range words {
		index := 0
		for at := i * wordBits; at < (i+1)*wordBits; at++ {
			index = index<<1 | int(bits[at/8]>>(7-at%8)&1)
		}
		words[i] = list[index]
	}
	return strings.Join(words, " "), nil
}

// sanitize returns the words in lower case with one blank between them, when
// their number and their checksum are right.
func sanitize(text string) (string, error) {
	if len(text) > maxWordsText {
		return "", fmt.Errorf("%w: %d bytes of text", ErrMnemonic, len(text))
	}
	words := strings.Fields(strings.ToLower(text))
	n := len(words)
	if n != 12 && n != 24 {
		return "", fmt.Errorf("%w: has %d words, not 12 or 24", ErrMnemonic, n)
	}
	list := strings.Fields(english)
	bits := make([]byte, (n*wordBits+7)/8)
	for i, w := range words {
		index, ok := slices.BinarySearch(list, w)
		if !ok {
			return "", fmt.Errorf("%w: word %d is not in the English list", ErrMnemonic, i+1)
		}
		for j := range wordBits {
			at := i*wordBits + j
			bits[at/8] |= byte(index>>(wordBits-1-j)&1) << (7 - at%8)
		}
	}
	clean := strings.Join(words, " ")
	// Entropy has one mnemonic: another one has a wrong checksum.
	if again, err := mnemonic(bits[:n*4/3]); err != nil || again != clean {
		return "", fmt.Errorf("%w: the checksum does not fit, a word is wrong or misplaced", ErrMnemonic)
	}
	return clean, nil
}

// seed stretches sanitized words into the 64 bytes seed (BIP-39, PBKDF2 with
// an empty passphrase).
func seed(words string) ([]byte, error) {
	return pbkdf2.Key(sha512.New, words, []byte("mnemonic"), rounds, seedSize)
}
