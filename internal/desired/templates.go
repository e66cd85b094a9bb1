package desired

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
	"github.com/ticketfoundry/ticketfoundry/internal/template"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Templates are the texts that a repository writes its tickets with, in place of ours. The zero
// value has none.
type Templates struct {
	byName map[string]*template.Template[page]
}

// ParseTemplates reads the templates of a repository. A file is named by the stage and by which
// of its tickets it is for: "build" for all, "build--scoring-endpoint" for one key,
// "release--press" for one audience. The files are those that the tickets come from, to know
// their keys. A template with an error in its findings is left out.
func ParseTemplates(cfg *config.Config, files []*capability.File) (Templates, diag.List) {
	out := Templates{byName: map[string]*template.Template[page]{}}
	var findings diag.List
	for _, text := range cfg.Templates {
		if path.Base(text.Path) == "README.md" {
			continue // says what lies here
		}
		name, ok := strings.CutSuffix(path.Base(text.Path), templateEnd)
		if !ok || path.Dir(text.Path) != config.TemplateFolder {
			findings.Add(misnamed(text.Path, diag.Warning, "this is not read: it is not named like a template",
				"call it STAGE"+templateEnd+" or STAGE--KEY"+templateEnd+", directly in "+config.TemplateFolder))
			continue
		}
		findings.Add(nameFindings(cfg, files, text.Path, name)...)
		t, found := template.Parse(vocabulary(), text.Path, []byte(text.Text), template.Guarded, "do")
		findings.Add(found...)
		if t != nil {
			out.byName[name] = t
		}
	}
	return out, findings.Sorted()
}

func misnamed(path string, severity diag.Severity, message, hint string) diag.Finding {
	return diag.Finding{Position: diag.Position{File: path}, Severity: severity, Rule: "template-name", Message: message, Hint: hint}
}

// nameFindings looks for the tickets that a template is for.
func nameFindings(cfg *config.Config, files []*capability.File, path, name string) diag.List {
	stage, key, one := strings.Cut(name, "--")
	if _, ok := cfg.Pipeline.Stage(stage); !ok || stage == pipeline.Shipped {
		ids := slices.DeleteFunc(cfg.Pipeline.IDs(), func(id string) bool { return id == pipeline.Shipped })
		return diag.List{misnamed(path, diag.Error, fmt.Sprintf("there is no stage %q with tickets", stage), plain.Suggest(stage, ids))}
	}
	if !one {
		return nil
	}
	known := ticketNames(cfg, files, stage)
	if slices.Contains(known, key) || slices.Contains(config.Audiences(), key) || reworkKey.MatchString(key) {
		return nil
	}
	hint := "name a ticket by its key, or an audience"
	if near, ok := plain.Nearest(key, append(known, config.Audiences()...)); ok {
		hint = fmt.Sprintf("did you mean %q?", stage+"--"+near+templateEnd)
	}
	return diag.List{misnamed(path, diag.Warning, fmt.Sprintf("no ticket of the stage %q has the key %q", stage, key), hint)}
}

// reworkKey is what tickets of something that was sent back are called: each by its number, or all.
var reworkKey = regexp.MustCompile(`^rework(?:-[1-9][0-9]*)?$`)

// ticketNames gives the keys of a stage's tickets, as far as config and specs tell.
func ticketNames(cfg *config.Config, files []*capability.File, stage string) []string {
	var out []string
	s, _ := cfg.Pipeline.Stage(stage)
	technology := false
	for _, t := range s.Stock() {
		out = append(out, t.Key)
		technology = technology || t.For == "technology"
	}
	for _, f := range files {
		for _, it := range f.Capability.Technology.Items() {
			if technology {
				out = append(out, it.Key)
			}
		}
		for _, t := range f.Capability.Tickets {
			if t.Stage == stage {
				out = append(out, t.Key)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// find gives the template for a ticket: the one for its key, else its audience's, else its
// stage's. What a spec adds and what was sent back have a text of their own that a template for
// many would lose, so only one that names them counts.
func (t Templates) find(of pipeline.Ticket) *template.Template[page] {
	if len(t.byName) == 0 {
		return nil
	}
	names := []string{of.Stage + "--" + of.Key.Name()}
	switch {
	case of.Rework.Kind != "":
		names = append(names, of.Stage+"--rework")
	case of.Added.Key == "":
		names = append(names, of.Stage+"--"+of.Audience, of.Stage)
	}
	for _, name := range names {
		if own := t.byName[name]; own != nil {
			return own
		}
	}
	return nil
}

// words writes what a ticket asks for and what it says between its context and its end.
func (p page) words() (do, body string) {
	ours := recipes()[recipeName(p.t)]
	if own := p.Templates.find(p.t); own != nil && !p.shared.left(own.Path()) {
		body, err := own.Write(p)
		do, wrong := p.task(own)
		if err = cmp.Or(err, wrong); err == nil {
			if do == "" {
				do, _ = p.task(ours)
			}
			return do, body
		}
		p.shared.failed(own.Path(), err, p.t.Key)
	}
	body, err := ours.Write(p)
	if err != nil {
		body = p.more()
	}
	do, err = p.task(ours)
	if err != nil {
		do = ""
	}
	return do, body
}

// leftOut is a template of the repository that could not be run to its end.
type leftOut struct {
	path    string
	why     error
	first   ticket.Key // that it was for
	tries   int
	tickets int
}

// mostTries is how many tickets of a capability a template may fail for. What a ticket holds may be
// the cause, or the template itself, and then each further try is as dear as the first.
const mostTries = 3

// left tells whether a template failed too often before, and counts a ticket that does without it
// for that.
func (s *shared) left(path string) bool {
	i := slices.IndexFunc(s.leftOut, func(l leftOut) bool { return l.path == path })
	if i < 0 || s.leftOut[i].tries < mostTries {
		return false
	}
	s.leftOut[i].tickets++
	return true
}

// failed notes that a template could not be run to its end for a ticket.
func (s *shared) failed(path string, why error, key ticket.Key) {
	i := slices.IndexFunc(s.leftOut, func(l leftOut) bool { return l.path == path })
	if i < 0 {
		i = len(s.leftOut)
		s.leftOut = append(s.leftOut, leftOut{path: path, why: why, first: key})
	}
	s.leftOut[i].tries++
	s.leftOut[i].tickets++
}

func (l leftOut) String() string {
	where := "its place"
	if l.tickets > 1 {
		where = fmt.Sprintf("the place of it and of %d more", l.tickets-1)
	}
	return fmt.Sprintf("%s: %s, so the built-in text stands in %s (%s)", l.first, l.why, where, l.path)
}

func (p page) task(t *template.Template[page]) (string, error) {
	if !t.Has("do") {
		return "", nil
	}
	do, err := t.WriteLine(p, "do")
	return sentence(do), err
}

// sentence makes what a template says is to be done fit to stand in the first line: no mark of a
// block in front of it, no hidden comment, and not longer than a line.
func sentence(do string) string {
	do = strings.TrimSpace(hiddenComment.ReplaceAllString(do, ""))
	for blockMark.MatchString(do) {
		do = strings.TrimSpace(blockMark.ReplaceAllString(do, ""))
	}
	if cut, short := markdown.Cut(do, maxLine); short {
		return cut + " …"
	}
	return do
}

var (
	hiddenComment = regexp.MustCompile(`<!-- ticketfoundry:[a-z]+ -->`)
	blockMark     = regexp.MustCompile(`^(?:#{1,6}|[-*+>|]|[0-9]{1,9}[.)]|\[[ xX]\])(?:\s+|$)`)
)
