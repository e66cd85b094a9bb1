package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/source/document"
	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

// merger lays one document over the default config.
type merger struct {
	doc      *document.Doc
	config   *Config
	findings diag.List
	given    map[string]int // stage id to its index in the file
}

func (m *merger) fail(at diag.Position, rule, message, hint string) {
	m.findings.Add(diag.Finding{Position: at, Severity: diag.Error, Rule: rule, Message: message, Hint: hint})
}

func (m *merger) run() error {
	base := Default()
	if err := m.doc.Decode(m.config); err != nil {
		return err
	}
	m.config.Version = 1
	if err := audiences(m.doc, base.Audiences, m.config.Audiences); err != nil {
		return err
	}
	m.config.Pipeline.Stages = base.Pipeline.Stages
	if err := m.stages(); err != nil {
		return err
	}
	m.references()
	m.tracks()
	m.money()
	m.policies()
	m.calendar()
	m.capacity()
	m.labels()
	m.tag()
	m.logins()
	return nil
}

// audiences lays what is given over the defaults, key by key.
func audiences(doc *document.Doc, base, into map[string]Audience) error {
	for _, name := range doc.Keys("audiences") {
		a := base[name]
		if err := doc.DecodeAt(&a, "audiences", name); err != nil {
			return err
		}
		if a.Due.WorkingDays > 0 && doc.Text("audiences", name, "due", "days") == "" {
			a.Due.Days = 0 // the default counts days; the file says otherwise
		}
		into[name] = a
	}
	return nil
}

// stages lays each entry of the list over the pipeline, in order.
func (m *merger) stages() error {
	m.given = map[string]int{}
	for i := range m.doc.Len("pipeline", "stages") {
		id := m.doc.Text("pipeline", "stages", i, "id")
		if first, twice := m.given[id]; twice {
			m.fail(m.doc.At("pipeline", "stages", i, "id"), "duplicate-stage",
				fmt.Sprintf("the stage %q stands here twice, first on line %d", id, m.doc.At("pipeline", "stages", first, "id").Line), "join the two")
			continue
		}
		m.given[id] = i
		if err := m.stage(i, id); err != nil {
			return err
		}
	}
	return nil
}

func (m *merger) stage(i int, id string) error {
	at := m.config.Pipeline.index(id)
	if at < 0 {
		return m.newStage(i, id)
	}
	s := m.config.Pipeline.Stages[at]
	if err := m.doc.DecodeAt(&s, "pipeline", "stages", i); err != nil {
		return err
	}
	if s.Kind != "end" && id == "shipped" || id == "shipped" && (s.Drop || s.After != "" || len(s.Tickets) > 0) {
		m.fail(m.doc.At("pipeline", "stages", i, "id"), "last-stage", "shipped is the end of every pipeline and stays as it is",
			"only its name can be changed; put your own stages before it")
		return nil
	}
	if s.Drop {
		m.config.Pipeline.Stages = slices.Delete(m.config.Pipeline.Stages, at, at+1)
		if len(m.config.Pipeline.Stages) == 1 {
			m.fail(m.doc.At("pipeline", "stages", i, "drop"), "no-stage", "no stage is left but shipped", "keep at least one")
		}
		return nil
	}
	if s.After != "" {
		m.config.Pipeline.Stages = slices.Delete(m.config.Pipeline.Stages, at, at+1)
		return m.insert(i, s)
	}
	m.config.Pipeline.Stages[at] = complete(s)
	return nil
}

func (m *merger) newStage(i int, id string) error {
	var s Stage
	if err := m.doc.DecodeAt(&s, "pipeline", "stages", i); err != nil {
		return err
	}
	at := m.doc.At("pipeline", "stages", i, "id")
	known := m.config.Pipeline.IDs()
	switch {
	case s.Drop:
		m.fail(at, "unknown-stage", fmt.Sprintf("there is no stage %q to drop", id), plain.Suggest(id, known))
		return nil
	case s.After == "":
		hint := `say where it comes: add a line "after: STAGE"`
		if near, ok := plain.Nearest(id, known); ok {
			hint = fmt.Sprintf(`did you mean %q? If it is new, add a line "after: STAGE"`, near)
		}
		m.fail(at, "unknown-stage", fmt.Sprintf("%q is not one of the default stages, and a new stage needs a place", id), hint)
		return nil
	case len(s.Tickets) == 0:
		m.fail(at, "no-ticket", fmt.Sprintf("the new stage %q has no tickets, so it could never be left", id),
			fmt.Sprintf("add tickets, as in \"tickets: [{key: %s, title: Do it}]\"", id))
		return nil
	}
	return m.insert(i, s)
}

// insert puts a stage behind the one it names.
func (m *merger) insert(i int, s Stage) error {
	at := m.doc.At("pipeline", "stages", i, "after")
	p := &m.config.Pipeline
	before := p.index(s.After)
	switch {
	case before < 0 && s.After == s.ID:
		m.fail(at, "unknown-stage", fmt.Sprintf("the stage %q cannot come after itself", s.ID), plain.Suggest(s.After, p.IDs()))
	case before < 0:
		message := fmt.Sprintf("there is no stage %q", s.After)
		if slices.Contains(Default().Pipeline.IDs(), s.After) || m.laterInFile(s.After) {
			message += " at this point: it is dropped, or stands further down"
		}
		m.fail(at, "unknown-stage", message, plain.Suggest(s.After, p.IDs()))
	case s.After == "shipped":
		m.fail(at, "last-stage", "nothing comes after shipped", "name an earlier stage")
	default:
		p.Stages = slices.Insert(p.Stages, before+1, complete(s))
	}
	return nil
}

func (m *merger) laterInFile(id string) bool {
	for i := range m.doc.Len("pipeline", "stages") {
		if m.doc.Text("pipeline", "stages", i, "id") == id {
			return true
		}
	}
	return false
}

// complete fills in what the pipeline needs of every stage.
func complete(s Stage) Stage {
	s.After = ""
	s.Kind = cmp.Or(s.Kind, "work")
	if s.Name == "" {
		words := strings.ReplaceAll(s.ID, "-", " ")
		s.Name = strings.ToUpper(words[:1]) + words[1:]
	}
	s.TargetDays = cmp.Or(s.TargetDays, 2)
	if s.Kind == "approval" {
		s.MinApprovals = cmp.Or(s.MinApprovals, 1)
		if len(s.Approvers) == 0 {
			s.Approvers = []string{"role:maintain"}
		}
	}
	for i, t := range s.Tickets {
		s.Tickets[i].Audience = cmp.Or(t.Audience, "engineering")
		s.Tickets[i].Type = cmp.Or(t.Type, "task")
	}
	return s
}

// logins takes the @ away that people may write before a login.
func (m *merger) logins() {
	c := m.config
	clean := func(list []string) {
		for i, login := range list {
			list[i] = strings.TrimPrefix(login, "@")
		}
	}
	clean(c.TrustedWriters)
	clean(c.Digest.Notify)
	people := func(all map[string]Audience) {
		for _, a := range all {
			clean(a.Assignees)
			clean(a.Approvers)
		}
	}
	people(c.Audiences)
	for _, p := range c.Products {
		people(p.Audiences)
	}
	for _, s := range c.Pipeline.Stages {
		clean(s.Approvers)
		for _, t := range s.Tickets {
			clean(t.Approvers)
		}
	}
	wip := make(map[string]int, len(c.Capacity.WIP))
	for who, n := range c.Capacity.WIP {
		wip[strings.TrimPrefix(who, "@")] = n
	}
	c.Capacity.WIP = wip
}
