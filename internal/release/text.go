package release

import (
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
)

// top is the level of headings in notes while they are taken apart.
const top = 3

// split makes the notes of one spec inert and takes them apart at their own highest headings.
func split(notes string) []Group {
	text := markdown.Block(notes, top)
	var out []Group
	var title string
	var lines []string
	end := func() {
		if t := strings.Trim(strings.Join(lines, "\n"), "\n"); t != "" {
			out = append(out, Group{Title: title, Texts: []string{t}})
		}
		lines = nil
	}
	fence := ""
	for l := range strings.SplitSeq(text, "\n") {
		if fence == "" {
			if h, ok := strings.CutPrefix(l, strings.Repeat("#", top)+" "); ok {
				end()
				title = strings.TrimSpace(h)
				continue
			}
		}
		if ticks := l[:len(l)-len(strings.TrimLeft(l, "`"))]; fence == "" && len(ticks) >= 3 {
			fence = ticks
		} else if fence != "" && l == fence {
			fence = ""
		}
		lines = append(lines, l)
	}
	end()
	return out
}

// Markdown writes the notes, with headings from the given level (1 to 4) on: one for each product
// where there are several, and those that the specs have.
func (n Notes) Markdown(level int) string {
	var parts []string
	for _, p := range n.Products {
		if len(p.Groups) == 0 {
			continue
		}
		at := level
		if len(n.Products) > 1 {
			parts = append(parts, strings.Repeat("#", at)+" "+markdown.Line(p.Name))
			at++
		}
		for _, g := range p.Groups {
			if g.Title != "" {
				parts = append(parts, strings.Repeat("#", at)+" "+g.Title)
			}
			parts = append(parts, joined(g.Texts, at))
		}
	}
	return strings.Join(parts, "\n\n")
}

// joined puts the texts of several capabilities one below the other; lists become one list.
func joined(texts []string, level int) string {
	var b strings.Builder
	for i, t := range texts {
		t = markdown.Block(t, min(level+1, 6)) // what it has in headings stands below ours
		if i > 0 {
			b.WriteString("\n")
			if !item(texts[i-1]) || !item(t) {
				b.WriteString("\n")
			}
		}
		b.WriteString(t)
	}
	return b.String()
}

// item tells whether a text is one list of single lines.
func item(text string) bool {
	for l := range strings.SplitSeq(text, "\n") {
		if !strings.HasPrefix(l, "- ") {
			return false
		}
	}
	return true
}
