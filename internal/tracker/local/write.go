package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local/record"
)

// Create makes tickets; their outcome is always known. Numbers are reserved in the settings
// before the first file is written, so that one that was ever given is never given again,
// even if the ticket's file is deleted.
func (t *Tracker) Create(ctx context.Context, drafts []ticket.Draft) []ticket.Created {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]ticket.Created, len(drafts))
	made, err := t.draw(ctx, drafts, out)
	for n, i := range made {
		if i == nil {
			continue
		}
		if err == nil {
			out[n].Err = t.add(ctx, i, drafts[n].Key)
		} else {
			out[n] = ticket.Created{Err: about(err, "create", drafts[n].Key)}
		}
	}
	children := family(t.issues)
	for n, i := range made {
		if i != nil && out[n].Err == nil {
			out[n].Ticket, err = t.observe(i, t.issues, children)
			out[n].Err = about(err, "create", drafts[n].Key)
		}
	}
	return out
}

// draw turns drafts into tickets with numbers and reserves those. A draft that is refused has
// its error in out and nil at its place.
func (t *Tracker) draw(ctx context.Context, drafts []ticket.Draft, out []ticket.Created) ([]*record.Issue, error) {
	made := make([]*record.Issue, len(drafts))
	fail := func(err error) ([]*record.Issue, error) {
		for n := range drafts {
			out[n].Err = about(err, "create", drafts[n].Key)
		}
		return nil, err
	}
	if err := t.mayWrite(ctx, "create"); err != nil {
		return fail(err)
	}
	all, err := t.load()
	if err != nil {
		return fail(err)
	}
	before, err := t.loadSettings()
	if err != nil {
		return fail(err)
	}
	s := before.Clone()
	if s.Next, err = t.next(s.Next); err != nil {
		return fail(err)
	}
	children := family(all)
	for n, d := range drafts {
		if why := badDraft(d, all); why != "" {
			out[n].Err = about(failure(ticket.Rejected, "create", why, ""), "create", d.Key)
			continue
		}
		made[n], out[n].Dropped = t.sketch(s, d, children)
		s.Next++
	}
	if !slices.ContainsFunc(made, func(i *record.Issue) bool { return i != nil }) {
		return made, nil
	}
	return made, t.saveSettings(s)
}

// next gives the lowest number that no ticket ever had, as far as settings and files tell.
func (t *Tracker) next(n int) (int, error) {
	tickets, err := t.disk.Names(ticketsDir)
	if err != nil {
		return 0, err
	}
	comments, err := t.disk.Names(commentsDir)
	if err != nil {
		return 0, err
	}
	events, err := t.disk.Names(eventsDir)
	if err != nil {
		return 0, err
	}
	for _, name := range events {
		// A new ticket must not get the history of a deleted one.
		if had, ok := record.Numbered(strings.TrimSuffix(name, ".yml") + ".md"); ok {
			n = max(n, had+1)
		}
	}
	for _, name := range tickets {
		if had, ok := record.Numbered(name); ok {
			n = max(n, had+1)
		}
	}
	for _, name := range comments {
		if had, ok := record.Numbered(name + ".md"); ok {
			n = max(n, had+1)
		}
	}
	return n, nil
}

func badDraft(d ticket.Draft, all map[int]*record.Issue) string {
	if why := record.BadLine(d.Title, record.MaxTitle); why != "" {
		return "title " + why
	}
	if why := record.BadText(d.Body); why != "" {
		return "body " + why
	}
	if d.Parent != "" && all[record.Number(d.Parent)] == nil {
		return fmt.Sprintf("parent %s does not exist", d.Parent)
	}
	return record.BadNames(d.Labels, d.Assignees)
}

// sketch makes the ticket of a draft, and names what is left out because the folder does not
// know it, as GitHub leaves it out.
func (t *Tracker) sketch(s *record.Settings, d ticket.Draft, children map[int]int) (*record.Issue, []string) {
	var dropped []string
	now := t.now()
	i := &record.Issue{
		File: path.Join(ticketsDir, record.FileName(s.Next, d.Key)),
		Body: d.Body,
		Head: record.Head{
			Number: s.Next, Title: d.Title, State: ticket.Open,
			Labels: s.Adopt(record.Distinct(d.Labels)), Assignees: record.Distinct(d.Assignees),
			Author: t.account, Created: now, Updated: now,
		},
	}
	if d.Milestone != "" && s.Milestone(d.Milestone) < 0 {
		dropped = append(dropped, "milestone "+d.Milestone)
	} else {
		i.Head.Milestone = d.Milestone
	}
	if d.Type != "" && s.IssueType(d.Type) == "" {
		dropped = append(dropped, "type "+d.Type)
	} else {
		i.Head.Type = s.IssueType(d.Type)
	}
	if parent := record.Number(d.Parent); children[parent] >= maxChildren {
		dropped = append(dropped, "parent "+string(d.Parent))
	} else if parent != 0 {
		i.Head.Parent = parent
		children[parent]++
	}
	return i, dropped
}

func (t *Tracker) add(ctx context.Context, i *record.Issue, key ticket.Key) error {
	if err := ctx.Err(); err != nil {
		return about(err, "create", key)
	}
	file, err := i.Content()
	if err != nil {
		return about(err, "create", key)
	}
	if err := t.log(record.Head{}, i.Head); err != nil {
		return about(err, "create", key)
	}
	if err := t.disk.Create(file); err != nil {
		return about(err, "create", key)
	}
	t.issues[i.Head.Number] = i
	return nil
}

// about names the ticket in a failure.
func about(err error, act string, key ticket.Key) error {
	var known *ticket.Error
	if err == nil || !errors.As(asFailure(err, act), &known) {
		return err
	}
	named := *known
	named.Key = key
	return &named
}

// fresh reads one ticket again, so that what a person typed since the list was read is not lost.
func (t *Tracker) fresh(act string, ref ticket.Ref) (*record.Issue, error) {
	all, err := t.load()
	if err != nil {
		return nil, asFailure(err, act)
	}
	known := all[record.Number(ref)]
	if known == nil {
		return nil, gone(act, ref)
	}
	now, err := t.readIssue(known.File, known.Head.Number)
	if errors.Is(err, fs.ErrNotExist) {
		delete(t.issues, known.Head.Number)
		return nil, gone(act, ref)
	}
	if err != nil {
		return nil, asFailure(err, act)
	}
	return now, nil
}
