package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"intercom/client"
	"intercom/p2p/identity"
)

func checkFolders(p *patient) finding {
	if !p.profile.Exists() {
		return ok("profile %s is new: intercom up makes its folders", p.profile.Name)
	}
	for _, dir := range []string{p.profile.DataDir(), filepath.Dir(p.profile.ConfigFile()), p.profile.StateDir()} {
		if f, bad := checkFolder(dir); bad {
			return f
		}
	}
	return ok("%s is ours alone", p.profile.DataDir())
}

// checkFolder looks at a folder that may be missing.
func checkFolder(dir string) (f finding, bad bool) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return f, false
	}
	err := client.PrivateDir(dir) // makes nothing where it is there
	if errors.Is(err, client.ErrExposed) {
		return failure("chown or chmod 700 "+dir, "another user owns or may write %s", dir), true
	}
	if err != nil {
		return failure("make it accessible", "%v", err), true
	}
	return f, false
}

func checkKey(p *patient) finding {
	path := p.profile.IdentityFile()
	id, err := identity.Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(p.profile.StoreDir()); err == nil {
			return failure("put it back, or make it from its words: intercom id import", "the key file %s is gone, but its rooms are here", path)
		}
		return ok("there is no key yet: intercom up makes one")
	}
	if err != nil {
		message, hint := said(err, "chmod 600 "+path)
		return failure(hint, "%s", message)
	}
	return ok("%s", id.Address())
}

func checkToken(p *patient) finding {
	if _, err := p.profile.Tokens(); err != nil {
		message, hint := said(err, "chmod 600 "+p.profile.TokensFile())
		return failure(hint, "no scoped token holds: %s", message)
	}
	if p.config != nil && p.config.Get("sc-bridge-token") != "" {
		return ok("set by %s", p.config.Source("sc-bridge-token"))
	}
	path := p.profile.TokenFile()
	switch _, err := client.ReadToken(path); {
	case errors.Is(err, fs.ErrNotExist):
		return ok("there is none yet: the daemon makes it")
	case err != nil:
		message, hint := said(err, "make it accessible")
		return failure(hint, "%s", message)
	}
	return ok("%s is ours alone", path)
}

func checkConfig(p *patient) finding {
	if p.configErr != nil {
		message, hint := said(p.configErr, "intercom config set KEY VALUE, or edit "+p.profile.ConfigFile())
		return failure(hint, "%s", message)
	}
	var set []string
	for _, s := range client.Settings() {
		if p.config.Source(s.Key) != "default" {
			set = append(set, s.Key)
		}
	}
	if len(set) == 0 {
		return ok("every setting has its default")
	}
	return ok("valid; not defaults: %s", strings.Join(set, ", "))
}

func checkRuntime(p *patient) finding {
	root := p.profile.RuntimeRoot()
	for _, dir := range []string{root, filepath.Dir(p.profile.Socket())} {
		if f, bad := checkFolder(dir); bad {
			return f
		}
	}
	if err := tryFile(nearest(root)); err != nil {
		return failure("set XDG_RUNTIME_DIR or INTERCOM_HOME to a folder that can be written", "no socket can be made in %s: %v", root, err)
	}
	return ok("%s", p.profile.Socket())
}

// nearest returns the path, or the folder above it that is there.
func nearest(path string) string {
	for {
		if _, err := os.Stat(path); err == nil || path == filepath.Dir(path) {
			return path
		}
		path = filepath.Dir(path)
	}
}

// tryFile makes a file in a folder and removes it.
func tryFile(dir string) error {
	f, err := os.CreateTemp(dir, ".intercom-doctor-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func checkDisk(p *patient) finding {
	free, err := freeSpace(nearest(p.profile.DataDir()))
	if err != nil {
		return warning("look at it with the system's own means", "free space is not known: %v", err)
	}
	if p.config == nil {
		return ok("%d MiB free", free>>20)
	}
	least := p.config.Size("min-free")
	switch {
	case free < least:
		return failure("free some space", "%d MiB free, and the daemon refuses writes below %d MiB", free>>20, least>>20)
	case free < 4*least:
		return warning("free some space soon", "%d MiB free; the daemon refuses writes below %d MiB", free>>20, least>>20)
	}
	return ok("%d MiB free, %d MiB needed", free>>20, least>>20)
}
