package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/action"
	"github.com/ticketfoundry/ticketfoundry/internal/apply"
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/report"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github"
)

// shift is one run in a workflow.
type shift struct {
	env     Env
	a       *action.Action
	in      action.Inputs
	ev      action.Event
	run     action.Run
	j       *job
	gh      *github.Tracker
	out     action.Outputs
	summary []string // Markdown, in order
	said    []string // notices of this run
}

// workflow runs in a workflow runner.
func workflow(ctx context.Context, env Env) int {
	w := &shift{env: env, a: action.New(env.Getenv, env.Stdout), j: &job{env: env, began: env.Now()}}
	w.run = w.a.Run()
	code, err := w.work(ctx)
	if err != nil {
		code = ExitFailed
		w.out.Valid = false
		w.a.Annotate(diag.List{{Severity: diag.Error, Rule: "could-not-run", Message: err.Error()}})
		w.summary = append(w.summary, "**Ticket Foundry could not run:** "+report.Inert(err.Error())+"\n")
	}
	for _, text := range w.said {
		printf(w.a.Log(), "%s\n", text)
		w.summary = append(w.summary, report.Remark(text)+"\n")
	}
	err = errors.Join(w.a.SetOutputs(w.out), w.a.Summary(strings.Join(w.summary, "\n")), w.a.Flush())
	if err != nil {
		printf(env.Stderr, "ticketfoundry: %s\n", action.OneLine(err.Error()))
		code = ExitFailed
	}
	return code
}

func (w *shift) say(format string, args ...any) {
	w.said = append(w.said, fmt.Sprintf(format, args...))
}

func (w *shift) work(ctx context.Context) (int, error) {
	var wrong diag.List
	w.in, wrong = w.a.Inputs()
	w.a.Mask(w.in.Token)
	w.j.shard = w.in.Shard
	if wrong.HasErrors() {
		w.a.Annotate(wrong)
		return ExitFailed, errors.New("an input of the step is wrong: " + wrong[0].Text())
	}
	var err error
	if w.ev, err = w.a.Event(); err != nil {
		return ExitFailed, err
	}
	mode, err := w.mode()
	if err != nil {
		return ExitFailed, err
	}
	foreign, bug := w.foreign(), w.mayBeBug()
	if foreign && !bug {
		return w.nothing()
	}
	closing, err := w.j.open(cmp.Or(w.run.Workspace, w.env.Dir))
	if err != nil {
		return ExitFailed, err
	}
	defer closing()
	if err := w.j.load(w.in.Config, w.in.Capabilities); err != nil {
		return ExitFailed, err
	}
	switch {
	case bug && w.aboutBug():
		return w.bug(ctx, mode)
	case foreign:
		return w.nothing()
	case w.release() && len(w.released()) == 0:
		w.say("the release %s is of no capability here: none has that product and version under the tag pattern %q", w.j.published.tag, w.j.cfg.Release.Tag)
		w.j.readiness(plan.Match{}, scope{})
		w.j.costFindings(plan.Match{}, scope{})
		return w.close(w.j.findings), nil
	case mode == action.ModePlan && w.ev.PullRequest.Number != 0:
		return w.pullRequest(ctx)
	case mode == action.ModePlan || mode == action.ModeApply:
		return w.reconcile(ctx, mode == action.ModeApply)
	default:
		w.j.readiness(plan.Match{}, scope{})
		w.j.costFindings(plan.Match{}, scope{})
		return w.close(w.j.findings), nil
	}
}

// nothing ends a run whose event is none of our concern.
func (w *shift) nothing() (int, error) {
	w.out.Valid = true
	w.say("this event is about an issue or label that is none of ours: nothing to do")
	return ExitFine, nil
}

