package run

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/action"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/release"
)

type notesCommand struct {
	Version   string `arg:"" help:"Version as the specs have it, such as 2.4."`
	Product   string `help:"Only this product, by prefix." placeholder:"CRM"`
	Format    string `enum:"markdown, changelog, json" default:"markdown" help:"How they are printed: ${enum}."`
	Changelog string `help:"Keep the notes in this file instead, in a section of their own; relative to the folder." placeholder:"FILE"`
	Dir       string `default:"." help:"Folder of the repository." placeholder:"DIR"`
	Config    string `default:".github/ticketfoundry.yml" help:"Config file, relative to the folder." placeholder:"PATH"`
}

// maxChangelog is how long a change log may be, in bytes.
const maxChangelog = 8 << 20

// Run prints the release notes of a version, or keeps them in a change log.
func (c *notesCommand) Run(env Env, code *int) error {
	j := &job{env: env}
	dir := c.Dir
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(env.Dir, dir)
	}
	closing, err := j.open(dir)
	if err != nil {
		return err
	}
	defer closing()
	if err := j.load(c.Config, nil); err != nil {
		return err
	}
	for _, b := range j.set.Broken {
		printf(env.Stderr, "%s has errors and is left out; ticketfoundry validate says which\n", b.Path)
		*code = ExitFindings
	}
	all := j.notes()
	found := release.Of(all, c.Version, c.Product)
	if len(found) == 0 {
		return bad{fmt.Errorf("no capability goes out with %s; %s", strings.TrimSpace(c.Product+" "+c.Version), known(all))}
	}
	for _, n := range found {
		for _, id := range n.Silent {
			printf(env.Stderr, "%s goes out with %s and has no release.notes yet\n", id, n.Name)
		}
	}
	if c.Changelog != "" {
		if c.Format == "json" {
			return bad{errors.New("a change log is Markdown; leave out --format json, or --changelog")}
		}
		return c.keep(env, dir, found)
	}
	var b strings.Builder
	if err := c.print(&b, found); err != nil {
		return err
	}
	printf(env.Stdout, "%s", c.forRunner(env, b.String()))
	return nil
}

// forRunner keeps a workflow runner from taking what notes say for a command of its own. Notes
// that it could not mistake, and what goes to a file, come out as they are; else the runner is told
// to stop looking for commands until they are over.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#stopping-and-starting-workflow-commands
func (c *notesCommand) forRunner(env Env, text string) string {
	if env.Getenv("GITHUB_ACTIONS") != "true" || isFile(env.Stdout) || !action.Commands(text) {
		return text
	}
	if c.Format == "json" {
		return strings.ReplaceAll(text, "#", `\u0023`) // a number sign stands only within strings
	}
	token := rand.Text()
	return "::stop-commands::" + token + "\n" + text + "::" + token + "::\n"
}

// isFile tells whether a stream goes to a file.
func isFile(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}

// known says which versions there are.
func known(all []release.Notes) string {
	if len(all) == 0 {
		return "no spec has a release.version"
	}
	var names []string
	for _, n := range all {
		for _, p := range n.Products {
			names = append(names, p.Prefix+" "+n.Version)
		}
	}
	slices.Sort(names)
	if len(names) > 20 {
		names = append(names[:20], "…")
	}
	return "there is " + strings.Join(names, ", ")
}

func (c *notesCommand) print(w io.Writer, found []release.Notes) error {
	if c.Format == "json" {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(struct {
			Version  string          `json:"version"`
			Releases []release.Notes `json:"releases"`
		}{c.Version, found})
	}
	for i, n := range found {
		if i > 0 {
			printf(w, "\n")
		}
		text := "# " + markdown.Line(n.Name) + "\n\n" + n.Markdown(2)
		if c.Format == "changelog" {
			text = "## " + markdown.Line(n.Name) + "\n\n" + n.Markdown(3)
		}
		printf(w, "%s\n", strings.TrimRight(text, "\n"))
	}
	return nil
}

// keep writes the notes into the change log, and leaves all else in it as it is.
func (c *notesCommand) keep(env Env, dir string, found []release.Notes) error {
	name := filepath.ToSlash(c.Changelog)
	if !fs.ValidPath(name) {
		return bad{fmt.Errorf("the change log %s does not lie in the folder", c.Changelog)}
	}
	for _, n := range found {
		if c.Product != "" && n.Shared {
			return bad{fmt.Errorf("several products go out with %s, in one section; leave out --product", n.Tag)}
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open %s: %w", dir, err)
	}
	defer func() { _ = root.Close() }()
	was, mode, err := readLog(root, name)
	if err != nil {
		return err
	}
	text := was
	for _, n := range found {
		if text, err = n.Log(text); err != nil {
			return bad{fmt.Errorf("%s: %w", name, err)}
		}
	}
	if text == was {
		printf(env.Stdout, "kept     %s (it says that already)\n", name)
		return nil
	}
	if err := replace(root, name, text, mode); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	printf(env.Stdout, "written  %s\n", name)
	return nil
}

// readLog gives the text of a file and who may do what with it; both empty for one that is not
// there.
func readLog(root *os.Root, name string) (string, fs.FileMode, error) {
	if target, err := root.Readlink(name); err == nil { // renamed over, the link would be lost
		return "", 0, bad{fmt.Errorf("%s is a link to %s; name the file itself", name, target)}
	}
	f, err := root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", 0, nil
	}
	if err != nil {
		return "", 0, fmt.Errorf("read %s: %w", name, err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return "", 0, bad{fmt.Errorf("%s is not a file", name)}
	}
	text, err := io.ReadAll(io.LimitReader(f, maxChangelog+1))
	switch {
	case err != nil:
		return "", 0, fmt.Errorf("read %s: %w", name, err)
	case len(text) > maxChangelog:
		return "", 0, bad{fmt.Errorf("%s is longer than %d bytes", name, maxChangelog)}
	}
	return string(text), info.Mode().Perm(), nil
}

// replace writes a file whole or not at all: what is killed midway leaves the old one. The new one
// has the mode given; 0 for what is usual.
func replace(root *os.Root, name, text string, mode fs.FileMode) error {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	beside := name + "." + strings.ToLower(rand.Text()[:12]) + ".new" // O_EXCL refuses one that is there
	f, err := root.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, cmp.Or(mode, 0o644))
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if mode != 0 && err == nil {
		err = f.Chmod(mode) // what the umask took
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = root.Rename(beside, name)
	}
	if err != nil {
		return errors.Join(err, root.Remove(beside))
	}
	return nil
}
