package client

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"intercom/internal/atomicfile"
	"intercom/internal/private"
)

// DefaultProfile is the profile where nothing names another.
const DefaultProfile = "default"

// ErrProfile reports a profile name outside the format: 1 to 64 letters,
// digits, `-`, `_` or `.`, not beginning with a dot, and not `peers`.
var ErrProfile = errors.New("bad profile name")

// maxSocket is below the shortest limit of the supported systems for the path
// of a Unix socket: 104 bytes with a closing zero.
const maxSocket = 100

// Profile is a daemon's identity, store and settings under one name. Client
// and daemon find the same files by the same functions. FindProfile makes it.
type Profile struct {
	Name  string
	roots roots
}

// roots are the folders that hold a folder for each profile.
type roots struct {
	data, config, state, runtime string
	short                        string // for sockets whose path would be too long
}

// FindProfile returns the profile of that name. An empty name stands for
// INTERCOM_PROFILE, else the one chosen by UseProfile, else DefaultProfile.
// env looks up the environment; nil stands for os.Getenv. Folders follow the
// XDG base directories, or are all below INTERCOM_HOME where it is set.
// Nothing is created. Errors: ErrProfile, and a missing home folder.
func FindProfile(name string, env func(string) string) (Profile, error) {
	if env == nil {
		env = os.Getenv
	}
	r, err := findRoots(env)
	if err != nil {
		return Profile{}, err
	}
	if name == "" {
		name = env("INTERCOM_PROFILE")
	}
	if name == "" {
		name = r.chosen()
	}
	if err := checkName(name); err != nil {
		return Profile{}, err
	}
	return Profile{Name: name, roots: r}, nil
}

func checkName(name string) error {
	odd := func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_.", r))
	}
	if name == "" || len(name) > 64 || name[0] == '.' || name == peersFolder || strings.ContainsFunc(name, odd) {
		return fmt.Errorf("%w %q: use 1 to 64 letters, digits, dots, - or _", ErrProfile, name)
	}
	return nil
}

const peersFolder = "peers"

func findRoots(env func(string) string) (roots, error) {
	short := shortRoot()
	if home := env("INTERCOM_HOME"); home != "" {
		home, err := filepath.Abs(home)
		if err != nil {
			return roots{}, fmt.Errorf("find INTERCOM_HOME: %w", err)
		}
		return roots{
			data: filepath.Join(home, "data"), config: filepath.Join(home, "config"),
			state: filepath.Join(home, "state"), runtime: filepath.Join(home, "run"), short: short,
		}, nil
	}
	home := env("HOME")
	if runtime.GOOS == "windows" {
		home = env("USERPROFILE")
	}
	// XDG Base Directory Specification: relative values are ignored.
	xdg := func(name string, fallback ...string) string {
		if dir := env(name); filepath.IsAbs(dir) {
			return filepath.Join(dir, "intercom")
		}
		if home == "" {
			return ""
		}
		return filepath.Join(append(append([]string{home}, fallback...), "intercom")...)
	}
	r := roots{
		data:    xdg("XDG_DATA_HOME", ".local", "share"),
		config:  xdg("XDG_CONFIG_HOME", ".config"),
		state:   xdg("XDG_STATE_HOME", ".local", "state"),
		runtime: runtimeRoot(env("XDG_RUNTIME_DIR"), short), short: short,
	}
	if r.data == "" || r.config == "" || r.state == "" {
		return roots{}, errors.New("no home folder: set HOME or INTERCOM_HOME")
	}
	return r, nil
}

func shortRoot() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(os.TempDir(), "intercom")
	}
	return "/tmp/intercom-" + strconv.Itoa(os.Getuid())
}

// runtimeRoot does not rest on XDG_RUNTIME_DIR alone: cron does not set it,
// and a job must find the daemon that a login session started.
func runtimeRoot(dir, short string) string {
	if !filepath.IsAbs(dir) {
		dir = "/run/user/" + strconv.Itoa(os.Getuid())
		if info, err := os.Stat(dir); err != nil || !info.IsDir() || !private.Owned(info) {
			return short
		}
	}
	return filepath.Join(dir, "intercom")
}

func (r roots) chosenFile() string { return filepath.Join(r.config, "profile") }

func (r roots) chosen() string {
	if name, err := os.ReadFile(r.chosenFile()); err == nil {
		return strings.TrimSpace(string(name))
	}
	return DefaultProfile
}

// DataDir holds what must not be lost: identity, store and token.
func (p Profile) DataDir() string { return filepath.Join(p.roots.data, p.Name) }

// StoreDir holds the rooms.
func (p Profile) StoreDir() string { return filepath.Join(p.DataDir(), "store") }

