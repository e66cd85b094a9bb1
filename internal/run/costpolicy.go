package run

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
)

// auditor holds costs to the policies. Only a pull request can be blocked: what is merged
// already is warned of.
type auditor struct {
	j      *job
	cfg    *config.Config                   // whose policies and approvers count
	pull   bool                             // this is about a pull request
	before map[string]capability.Capability // its capabilities at the base, by id

	blocked []blocked // what keeps the pull request from being merged; the rest is said at once
}

// costFindings judges the costs of the capabilities in scope by what the default branch holds.
func (j *job) costFindings(m plan.Match, s scope) {
	a := auditor{j: j, cfg: j.cfg}
	a.look(m, s)
}

// look judges each capability in scope.
func (a *auditor) look(m plan.Match, s scope) {
	for _, f := range a.j.files(s) {
		if f.Capability.Status == "cancelled" {
			continue
		}
		a.budget(f)
		if status := a.j.status(f, m); status.Closed == "" {
			a.review(f, status)
			a.estimate(f, status.Stage)
		}
	}
}

func (a *auditor) policies() config.Policies { return a.cfg.Cogs.Policies }

// found adds a finding at a key of the spec, about a policy. Its hint says how to mend it, and by
// whom and how it is lifted otherwise; of what blocks, that is said when it is settled.
func (a *auditor) found(at diag.Position, c capability.Capability, severity diag.Severity, rule, message, hint, policy string) {
	f := diag.Finding{Position: at, Severity: severity, Rule: rule, Subject: c.ID, Message: message, Hint: hint}
	if severity == diag.Error {
		a.blocked = append(a.blocked, blocked{finding: f, capability: c, policy: policy})
		return
	}
	f.Hint += "; " + liftForGood(reviewers(a.cfg, c), policy)
	a.j.findings.Add(f)
}

func (a *auditor) severity(level string) diag.Severity {
	if level == cogs.Block && a.pull {
		return diag.Error
	}
	return diag.Warning
}

// named is the policy in a message.
func named(policy, level string) string { return fmt.Sprintf("policy %s: %s", policy, level) }

// reviewers names who decides about a capability's cost: "mara-ilves or maintainers".
func reviewers(cfg *config.Config, c capability.Capability) string {
	who := slices.Clone(pipeline.CostReviewers(cfg, c))
	for i, w := range who {
		switch role, ok := strings.CutPrefix(w, "role:"); {
		case !ok:
		case role == "maintain":
			who[i] = "maintainers"
		case role == "admin":
			who[i] = "admins"
		default:
			who[i] = "everybody with the role " + role
		}
	}
	if len(who) < 2 {
		return strings.Join(who, "")
	}
	return strings.Join(who[:len(who)-1], ", ") + " or " + who[len(who)-1]
}

func (a *auditor) currency(e cogs.Estimate) string { return cmp.Or(e.Currency, a.cfg.Cogs.Currency) }

// budget judges a cost by the capability's own budget. A pull request is not blocked for what
// was over budget before and did not get worse by it.
func (a *auditor) budget(f *capability.File) {
	level, c := a.policies().OverBudget, f.Capability
	e := c.Cogs
	if level == cogs.Off || !e.Overrun() {
		return
	}
	severity, code, already := a.severity(level), a.currency(e), ""
	if old := alive(a.before[c.ID]); old.Overrun() && old.Currency == e.Currency && !e.Over().GreaterThan(old.Over().Decimal) {
		severity, already = diag.Warning, ", as it was before"
	}
	a.found(f.KeyAt("cogs", "budget"), c, severity, "over-budget",
		fmt.Sprintf("%s costs %s, %s over its budget of %s%s (%s)", c.ID, cogs.FormatMonthly(e.Monthly(), code),
			cogs.FormatRounded(e.Over(), code), cogs.FormatMonthly(e.Budget, code), already, named("over_budget", level)),
		"make it cheaper, or agree on another budget with "+reviewers(a.cfg, c), "over_budget")
}

