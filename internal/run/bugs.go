package run

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/action"
	"github.com/ticketfoundry/ticketfoundry/internal/bugs"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// maxAsked is how many bugs one sweep asks about: a team that has just begun should not get
// hundreds of comments at once.
const maxAsked = 20

// bugRule says what counts as a bug here, and what one may name. While a spec cannot be read
// nobody knows all capabilities, and no bug is judged.
func (j *job) bugRule() bugs.Rule {
	r := bugs.Rule{Labels: j.cfg.Bugs.Labels, Components: j.cfg.Bugs.Components, Needs: bugs.NeedsContext}
	if to := j.cfg.Labels.Map[bugs.NeedsContext]; to != "" {
		r.Needs = to
	}
	for _, f := range j.set.Files {
		r.Capabilities = append(r.Capabilities, f.Capability.ID)
	}
	for _, b := range j.set.Broken {
		r.Capabilities = append(r.Capabilities, b.IDs...)
	}
	slices.SortFunc(r.Capabilities, plan.CompareIDs)
	r.Capabilities = slices.Compact(r.Capabilities)
	if strings.HasPrefix(j.repo.URL, "http") {
		r.Browse = j.repo.URL + "/issues?q=" + url.QueryEscape("is:issue label:"+desired.LabelCapability)
	}
	if j.set.Unreadable {
		return bugs.Rule{Needs: r.Needs}
	}
	return r
}

// mayBeBug tells whether the event is one that can change what is asked of a bug, about an issue
// that does not look like ours. Whether it is a bug, the config says.
func (w *shift) mayBeBug() bool {
	i := w.ev.Issue
	happened := w.ev.Name == "issue_comment" ||
		w.ev.Name == "issues" && slices.Contains([]string{"opened", "edited", "labeled", "unlabeled", "reopened"}, w.ev.Action)
	return happened && !bool(i.IsPullRequest) && i.Number != 0 && ticket.ParseBody(i.Body).Marker.Key == "" && i.State != "closed"
}

// aboutBug tells whether the event is about somebody's bug, or what was one. The payload only
// decides whether to look; what is done follows from the issue as it is.
func (w *shift) aboutBug() bool {
	i := w.ev.Issue
	var labels []string
	for _, l := range i.Labels {
		labels = append(labels, l.Name)
	}
	r := w.j.bugRule()
	return !hasName(labels, plan.Root) && !strings.EqualFold(w.ev.Label.Name, plan.Root) &&
		(r.IsBug(append(labels, w.ev.Label.Name)) || hasName(labels, r.Needs))
}

// inbox looks after people's bugs. It writes to nothing else.
type inbox struct {
	w       *shift
	rule    bugs.Rule
	defined bool // the label is there
	asked   int
	settled int
}

// bug looks after the one bug that the event is about.
func (w *shift) bug(ctx context.Context, mode action.Mode) (int, error) {
	w.out.Valid = true
	if w.j.configBroken(w.in.Config) || mode != action.ModeApply {
		w.say("this event is about a bug, and this run applies nothing: nothing to do")
		return ExitFine, nil
	}
	if err := w.connect(ctx); err != nil {
		return ExitFailed, err
	}
	if write, err := w.allowed(ctx, true); err != nil || !write {
		return ExitFine, err
	}
	found, err := w.gh.Get(ctx, []ticket.Ref{ticket.Ref("#" + strconv.Itoa(w.ev.Issue.Number))})
	if err != nil {
		return ExitFailed, err
	}
	b := inbox{w: w, rule: w.j.bugRule()}
	switch {
	case ticket.KindOf(found[0].Err) == ticket.Gone:
		return ExitFine, nil
	case found[0].Err != nil:
		return ExitFailed, found[0].Err
	}
	if err := b.tend(ctx, found[0].Ticket); err != nil {
		return ExitFailed, err
	}
	b.report()
	return ExitFine, nil
}

