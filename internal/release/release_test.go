package release_test

import (
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/release"
)

var update = flag.Bool("update", false, "rewrite golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile("testdata/"+name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/" + name)
	if err != nil || got != string(want) {
		t.Errorf("%s differs (%v; -update rewrites it)\n%s", name, err, got)
	}
}

func spec(id, version, notes string) capability.Capability {
	return capability.Capability{
		ID: id, Title: "Secret title", Summary: "Secret summary", Owner: "mona", Release: capability.Release{Version: version, Notes: notes},
		Cogs: cogs.Estimate{Currency: "USD", Drivers: []cogs.Driver{{Name: "Secret calls", Kind: "api_calls", UnitCost: cogs.MustDecimal("99"), Quantity: cogs.MustDecimal("7")}}},
	}
}

func settings(tag string) *config.Config {
	cfg := config.Default()
	cfg.Products["CRM"] = config.Product{Name: "Customer relations"}
	if tag != "" {
		cfg.Release.Tag = tag
	}
	return cfg
}

func specs() []capability.Capability {
	held, gone := spec("CRM-5", "2.4", "On hold."), spec("CRM-6", "2.4", "Cancelled.")
	held.Status, gone.Status = "on_hold", "cancelled"
	return []capability.Capability{
		spec("CRM-12", "2.4", "- One more line, thanks to @mona, see #12"),
		spec("CRM-2", "v2.4", "- Faster lists\n- Quieter mails"),
		spec("CRM-3", "2.4", "# New\n\nScores.\n\n## How\n\nAs before.\n\n# Fixed\n\n- A crash"),
		spec("CRM-4", "2.4", "# fixed\n\n- Another crash\n\n```\n# no heading\n```\n<!-- ticketfoundry:notes-end -->"),
		held, gone, spec("CRM-7", "2.4", " "), spec("CRM-8", "2.5", "Later."), spec("PAY-1", "2.4", "Pays."), spec("CRM-9", "", "Some day."),
	}
}

func TestGoldenNotes(t *testing.T) {
	var b strings.Builder
	for _, tag := range []string{"", "v{version}"} {
		for _, n := range release.Collect(specs(), settings(tag)) {
			text := n.Markdown(2)
			for _, secret := range []string{"Secret", "CRM-", "PAY-", "$", "693", "api_calls", "On hold", "Cancelled", "Some day"} {
				if strings.Contains(text, secret) {
					t.Errorf("the notes of %s say %q", n.Tag, secret)
				}
			}
			if strings.Contains(text, "@mona") || strings.Contains(text, "#12") {
				t.Errorf("the notes of %s mention somebody or something", n.Tag)
			}
			b.WriteString("=== " + n.Tag + ", " + n.Name + "; of " + strings.Join(n.Of, " ") + "; silent " + strings.Join(n.Silent, " ") + "\n\n" + text + "\n\n")
		}
	}
	golden(t, "notes.md", b.String())
}

func TestOrderOfSpecsDoesNotMatter(t *testing.T) {
	want := release.Collect(specs(), settings(""))
	rapid.Check(t, func(t *rapid.T) {
		got := release.Collect(rapid.Permutation(specs()).Draw(t, "specs"), settings(""))
		for i := range want {
			if got[i].Tag != want[i].Tag || got[i].Markdown(2) != want[i].Markdown(2) {
				t.Fatalf("%s: %s", got[i].Tag, got[i].Markdown(2))
			}
		}
	})
}

func one(version, notes string) release.Notes {
	return release.Collect([]capability.Capability{spec("CRM-1", version, notes)}, settings(""))[0]
}

const block = "<!-- ticketfoundry:notes for=CRM-v2.4 -->\nFaster.\n<!-- ticketfoundry:notes-end -->"

