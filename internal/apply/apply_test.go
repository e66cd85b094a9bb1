package apply_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/apply"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local"
)

// flaky is a local tracker whose nth write, and all after it, may be refused.
type flaky struct {
	*local.Tracker
	refuse func(act string, key ticket.Key) error
	acts   []string
}

func (f *flaky) try(act string, key ticket.Key) error {
	f.acts = append(f.acts, strings.TrimSpace(act+" "+string(key)))
	if f.refuse == nil {
		return nil
	}
	return f.refuse(act, key)
}

func (f *flaky) Create(ctx context.Context, drafts []ticket.Draft) []ticket.Created {
	out := make([]ticket.Created, len(drafts))
	for i, d := range drafts {
		if err := f.try("create", d.Key); err != nil {
			out[i].Err = err
			continue
		}
		out[i] = f.Tracker.Create(ctx, []ticket.Draft{d})[0]
	}
	return out
}

func (f *flaky) Update(ctx context.Context, ref ticket.Ref, p ticket.Patch) (ticket.Observed, error) {
	if err := f.try("update "+string(ref), ""); err != nil {
		return ticket.Observed{}, err
	}
	return f.Tracker.Update(ctx, ref, p)
}

func (f *flaky) UpdateAll(ctx context.Context, edits []ticket.Edit) []ticket.Created {
	out := make([]ticket.Created, len(edits))
	for i, e := range edits {
		out[i].Ticket, out[i].Err = f.Update(ctx, e.Ref, e.Patch)
	}
	return out
}

func (f *flaky) Comment(ctx context.Context, ref ticket.Ref, id int64, body string) (ticket.Comment, error) {
	if err := f.try("comment "+string(ref), ""); err != nil {
		return ticket.Comment{}, err
	}
	return f.Tracker.Comment(ctx, ref, id, body)
}

func (f *flaky) Define(ctx context.Context, d ticket.Definition) error {
	if err := f.try("define "+d.Label.Name+d.Milestone.Title, ""); err != nil {
		return err
	}
	return f.Tracker.Define(ctx, d)
}

func open(t *testing.T) *flaky {
	t.Helper()
	tracker, err := local.Open(t.TempDir(), local.Options{Clock: func() time.Time { return time.Unix(1772442000, 0) }, Account: "ticketfoundry", Create: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tracker.Close() })
	return &flaky{Tracker: tracker}
}

// model is a capability with so many tickets in triage.
func model(n, tickets int) plan.Model {
	id := fmt.Sprintf("CRM-%d", n)
	m := plan.Model{Capability: id, Priority: "p2", Hash: "h", Stage: "triage", Entered: "triage"}
	labels := []string{plan.Root, "capability:" + id}
	m.Tickets = append(m.Tickets, ticket.Desired{Key: ticket.Key(id), Title: id + ": Title", Block: "Text.", Labels: append(slices.Clone(labels), "capability"), State: ticket.Open})
	for n := range tickets {
		key := ticket.Make(id, "triage", fmt.Sprintf("t%d", n+1))
		m.Tickets = append(m.Tickets, ticket.Desired{Key: key, Title: string(key), Block: "Text.", Labels: labels, Parent: ticket.Key(id)})
	}
	return m
}

func models(capabilities, tickets int) []plan.Model {
	var out []plan.Model
	for c := range capabilities {
		out = append(out, model(c+1, tickets))
	}
	return out
}

