package run

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// needed gives the labels that must be there for people to decide by, as long as anything may
// come to be decided. They are made before the first decision is asked for, so that it is known
// which labels they were.
func needed(models []plan.Model) []string {
	if slices.ContainsFunc(models, func(m plan.Model) bool { return !m.Closed && m.Stage != pipeline.Shipped }) {
		return []string{desired.LabelApproved, desired.LabelRejected}
	}
	return nil
}

// labelID gives the id of the repository's label of a name; empty where there is none or the
// tracker tells no ids.
func (j *job) labelID(name string) string {
	for _, l := range j.repo.Labels {
		if strings.EqualFold(l.Name, name) {
			return l.ID
		}
	}
	return ""
}

// deciders gives the labels by which people decide, as they are to be remembered.
func (q *inquiry) deciders() map[string]ticket.Decider {
	var out map[string]ticket.Decider
	for _, name := range []string{desired.LabelApproved, desired.LabelRejected} {
		d, id := q.prior.Deciding[name], q.w.j.labelID(name)
		switch {
		case id == "" || id == d.ID: // as it was
		case d.ID == "":
			d = ticket.Decider{ID: id}
		default:
			d = ticket.Decider{ID: id, Since: stamp(q.c.Now)}
		}
		if d.ID != "" {
			if out == nil {
				out = map[string]ticket.Decider{}
			}
			out[name] = d
		}
	}
	return out
}

// void says why a decision by label does not count, if the label is not the one it was when it
// was last looked at: it was deleted and made anew, or another was renamed into its place. The
// log of an issue keeps only the names that labels had.
func (q *inquiry) void(a pipeline.Act) string {
	name := desired.LabelApproved
	if a.Verb == pipeline.Reject {
		name = desired.LabelRejected
	}
	d, id := q.prior.Deciding[name], q.w.j.labelID(name)
	since, _ := time.Parse(time.RFC3339, d.Since)
	if d.ID == "" || id == "" || id == d.ID && !a.At.Before(since) {
		return ""
	}
	q.out.voided = true
	return fmt.Sprintf("the label `%s` is not the one it was (it was renamed, or deleted and made anew); if it is still meant, set it again", name)
}
