package run

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/apply"
	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/report"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github"
)

// sticky marks the one comment on a pull request; it counts only on a comment of our own.
const sticky = "<!-- ticketfoundry:sticky -->"

// pullRequest checks everything and shows what the change will do, against the real issues.
// It writes nothing but the one comment, and from a fork not even that.
func (w *shift) pullRequest(ctx context.Context) (int, error) {
	if err := w.connect(ctx); err != nil {
		return ExitFailed, err
	}
	base, err := w.base(ctx)
	if err != nil {
		return ExitFailed, err
	}
	changed, x := base.changed, exchange(base.cfg)
	audit := &auditor{j: w.j, cfg: base.cfg, pull: true, before: base.specs}
	cost := w.j.costChange(base.specs, changed, x)
	audit.increase(cost)
	if base.broken {
		audit.unknown(w.in.Config, cost)
	}
	if w.j.configBroken(w.in.Config) || w.j.repo.IssuesOff {
		w.settle(ctx, audit, plan.Match{}, scope{partial: true, only: changed})
		if err := w.costed(&plan.Plan{}, plan.Match{}, x, cost); err != nil {
			return ExitFailed, err
		}
		return w.unplanned(ctx, cost, len(changed) > 0)
	}
	base.judge(w.j)
	if err := w.j.look(ctx); err != nil {
		return ExitFailed, err
	}
	s := scope{partial: true, only: changed, removed: base.removed(w.j), brakes: true, focused: w.j.memory.known, alone: true}
	var p plan.Plan
	var m plan.Match
	if len(changed) > 0 {
		if p, m, err = w.j.build(ctx, s); err != nil {
			return ExitFailed, err
		}
		p.Estimate = apply.Estimate(p, w.j.options(w.limits()))
		w.show(p)
	} else {
		p = plan.Plan{Version: 1, Repository: w.j.repo.Name, Summary: base.idle()}
	}
	w.j.readiness(m, s)
	w.settle(ctx, audit, m, s)
	w.j.public()
	if err := w.costed(&p, m, x, cost); err != nil {
		return ExitFailed, err
	}
	w.planned(p)
	if err := w.keep(p); err != nil {
		return ExitFailed, err
	}
	found := w.j.findings.Sorted()
	bundle := ""
	if base.code {
		if bundle, err = w.context(ctx, w.named(), m, len(changed) > 0); err != nil {
			return ExitFailed, err
		}
	}
	w.summary = append(w.summary, "## Ticket Foundry\n", report.PlanMarkdown(p, found), costSummary(p.Cogs), "\n"+bundle)
	code := w.close(found)
	if bundle != "" && len(changed) == 0 && code == ExitFine {
		return code, w.comment(ctx, "### Ticket Foundry\n\nWhat this is about:\n\n"+bundle, true)
	}
	return code, w.comment(ctx, planned(p, found, changed, bundle), len(changed) > 0 || bundle != "" || code != ExitFine)
}

// planned is the comment with the plan, with the findings about what the pull request changes.
func planned(p plan.Plan, found diag.List, changed []string, bundle string) string {
	text := "### Ticket Foundry\n\n" + report.PlanMarkdown(p, slices.DeleteFunc(slices.Clone(found), func(f diag.Finding) bool {
		return f.Severity != diag.Error && !slices.Contains(changed, f.Subject)
	}))
	text, _ = markdown.Cut(strings.TrimSpace(text+"\n\n"+bundle), maxComment)
	return text
}

// unplanned shows the findings and the cost of a pull request that there can be no plan for.
func (w *shift) unplanned(ctx context.Context, cost cogs.Comparison, worth bool) (int, error) {
	if w.j.repo.IssuesOff {
		w.say("issues are disabled in %s: there is nothing to plan against", w.j.repo.Name)
	}
	code := w.close(w.j.findings)
	text := "### Ticket Foundry\n\n" + report.FindingsMarkdown(w.j.findings.Sorted(), commentFindings)
	if cost.Differs() {
		text += "\n\n### Cost\n\n" + report.CostChange(cost)
	}
	text, _ = markdown.Cut(text, maxComment)
	return code, w.comment(ctx, text, worth || code != ExitFine)
}

