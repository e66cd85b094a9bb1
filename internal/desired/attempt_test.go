package desired_test

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/record"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// attempt puts a text into every text of a spec and a config, found by their types, so that none
// is forgotten when there is a new one.
type attempt struct {
	text    string
	only    string   // path of the one field that gets it, "capability.press.headline"; empty for all
	unbound bool     // also into dates, versions and logins, which the checks of the spec refuse
	short   bool     // lists of one entry: for long texts, which are slow
	found   []string // the fields that can hold it
}

// harmless stands in the fields that do not get the text.
const harmless = "Legal has read it"

// fixed are what fields hold whose form is checked.
var fixed = map[string]string{
	"capability-id": "CRM-100", "login": "ada", "currency": "USD", "date": "2027-03-16", "date-time": "2027-03-16T09:00:00+01:00",
	"version": "2.4", "criterion-id": "AC-1",
}

// unset are fields of a form that the rest of the test decides on.
var unset = []string{"capability.track", "capability.start_stage", "capability.tickets.opens_at"}

var (
	formatTag = regexp.MustCompile(`\bformat=([a-z-]+)`)
	enumTag   = regexp.MustCompile(`\benum=([^,]+)`)
)

// put gives what a text field gets; ok is false where the field is to stay as it is.
func (a *attempt) put(path string, tag reflect.StructTag, i int) (string, bool) {
	schema := tag.Get("jsonschema")
	format := ""
	if m := formatTag.FindStringSubmatch(schema); m != nil {
		format = m[1]
	}
	inSpec := strings.HasPrefix(path, "capability.")
	switch {
	case slices.Contains(unset, path):
		return "", false
	case path == "capability.id":
		return "CRM-101", true
	case path == "capability.tickets.stage":
		return "build", true
	case path == "capability.tickets.audience":
		return []string{"engineering", "press"}[i%2], true
	case path == "capability.cogs.drivers.part":
		return "apis-0", true
	case format == "slug" && strings.HasSuffix(path, ".key") && inSpec:
		parts := strings.Split(path, ".")
		return fmt.Sprintf("%s-%d", parts[len(parts)-2], i), true
	case enumTag.MatchString(schema):
		all := enumTag.FindAllStringSubmatch(schema, -1)
		return all[i%len(all)][1], inSpec
	case format == "line", format == "text", format == "label", format == "place", format == "" && path != "config.templates.path":
	case inSpec && (!a.unbound || format == "capability-id" || format == "currency"):
		return fixed[format], fixed[format] != ""
	case !inSpec || fixed[format] == "":
		return "", false
	}
	if i == 0 {
		a.found = append(a.found, path)
	}
	if a.only != "" && a.only != path {
		if format == "version" || strings.HasPrefix(format, "date") {
			return fixed[format], true
		}
		return harmless, true
	}
	return a.text, true
}

