// Package capability owns capability specs: from the text of a file to a typed capability with
// positions, checked field by field, across fields and across files. It refuses to know what a
// stage means or what a ticket looks like; the names a spec may use come in as a Vocabulary.
//
//	set, err := capability.Load(ws, []string{"capabilities/**/*.yml"}, v)
//	set.ByID("CRM-101").Capability.Title // "Lead scoring API"
//	set.Findings                         // everything that is wrong, in all files
package capability

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/source/document"
	"github.com/ticketfoundry/ticketfoundry/internal/source/shape"
	"github.com/ticketfoundry/ticketfoundry/schemas"
)

// Vocabulary is the names that specs may use, from the config. An empty list or map allows
// any name.
type Vocabulary struct {
	Stages          []string            // in pipeline order
	Tracks          map[string][]string // name to its stages
	Audiences       []string
	AllowStartStage bool
	StageTickets    map[string][]string // stage to the keys of tickets that the pipeline itself makes
	Zone            *time.Location      // where people work; nil where nobody says
}

// File is one spec that can be used.
type File struct {
	Path       string
	Capability Capability // defaults filled in
	Hash       string     // of the decoded values: same content in other YAML, same hash
	text       []byte
}

// At gives the place of the value at a path of keys and list indexes, or of what is nearest
// above it: At("release", "version"), At("acceptance_criteria", 2).
func (f *File) At(path ...any) diag.Position {
	if doc := f.doc(); doc != nil {
		return doc.At(path...)
	}
	return diag.Position{File: f.Path}
}

// KeyAt gives the place of the last key of the path.
func (f *File) KeyAt(path ...any) diag.Position {
	if doc := f.doc(); doc != nil {
		return doc.KeyAt(path...)
	}
	return diag.Position{File: f.Path}
}

// doc takes the text apart again: positions are needed for few files, so that keeping all
// documents would cost more than it saves. A File that was not parsed has none.
func (f *File) doc() *document.Doc {
	doc, _ := document.Parse(f.Path, f.text)
	return doc
}

// schema is compiled once; the embedded text is covered by a test.
var schema = sync.OnceValue(func() *shape.Schema {
	s, err := shape.Compile(schemas.Capability, shape.Formats(), explain)
	if err != nil {
		panic("capability: " + err.Error())
	}
	return s
})

// Parse reads one spec. The text may come from anywhere; path is only for positions. The File
// is nil if any finding is an error.
func Parse(path string, text []byte, v Vocabulary) (*File, diag.List) {
	r := parse(path, text, v)
	return r.file, r.findings
}

// reading is what came of reading one file.
type reading struct {
	file     *File // nil if it cannot be used
	findings diag.List
	parsed   bool // it could be taken apart, so that what it claims to be is known
}

func parse(path string, text []byte, v Vocabulary) reading {
	doc, findings := document.Parse(path, text)
	if doc == nil {
		return reading{findings: findings}
	}
	subject := doc.Text("id")
	findings.Add(schema().Check(doc)...)
	if findings.HasErrors() {
		return reading{findings: about(findings, subject), parsed: true}
	}
	f := &File{Path: path, text: text}
	if err := doc.Decode(&f.Capability); err != nil {
		// The schema accepts only what decodes; this would be a gap between the two.
		findings.Add(diag.Finding{Position: doc.At(), Severity: diag.Error, Rule: "schema", Message: err.Error()})
		return reading{findings: about(findings, subject), parsed: true}
	}
	f.Capability.normalise()
	f.Hash = hash(f.Capability)
	f.Capability.fill(path)
	c := checker{file: f, doc: doc, vocabulary: v}
	c.run()
	findings = about(append(findings, c.findings...), subject)
	if findings.HasErrors() {
		f = nil
	}
	return reading{file: f, findings: findings, parsed: true}
}

func about(l diag.List, subject string) diag.List {
	if !idPattern.MatchString(subject) {
		subject = ""
	}
	for i := range l {
		l[i].Subject = subject
	}
	return l.Sorted()
}

var (
	idPattern = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,9}-[1-9][0-9]{0,6}$`)
	idLine    = regexp.MustCompile(`(?m)^id:[ \t]+["']?([A-Z][A-Z0-9]{1,9}-[1-9][0-9]{0,6})["']?[ \t]*(?:#.*)?\r?$`)
)

// claimed gives the ids that a file which cannot be used claims, as far as they can be read.
func claimed(text []byte) []string {
	var ids []string
	for _, m := range idLine.FindAllSubmatch(text, -1) {
		if id := string(m[1]); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// hash is over the decoded values, where absent equals empty.
func hash(c Capability) string {
	text, err := json.Marshal(c) // struct order is fixed; zero values are left out
	if err != nil {
		panic("capability: " + err.Error()) // no field can fail
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])[:16]
}

// Product gives the prefix of the id: "CRM" of "CRM-101".
func (c Capability) Product() string { return Product(c.ID) }

// Items gives all technology items, in the order apis, entities, screens, flows, skills.
func (t Technology) Items() []Item {
	return slices.Concat(t.APIs, t.Entities, t.Screens, t.Flows, t.Skills)
}

// Fields gives the names of a spec's fields as config files may name them: "user",
// "scope", "scope.in", "release.version"; sorted.
func Fields() []string {
	var out []string
	for f := range reflect.TypeFor[Capability]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		out = append(out, name)
		if f.Type.Kind() != reflect.Struct {
			continue
		}
		for inner := range f.Type.Fields() {
			sub, _, _ := strings.Cut(inner.Tag.Get("yaml"), ",")
			out = append(out, name+"."+sub)
		}
	}
	slices.Sort(out)
	return out
}
