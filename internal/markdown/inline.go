package markdown

import (
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
)

// inline writes the inline content of a node.
func (w *writer) inline(n ast.Node) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			c = w.textRun(&b, t)
			continue
		}
		part := w.inlineNode(c)
		if strings.HasPrefix(part, "[") && strings.HasSuffix(b.String(), "!") {
			s := strings.TrimSuffix(b.String(), "!") // "!" before a link would make it an image
			b.Reset()
			b.WriteString(s + "&#x21;")
		}
		if strings.HasPrefix(part, "`") && strings.HasSuffix(b.String(), "`") {
			b.WriteString(gap) // neighbouring delimiters would grow into one
		}
		b.WriteString(part)
	}
	return b.String()
}

// textRun writes neighbouring text nodes as one, since a mention may lie across their border,
// and gives the last of them.
func (w *writer) textRun(b *strings.Builder, t *ast.Text) ast.Node {
	var raw strings.Builder
	flush := func() {
		b.WriteString(prose(raw.String(), w.inLink))
		raw.Reset()
	}
	for {
		raw.Write(t.Segment.Value(w.source))
		switch {
		case t.HardLineBreak() && !w.oneLine:
			flush()
			b.WriteString("\\\n")
		case t.SoftLineBreak() || t.HardLineBreak():
			flush() // issues show every line end as a break, specs are wrapped for an editor
			b.WriteByte(' ')
		}
		next, ok := t.NextSibling().(*ast.Text)
		if !ok {
			flush()
			return t
		}
		t = next
	}
}

func (w *writer) inlineNode(n ast.Node) string {
	switch n := n.(type) {
	case *ast.CodeSpan:
		return codeSpan(w.codeText(n))
	case *ast.Emphasis:
		mark := strings.Repeat("*", n.Level)
		return around(w.inline(n), mark)
	case *east.Strikethrough:
		return around(w.inline(n), "~~")
	case *ast.Link:
		return w.link(n, string(n.Destination))
	case *ast.Image:
		return w.image(n)
	case *ast.AutoLink:
		return w.autoLink(n)
	case *ast.String:
		return prose(string(n.Value), w.inLink)
	}
	return w.inline(n)
}

func around(inner, mark string) string {
	if strings.TrimSpace(inner) == "" {
		return inner
	}
	return mark + inner + mark
}

func (w *writer) codeText(n ast.Node) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			b.Write(c.Segment.Value(w.source))
			if c.SoftLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(c.Value)
		}
	}
	s := strings.ReplaceAll(b.String(), "\n", " ")
	if w.inCell {
		s = strings.ReplaceAll(s, `\|`, "|")
	}
	return s
}

// codeSpan puts text in code font, with a delimiter that does not occur in it.
func codeSpan(s string) string {
	s = quietCode(s)
	if strings.TrimSpace(s) == "" {
		return ""
	}
	runs := map[int]bool{}
	for i := 0; i < len(s); {
		n := len(s[i:]) - len(strings.TrimLeft(s[i:], "`"))
		if n == 0 {
			i++
			continue
		}
		runs[n] = true
		i += n
	}
	size := 1
	for runs[size] {
		size++
	}
	mark := strings.Repeat("`", size)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || s[0] == ' ' && s[len(s)-1] == ' ' {
		s = " " + s + " "
	}
	return mark + s + mark
}

func (w *writer) link(n ast.Node, raw string) string {
	if w.inLink {
		return gap + w.inline(n) + gap
	}
	w.inLink = true
	label := w.inline(n)
	w.inLink = false
	return w.apart(n, link(label, string(util.URLEscape([]byte(raw), true))))
}

// image gives a link in place of a picture: a picture is loaded by everyone who reads the issue.
func (w *writer) image(n *ast.Image) string {
	was := w.inLink
	w.inLink = true
	label := w.inline(n)
	w.inLink = was
	if strings.TrimSpace(label) == "" {
		label = "image"
	}
	if was {
		return gap + label + gap
	}
	return w.apart(n, link(label, string(util.URLEscape(n.Destination, true))))
}

// apart keeps what is no link any more from growing together with the text before it.
func (w *writer) apart(n ast.Node, s string) string {
	if strings.HasPrefix(s, "[") || w.freeBefore(n) {
		return s
	}
	return gap + s
}