// review tells of a cost that calls for a review: for as long as it does where that is only a
// warning, and where it is an approval, once, in the pull request that brings it about.
func (a *auditor) review(f *capability.File, status pipeline.Status) {
	p, c := a.policies(), f.Capability
	limit := p.CostReviewAbove
	if p.CostReview == cogs.Off || limit.IsZero() || !c.Cogs.Known() {
		return
	}
	figure, above := a.above(c.Cogs)
	if !above {
		return
	}
	if _, was := a.above(alive(a.before[c.ID])); p.CostReview == cogs.Block && (!a.pull || was) {
		return
	}
	severity, what := diag.Warning, "talk about it with "+reviewers(a.cfg, c)
	switch {
	case p.CostReview != cogs.Block:
	case reviewed(status):
		severity, what = diag.Notice, "the ticket cost-review asks "+reviewers(a.cfg, c)+" to approve it"
	default:
		what = "no ticket asks for it, as it came in after that stage: " + what
	}
	a.found(f.KeyAt("cogs"), c, severity, "cost-review",
		fmt.Sprintf("%s costs %s, and what is above %s is reviewed (%s)", c.ID, figure,
			cogs.FormatMonthly(limit, a.cfg.Cogs.Currency), named("cost_review_above", p.CostReview)),
		what, "cost_review_above")
}

// reviewed tells whether a ticket asks, or will ask, for the approval of the cost.
func reviewed(s pipeline.Status) bool {
	ids := make([]string, len(s.Steps))
	for i, step := range s.Steps {
		ids[i] = step.Stage.ID
	}
	at := slices.Index(ids, s.Stage)
	for i, step := range s.Steps {
		for _, t := range step.Tickets {
			if (t.Stock.When == "cogs.over_threshold" || t.Stock.Key == "cost-review") && (t.Due || i >= at) {
				return true
			}
		}
	}
	return false
}

// above tells whether a cost is above the one that calls for a review. One in a currency
// without a rate cannot be compared, and counts as if it were.
func (a *auditor) above(e cogs.Estimate) (figure string, above bool) {
	if !e.Known() {
		return "", false
	}
	figure = cogs.FormatMonthly(e.Monthly(), a.currency(e))
	monthly, ok := e.MonthlyIn(a.cfg.Cogs.Currency, a.cfg.Cogs.Rates)
	if !ok {
		return figure + ", for which the config has no rate", true
	}
	return figure, monthly.GreaterThan(a.policies().CostReviewAbove.Decimal)
}

// estimate judges whether there is an estimate, and a fresh one, from a stage on.
func (a *auditor) estimate(f *capability.File, stage string) {
	p, c := a.policies(), f.Capability
	if !a.reached(stage, p.EstimateFrom) {
		return
	}
	from := a.stageName(p.EstimateFrom)
	if !c.Cogs.Known() {
		if p.Missing != cogs.Off {
			a.found(f.At("id"), c, a.severity(p.Missing), "missing-estimate",
				fmt.Sprintf("%s is in the stage %q and nobody has estimated its cost, which is needed from %q on (%s)", c.ID, a.stageName(stage), from, named("missing", p.Missing)),
				"add drivers under cogs", "missing")
		}
		return
	}
	if p.Stale == cogs.Off || p.StaleAfterDays == 0 {
		return
	}
	now := a.j.env.Now()
	days, known := c.Cogs.Age(now)
	day, _ := c.Cogs.Looked()
	yetToCome := day.After(now.Add(24 * time.Hour)) // it is tomorrow already where somebody wrote it
	if known && days <= p.StaleAfterDays && !yetToCome {
		return
	}
	age := "does not say from when it is"
	switch {
	case yetToCome:
		age = "is from " + day.Format("2 January 2006") + ", which is yet to come"
	case known:
		age = fmt.Sprintf("is %d days old", days)
	}
	a.found(f.KeyAt("cogs", "as_of"), c, a.severity(p.Stale), "stale-estimate",
		fmt.Sprintf("the cost estimate of %s %s, and at most %d days are allowed from %q on (%s)", c.ID, age, p.StaleAfterDays, from, named("stale", p.Stale)),
		"check the drivers, then set as_of to the day you did", "stale_after_days")
}