// mode chooses what to do from the event.
func (w *shift) mode() (action.Mode, error) {
	switch w.ev.Name {
	case "pull_request_target", "workflow_run":
		return "", fmt.Errorf("the event %s runs with a token that may write while it looks at other people's code; use pull_request, which needs no such token", w.ev.Name)
	}
	asked := w.in.Mode
	if w.ev.PullRequest.Number != 0 || w.ev.Name == "merge_group" {
		switch {
		case asked == action.ModeApply:
			w.say("mode is apply, but what is not merged is never applied: this run only shows the plan")
			return action.ModePlan, nil
		case asked == action.ModeAuto && w.ev.Name == "merge_group":
			return action.ModeValidate, nil
		case asked == action.ModeAuto:
			return action.ModePlan, nil
		}
		return asked, nil
	}
	if asked != action.ModeAuto {
		return asked, nil
	}
	switch w.ev.Name {
	case "push":
		if w.ev.Deleted || !w.ev.ToDefaultBranch() && w.ev.Repository.DefaultBranch != "" {
			return action.ModeValidate, nil
		}
		return action.ModeApply, nil
	case "release":
		if _, ok := published(w.ev); ok {
			return action.ModeApply, nil
		}
	case "schedule", "workflow_dispatch", "repository_dispatch", "issues", "issue_comment", "label":
		return action.ModeApply, nil
	}
	w.say("the event %s has nothing to apply: the files are checked", cmp.Or(w.ev.Name, "(none)"))
	return action.ModeValidate, nil
}

// foreign tells whether the event is about an issue or a label that is none of ours: then
// nothing is read and nothing written.
func (w *shift) foreign() bool {
	managed := func(label string) bool { return label != "" && desired.Managed(label) }
	defined := func(label string) bool { return label != "" && desired.Defined(label) }
	marked := func(body string) bool { return ticket.ParseBody(body).Marker.Key != "" }
	switch w.ev.Name {
	case "label":
		return !defined(w.ev.Label.Name) && !defined(w.ev.Changes.Name.Was)
	case "issues", "issue_comment":
		i := w.ev.Issue
		ours := marked(i.Body) || marked(w.ev.Changes.Body.Was) || managed(w.ev.Label.Name) ||
			slices.ContainsFunc(i.Labels, func(l action.Label) bool { return managed(l.Name) })
		return bool(i.IsPullRequest) || !ours
	}
	return false
}

// connect opens the tracker on GitHub.
func (w *shift) connect(ctx context.Context) error {
	if w.in.Token == "" {
		return errors.New("the input token is empty; leave it out to use the job's own token")
	}
	writers := w.j.cfg.TrustedWriters
	if w.ev.PullRequest.Number != 0 {
		writers = config.Default().TrustedWriters // its config is not merged: it names nobody
	}
	merge := ""
	if w.ev.PullRequest.Number != 0 {
		merge = w.run.SHA
	}
	var err error
	w.gh, err = github.New(github.Options{
		Commit: merge,
		Token:  string(w.in.Token), Repository: cmp.Or(w.run.Repository, w.ev.Repository.FullName), APIURL: w.run.APIURL, GraphQLURL: w.run.GraphQLURL,
		UserAgent: "ticketfoundry/" + w.env.Version, PerMinute: w.in.Shard.Share(w.in.WritesPerMinute), Base: w.env.HTTP,
		Clock: w.env.Now, Sleep: w.env.Sleep, TrustedWriters: writers, FewLabels: w.fewLabels(),
	})
	if err != nil {
		return err
	}
	w.j.commit = cmp.Or(checkedOut(w.j.ws.Dir()), w.run.SHA)
	return w.j.meet(ctx, w.gh)
}