// bugs looks after all open bugs.
func (w *shift) bugs(ctx context.Context) error {
	b := inbox{w: w, rule: w.j.bugRule()}
	if len(b.rule.Labels) == 0 || len(b.rule.Capabilities)+len(b.rule.Components) == 0 {
		return nil
	}
	seen := map[ticket.Ref]bool{}
	for _, label := range append(slices.Clone(b.rule.Labels), b.rule.Needs) {
		if !slices.ContainsFunc(w.j.repo.Labels, func(l ticket.Label) bool { return strings.EqualFold(l.Name, label) }) {
			continue // no issue has it
		}
		issues, err := w.gh.List(ctx, ticket.Query{Label: label, Open: true})
		if err != nil {
			return err
		}
		for _, o := range issues {
			if seen[o.Ref] {
				continue
			}
			seen[o.Ref] = true
			if err := b.tend(ctx, o); err != nil {
				return err
			}
		}
	}
	b.report()
	return nil
}

func (b *inbox) report() {
	switch {
	case b.asked > maxAsked:
		b.w.say("%d bugs name neither a capability nor a component; %d were asked now, the others will be by the next runs", b.asked, maxAsked)
	case b.asked > 0:
		b.w.say("%d of the bugs name neither a capability nor a component, and were asked", b.asked)
	}
	if b.settled > 0 {
		b.w.say("%d of the bugs need no more context", b.settled)
	}
}

// tend does what is to be done about one issue. The question comes before the label: a run that
// is cut between them finds the question again.
func (b *inbox) tend(ctx context.Context, o ticket.Observed) error {
	if hasName(o.Labels, plan.Root) || o.Author.ID == b.w.j.repo.Writer.ID && ticket.ParseBody(o.Body).Marker.Key != "" {
		return nil // one of ours
	}
	i := bugs.Issue{Title: o.Title, Body: o.Body, Labels: o.Labels, Open: o.State == ticket.Open}
	if i.Open && hasName(o.Labels, b.rule.Needs) && !b.rule.IsBug(o.Labels) {
		asked, err := b.question(ctx, o.Ref)
		if err != nil {
			return err
		}
		i.Asked = asked
	}
	switch b.rule.Judge(i) {
	case bugs.Settle:
		b.settled++
		_, err := b.w.gh.Update(ctx, o.Ref, ticket.Patch{RemoveLabels: []string{b.rule.Needs}})
		return err
	case bugs.Ask:
		if b.asked++; b.asked > maxAsked {
			return nil
		}
		return b.ask(ctx, o)
	}
	return nil
}

func (b *inbox) ask(ctx context.Context, o ticket.Observed) error {
	if err := b.define(ctx); err != nil {
		return err
	}
	if !o.Locked {
		asked, err := b.question(ctx, o.Ref)
		if err == nil && !asked {
			_, err = b.w.gh.Comment(ctx, o.Ref, 0, b.rule.Question())
		}
		if err != nil {
			return err
		}
	}
	_, err := b.w.gh.Update(ctx, o.Ref, ticket.Patch{AddLabels: []string{b.rule.Needs}})
	return err
}

// question tells whether our question stands on the issue.
func (b *inbox) question(ctx context.Context, ref ticket.Ref) (bool, error) {
	comments, err := b.w.gh.Comments(ctx, ref)
	return slices.ContainsFunc(comments, func(c ticket.Comment) bool {
		return c.Author.ID == b.w.j.repo.Writer.ID && strings.Contains(c.Body, bugs.Mark)
	}), err
}

// define makes the label where the repository lacks it.
func (b *inbox) define(ctx context.Context) error {
	if b.defined || slices.ContainsFunc(b.w.j.repo.Labels, func(l ticket.Label) bool { return strings.EqualFold(l.Name, b.rule.Needs) }) {
		return nil
	}
	label := desired.Labels(b.w.j.cfg, []string{bugs.NeedsContext})[0]
	label.Name = b.rule.Needs
	b.defined = true
	return b.w.gh.Define(ctx, ticket.Definition{Label: label})
}