// maxComment is how much of a comment is ours to fill, in bytes; GitHub takes 65,536 characters.
const maxComment = 64_000

// commentFindings is how many findings a comment shows; the summary has the rest.
const commentFindings = 50

// before is what the pull request's base holds of the files it changes.
type before struct {
	cfg     *config.Config
	specs   map[string]capability.Capability // by id, of changed files only
	changed []string                         // ids on either side
	code    bool                             // it changes more than specs and config
	setting bool                             // it changes the config or a text of tickets
	broken  bool                             // the config there has errors: what it limits is not known
}

// idle says what there is to plan where no capability is changed.
func (b *before) idle() string {
	if b.setting {
		return "no capability is changed here; the settings are, and once they are merged every ticket is brought in line with them"
	}
	return "nothing to do: no capability is changed here"
}

// mostFiles is how many changed files GitHub tells; with so many there may be more.
const mostFiles = 3000

// base reads the changed files as they are at the base: the first parent of the merge commit
// that is checked out. (The payload's base may be older than the merge.) Where neither spec nor
// config is changed, both sides are the same.
func (w *shift) base(ctx context.Context) (before, error) {
	b := before{specs: map[string]capability.Capability{}}
	files, err := w.gh.PullRequestFiles(ctx, w.ev.PullRequest.Number)
	if err != nil {
		return b, err
	}
	paths, settings := []string{w.in.Config}, len(files) >= mostFiles
	for _, f := range files {
		for _, path := range []string{f.Path, f.Previous} {
			switch {
			case path == "" || slices.Contains(paths[1:], path):
			case w.j.isSetting(path, w.in.Config):
				settings, b.setting = true, true
			case w.j.isSpec(path):
				paths = append(paths, path)
			default:
				b.code = true
			}
		}
	}
	if len(paths) == 1 && !settings {
		b.cfg = w.j.cfg
		return b, nil
	}
	sha, err := w.gh.FirstParent(ctx, w.run.SHA)
	if ticket.KindOf(err) == ticket.Gone {
		sha, err = w.ev.PullRequest.Base.SHA, nil
	}
	if err != nil {
		return b, err
	}
	texts, err := w.gh.Files(ctx, sha, paths)
	if err != nil {
		return b, err
	}
	b.settings(w, texts[w.in.Config])
	elsewhere, err := b.moved(ctx, w, sha, files, texts)
	if err != nil {
		return b, err
	}
	b.read(w, texts, elsewhere, files)
	return b, nil
}

// settings takes the config of the base. One with errors, which got there past the check, is
// replaced by the default.
func (b *before) settings(w *shift, text []byte) {
	b.cfg = config.Default()
	if text == nil {
		return
	}
	cfg, found := config.Parse(w.in.Config, text)
	if b.broken = cfg == nil || found.HasErrors(); !b.broken {
		b.cfg = cfg
	}
}

// globs are where the base looks for specs.
func (b *before) globs(w *shift) []string {
	if len(w.in.Capabilities) > 0 || b.broken {
		return w.j.globs
	}
	return b.cfg.Capabilities
}

// moved adds to texts the changed files that are specs by the base's settings alone, and gives
// the specs that are so without having been changed.
func (b *before) moved(ctx context.Context, w *shift, sha string, files []github.PullFile, texts map[string][]byte) ([]*capability.File, error) {
	globs := b.globs(w)
	if slices.Equal(globs, w.j.globs) {
		return nil, nil
	}
	var paths []string
	for _, f := range files {
		for _, path := range []string{f.Path, f.Previous} {
			if path != "" && !w.j.isSpec(path) && matches(globs, path) && !slices.Contains(paths, path) {
				paths = append(paths, path)
			}
		}
	}
	if len(paths) > 0 {
		more, err := w.gh.Files(ctx, sha, paths)
		if err != nil {
			return nil, err
		}
		maps.Copy(texts, more)
	}
	set, err := capability.Load(w.j.ws, globs, b.cfg.Vocabulary())
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(set.Files, func(f *capability.File) bool { return w.j.isSpec(f.Path) || touches(files, f.Path) }), nil
}

