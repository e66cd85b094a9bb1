package release_test

import (
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown/markdowntest"
	"github.com/ticketfoundry/ticketfoundry/internal/release"
)

// TestHostileNotes puts every text of the corpus into the notes of two capabilities, the product's
// name and the version: in a draft release and in a change log it does nothing, people's own words
// stay as they are, and the block is found again.
func TestHostileNotes(t *testing.T) {
	cfg := config.Default()
	for i, s := range markdowntest.Hostile() {
		if testing.Short() && (len(s) > 1_000 || i%12 != 0) {
			continue
		}
		cfg.Products = map[string]config.Product{"CRM": {Name: s}}
		var specs []capability.Capability
		for j, id := range []string{"CRM-1", "CRM-2"} {
			specs = append(specs, capability.Capability{ID: id, Title: s, Summary: s, Release: capability.Release{Version: "2.4", Notes: []string{s, "### Fixed\n\n" + s}[j]}})
		}
		for _, n := range release.Collect(specs, cfg) {
			const mine = "My own words about #1.\n"
			body, err := n.Fold(mine)
			if err != nil {
				t.Fatalf("%.60q: %v", s, err)
			}
			log, err := n.Log("# Changelog\n\n## 2.3\n\nOlder.\n")
			if err != nil {
				t.Fatalf("%.60q: %v", s, err)
			}
			if again, err := n.Fold(body + "\n\nMore.\n"); err != nil || again != body+"\n\nMore.\n" {
				t.Errorf("%.60q: the block is not found again (%v):\n%.300s", s, err, again)
			}
			if again, err := n.Log(log); err != nil || again != log {
				t.Errorf("%.60q: the section is not found again (%v)", s, err)
			}
			if len(body) > 125_000 || !strings.HasPrefix(body, mine) || !strings.HasSuffix(log, "## 2.3\n\nOlder.\n") {
				t.Errorf("%.60q: %d bytes, or what people wrote has changed", s, len(body))
			}
			for _, md := range []string{n.Markdown(2), unmarked(body[len(mine):]), unmarked(log)} {
				page := markdowntest.Read(md + "\n\nbehind #1")
				if len(page.Alive) != 1 || page.Boxes != 0 {
					t.Errorf("%.60q: %q, %d boxes, in\n%.400s", s, page.Alive, page.Boxes, md)
				}
			}
		}
	}
}

// unmarked leaves out the lines that only the program may write.
func unmarked(md string) string {
	var out []string
	for l := range strings.SplitSeq(md, "\n") {
		if !strings.HasPrefix(l, "<!-- ticketfoundry:notes") {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}