// reconcile makes the whole tracker what the default branch says, or only shows what that takes.
func (w *shift) reconcile(ctx context.Context, write bool) (int, error) {
	if w.j.configBroken(w.in.Config) {
		w.say("the config file has errors: nothing was read or written in the tracker")
		return w.close(w.j.findings), nil
	}
	if err := w.connect(ctx); err != nil {
		return ExitFailed, err
	}
	write, err := w.allowed(ctx, write)
	if err != nil {
		return ExitFailed, err
	}
	if write {
		if err := w.restoreLabel(ctx); err != nil {
			return ExitFailed, err
		}
	}
	s, err := w.scope(ctx)
	if err != nil {
		return ExitFailed, err
	}
	p, m, err := w.j.build(ctx, s)
	if err != nil {
		return ExitFailed, err
	}
	w.j.readiness(m, s)
	w.j.costFindings(m, s)
	w.j.public()
	p.Estimate = apply.Estimate(p, w.j.options(w.limits()))
	w.show(p)
	err = w.costed(&p, m, exchange(w.j.cfg), cogs.Comparison{})
	if err = errors.Join(err, w.keep(p)); err != nil {
		return ExitFailed, err
	}
	if !write {
		w.planned(p)
		w.summary = append(w.summary, report.PlanMarkdown(p, w.j.findings.Sorted()), costSummary(p.Cogs))
		return w.close(w.j.findings), nil
	}
	if len(p.Brakes) > 0 {
		w.close(w.j.findings)
		return ExitFailed, fmt.Errorf("stopped before the first write: %s; if it is meant, run once with the input allow-mass-close: true", p.Brakes[0].Text)
	}
	drafted := w.drafts(ctx, &p, m)
	o, code := w.apply(ctx, p)
	code = max(code, drafted)
	if err := w.j.remember(ctx, p, m, o); err != nil && ctx.Err() == nil {
		w.say("the board could not be written, so the next run reads everything: %s", err)
	}
	if w.j.published != nil {
		w.tell(w.released())
	}
	if ctx.Err() != nil {
		return ExitFailed, nil // stopped, however much was done
	}
	if slices.Contains([]string{"schedule", "workflow_dispatch", "repository_dispatch"}, w.ev.Name) {
		if err := w.bugs(ctx); err != nil {
			return ExitFailed, err
		}
	}
	return code, nil
}

// allowed says whether this run may write at all, and if not, why.
func (w *shift) allowed(ctx context.Context, write bool) (bool, error) {
	if !write {
		return false, nil
	}
	if w.j.repo.Fork && !w.in.AllowFork {
		w.say("%s is a fork: its tickets belong to the original, so nothing was written; the input allow-fork: true gives it its own", w.j.repo.Name)
		return false, nil
	}
	if err := w.j.mayApply(true); err != nil {
		return false, err
	}
	if want := "refs/heads/" + w.j.repo.DefaultBranch; w.run.Ref != "" && w.run.Ref != want && w.j.published == nil {
		w.say("only what is on %s is applied, and this run is for %s: nothing was written", w.j.repo.DefaultBranch, w.run.Ref)
		return false, nil
	}
	why, err := w.j.behind(ctx, w.gh, w.in.Config)
	if err != nil {
		return false, err
	}
	if why != "" && w.j.published != nil {
		w.say("the release %s is judged by the newest state of %s: %s; nothing was written; let the job for releases check out %s, and run it again",
			w.j.published.tag, w.j.repo.DefaultBranch, why, w.j.repo.DefaultBranch)
		return false, nil
	}
	if why != "" {
		w.say("only the newest state of %s is applied: %s; nothing was written, the run for that commit does it", w.j.repo.DefaultBranch, why)
		return false, nil
	}
	return true, nil
}

// apply carries out the plan and reports.
func (w *shift) apply(ctx context.Context, p plan.Plan) (apply.Outcome, int) {
	end := w.a.Group("Apply")
	bounds := w.j.options(w.limits())
	bounds.Progress = func(r apply.Result) { printf(w.a.Log(), "%s %s %s %s\n", r.Status, r.Action, r.Key, r.Ref) }
	o := apply.Run(ctx, w.gh, w.gh, p, w.j.breathe(ctx, p, bounds))
	end()
	report.OutcomeText(w.a.Log(), o)
	w.out.Created, w.out.Updated, w.out.Closed, w.out.Reopened = o.Did(plan.Create), o.Did(plan.Update), o.Did(plan.Close), o.Did(plan.Reopen)
	w.out.Unchanged, w.out.Pending = o.Kept, o.Count(apply.Pending)+o.Count(apply.Unknown)
	if !o.Rest.Until.IsZero() {
		w.out.DoneAbout = o.Rest.Until.UTC().Format(time.RFC3339)
	}
	found := slices.Concat(w.j.findings, w.refused(o))
	w.summary = append(w.summary, "## Ticket Foundry\n", report.OutcomeMarkdown(o, w.j.repo.URL+"/issues"))
	if len(found) > 0 {
		w.summary = append(w.summary, "\n### Findings\n", report.FindingsMarkdown(found.Sorted(), summaryFindings))
	}
	w.summary = append(w.summary, costSummary(p.Cogs))
	code := w.close(found)
	if o.Stopped != "" && o.Count(apply.Failed) > 0 {
		return o, ExitFailed
	}
	return o, max(code, outcomeCode(o))
}