// planned plans capabilities against what a tracker holds.
func planned(t testing.TB, r ticket.Reader, models []plan.Model) plan.Plan {
	t.Helper()
	repo, err := r.Repository(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	issues, err := r.List(t.Context(), ticket.Query{Label: plan.Root})
	if err != nil {
		t.Fatal(err)
	}
	return plan.Build(plan.Input{
		Repository: repo, Whole: true, Known: len(models), Models: models,
		Match:   plan.NewMatch(issues, plan.Trust{Repository: repo.ID, Writers: map[int64]bool{repo.Writer.ID: true}}),
		Managed: func(l string) bool { return l == plan.Root || strings.HasPrefix(l, "capability") },
		Define: func(names []string) (out []ticket.Label) {
			for _, n := range names {
				out = append(out, ticket.Label{Name: n, Color: "ededed"})
			}
			return out
		},
	})
}

// build plans so many capabilities with so many tickets against what the tracker holds.
func build(t *testing.T, f *flaky, capabilities, tickets int) plan.Plan {
	t.Helper()
	return planned(t, f, models(capabilities, tickets))
}

func run(t *testing.T, f *flaky, o apply.Options) apply.Outcome {
	t.Helper()
	return apply.Run(t.Context(), f, f, build(t, f, 2, 2), o)
}

func TestOrderAndRecord(t *testing.T) {
	f := open(t)
	o := run(t, f, apply.Options{})
	if o.Did(plan.Create) != 6 || o.Count(apply.Done) != 6 || o.Stopped != "" {
		t.Errorf("outcome %+v", o)
	}
	var creations []string
	for _, a := range f.acts {
		if strings.HasPrefix(a, "create") {
			creations = append(creations, strings.TrimPrefix(a, "create "))
		}
	}
	want := []string{"CRM-1", "CRM-2", "CRM-1/triage/t1", "CRM-1/triage/t2", "CRM-2/triage/t1", "CRM-2/triage/t2"}
	if !slices.Equal(creations, want) || !strings.HasPrefix(f.acts[len(f.acts)-1], "update") {
		t.Errorf("acts %q", f.acts)
	}
	f.acts = nil
	if p := build(t, f, 2, 2); !p.Empty() || len(f.acts) > 0 {
		t.Errorf("the second plan: %s", p.Summary)
	}
}

func TestARefusedTicketStopsNoOther(t *testing.T) {
	f := open(t)
	f.refuse = func(_ string, key ticket.Key) error {
		if key == "CRM-1/triage/t1" {
			return &ticket.Error{Kind: ticket.Rejected, Act: "create", Key: key, Detail: "no"}
		}
		return nil
	}
	o := run(t, f, apply.Options{})
	if o.Count(apply.Failed) != 1 || o.Count(apply.Done) != 5 || o.Stopped != "" {
		t.Errorf("outcome %+v", o)
	}
	f.refuse = nil
	if o := run(t, f, apply.Options{}); o.Did(plan.Create) != 1 || o.Count(apply.Failed) != 0 {
		t.Errorf("outcome of the second run %+v", o)
	}
}

// A capability whose own issue is refused keeps its tickets waiting; the other goes on.
func TestTicketsWaitForTheirCapability(t *testing.T) {
	f := open(t)
	f.refuse = func(_ string, key ticket.Key) error {
		if key == "CRM-1" {
			return &ticket.Error{Kind: ticket.Rejected, Detail: "no"}
		}
		return nil
	}
	o := run(t, f, apply.Options{})
	if o.Count(apply.Failed) != 1 || o.Count(apply.Pending) != 2 || o.Count(apply.Done) != 3 {
		t.Errorf("outcome %+v", o)
	}
}

// What every further write would meet too is told once, and ends the run.
func TestHopelessErrorsEndTheRun(t *testing.T) {
	for _, kind := range []ticket.Kind{ticket.Unauthorised, ticket.RateLimited, ticket.Unavailable} {
		f := open(t)
		f.refuse = func(act string, key ticket.Key) error {
			if act == "create" && key != "CRM-1" {
				return &ticket.Error{Kind: kind, Act: act, Key: key, Detail: "not now"}
			}
			return nil
		}
		o := run(t, f, apply.Options{})
		if o.Count(apply.Failed) != 1 || !strings.Contains(o.Stopped, "not now") || o.Count(apply.Pending) != 5 {
			t.Errorf("%s: outcome %+v", kind, o)
		}
		if last := f.acts[len(f.acts)-1]; last != "create CRM-2" {
			t.Errorf("%s: it went on: %q", kind, f.acts)
		}
	}
}

func TestBudgetAndProgress(t *testing.T) {
	f := open(t)
	for range 30 {
		var told []apply.Result
		o := run(t, f, apply.Options{MaxWrites: 3, Progress: func(r apply.Result) { told = append(told, r) }})
		if o.Count(apply.Pending) == 0 {
			if p := build(t, f, 2, 2); !p.Empty() {
				t.Errorf("done, and still: %s", p.Summary)
			}
			return
		}
		if o.Stopped == "" || o.Writes > 6 || len(told) > 6 {
			t.Fatalf("outcome %+v", o)
		}
	}
	t.Error("small budgets get nowhere")
}

func TestStoppedContext(t *testing.T) {
	f := open(t)
	p := build(t, f, 2, 2)
	ctx, stop := context.WithCancelCause(t.Context())
	stop(errors.New("the job was cancelled"))
	o := apply.Run(ctx, f, f, p, apply.Options{})
	if len(f.acts) > 0 || o.Count(apply.Pending) != 6 || !strings.Contains(o.Stopped, "the job was cancelled") || !o.Interrupted {
		t.Errorf("acts %q, outcome %+v", f.acts, o)
	}
}
