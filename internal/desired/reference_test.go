package desired

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/template"
)

// referenceFile is the documentation of what stands on which ticket.
const referenceFile = "../../.github/TICKETS.md"

// TestReference keeps the documentation the one that follows from the code.
func TestReference(t *testing.T) {
	want := reference()
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(referenceFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(referenceFile)
	if err != nil || string(got) != want {
		t.Errorf("%s is not what the code says (%v); run: go test ./internal/desired -update", referenceFile, err)
	}
}

// TestReferenceIsComplete: every audience has a ticket, every recipe is shown, and every field of
// the spec that a person fills in for others to read reaches somebody.
func TestReferenceIsComplete(t *testing.T) {
	text := reference()
	for _, a := range config.Audiences() {
		if !strings.Contains(text, "\n### "+audienceName(a)+"\n") {
			t.Errorf("%s has no tickets", a)
		}
	}
	for name := range recipeTexts() {
		if !strings.Contains(text, "\n#### `"+name+"`\n") {
			t.Errorf("the text %s is not shown", name)
		}
	}
	used := map[string]bool{}
	for _, r := range recipes() {
		for _, s := range r.Outline() {
			for _, f := range s.Uses {
				used[f] = true
			}
		}
	}
	// In the context above each ticket, in the frame around it, or for templates only.
	elsewhere := []string{
		"id", "title", "product", "owner", "priority", "documents.spec", "documents.architecture", "channel", "depends_on", "cogs.monthly",
		"ticket.key", "ticket.title", "ticket.stage", "ticket.audience", "ticket.type", "ticket.approval", "ticket.due", "item.drivers",
	}
	for _, f := range vocabulary().Fields {
		if used[f.Name] == slices.Contains(elsewhere, f.Name) {
			t.Errorf("the field %s: written by our own templates: %v", f.Name, used[f.Name])
		}
	}
	asked := questionsAsked
	for _, s := range config.Default().Pipeline.Stages {
		asked = slices.Concat(asked, s.Ready)
	}
	for _, name := range asked {
		if questions[name] == "" {
			t.Errorf("there is no question that asks for %s", name)
		}
	}
}

// TestReferenceReads looks at the page as a tracker shows it.
func TestReferenceReads(t *testing.T) {
	source := []byte(reference())
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	if strings.Contains(string(source), "|  |\n") {
		t.Error("a part that nothing makes")
	}
	tables := 0
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok {
			if next := n.NextSibling(); next == nil || next.Kind() == ast.KindHeading && next.(*ast.Heading).Level <= h.Level {
				t.Errorf("nothing stands below the heading %q", h.Lines().Value(source))
			}
		}
		if n.Kind().String() == "Table" {
			tables++
		}
	}
	if tables < 10 {
		t.Errorf("%d tables", tables)
	}
}

// reference writes the documentation of all tickets and of what their texts can be made of.
func reference() string {
	var b strings.Builder
	b.WriteString(`<!-- Written by "go test ./internal/desired -update" from the code; do not edit. -->

# What stands on which ticket

Every ticket begins with what is to be done by when, then says what it belongs to: capability, spec, architecture, channel, owner, release, and for people inside the running cost. Then comes what is listed below, and at the end how to decide and the checklist of the config. The intro of its audience stands above all that. A part for which the spec has nothing is left out, heading and all.

Three ways to change that, from the easiest:

1. ` + "`intro` and `checklist` of an audience" + ` in ` + "`" + config.Path + "`" + `, for all products or for one.
2. Tickets of your own: ` + "`pipeline.stages`" + ` for every capability, ` + "`tickets`" + ` in a spec for one.
3. [Templates](#templates) in ` + "`" + config.TemplateFolder + "`" + `.

## From the spec to the ticket

`)
	b.WriteString(mapping())
	b.WriteString(`
## Templates

A file in ` + "`" + config.TemplateFolder + "`" + ` takes the place of a built-in text. Its name says for which tickets:

| File | Tickets |
|---|---|
| ` + "`STAGE--KEY.md.tmpl`" + ` | the ticket with this key in the stage: the pipeline's (` + "`uat--uat-product`" + `), a technology item's (` + "`build--scoring-endpoint`" + `) or one that a spec adds; ` + "`STAGE--rework`" + ` is for what was sent back |
| ` + "`STAGE--AUDIENCE.md.tmpl`" + ` | the others of the stage for this audience (` + "`release--press`" + `) |
| ` + "`STAGE.md.tmpl`" + ` | the others of the stage |

Tickets that a spec adds and tickets that were sent back have a text of their own, so only a file that names them changes them. The first line, the context, how to decide and the checklist stay the program's; so does the capability issue.

The syntax is that of Go's [text/template](https://pkg.go.dev/text/template): ` + "`{{.title}}`, `{{if .legal}}…{{else}}…{{end}}`, `{{range .success_criteria}}…{{end}}`, `{{with .press}}…{{end}}`, `{{define \"name\"}}`, `{{template \"name\" .}}`" + `, variables, and the functions ` + "`and or not eq ne lt le gt ge len`" + `. Besides these there are the fields and functions below, and no others. The part ` + "`{{define \"do\"}}…{{end}}`" + ` is the sentence behind the due date; without it the built-in one stays.

- Templates are checked like specs: an unknown field or function, a list written as if it were a text, or a part that uses itself is an error with file, line, column and what was probably meant. While one is wrong, nothing is applied.
- What a template writes is inert, its own text like the spec's: nobody is notified, no issue is linked, HTML is shown and not run, images become links, and nothing ends the program's part of the ticket. Task lists (` + "`- [ ] …`" + `) work, and ticks stay. Links need full addresses. Headings begin at the third level (` + "`###`" + `).
- A template may take 10,000 steps and write 128 KiB. One that needs more for some ticket is replaced there by the built-in text, and the preview names it.
- Running cost stays empty on tickets for docs, press and marketing and on the release notes.

### Fields

Names are those of the spec. A line is one line of text, a text is Markdown, a part is Markdown that the program makes. A group of fields (` + "`{{if .press}}`" + `) is empty when all its fields are.

| Field | Kind | What it is |
|---|---|---|
`)
	for _, f := range vocabulary().Fields {
		kind := f.Kind.String()
		if f.Kind == template.List {
			kind = "list of lines"
			if len(f.Of) > 0 {
				kind = "list of groups"
			}
		}
		fmt.Fprintf(&b, "| `.%s` | %s | %s |\n", f.Name, kind, describe(f))
	}
	b.WriteString("\n### Functions\n\n| Function | What it makes |\n|---|---|\n")
	for _, f := range vocabulary().Funcs {
		fmt.Fprintf(&b, "| `%s` | %s |\n", call(f), f.Doc)
	}
	b.WriteString("\n## Built-in texts\n\nTo start from one of them, copy it into a file named as above.\n")
	for _, name := range recipeNames() {
		fmt.Fprintf(&b, "\n#### `%s`\n\n%s\n\n```\n%s```\n", name, forWhat(name), recipeTexts()[name])
	}
	return b.String()
}

