package run

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/action"
	"github.com/ticketfoundry/ticketfoundry/internal/apply"
	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/source"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// authority answers who somebody is and what they may do, where a tracker knows.
type authority interface {
	// Account finds an account by login.
	Account(ctx context.Context, login string) (ticket.Account, error)
	// Permission gives the role a login holds now. An error means none.
	Permission(ctx context.Context, login string) (string, error)
}

// tracker is what a run needs of one.
type tracker interface {
	ticket.Reader
	ticket.Writer
}

// job is one run's way from files to plan.
type job struct {
	env      Env
	began    time.Time // by our own clock
	ws       *source.Workspace
	cfg      *config.Config
	set      *capability.Set
	own      desired.Templates // what the repository writes its tickets with
	findings diag.List
	tracker  tracker
	repo     ticket.Repository
	where    string   // where the tickets lie, for people
	commit   string   // where the specs were read; empty if unknown
	globs    []string // of spec files
	notices  []plan.Notice
	stood    map[string]*standing // where each capability stands, once looked at
	trusted  *plan.Trust          // whose issues may be ours, once looked up
	listed   bool                 // the trusted writers' issues were listed whatever their labels
	memory   recalled
	atMost   int // writes of this run; 0 for no bound
	shard    action.Shard
	blocks   map[string][]string                // by id: the capabilities that depend on it
	releases map[string][]capability.Capability // by release: the capabilities that are meant for it
	guessed  bool                               // cfg is the default in place of one with errors: nobody knows its stages

	drafted   []apply.Written // drafts of releases that this run wrote
	published *publication    // the release that this run is about; nil for none
}

// load reads config and specs. Findings are collected; a config with errors is replaced by
// the default, so that specs are still checked, but for what only the right one could tell.
func (j *job) load(configPath string, globs []string, files ...string) error {
	cfg, findings, err := config.Load(j.ws, configPath)
	if err != nil {
		return err
	}
	j.findings.Add(findings...)
	words := capability.Vocabulary{Audiences: config.Audiences()}
	if j.guessed = cfg == nil || findings.HasErrors(); j.guessed {
		cfg = config.Default()
	} else {
		words = cfg.Vocabulary()
	}
	j.cfg = cfg
	if len(globs) == 0 {
		globs = cfg.Capabilities
	}
	globs = append(slices.Clone(globs), files...)
	j.globs = globs
	j.set, err = capability.Load(j.ws, globs, words)
	if err != nil {
		return err
	}
	j.findings.Add(j.set.Findings...)
	if !j.guessed {
		j.findings.Add(j.tagFindings()...)
	}
	return j.templates()
}

// templates reads the repository's own texts. They are part of the settings: what is remembered
// of the config covers them.
func (j *job) templates() error {
	texts, findings, err := config.LoadTemplates(j.ws)
	if err != nil {
		return err
	}
	j.cfg.Templates = texts
	own, more := desired.ParseTemplates(j.cfg, j.set.Files)
	j.own = own
	more = slices.DeleteFunc(more, func(f diag.Finding) bool { return j.guessed && f.Rule == "template-name" })
	j.findings.Add(append(findings, more...)...)
	return nil
}

// isSetting tells whether a file decides on every capability: the config, or a text that tickets
// are written with.
func (j *job) isSetting(path, configPath string) bool {
	return path == configPath || strings.HasPrefix(path, config.TemplateFolder+"/")
}

// configBroken tells whether the config file, or a text that tickets are written with, has
// errors: nothing is applied then.
func (j *job) configBroken(path string) bool {
	return slices.ContainsFunc(j.findings, func(f diag.Finding) bool {
		return f.Severity == diag.Error && (f.File == path || strings.HasPrefix(f.File, config.TemplateFolder+"/"))
	})
}

// scope says which capabilities a plan is about.
type scope struct {
	only    []string // ids; empty for all there are
	partial bool     // the specs are not all there are: nothing is removed for lack of a file
	removed []string // ids whose file this change removes, in a partial scope
	brakes  bool
	focused bool // only what belongs to these is read; falls back to everything where that is not enough

	alone bool // no more than these is asked for, however much has to be read

	have []ticket.Observed // read already
	got  []string          // the capabilities whose issues are all among them
}

// everything gives the scope without its focus.
func (s scope) everything() scope {
	if s.alone {
		s.focused, s.have, s.got = false, nil, nil
		return s
	}
	return scope{brakes: s.brakes}
}

