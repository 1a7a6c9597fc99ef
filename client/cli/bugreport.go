package cli

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"intercom/client"
	"intercom/client/wire"
	"intercom/internal/atomicfile"
)

// reportLines is how much of the log is in a report.
const reportLines = 2000

// report is what `bugreport` prints.
type report struct {
	File  string   `json:"file"`
	Bytes int      `json:"bytes"`
	Files []string `json:"files" jsonschema:"in the archive"`
}

// Table returns a row for each file in the archive.
func (r report) Table() wire.Table {
	t := wire.Table{Columns: wire.Columns("archive", "file")}
	for _, name := range r.Files {
		t.Rows = append(t.Rows, []any{r.File, name})
	}
	return t
}

// Note asks to look before it is given away.
func (r report) Note() string { return "look into it before you give it away: tar -xzf " + r.File }

func newBugreportCmd(sh *shell) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use: "bugreport", Short: "Collect what helps to find a mistake in one archive",
		Long: `Write a tar.gz with versions, settings, what intercom doctor finds, figures of
the daemon, the end of its log and what its goroutines do.

It holds no key, words or token, no message, and none of the rooms' contents.
Names of rooms are replaced by numbers. Public keys and addresses stay.`,
		Example: "  intercom bugreport --out report.tar.gz",
		Args:    noArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error { return runBugreport(cmd.Context(), sh, path) },
	}
	cmd.Flags().StringVar(&path, "out", "", "file to write, - for standard output (default intercom-bugreport-PROFILE-TIME.tar.gz)")
	return cmd
}

func runBugreport(ctx context.Context, sh *shell, path string) error {
	p, err := sh.localProfile()
	if err != nil {
		return err
	}
	now := sh.Now().UTC()
	path = cmp.Or(path, fmt.Sprintf("intercom-bugreport-%s-%s.tar.gz", p.Name, now.Format("20060102T150405Z")))
	files, err := sh.collect(ctx, p)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := pack(&b, files, now); err != nil {
		return err
	}
	if path == "-" {
		_, err := sh.Stdout.Write(b.Bytes())
		return err
	}
	err = atomicfile.Create(path, b.Bytes(), 0o600)
	if errors.Is(err, fs.ErrExist) {
		return wire.Errorf(wire.Conflict, "%s is there already", path).WithHint("name another with --out")
	}
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	r := report{File: path, Bytes: b.Len()}
	for _, f := range files {
		r.Files = append(r.Files, f.name)
	}
	return sh.show(wire.SchemaName("bugreport"), r)
}

// part is a file of the report.
type part struct {
	name string
	data []byte
}

// collect gathers the parts. What cannot be had is said in its place.
func (sh *shell) collect(ctx context.Context, p client.Profile) ([]part, error) {
	found := sh.examine(ctx, p)
	hide := newHider(p, found)
	var parts []part
	var failed error
	add := func(name string, v any) {
		data, err := json.MarshalIndent(v, "", "  ")
		failed = errors.Join(failed, err)
		parts = append(parts, part{name, append(hide.text(data), '\n')})
	}
	versions := map[string]any{"client": wire.Build(), "system": runtime.GOOS + "/" + runtime.GOARCH, "time": sh.Now().UTC()}
	if found.health != nil {
		versions["daemon"] = found.version
		add("health.json", found.health)
	}
	add("versions.json", versions)
	add("doctor.json", sh.diagnose(ctx, p))
	add("settings.json", settingsOf(found))
	if found.info != nil {
		add("info.json", found.info)
		add("stats.json", found.stats)
	}
	for name, page := range map[string]string{"metrics.txt": "/metrics", "goroutines.txt": "/debug/pprof/goroutine?debug=2"} {
		data, err := p.Page(ctx, page)
		if err != nil {
			data = []byte("not read: " + err.Error() + "\n")
		}
		parts = append(parts, part{name, hide.text(data)})
	}
	log := ""
	l, err := openLog(p, &logFilter{})
	if err == nil {
		log, err = l.last(reportLines)
		err = errors.Join(err, l.file.Close())
	}
	if err != nil {
		log += "not read: " + err.Error() + "\n"
	}
	parts = append(parts, part{"log.txt", hide.text([]byte(log))})
	sort.Slice(parts, func(i, j int) bool { return parts[i].name < parts[j].name })
	return parts, failed
}

type reportedSetting struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Source string `json:"source"`
}

// privateSettings name rooms or people.
var privateSettings = []string{"channel", "expense.me", "expense.owe", "sidechannels"}

// settingsOf returns the settings without what is secret or personal.
func settingsOf(p *patient) any {
	if p.config == nil {
		return map[string]string{"error": p.configErr.Error()}
	}
	var all []reportedSetting
	for _, s := range client.Settings() {
		r := reportedSetting{s.Key, p.config.Get(s.Key), p.config.Source(s.Key)}
		if (s.Secret || slices.Contains(privateSettings, s.Key)) && r.Value != "" {
			r.Value = "[set]"
		}
		all = append(all, r)
	}
	return all
}

// hider replaces what a report must not hold. Most of it is never read; a log
// may name rooms, and a mistake may have written more.
type hider struct{ replace *strings.Replacer }

func newHider(p client.Profile, found *patient) hider {
	var pairs []string
	hide := func(text, by string) {
		if len(text) <= 2 { // it would make every text unreadable
			return
		}
		pairs = append(pairs, text, by)
		if b, err := json.Marshal(text); err == nil && len(b) != len(text)+2 {
			pairs = append(pairs, string(b[1:len(b)-1]), by)
		}
	}
	if token, err := os.ReadFile(p.TokenFile()); err == nil {
		hide(strings.TrimSpace(string(token)), "[token]")
	}
	if found.config != nil {
		hide(found.config.Get("sc-bridge-token"), "[token]")
		for _, key := range privateSettings {
			for _, name := range found.config.List(key) {
				hide(name, "["+key+"]")
			}
		}
	}
	if found.info != nil {
		var rooms []string
		for _, r := range found.info.Rooms {
			if r.Room != found.info.SidechannelEntry {
				rooms = append(rooms, r.Room)
			}
		}
		// A name that is in another one is replaced after it.
		slices.SortFunc(rooms, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
		for i, name := range rooms {
			hide(name, fmt.Sprintf("[room %d]", i+1))
		}
	}
	return hider{strings.NewReplacer(pairs...)}
}

func (h hider) text(data []byte) []byte { return []byte(h.replace.Replace(string(data))) }

// pack writes a compressed archive.
func pack(w io.Writer, files []part, at time.Time) error {
	z := gzip.NewWriter(w)
	for _, f := range files {
		if _, err := z.Write(tarEntry("intercom-bugreport/"+f.name, f.data, at)); err != nil {
			return fmt.Errorf("pack report: %w", err)
		}
	}
	if _, err := z.Write(make([]byte, 2*tarBlock)); err != nil { // the end
		return fmt.Errorf("pack report: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("pack report: %w", err)
	}
	return nil
}
