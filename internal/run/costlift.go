package run

import (
	"context"
	"fmt"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
)

// blocked is a finding that fails the check of a pull request, unless somebody lifts it.
type blocked struct {
	finding    diag.Finding // its hint without how to lift it
	capability capability.Capability
	policy     string // key of the policy under cogs.policies
}

// settle judges the costs of the capabilities in scope and adds what blocks the pull request to
// the findings, or what would if nobody had lifted it. Who approved is asked only when something
// is blocked, and always anew: a check that is run again has the event of the first time.
func (w *shift) settle(ctx context.Context, a *auditor, m plan.Match, s scope) {
	a.look(m, s)
	if len(a.blocked) == 0 {
		return
	}
	found := w.approvals(ctx, a.cfg.TrustedWriters)
	for _, b := range a.blocked {
		f, who := b.finding, reviewers(a.cfg, b.capability)
		login, trouble := found.lifter(ctx, w, pipeline.CostReviewers(a.cfg, b.capability))
		switch {
		case login != "":
			f.Severity = diag.Warning
			f.Message += ", lifted by " + login + ", who approved this commit"
			f.Hint += "; " + liftForGood(who, b.policy)
		case trouble != "":
			f.Hint += fmt.Sprintf("; %s; whether one of them approved this pull request could not be read (%s)", liftForGood(who, b.policy), trouble)
		default:
			f.Hint += fmt.Sprintf("; %s can lift it by approving this pull request as it is now (then run this check again), or for good with %s", who, inConfig(b.policy))
		}
		w.j.findings.Add(f)
	}
}

// approvals are those of a pull request as it stands.
type approvals struct {
	logins  []string // of people who approved its newest commit and did not take that back
	trouble string   // why that is not known; empty if it is
}

// approvals reads who approved exactly the commit that is looked at. What a program, an account
// that programs write with or the author of the pull request says does not count.
func (w *shift) approvals(ctx context.Context, writers []string) approvals {
	pr := w.ev.PullRequest
	all, err := w.gh.Reviews(ctx, pr.Number)
	if err != nil {
		return approvals{trouble: err.Error()}
	}
	var out approvals
	for _, r := range all {
		own := r.Author.ID == pr.User.ID || strings.EqualFold(r.Author.Login, pr.User.Login)
		program := r.Author.Bot || r.Author.ID == w.j.repo.Writer.ID || hasName(writers, r.Author.Login)
		if r.Approved && r.Commit != "" && r.Commit == pr.Head.SHA && !program && !own {
			out.logins = append(out.logins, r.Author.Login)
		}
	}
	return out
}

// lifter gives the first of them who is among the approvers now. Without one it gives what kept it
// from finding out, if anything did: a role that cannot be read is none.
func (p approvals) lifter(ctx context.Context, w *shift, approvers []string) (login, trouble string) {
	trouble = p.trouble
	for _, login := range p.logins {
		role, err := w.gh.Permission(ctx, login)
		if err != nil {
			trouble = err.Error()
			continue
		}
		if pipeline.May(login, role, approvers) {
			return login, ""
		}
	}
	return "", trouble
}

// liftForGood says who can lift a limit for this change and all others.
func liftForGood(who, policy string) string {
	return fmt.Sprintf("%s can lift it, with %s", who, inConfig(policy))
}

func inConfig(policy string) string {
	return "cogs.policies." + policy + " in the config file on the default branch"
}