// ours tells whether a capability is this run's to work on. It stays in its shard while the
// number of shards stays.
func (j *job) ours(id string) bool {
	if j.shard.Whole() {
		return true
	}
	h := fnv.New32a()
	h.Write([]byte(id))
	return int(h.Sum32()%uint32(j.shard.Count))+1 == j.shard.Index
}

// build reads the tracker and makes the plan.
func (j *job) build(ctx context.Context, s scope) (plan.Plan, plan.Match, error) {
	match, err := j.observe(ctx, s)
	if err != nil {
		return plan.Plan{}, plan.Match{}, err
	}
	if s.focused {
		if j.blurred(match, s) {
			return j.build(ctx, s.everything())
		}
		if wider, more := j.widened(match, s); more {
			return j.build(ctx, wider)
		}
	}
	models, err := j.models(match, s)
	if err != nil {
		return plan.Plan{}, plan.Match{}, err
	}
	p := plan.Build(plan.Input{
		Models: models, Match: match, Repository: j.repo, Commit: j.commit,
		Held: j.held(s), Whole: !s.partial && !j.set.Unreadable, Removed: s.removed, Mine: j.ours, Versions: j.versions(),
		Known: len(j.set.Files) + len(j.set.Broken), Braked: s.brakes,
		Managed: desired.Managed,
		Needed:  needed(models),
		Define:  func(names []string) []ticket.Label { return desired.Labels(j.cfg, names) },
	})
	if p.Labels, err = j.missing(ctx, p.Labels); err != nil {
		return plan.Plan{}, plan.Match{}, err
	}
	p.Notices = append(p.Notices, j.notices...)
	return p, match, nil
}

// keepIDs holds back files that have come under another id: an id is for life. Both ids are
// left alone until a person says which one is meant.
func (j *job) keepIDs(m plan.Match) {
	was := map[string]string{} // id by path
	for _, id := range slices.Sorted(maps.Keys(m.Applied)) {
		if a := m.Applied[id]; a.Path != "" && !a.Gone && j.set.ByID(id) == nil {
			was[a.Path] = id
		}
	}
	j.set.Files = slices.DeleteFunc(slices.Clone(j.set.Files), func(f *capability.File) bool {
		old, id := was[f.Path], f.Capability.ID
		if old == "" || old == id {
			return false
		}
		j.findings.Add(diag.Finding{
			Position: f.At("id"), Severity: diag.Error, Rule: "changed-id", Subject: old,
			Message: fmt.Sprintf("this file was %s and now says it is %s; an id is for life, as its tickets carry it", old, id),
			Hint:    fmt.Sprintf("write \"id: %s\" again; for a new capability, add a new file", old),
		})
		j.set.Broken = append(j.set.Broken, capability.Broken{Path: f.Path, IDs: []string{old, id}})
		return true
	})
}