// reached tells whether a stage comes at or after another, by the pipeline whose policies count;
// a stage that is not in it by the one that brings it. What neither knows is not reached.
func (a *auditor) reached(stage, from string) bool {
	for _, cfg := range []*config.Config{a.cfg, a.j.cfg} {
		ids := cfg.Pipeline.IDs()
		if at, first := slices.Index(ids, stage), slices.Index(ids, from); at >= 0 && first >= 0 {
			return at >= first
		}
	}
	return false
}

func (a *auditor) stageName(id string) string {
	for _, cfg := range []*config.Config{a.cfg, a.j.cfg} {
		if s, ok := cfg.Pipeline.Stage(id); ok {
			return cmp.Or(s.Name, id)
		}
	}
	return id
}

// increase judges what a pull request adds to the cost of all capabilities together. It is told
// where the most is added.
func (a *auditor) increase(change cogs.Comparison) {
	p := a.policies().MaxIncrease
	excess := cogs.Limit{Amount: p.Amount, Percent: p.Percent}.Exceeded(change.Before.Amounts, change.After.Amounts, exchange(a.cfg))
	if p.Level == cogs.Off || !excess.Any() {
		return
	}
	f := a.dearest(change)
	if f == nil {
		return
	}
	code := a.cfg.Cogs.Currency
	var limits []string
	if !p.Amount.IsZero() {
		limits = append(limits, cogs.FormatRounded(p.Amount, code))
	}
	if !p.Percent.IsZero() {
		limits = append(limits, p.Percent.Canonical()+" %")
	}
	figure := change.After.Delta(change.Before)
	if g, ok := cogs.Percent(change.Before.Total, change.After.Total); ok && excess.Unrated == "" {
		figure += " (" + cogs.FormatPercent(g) + ")"
	}
	if excess.Unrated != "" {
		figure += ", which cannot be compared as the config has no rate for " + excess.Unrated
	}
	a.found(f.KeyAt("cogs"), f.Capability, a.severity(p.Level), "cost-increase",
		fmt.Sprintf("this pull request changes the monthly cost by %s, and at most %s may be added at once (%s)", figure, strings.Join(limits, " or "), named("max_increase", p.Level)),
		"make it cheaper", "max_increase")
}

// unknown tells that the base's config has errors: what it limits is not known, and a pull
// request that makes anything dearer does not get past it.
func (a *auditor) unknown(path string, change cogs.Comparison) {
	f := diag.Finding{Position: diag.Position{File: path}, Severity: diag.Warning, Rule: "base-config",
		Message: "this file has errors on the branch that the pull request goes to, so its policies and approvers are not known",
		Hint:    "mend it there first; until then a pull request that costs more is stopped"}
	anything := cogs.Limit{Amount: cogs.MustDecimal("0.000000001")}
	if anything.Exceeded(change.Before.Amounts, change.After.Amounts, exchange(a.cfg)).Any() {
		f.Severity = diag.Error
	}
	a.j.findings.Add(f)
}

// dearest gives the capability whose cost grows most, by what it is worth where that is known.
func (a *auditor) dearest(change cogs.Comparison) *capability.File {
	var out *capability.File
	var most cogs.Decimal
	for _, r := range change.Rows {
		grown := r.Worth[1].Minus(r.Worth[0])
		if !r.Rated {
			grown = r.After.Amount.Minus(r.Before.Amount)
		}
		if f := a.j.set.ByID(r.ID); f != nil && (out == nil || grown.GreaterThan(most.Decimal)) {
			out, most = f, grown
		}
	}
	return out
}