// walk fills a value of the spec or the config.
func (a *attempt) walk(v reflect.Value, path string, tag reflect.StructTag, i int) {
	if d, ok := reflect.TypeAssert[*cogs.Decimal](v.Addr()); ok {
		if strings.HasPrefix(path, "capability.") {
			*d = cogs.MustDecimal("12.5")
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		if s, ok := a.put(path, tag, i); ok {
			v.SetString(s)
		}
	case reflect.Bool:
		if strings.HasPrefix(path, "capability.") {
			v.SetBool(true)
		}
	case reflect.Struct:
		for k := range v.NumField() {
			f := v.Type().Field(k)
			name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			if name == "" || name == "-" {
				name = strings.ToLower(f.Name)
			}
			if f.IsExported() {
				a.walk(v.Field(k), path+"."+name, f.Tag, i)
			}
		}
	case reflect.Slice:
		a.list(v, path, tag)
	case reflect.Map:
		for _, key := range v.MapKeys() {
			inner := reflect.New(v.Type().Elem()).Elem()
			inner.Set(v.MapIndex(key))
			a.walk(inner, path, tag, 0)
			v.SetMapIndex(key, inner)
		}
	}
}

// list fills a list that has no entries with two or so, and those of one that has.
func (a *attempt) list(v reflect.Value, path string, tag reflect.StructTag) {
	element := v.Type().Elem().Kind()
	n := v.Len()
	if n == 0 && element == reflect.String {
		if _, ok := (&attempt{unbound: a.unbound}).put(path, tag, 0); !ok {
			return
		}
		n = 2
	}
	if n == 0 && strings.HasPrefix(path, "capability.") {
		n = 2
		switch {
		case path == "capability.acceptance_criteria":
			n = 3 // one of each kind
		case strings.HasPrefix(path, "capability.technology.") && path != "capability.technology.apis":
			n = 1
		}
	}
	if a.short && v.Len() == 0 {
		n = min(n, 1)
	}
	if v.Len() == 0 && n > 0 {
		v.Set(reflect.MakeSlice(v.Type(), n, n))
	}
	for i := range n {
		a.walk(v.Index(i), path, tag, i)
	}
}

func (a attempt) capability() capability.Capability { c, _ := a.fill(); return c }

// fill gives a spec and a config with the text in them, and which fields those were.
func (a attempt) fill() (capability.Capability, []string) {
	var c capability.Capability
	a.walk(reflect.ValueOf(&c).Elem(), "capability", "", 0)
	return c, a.found
}

// config gives the config, and the fields in it that can hold the text.
func (a attempt) config() (*config.Config, []string) {
	cfg := settings()
	cfg.Products["CRM"] = config.Product{Audiences: map[string]config.Audience{"docs": {}}}
	for _, name := range config.Audiences() {
		cfg.Audiences[name] = config.Audience{Due: cfg.Audiences[name].Due}
	}
	cfg.Labels.Map = map[string]string{"stage:build": "", "audience:press": "", "blocked": ""}
	for i := range cfg.Pipeline.Stages {
		s := &cfg.Pipeline.Stages[i]
		s.Split = true
		s.Tickets = slices.Clone(s.Tickets)
		switch s.ID {
		case "compliance":
			s.Tickets = append(s.Tickets, config.StageTicket{Key: "another-sign-off", Audience: "compliance"})
		case "ci-cd":
			s.Tickets = append(s.Tickets, config.StageTicket{Key: "more-work", Audience: "engineering"}, config.StageTicket{Key: "sent-back", Audience: "engineering"})
		}
	}
	zone := cfg.Calendar.TimeZone
	a.walk(reflect.ValueOf(cfg).Elem(), "config", "", 0)
	cfg.Calendar.TimeZone = zone // checked against the database of time zones
	return cfg, a.found
}

// input gives everything that tickets follow from, with the text wherever somebody can write it.
func (a attempt) input() desired.Input {
	cfg, _ := a.config()
	in := input(&capability.File{Path: "capabilities/CRM-101.yml", Capability: a.capability()}, cfg, "release")
	said := a.text
	if a.only != "" {
		said = harmless
	}
	in.Depends[0].Title = said
	in.Together.Late[1].Title = said
	in.Status.Blockers = []string{"waits for " + said, "#build/apis-0 " + said}
	for i, s := range in.Status.Steps {
		for j, t := range s.Tickets {
			if t.Key.Name() == "sent-back" {
				in.Status.Steps[i].Tickets[j].Rework = &record.Entry{Kind: record.Rejected, Who: "linus", From: "uat", At: since, Why: said}
			}
		}
	}
	return in
}

// around is what stands on the board and in pull requests.
func (a attempt) around(in desired.Input) []string {
	o := desired.Overview{Stages: map[string]desired.Standing{}, Shipped: 1}
	for _, s := range in.Config.Pipeline.Stages {
		o.Stages[s.ID] = desired.Standing{Capabilities: 1, Blocked: 1, OnHold: 1, InRework: 1, Again: 1}
	}
	return []string{
		desired.Board(in.Config, in.Repository, o).Block,
		desired.Context(desired.ContextInput{
			File: in.File, Config: in.Config, Repository: in.Repository, Stage: "build", Since: time.Time{},
			Tickets: []ticket.Observed{{Title: a.text, Assignees: []string{"ada"}}},
		}),
	}
}
