package run

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/ticketfoundry/ticketfoundry/internal/source"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github"
)

var commitPattern = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)

// checkedOut gives the commit that the workspace's checkout stands at, read from its .git
// folder; empty where there is none. A worktree's .git file is not followed: it leads out of
// the workspace.
func checkedOut(dir string) string {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return ""
	}
	defer func() { _ = root.Close() }()
	read := func(name string) string {
		text, err := root.ReadFile(name)
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(text))
	}
	head := read(".git/HEAD")
	name, symbolic := strings.CutPrefix(head, "ref: ")
	if symbolic {
		head = read(".git/" + name)
		if head == "" {
			for line := range strings.Lines(read(".git/packed-refs")) {
				if sha, ref, ok := strings.Cut(strings.TrimSpace(line), " "); ok && ref == name {
					head = sha
				}
			}
		}
	}
	if !commitPattern.MatchString(head) {
		return ""
	}
	return head
}

// changedByHand tells whether specs or config differ from the commit that is checked out.
// Only used by hand: a workflow's checkout is its own.
func changedByHand(ctx context.Context, dir string, paths []string) (bool, error) {
	args := append([]string{"-C", dir, "status", "--porcelain", "--untracked-files=all", "--"}, paths...)
	out, err := exec.CommandContext(ctx, "git", args...).Output()
	if err != nil {
		return false, fmt.Errorf("ask git what changed in %s: %w", dir, err)
	}
	return len(out) > 0, nil
}

// behind says why the specs at hand are not those of the default branch's head; empty if they
// are. A newer head that touches neither specs nor config makes no difference: its own run
// would find the same, and with path filters there may be none.
func (j *job) behind(ctx context.Context, gh *github.Tracker, configPath string) (string, error) {
	head := j.repo.Head
	switch {
	case head == "" || j.commit == head:
		return "", nil
	case j.commit == "":
		return "it is not known which commit is checked out", nil
	}
	why := fmt.Sprintf("the checkout is at %.9s, and %s is at %.9s", j.commit, j.repo.DefaultBranch, head)
	c, err := gh.Compare(ctx, j.commit, head)
	if ticket.KindOf(err) == ticket.Gone {
		return why + ", which share no history", nil // force-pushed away, or never pushed
	}
	if err != nil {
		return "", err
	}
	if c.Status != "ahead" || !c.Complete {
		return why, nil
	}
	for _, path := range c.Files {
		if j.isSetting(path, configPath) || j.isSpec(path) {
			return why + " with changes to " + path, nil
		}
	}
	return "", nil
}

// isSpec tells whether a path is one of a capability file.
func (j *job) isSpec(path string) bool { return matches(j.globs, path) }

func matches(globs []string, path string) bool {
	for _, glob := range globs {
		if ok, err := doublestar.Match(glob, path); err == nil && ok {
			return true
		}
	}
	return false
}

// open opens the workspace.
func (j *job) open(dir string) (close func(), err error) {
	j.ws, err = source.Open(dir)
	if err != nil {
		return nil, err
	}
	return func() { _ = j.ws.Close() }, nil
}