// held gives the capabilities whose file is invalid: they are left as they are.
func (j *job) held(s scope) []string {
	var ids []string
	for _, b := range j.set.Broken {
		for _, id := range b.IDs {
			if !slices.Contains(ids, id) && (!s.partial || slices.Contains(s.only, id)) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// observe finds the tickets: by the root label, then by number where a state names what the
// list did not show, and by author before anything is made that may exist without its label.
// Then it finds out where each capability stands.
func (j *job) observe(ctx context.Context, s scope) (plan.Match, error) {
	trust, err := j.trust(ctx)
	if err != nil {
		return plan.Match{}, err
	}
	if err := j.recall(ctx, trust); err != nil {
		return plan.Match{}, err
	}
	issues, err := j.list(ctx, s)
	if err != nil {
		return plan.Match{}, err
	}
	issues = append(issues, j.repo.Boards...)
	looked, listed := map[ticket.Ref]bool{}, false
	for {
		m := plan.NewMatch(issues, trust)
		if s.focused {
			m.Elsewhere = j.elsewhere(m)
		}
		if len(m.Asked) > 0 {
			if err := j.ask(ctx, m.Asked, trust); err != nil {
				return m, err
			}
			continue
		}
		refs := m.Look(looked)
		if !s.focused {
			refs = append(refs, j.unlisted(m, looked)...)
		}
		if len(refs) > 0 {
			more, err := j.get(ctx, refs, looked)
			if err != nil {
				return m, err
			}
			issues = append(issues, more...)
			continue
		}
		j.keepIDs(m)
		if err := j.stand(ctx, m, trust, s); err != nil {
			return m, err
		}
		wanted := j.wanted(m, s)
		rootless := !s.focused && j.rootless(m)
		lost := rootless || j.forgotten(m, wanted)
		if !listed && (rootless || m.Unproven(wanted)) {
			listed = true
			since := time.Time{}
			if j.memory.known && !lost {
				since = j.memory.since() // what was there before is in the index, labels or not
			}
			more, err := j.listByWriters(ctx, since)
			if err != nil {
				return m, err
			}
			issues, j.listed = append(issues, more...), since.IsZero()
			continue
		}
		return m, nil
	}
}

// get reads issues by number, and notes that they were looked at. Those that are gone are left out.
func (j *job) get(ctx context.Context, refs []ticket.Ref, looked map[ticket.Ref]bool) ([]ticket.Observed, error) {
	answers, err := j.tracker.Get(ctx, refs)
	if err != nil {
		return nil, err
	}
	var out []ticket.Observed
	for i, a := range answers {
		looked[refs[i]] = true
		if a.Err == nil {
			out = append(out, a.Ticket)
		} else if ticket.KindOf(a.Err) != ticket.Gone {
			return nil, a.Err
		}
	}
	return out, nil
}

// rootless tells whether somebody deleted the root label: second issues for a key, which no state
// names, are then found by their author alone.
func (j *job) rootless(m plan.Match) bool {
	return len(m.Tickets) > 0 &&
		!slices.ContainsFunc(j.repo.Labels, func(l ticket.Label) bool { return strings.EqualFold(l.Name, plan.Root) })
}

// forgotten tells whether the state of a capability that was made before is gone: its tickets are
// in no index, however old they are.
func (j *job) forgotten(m plan.Match, wanted []ticket.Key) bool {
	return slices.ContainsFunc(wanted, func(k ticket.Key) bool {
		_, stated := m.Applied[k.Capability()]
		_, here := m.Tickets[ticket.Key(k.Capability())]
		_, indexed := j.memory.index.Entry(k.Capability())
		return !stated && (here || indexed)
	})
}

func (j *job) writers() []string {
	names := []string{j.repo.Writer.Login}
	for _, login := range j.cfg.TrustedWriters {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, login) }) {
			names = append(names, login)
		}
	}
	return names
}

// listByWriters gives the trusted writers' issues, whatever their labels.
func (j *job) listByWriters(ctx context.Context, since time.Time) ([]ticket.Observed, error) {
	var out []ticket.Observed
	for _, login := range j.writers() {
		issues, err := j.tracker.List(ctx, ticket.Query{Author: login, Since: since})
		if err != nil {
			return nil, err
		}
		out = append(out, issues...)
	}
	return out, nil
}

// trust resolves the trusted writers to account ids: logins can be renamed and taken over.
func (j *job) trust(ctx context.Context) (plan.Trust, error) {
	if j.trusted != nil {
		return *j.trusted, nil
	}
	t := plan.Trust{Repository: j.repo.ID, Writers: map[int64]bool{}, MayWrite: map[string]bool{}}
	if j.repo.Writer.ID != 0 { // accounts that were deleted read as 0: nobody
		t.Writers[j.repo.Writer.ID] = true
	}
	who, ok := j.tracker.(authority)
	if !ok {
		j.trusted = &t
		return t, nil
	}
	for _, login := range j.writers()[1:] {
		account, err := who.Account(ctx, login)
		switch {
		case ticket.KindOf(err) == ticket.Gone:
			j.notices = append(j.notices, plan.Notice{Text: fmt.Sprintf("trusted_writers names %q, and there is no such account", login)})
		case err != nil:
			return t, fmt.Errorf("look up the trusted writer %s: %w", login, err)
		default:
			t.Writers[account.ID] = true
		}
	}
	delete(t.Writers, 0)
	j.trusted = &t
	return t, nil
}

// ask finds out which of the logins may write; a failed call grants nothing.
func (j *job) ask(ctx context.Context, logins []string, t plan.Trust) error {
	who, ok := j.tracker.(authority)
	for _, login := range logins {
		t.MayWrite[login] = false
		if !ok {
			continue
		}
		role, err := who.Permission(ctx, login)
		if errors.Is(err, context.Canceled) {
			return err
		}
		t.MayWrite[login] = err == nil && slices.Contains([]string{"write", "maintain", "admin"}, role)
	}
	return nil
}