func describe(f field) string {
	if len(f.Of) == 0 {
		return f.Doc
	}
	var of []string
	for _, c := range f.Of {
		of = append(of, "`."+c.Name+"` "+c.Doc)
	}
	return f.Doc + ": " + strings.Join(of, "; ")
}

func call(f template.Func[page]) string {
	out := f.Name
	for _, k := range f.Takes {
		switch k {
		case template.Line:
			out += " LINE"
		case template.List:
			out += " LIST"
		default:
			out += " WORDS"
		}
	}
	return out
}

// recipeNames gives the built-in texts, those of the pipeline first and in its order.
func recipeNames() []string {
	var out []string
	for _, s := range config.Default().Pipeline.Stages {
		s.Split = true
		for _, t := range s.Stock() {
			if recipeTexts()[t.Key] != nil {
				out = append(out, t.Key)
			}
		}
	}
	return append(out, "item", "added", "approval", "work", "rework")
}

func forWhat(name string) string {
	switch name {
	case "item":
		return "Each technology item."
	case "added":
		return "Tickets that a spec adds."
	case "approval":
		return "Approvals that the config adds."
	case "work":
		return "Other tickets that the config adds."
	case "rework":
		return "What was sent back."
	}
	for _, s := range config.Default().Pipeline.Stages {
		s.Split = true
		for _, t := range s.Stock() {
			if t.Key == name {
				return "“" + t.Title + "”, stage `" + s.ID + "`, for " + t.Audience + "."
			}
		}
	}
	return ""
}

var doPart = regexp.MustCompile(`(?s)\{\{define "do"\}\}(.*?)\{\{end\}\}`)

// mapping writes, audience by audience, which fields of the spec make which part of which ticket.
func mapping() string {
	var b strings.Builder
	for _, a := range config.Audiences() {
		fmt.Fprintf(&b, "### %s\n\n| Stage | Ticket | Asks to | Part | From the spec |\n|---|---|---|---|---|\n", audienceName(a))
		for _, s := range config.Default().Pipeline.Stages {
			split := s
			split.Split = true
			for _, t := range split.Stock() {
				if t.Audience != a {
					continue
				}
				names := []string{t.Key}
				if t.For == "technology" {
					names = []string{"item", t.Key}
				}
				for _, name := range names {
					rows(&b, s.ID, name)
				}
			}
		}
		if a == "engineering" {
			rows(&b, "any", "rework")
		}
		b.WriteString("\n")
	}
	b.WriteString("Tickets that specs add are for the audience they name:\n\n| Stage | Ticket | Asks to | Part | From the spec |\n|---|---|---|---|---|\n")
	rows(&b, "any", "added")
	return b.String()
}

// otherSources are what the parts are made of that no field of the spec makes.
var otherSources = map[string]string{
	"Needed to go on":      "the fields that the stage needs (`ready`), ticked as they are filled in",
	"Not in the spec yet":  "the fields that the stage needs and that are not filled in",
	"What must be ready":   "the capability's other tickets of the stage, as far as they gate it",
	"Compliance checklist": "the config (`compliance.checklist`)",
	"Why it was sent back": "the decision that sent it back",
}

func rows(b *strings.Builder, stage, name string) {
	do := "close it when it is done."
	if m := doPart.FindSubmatch(recipeTexts()[name]); m != nil {
		do = string(m[1])
	}
	lead := fmt.Sprintf("`%s` | `%s` | %s", stage, name, do)
	for _, s := range recipes()[name].Outline() {
		var from []string
		for _, f := range s.Uses {
			from = append(from, "`"+f+"`")
		}
		if len(from) == 0 {
			from = []string{otherSources[s.Title]}
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", lead, s.Title, strings.Join(from, ", "))
		lead = " | |"
	}
}
