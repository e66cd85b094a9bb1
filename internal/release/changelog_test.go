package release_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/release"
)

const section = "<!-- ticketfoundry:notes for=CRM-v2.4 -->\n## Customer relations 2.4\n\nFaster.\n<!-- ticketfoundry:notes-end -->\n\n"

// The newest version is the first heading of one, however the log is written; the section stands
// above it, and nothing else changes.
func TestLogFindsTheNewestVersion(t *testing.T) {
	top := strings.Replace(section, "## Customer", "# Customer", 1)
	for name, c := range map[string]struct{ above, put, below string }{
		"a fence within a longer one": {"# C\n\n````\n## x\n```\n## y\n````\n\n", section, "## 2.3\n"},
		"a fence of other characters": {"# C\n\n- a\n\n  ~~~\n  ```\n  ~~~\n\n", section, "## 2.3\n"},
		"a fence with words":          {"# C\n\n```yaml\n``` x\n## y\n```\n\n", section, "## 2.3\n"},
		"ticks within a line":         {"# C\n\n```a``` is code\n\n", section, "## 2.3\n"},
		"a comment":                   {"# C\n\n<!--\n## template\n-->\n\n", section, "## 2.3\n"},
		"a comment of one line":       {"# C\n\n<!-- ## x -->\n", section, "## 2.3\n"},
		"versions at the top":         {"# Changelog\n\n", top, "# 2.3\n\n- a\n\n# 2.2\n"},
		"versions in brackets":        {"", top, "# [v2.3]\n"},
		"what is unreleased":          {"# C\n\n## [Unreleased]\n\n- x\n\n", section, "## [2.3] - 2026-01-01\n"},
	} {
		got, err := one("2.4", "Faster.").Log(c.above + c.below)
		if err != nil || got != c.above+c.put+c.below {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if again, err := one("2.4", "Faster.").Log(got); err != nil || again != got {
			t.Errorf("%s, written twice: %q, %v", name, again, err)
		}
		next, err := one("2.5", "Later.").Log(got)
		if err != nil || strings.Index(next, "2.5") > strings.Index(next, "notes for=CRM-v2.4") || !strings.Contains(next, c.put+c.below) {
			t.Errorf("%s, the next one: %q, %v", name, next, err)
		}
	}
}

func TestLogKeepsLineEnds(t *testing.T) {
	crlf := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	for _, was := range []string{"# C\n\n## 2.3\n\n- Old\n", "# C\n\nNothing yet\n"} {
		want, err := one("2.4", "Faster.").Log(was)
		if err != nil {
			t.Fatal(err)
		}
		got, err := one("2.4", "Faster.").Log(crlf(was))
		if err != nil || got != crlf(want) {
			t.Errorf("%q, %v", got, err)
		}
		if got, err = one("2.4", "Slower.").Log(got); err != nil || got != crlf(strings.Replace(want, "Faster.", "Slower.", 1)) {
			t.Errorf("%q, %v", got, err)
		}
	}
}

// Whatever a tag is called, its mark is one comment, and found again.
func TestMarksOfOddTags(t *testing.T) {
	for _, c := range []struct{ pattern, version string }{
		{"{product}-v{version}", "2.4"}, {"a--b-{version}", "2"}, {"--->{version}", "2"}, {"-->{version}", "2"}, {"--!>{version}", "2"},
		{"v{version}", "V2"}, {"x-{version}", "1---2"}, {"x{version}", "1-"}, {"->{version}<!--", "3"},
	} {
		n := release.Collect([]capability.Capability{spec("CRM-1", c.version, "Faster.")}, settings(c.pattern))[0]
		body, err := n.Fold("mine")
		if err != nil {
			t.Fatal(err)
		}
		again, err := n.Fold(body)
		if err != nil || again != body {
			t.Errorf("%s, folded twice: %q, %v", n.Tag, again, err)
		}
		mark := strings.Split(body, "\n")[2]
		if inside := strings.TrimSuffix(strings.TrimPrefix(mark, "<!--"), "-->"); strings.Contains(inside, "--") || strings.Contains(inside, "->") {
			t.Errorf("%s: the mark %q ends early", n.Tag, mark)
		}
		if got := release.Tags(body); len(got) != 1 || got[0] != n.Tag {
			t.Errorf("%s: found %q", n.Tag, got)
		}
	}
}

func TestFoldIntoFullBody(t *testing.T) {
	n := one("2.4", "Faster.")
	room := release.MaxBody - len([]rune(block)) - 2
	if got, err := n.Fold(strings.Repeat("é", room)); err != nil || len([]rune(got)) != release.MaxBody {
		t.Errorf("%d characters, %v", len([]rune(got)), err)
	}
	full := strings.Repeat("é", room+1)
	if got, err := n.Fold(full); !errors.Is(err, release.ErrFull) || got != full {
		t.Errorf("%d characters, %v", len([]rune(got)), err)
	}
}