func touches(files []github.PullFile, path string) bool {
	return slices.ContainsFunc(files, func(f github.PullFile) bool { return f.Path == path })
}

// read takes the specs of the base. An id that stood twice there was held back: it is none.
func (b *before) read(w *shift, texts map[string][]byte, elsewhere []*capability.File, files []github.PullFile) {
	v, globs := b.cfg.Vocabulary(), b.globs(w)
	twice := map[string]bool{}
	note := func(id string) {
		if !slices.Contains(b.changed, id) {
			b.changed = append(b.changed, id)
		}
	}
	add := func(f *capability.File) {
		id := f.Capability.ID
		_, had := b.specs[id]
		twice[id] = twice[id] || had
		b.specs[id] = f.Capability
		note(id)
	}
	for _, path := range slices.Sorted(maps.Keys(texts)) {
		if path == w.in.Config || !matches(globs, path) {
			continue
		}
		if f, _ := capability.Parse(path, texts[path], v); f != nil {
			add(f)
		}
	}
	for _, f := range elsewhere {
		add(f)
	}
	for id := range twice {
		if twice[id] {
			delete(b.specs, id)
		}
	}
	for _, f := range w.j.set.Files {
		if touches(files, f.Path) || !matches(globs, f.Path) {
			note(f.Capability.ID)
		}
	}
	slices.SortFunc(b.changed, plan.CompareIDs)
}

// judge lets the base decide what a change may not decide about itself.
func (b *before) judge(j *job) {
	j.cfg.TrustedWriters = b.cfg.TrustedWriters
	j.cfg.Cogs.Policies = b.cfg.Cogs.Policies
	j.cfg.Pipeline.AllowStartStage = b.cfg.Pipeline.AllowStartStage
}

// removed gives the changed capabilities that have no file any more.
func (b *before) removed(j *job) []string {
	var out []string
	for _, id := range b.changed {
		broken := slices.ContainsFunc(j.set.Broken, func(f capability.Broken) bool { return slices.Contains(f.IDs, id) })
		if j.set.ByID(id) == nil && !broken && !j.set.Unreadable {
			out = append(out, id)
		}
	}
	return out
}

// comment keeps one comment on the pull request up to date. A new one is written only if
// there is something to say. Without the right to comment the summary has to do.
func (w *shift) comment(ctx context.Context, text string, worth bool) error {
	switch {
	case !w.in.Comment:
		return nil
	case w.ev.FromFork():
		w.say("this pull request comes from a fork: the plan stands in this summary, and no comment is written")
		return nil
	}
	ref := ticket.Ref("#" + strconv.Itoa(w.ev.PullRequest.Number))
	existing, err := w.gh.Comments(ctx, ref)
	if err != nil {
		return w.unless(err)
	}
	text = sticky + "\n" + text
	var id int64
	for _, c := range existing {
		if c.Author.ID == w.j.repo.Writer.ID && strings.HasPrefix(c.Body, sticky) {
			if ticket.SameBody(c.Body, text) {
				return nil
			}
			id = c.ID
			break
		}
	}
	if id == 0 && !worth {
		return nil
	}
	_, err = w.gh.Comment(ctx, ref, id, text)
	return w.unless(err)
}

// unless passes an error on, but for the lack of the right to comment.
func (w *shift) unless(err error) error {
	if ticket.KindOf(err) == ticket.Unauthorised {
		w.say("no comment was written on the pull request: %s; the plan stands in this summary", err)
		return nil
	}
	return err
}
