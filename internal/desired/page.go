package desired

import (
	"cmp"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Limits on what one field of a spec may take of a ticket, in bytes.
const (
	maxText = 10_000 // a Markdown text
	maxLine = 1_200  // a one-line text
	maxCell = 300    // a text in a table, in characters
	maxItem = 60     // entries of a list

	maxCriteria = 200 // acceptance criteria: as many as a spec may have, as each is to be ticked
)

// page is one ticket being written.
type page struct {
	builder
	t     pipeline.Ticket
	stage config.Stage
}

func (b builder) page(t pipeline.Ticket) page {
	p := page{builder: b, t: t}
	for _, s := range b.Status.Steps {
		if s.Stage.ID == t.Stage {
			p.stage = s.Stage
		}
	}
	return p
}

// section is a part of a ticket. A section without text is left out, heading and all.
type section struct {
	title string
	text  func(p page) string
}

// block writes the ticket: what to do by when, the context bundle, what its template says, and
// how to decide or what to tick off. However long the rest is, nobody must miss the end.
func (p page) block() string {
	const limit = ticket.MaxBody - markerReserve
	do, body := p.words()
	end := p.assemble(nil, closing, limit/2)
	parts := []string{p.firstLine(do), p.bundle(), p.intro(), body}
	return paragraphs(p.assemble(parts, nil, limit-len(end)-len("\n\n")), end)
}

// assemble joins parts and sections as far as there is room. What does not fit is cut at a
// line border, with a pointer to the spec.
func (p page) assemble(parts []string, sections []section, limit int) string {
	var b strings.Builder
	more := "\n\n" + p.more()
	for _, s := range sections {
		text := s.text(p)
		if text == "" {
			continue
		}
		parts = append(parts, "### "+s.title+"\n\n"+text)
	}
	for _, part := range parts {
		if part == "" {
			continue
		}
		room := limit - b.Len() - len(more) - 2
		cut, short := markdown.Cut(part, room)
		if short {
			cut = withoutLastHeading(cut)
		}
		if cut != "" {
			if b.Len() > 0 {
				b.WriteString("\n\n")
			}
			b.WriteString(cut)
		}
		if short {
			b.WriteString(more)
			break
		}
	}
	return b.String()
}

// withoutLastHeading takes a heading off the end of a text that was cut right below it.
func withoutLastHeading(md string) string {
	for {
		i := strings.LastIndexByte(md, '\n') + 1
		if !strings.HasPrefix(md[i:], "### ") && !strings.HasPrefix(md[i:], "#### ") {
			return md
		}
		md = strings.TrimRight(md[:i], "\n")
	}
}

// firstLine says what to do by when.
func (p page) firstLine(do string) string {
	if do == "" {
		do = "close this ticket when it is done."
		if p.t.Approval {
			do = "comment `/approve` when you agree."
		}
	}
	if d, ok := p.due(p.t); ok {
		return "**Due " + p.day(d) + ":** " + do
	}
	first, size := utf8.DecodeRuneInString(do)
	return string(unicode.ToUpper(first)) + do[size:]
}

func (p page) intro() string {
	return p.text(p.audience(p.t.Audience).Intro)
}

// text writes a Markdown text of the spec or config below our headings, cut if it is long.
func (p page) text(src string) string {
	src, long := head(src, 2*maxText)
	cut, short := markdown.Cut(markdown.Block(src, 4), maxText)
	if long || short {
		cut += "\n\n" + p.more()
	}
	return strings.TrimSpace(cut)
}

func line(src string) string {
	src, long := head(src, 2*maxLine)
	cut, short := markdown.Cut(markdown.Line(src), maxLine)
	if long || short {
		cut += " …"
	}
	return cut
}

// cell is a text for a table of facts, where there is little room.
func cell(src string) string { return markdown.Cell(clip(src, maxCell)) }

// head spares us writing all of a text of which only the beginning is shown.
func head(src string, limit int) (string, bool) {
	if len(src) <= limit {
		return src, false
	}
	return strings.ToValidUTF8(src[:limit], ""), true
}

// more is the pointer to what was left out.
func (p page) more() string { return "… continues in " + p.specLink() + "." }

// bullets writes a list of one-line texts.
func (p page) bullets(texts []string) string { return p.items("- ", texts) }

// tasks writes a task list of one-line texts, for people to tick.
func (p page) tasks(texts []string) string { return p.items("- [ ] ", texts) }

func (p page) items(mark string, texts []string) string {
	var out []string
	size := 0
	for i, s := range texts {
		if i == maxItem || size > ticket.MaxBody {
			out = append(out, "", p.more())
			break
		}
		if l := line(s); l != "" {
			out = append(out, mark+l)
			size += len(l)
		}
	}
	return strings.Join(out, "\n")
}

// under puts a bold line over a text; nothing over nothing.
func under(title, text string) string {
	if text == "" {
		return ""
	}
	return "**" + title + "**\n\n" + text
}

// paragraphs joins what is there.
func paragraphs(parts ...string) string {
	var out []string
	for _, s := range parts {
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, "\n\n")
}

// document links a path of the repository, or a URL, at the default branch.
func (b builder) document(at string) string {
	if at == "" {
		return ""
	}
	at = clip(at, 2*maxCell)
	if u, err := url.Parse(at); err == nil && u.IsAbs() {
		return markdown.Link(shortURL(at), at)
	}
	return b.fileLink(at, "blob", cmp.Or(b.Repository.DefaultBranch, "HEAD"))
}

func (b builder) specLink() string { return b.shared.spec }

func (b builder) fileLink(path, verb, ref string) string {
	name := markdown.Code(clip(path, maxCell))
	if !strings.HasPrefix(b.Repository.URL, "http") {
		return name
	}
	address := strings.TrimSuffix(b.Repository.URL, "/") + "/" + verb + "/" + escapePath(ref) + "/" + escapePath(path)
	return markdown.Link(name, address)
}

func escapePath(p string) string {
	parts := strings.Split(p, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}

// shortURL is what a link to a page is called: its host and path.
func shortURL(s string) string {
	_, rest, _ := strings.Cut(s, "://")
	rest, _, _ = strings.Cut(rest, "?")
	return strings.TrimSuffix(clip(cmp.Or(rest, s), 80), "/")
}