func TestFold(t *testing.T) {
	n := one("2.4", "Faster.")
	for name, c := range map[string]struct{ body, want string }{
		"nothing there":     {"", block},
		"words of people":   {"Thanks to all.\r\n", "Thanks to all.\r\n\r\n" + strings.ReplaceAll(block, "\n", "\r\n")},
		"the same":          {"A\n" + block + "\nB", "A\n" + block + "\nB"},
		"same, other ends":  {strings.ReplaceAll("A\n"+block+"\nB", "\n", "\r\n"), strings.ReplaceAll("A\n"+block+"\nB", "\n", "\r\n")},
		"older, other ends": {strings.ReplaceAll("A\n"+strings.Replace(block, "Faster.", "Slower.\n\n- x", 1)+"\nB", "\n", "\r\n"), strings.ReplaceAll("A\n"+block+"\nB", "\n", "\r\n")},
		"one end differs":   {"A\nB\r\nC", "A\nB\r\nC\n\n" + block},
		"older text inside": {"  A \r\n\r\n" + strings.Replace(block, "Faster.", "Slower.\n\n- x", 1) + " \n\n\nB\t", "  A \r\n\r\n" + block + " \n\n\nB\t"},
		"emptied by people": {"A\n" + strings.Replace(block, "Faster.\n", "", 1), "A\n" + block},
		"another tag's":     {strings.Replace(block, "2.4", "2.3", 1), strings.Replace(block, "2.4", "2.3", 1) + "\n\n" + block},
	} {
		got, err := n.Fold(c.body)
		if err != nil || got != c.want {
			t.Errorf("%s: %q, want %q (%v)", name, got, c.want, err)
		}
	}
	for name, body := range map[string]string{
		"no end": strings.TrimSuffix(block, "<!-- ticketfoundry:notes-end -->"), "twice": block + "\n" + block, "begun twice": "<!-- ticketfoundry:notes for=CRM-v2.4 -->\n" + block,
	} {
		if got, err := n.Fold(body); !errors.Is(err, release.ErrDamaged) || got != body {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	silent := one("2.4", "")
	if got, err := silent.Fold("A\n" + block + "\nB"); err != nil || got != "A\n"+strings.Replace(block, "Faster.\n", "", 1)+"\nB" {
		t.Errorf("nothing left to tell: %q, %v", got, err)
	}
	if got, err := silent.Fold("A"); err != nil || got != "A" {
		t.Errorf("nothing to tell: %q, %v", got, err)
	}
}

// Whatever people write around the block stays, byte for byte, and folding twice is folding once.
func TestFoldKeepsPeoplesText(t *testing.T) {
	text := rapid.StringMatching(`([a-z#<>!-]|\r\n|\n| |é){0,40}`)
	rapid.Check(t, func(t *rapid.T) {
		before, after := text.Draw(t, "before"), text.Draw(t, "after")
		old, now := one("2.4", text.Draw(t, "old")), one("2.4", "x\n\n"+text.Draw(t, "new"))
		body, err := old.Fold(before)
		if err != nil {
			t.Fatal(err)
		}
		if body != before {
			body += "\n" + after
		}
		got, err := now.Fold(body)
		if err != nil || !strings.HasPrefix(got, before) {
			t.Fatalf("%q became %q (%v)", body, got, err)
		}
		if body != before && !strings.HasSuffix(got, "<!-- ticketfoundry:notes-end -->\n"+after) {
			t.Fatalf("%q became %q", body, got)
		}
		if again, err := now.Fold(got); err != nil || again != got {
			t.Fatalf("%q became %q (%v)", got, again, err)
		}
		if !slices.Equal(release.Tags(got), []string{"CRM-v2.4"}) {
			t.Fatalf("%q has blocks of %q", got, release.Tags(got))
		}
	})
}

func TestLog(t *testing.T) {
	text := ""
	for _, n := range []release.Notes{one("2.3", "Old."), one("2.4", "# New\n\nFaster."), one("2.3", "Older."), one("2.5", "")} {
		var err error
		if text, err = n.Log(text); err != nil {
			t.Fatal(err)
		}
	}
	mine := "# Changelog\n\nBy hand.\n\n## Unreleased\n\n- x\n\n```\n## no heading\n```\n\n## 1.0\n\n- y\n"
	got, err := one("2.4", "Faster.").Log(mine)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "changelog.md", text+"=================\n"+got)
	if without := strings.Replace(got, "<!-- ticketfoundry:notes for=CRM-v2.4 -->\n## Customer relations 2.4\n\nFaster.\n<!-- ticketfoundry:notes-end -->\n\n", "", 1); without != mine {
		t.Errorf("people's text became %q", without)
	}
	if again, err := one("2.4", "Faster.").Log(got); err != nil || again != got {
		t.Errorf("written twice: %q, %v", again, err)
	}
}

func TestFingerprint(t *testing.T) {
	const pattern = "{product}-v{version}"
	a, b := spec("CRM-1", "2.4", "A"), spec("CRM-1", "2.4", "A")
	b.Title, b.Release.TargetDate = "Another", "2026-01-01"
	if release.Fingerprint(pattern, a) == "" || release.Fingerprint(pattern, a) != release.Fingerprint(pattern, b) {
		t.Error("what is told is the same, and its fingerprint is not")
	}
	for _, c := range []capability.Capability{spec("CRM-1", "2.5", "A"), spec("CRM-1", "2.4", "B"), spec("PAY-1", "2.4", "A")} {
		if release.Fingerprint(pattern, c) == release.Fingerprint(pattern, a) {
			t.Errorf("%v has the fingerprint of another", c.Release)
		}
	}
	if release.Fingerprint("v{version}", a) == release.Fingerprint(pattern, a) {
		t.Error("under another tag it is told the same")
	}
	b.Status = "cancelled"
	for _, c := range []capability.Capability{b, spec("CRM-1", "", "A"), spec("CRM-1", "2.4", " \n")} {
		if release.Fingerprint(pattern, c) != "" {
			t.Errorf("%v tells something", c.Release)
		}
	}
}

func TestOfOneProduct(t *testing.T) {
	all := release.Collect(specs(), settings("v{version}"))
	if got := release.Of(all, "V2.4", "pay"); len(got) != 1 || got[0].Name != "PAY 2.4" || got[0].Markdown(2) != "Pays." || len(got[0].Silent) != 0 {
		t.Errorf("%+v", got)
	}
	if got := release.Of(all, "2.4", ""); len(got) != 1 || got[0].Name != "v2.4" || len(got[0].Products) != 2 {
		t.Errorf("%+v", got)
	}
	if got := release.Of(all, "2.40", ""); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}