// IdentityFile holds the key of the profile.
func (p Profile) IdentityFile() string { return filepath.Join(p.DataDir(), "identity.json") }

// TokenFile holds the token of the bridge's TCP address.
func (p Profile) TokenFile() string { return filepath.Join(p.DataDir(), "token") }

// ConfigFile holds the settings, in YAML.
func (p Profile) ConfigFile() string { return filepath.Join(p.roots.config, p.Name, "config.yaml") }

// HooksDir returns the folder of executables that the daemon runs when
// something happens.
func (p Profile) HooksDir() string { return filepath.Join(p.roots.config, p.Name, "hooks") }

// StateDir holds what may be lost: the log and BridgeFile.
func (p Profile) StateDir() string { return filepath.Join(p.roots.state, p.Name) }

// LogFile is where a daemon in the background logs.
func (p Profile) LogFile() string { return filepath.Join(p.StateDir(), "intercomd.log") }

// Hint returns a command for the profile, as a person types it.
func (p Profile) Hint(command string) string {
	if p.Name == DefaultProfile {
		return "intercom " + command
	}
	return "intercom --profile " + p.Name + " " + command
}

// LogFiles returns the paths of LogFile and of the two logs before it, the
// newest first: a full log begins anew.
func (p Profile) LogFiles() []string {
	return []string{p.LogFile(), p.LogFile() + ".1", p.LogFile() + ".2"}
}

// BridgeFile tells where the daemon listens. It is not in the runtime folder,
// which some systems remove when the user logs out while the daemon runs on.
func (p Profile) BridgeFile() string { return filepath.Join(p.StateDir(), "bridge.json") }

// RuntimeRoot holds what all daemons of the user share while they run.
func (p Profile) RuntimeRoot() string { return p.roots.runtime }

// PeersDir is where the daemons of the user find each other.
func (p Profile) PeersDir() string { return filepath.Join(p.roots.runtime, peersFolder) }

// RuntimeDir holds what exists while the profile's daemon runs.
func (p Profile) RuntimeDir() string { return filepath.Join(p.roots.runtime, p.Name) }

// Socket is the Unix socket of the bridge: bridge.sock in RuntimeDir, or,
// where the system could not bind so long a path, a short one made from it.
func (p Profile) Socket() string {
	path := filepath.Join(p.RuntimeDir(), "bridge.sock")
	if len(path) <= maxSocket {
		return path
	}
	sum := sha256.Sum256([]byte(path))
	return filepath.Join(p.roots.short, hex.EncodeToString(sum[:8]), "bridge.sock")
}

// Profiles returns the names of the profiles that have data or settings, with
// p's own and DefaultProfile, sorted.
func (p Profile) Profiles() ([]string, error) {
	names := []string{p.Name, DefaultProfile}
	for _, root := range []string{p.roots.data, p.roots.config} {
		entries, err := os.ReadDir(root)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("list profiles: %w", err)
		}
		for _, e := range entries {
			if e.IsDir() && checkName(e.Name()) == nil {
				names = append(names, e.Name())
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Exists reports whether the profile has data or settings.
func (p Profile) Exists() bool {
	for _, dir := range []string{p.DataDir(), filepath.Dir(p.ConfigFile())} {
		if _, err := os.Stat(dir); err == nil {
			return true
		}
	}
	return false
}

// Create makes the profile's folders, so that Exists reports it.
func (p Profile) Create() error {
	for _, dir := range []string{p.DataDir(), filepath.Dir(p.ConfigFile())} {
		if err := PrivateDir(dir); err != nil {
			return fmt.Errorf("create profile %s: %w", p.Name, err)
		}
	}
	return nil
}

// Use makes p the profile where nothing names another.
func (p Profile) Use() error {
	if err := PrivateDir(p.roots.config); err != nil {
		return fmt.Errorf("use profile %s: %w", p.Name, err)
	}
	if err := atomicfile.Replace(p.roots.chosenFile(), []byte(p.Name+"\n"), 0o600); err != nil {
		return fmt.Errorf("use profile %s: %w", p.Name, err)
	}
	return nil
}

// Remove deletes everything of the profile, its identity included. The daemon
// must not run. A chosen profile that is removed is chosen no more.
func (p Profile) Remove() error {
	chosen := p.roots.chosen() == p.Name
	for _, dir := range []string{p.DataDir(), filepath.Dir(p.ConfigFile()), p.StateDir(), p.RuntimeDir()} {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove profile %s: %w", p.Name, err)
		}
	}
	if chosen {
		if err := os.Remove(p.roots.chosenFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove profile %s: %w", p.Name, err)
		}
	}
	return nil
}