// autoLink writes an address that links by itself. It stays bare where blanks stand around it;
// elsewhere it gets its borders, since trackers do not agree on where a bare one ends.
func (w *writer) autoLink(n *ast.AutoLink) string {
	label := string(n.Label(w.source))
	free := w.freeBefore(n) && w.freeAfter(n)
	shown := prose(label, true)
	if w.inLink {
		return unlinked(shown) + gap
	}
	plain := shown == label && !strings.ContainsAny(label, "*_~|")
	if n.AutoLinkType == ast.AutoLinkEmail {
		switch {
		case plain && free:
			return label
		case plain:
			return "<" + label + ">"
		}
		return codeSpan(label)
	}
	target, ok := destination(string(util.URLEscape(n.URL(w.source), false)))
	switch {
	case !ok:
		return codeSpan(label)
	case plain && free && (target == label || strings.HasPrefix(label, "www.")):
		return label
	case plain && target == label:
		return "<" + label + ">"
	}
	return "[" + unlinked(shown) + "](" + target + ")"
}

// unlinked keeps an address that is a link's text from linking by itself.
func unlinked(s string) string { return strings.ReplaceAll(s, "://", ":"+gap+"//") }

func (w *writer) freeBefore(n ast.Node) bool {
	t, ok := n.PreviousSibling().(*ast.Text)
	if !ok {
		return n.PreviousSibling() == nil
	}
	v := t.Segment.Value(w.source)
	return t.SoftLineBreak() || t.HardLineBreak() || len(v) > 0 && strings.IndexByte(" (", v[len(v)-1]) >= 0
}

func (w *writer) freeAfter(n ast.Node) bool {
	t, ok := n.NextSibling().(*ast.Text)
	if !ok {
		return n.NextSibling() == nil
	}
	m := endsAddress.FindSubmatch(t.Segment.Value(w.source))
	if m == nil || len(m[1]) > 0 {
		return m != nil
	}
	return t.SoftLineBreak() || t.HardLineBreak() || t.NextSibling() == nil // what follows would grow onto it
}

// endsAddress is what may follow a bare address: nothing, a blank, or punctuation and a blank.
var endsAddress = regexp.MustCompile(`^[.,;!?)]{0,3}([ \t]|$)`)

// link writes a link, or the label and the address in code font where it may not be one.
func link(label, address string) string {
	target, ok := destination(address)
	switch {
	case !ok && address == "":
		return label
	case !ok && label == "":
		return codeSpan(address)
	case !ok:
		return label + " (" + codeSpan(address) + ")"
	case label == "":
		label = unlinked(prose(target, true))
	}
	return "[" + label + "](" + target + ")"
}

var (
	// threads are the pages where a link leaves a trace for others to see.
	threads = regexp.MustCompile(`(?i)^/+[^/]+/+[^/]+/+(?:issues|pull|pulls|discussions|commit|commits|compare)(?:/|$)`)
	inLinks = strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", "`", "%60", `\`, "%5C",
		"|", "%7C", `"`, "%22", "'", "%27", "[", "%5B", "]", "%5D", " ", "%20", "{", "%7B", "}", "%7D")
	ampersand = regexp.MustCompile(`&([A-Za-z#])`)
)

// destination makes an address fit for a link. Only http, https and mailto are. A link to an
// issue, pull request or commit would leave a back-reference there: on github.com it goes
// through the forwarder that leaves none, elsewhere it is no link.
func destination(address string) (string, bool) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return "", false
	}
	switch strings.ToLower(u.Scheme) {
	case "mailto":
		return escapeLink(u.String()), u.Opaque != ""
	case "http", "https":
	default:
		return "", false
	}
	host := strings.ToLower(u.Hostname())
	if host == "" || u.User != nil {
		return "", false // "https://github.com@elsewhere" leads where it does not seem to
	}
	at := path.Clean("/" + u.Path)
	twice, err := url.PathUnescape(at)
	if threads.MatchString(at) || err == nil && threads.MatchString(path.Clean(twice)) {
		if host != "github.com" && host != "www.github.com" {
			return "", false
		}
		u.Host = "redirect.github.com"
	}
	return escapeLink(u.String()), true
}

func escapeLink(s string) string { return ampersand.ReplaceAllString(inLinks.Replace(s), "&amp;$1") }
