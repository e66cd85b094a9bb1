package desired

import (
	"embed"
	"strings"
	"sync"

	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/template"
)

// The texts of tickets: one file for each kind. What follows the first line's date is the part
// "do"; lower case, ends with a full stop.
//
//go:embed templates/*.md.tmpl
var recipeFiles embed.FS

// templateEnd is how the name of a template's file ends.
const templateEnd = ".md.tmpl"

// recipeTexts are the program's own templates, by kind of ticket.
var recipeTexts = sync.OnceValue(func() map[string][]byte {
	out := map[string][]byte{}
	files, err := recipeFiles.ReadDir("templates")
	if err != nil {
		panic("desired: " + err.Error())
	}
	for _, f := range files {
		text, err := recipeFiles.ReadFile("templates/" + f.Name())
		if err != nil {
			panic("desired: " + err.Error())
		}
		out[strings.TrimSuffix(f.Name(), templateEnd)] = text
	}
	return out
})

// recipes are the same, ready to write with. A test covers that they parse.
var recipes = sync.OnceValue(func() map[string]*template.Template[page] {
	out := map[string]*template.Template[page]{}
	for name, text := range recipeTexts() {
		t, findings := template.Parse(vocabulary(), name+templateEnd, text, template.Trusted, "do")
		if len(findings) > 0 {
			panic("desired: " + findings[0].String())
		}
		out[name] = t
	}
	return out
})

// closing stands at the end of every ticket, whoever wrote the rest.
var closing = []section{
	{"Decision", page.decision},
	{"Checklist", page.checklist},
}

// recipeName finds a ticket's recipe: what it was sent back for, what it builds, what the spec
// adds, the pipeline's own tickets by key, and for tickets of a config by whether they decide
// or do.
func recipeName(t pipeline.Ticket) string {
	switch {
	case t.Rework.Kind != "":
		return "rework"
	case t.Item.Key != "":
		return "item"
	case t.Added.Key != "":
		return "added"
	case recipeTexts()[t.Stock.Key] != nil && !general(t.Stock.Key):
		return t.Stock.Key
	case t.Approval:
		return "approval"
	}
	return "work"
}

// general tells the recipes that are for a kind of tickets rather than for one of them.
func general(name string) bool {
	switch name {
	case "rework", "item", "added", "approval", "work":
		return true
	}
	return false
}

// public tells whether a ticket is read by, or written for, people outside: there is no cost on
// it.
func public(t pipeline.Ticket) bool {
	switch t.Audience {
	case "docs", "press", "marketing":
		return true
	}
	return recipeName(t) == "release-notes"
}