// limits is how much this run may write.
func (w *shift) limits() limits {
	return limits{writes: w.in.MaxWrites, perMinute: w.in.WritesPerMinute, perHour: w.in.WritesPerHour, minutes: w.in.MaxMinutes, shard: w.in.Shard}
}

// summaryFindings is how many findings a summary shows.
const summaryFindings = 500

// refused turns what the tracker refused into findings at the spec it comes from.
func (w *shift) refused(o apply.Outcome) diag.List {
	var out diag.List
	for _, r := range o.Results {
		wrong := r.Error != "" && (r.Status == apply.Failed || r.Status == apply.Unknown)
		if !wrong && len(r.Dropped) == 0 {
			continue
		}
		f := diag.Finding{Severity: diag.Warning, Rule: "left-out", Subject: r.Key.Capability(), Position: diag.Position{File: r.Path}}
		if file := w.j.set.ByID(r.Key.Capability()); file != nil {
			f.Position = file.At("id")
		}
		if wrong {
			bad := f
			bad.Severity, bad.Rule, bad.Message = diag.Error, "not-applied", r.Error
			out.Add(bad)
		}
		for _, d := range r.Dropped {
			f.Message = fmt.Sprintf("GitHub left out of %s: %s", cmp.Or(string(r.Ref), string(r.Key)), d)
			f.Hint = "look whether it exists and may be used in this repository"
			out.Add(f)
		}
	}
	return out
}

// show logs the plan.
func (w *shift) show(p plan.Plan) {
	end := w.a.Group("Plan")
	report.PlanText(w.a.Log(), p)
	end()
}

// planned fills the outputs from a plan that is not carried out.
func (w *shift) planned(p plan.Plan) {
	w.out.Unchanged = p.Count(plan.Keep)
	w.out.Pending = len(p.Changes) - p.Count(plan.Keep) + len(p.Twins)
}

// close prints the findings, annotates and gives the exit code.
func (w *shift) close(found diag.List) int {
	found = found.Sorted()
	w.out.Errors, w.out.Warnings = found.Count(diag.Error), found.Count(diag.Warning)
	fails := w.in.FailOn != action.FailOnNever && found.HasErrors() || w.in.FailOn == action.FailOnWarning && w.out.Warnings > 0
	w.out.Valid = !fails
	if len(found) > 0 {
		end := w.a.Group("Findings")
		if err := report.Findings(w.a.Log(), "text", found); err != nil {
			w.say("print the findings: %s", err)
		}
		end()
		w.a.Annotate(found)
	}
	if len(w.summary) == 0 {
		w.summary = append(w.summary, "## Ticket Foundry\n", report.FindingsMarkdown(found, summaryFindings))
	}
	if fails {
		return ExitFindings
	}
	return ExitFine
}

// restoreLabel renames a managed label back that somebody renamed: its issues keep it then.
// Without this the next steps would make it anew and put it back issue by issue.
func (w *shift) restoreLabel(ctx context.Context) error {
	was := w.ev.Changes.Name.Was
	if w.ev.Name != "label" || w.ev.Action != "edited" || was == "" || !desired.Defined(was) {
		return nil
	}
	has := func(name string) bool {
		return slices.ContainsFunc(w.j.repo.Labels, func(l ticket.Label) bool { return strings.EqualFold(l.Name, name) })
	}
	if has(was) || !has(w.ev.Label.Name) {
		return nil
	}
	defs := desired.Labels(w.j.cfg, []string{was})
	if len(defs) != 1 {
		return nil
	}
	if err := w.gh.Define(ctx, ticket.Definition{Label: defs[0], Rename: w.ev.Label.Name}); err != nil {
		return err
	}
	w.say("the label %q was renamed to %q; it is %q again", was, w.ev.Label.Name, was)
	return w.j.meet(ctx, w.gh)
}
