package identity

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"intercom/internal/atomicfile"
	"intercom/internal/private"
)

var (
	// ErrExposed means that group or others may access a key file.
	ErrExposed = errors.New("key file is open to others")
	// ErrCorrupt means that a key file is damaged, or not a key file at all.
	ErrCorrupt = errors.New("key file is corrupt")
	// ErrNewer means that a later release wrote a key file.
	ErrNewer = errors.New("key file has a newer format")
)

const (
	fileVersion = 2        // with a secret key; 1 has words
	maxFile     = 16 << 10 // bytes; a key file has about 400
)

// keyFile is the stored form. The public key can be derived and is there to
// notice a changed mnemonic, path or network. Words and path are version 1; a
// key that came without words is version 2.
type keyFile struct {
	Version   int    `json:"version"`
	Network   string `json:"network"`
	Path      string `json:"path,omitempty"`
	Mnemonic  string `json:"mnemonic,omitempty"`
	SecretKey string `json:"secret_key,omitempty"`
	PublicKey string `json:"public_key"`
}

// Save writes a new key file, mode 0600, into an existing folder; when it
// returns nil the file is on disk. The file appears whole or not at all, also
// through a crash, and a file that is there already is never replaced: that is
// an error of kind fs.ErrExist.
func Save(path string, id Identity) error {
	data, err := encodeFile(id)
	if err == nil {
		err = writeNew(path, data)
	}
	if err != nil {
		return fmt.Errorf("save identity %s: %w", path, err)
	}
	return nil
}

// Load reads a key file that only its owner may access. It fails with
// ErrExposed, ErrCorrupt, ErrNewer, or with what the system says (fs.ErrNotExist
// when there is none). A symbolic link is followed. Windows has no such modes,
// so there they are not checked.
func Load(path string) (Identity, error) {
	data, err := readPrivate(path)
	if err != nil {
		return Identity{}, fmt.Errorf("load identity %s: %w", path, err)
	}
	id, err := parseFile(data)
	if err != nil {
		return Identity{}, fmt.Errorf("load identity %s: %w", path, err)
	}
	return id, nil
}

func encodeFile(id Identity) ([]byte, error) {
	if id.p == nil {
		return nil, errEmpty
	}
	pub := id.PublicKey()
	file := keyFile{
		Version:   1,
		Network:   id.Network().Name,
		Path:      id.Path(),
		Mnemonic:  id.Mnemonic(),
		PublicKey: hex.EncodeToString(pub[:]),
	}
	if file.Mnemonic == "" {
		file.Version, file.SecretKey = 2, hex.EncodeToString(id.PrivateKey())
	}
	data, err := json.MarshalIndent(file, "", "  ")
	return append(data, '\n'), err
}

// parseFile wraps no error of what it calls: a decoder may quote its input,
// and in a damaged file any field can hold the words.
func parseFile(data []byte) (Identity, error) {
	var head struct {
		Version int `json:"version"`
	}
	if json.Unmarshal(data, &head) != nil {
		return Identity{}, fmt.Errorf("%w: not the JSON of a key file", ErrCorrupt)
	}
	if head.Version > fileVersion {
		return Identity{}, fmt.Errorf("%w: version %d, this program reads %d; hint: update it", ErrNewer, head.Version, fileVersion)
	}
	if head.Version < 1 {
		return Identity{}, fmt.Errorf("%w: version missing or below 1", ErrCorrupt)
	}
	var file keyFile
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields()
	if strict.Decode(&file) != nil {
		return Identity{}, fmt.Errorf("%w: a field has a wrong name or type", ErrCorrupt)
	}
	network, err := NetworkNamed(file.Network)
	if err != nil {
		return Identity{}, fmt.Errorf("%w: unknown network", ErrCorrupt)
	}
	id, err := file.identity(network)
	if err != nil {
		return Identity{}, fmt.Errorf("%w: bad mnemonic, path or key", ErrCorrupt)
	}
	if pub := id.PublicKey(); file.PublicKey != hex.EncodeToString(pub[:]) {
		return Identity{}, fmt.Errorf("%w: the public key is not that of the secret", ErrCorrupt)
	}
	return id, nil
}

func (f keyFile) identity(n Network) (Identity, error) {
	if f.Version == 1 {
		// An empty path would silently become the default one.
		if f.Path == "" || f.SecretKey != "" {
			return Identity{}, ErrCorrupt
		}
		return FromMnemonic(f.Mnemonic, n, f.Path)
	}
	key, err := hex.DecodeString(f.SecretKey)
	if err != nil || f.Mnemonic != "" || f.Path != "" {
		return Identity{}, ErrCorrupt
	}
	return FromSecretKey(key, n)
}

// readPrivate checks before it opens, because opening a pipe would wait, and
// again on the open file, because the name may lead elsewhere by then.
func readPrivate(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := checkPrivate(path, info); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	if err := checkPrivate(path, info); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%w: over %d bytes", ErrCorrupt, maxFile)
	}
	return data, nil
}

func checkPrivate(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%w: not a file but %s", ErrCorrupt, info.Mode().Type())
	}
	if private.Exposed(info.Mode()) {
		return fmt.Errorf("%w: mode %04o; hint: chmod 600 %s", ErrExposed, info.Mode().Perm(), path)
	}
	return nil
}

func writeNew(path string, data []byte) error {
	err := atomicfile.Create(path, data, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w; hint: move it away to make another identity", err)
	}
	return err
}
