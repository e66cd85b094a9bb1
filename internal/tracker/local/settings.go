package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local/folder"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local/record"
)

// loadSettings reads repository.yml once. A folder without it is an empty one.
func (t *Tracker) loadSettings() (*record.Settings, error) {
	if t.settings != nil {
		return t.settings, nil
	}
	text, _, err := t.disk.Read(settingsFile)
	if errors.Is(err, fs.ErrNotExist) {
		t.settings = record.NewSettings(t.opts.ID, t.opts.Name)
		return t.settings, nil
	}
	if err != nil {
		return nil, err
	}
	s, err := record.ParseSettings(settingsFile, text)
	t.settings = s
	return s, err
}

func (t *Tracker) saveSettings(s *record.Settings) error {
	text, err := folder.YAML(s)
	if err != nil {
		return err
	}
	if err := t.disk.Replace(folder.File{Name: settingsFile, Content: text}); err != nil {
		return err
	}
	t.settings = s
	return nil
}

// Repository says what the folder holds and can do: everything. The writer is the account that
// the folder was opened as, also in the views of persons.
func (t *Tracker) Repository(ctx context.Context) (ticket.Repository, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	const act = "read repository"
	if err := ctx.Err(); err != nil {
		return ticket.Repository{}, asFailure(err, act)
	}
	s, err := t.loadSettings()
	if err != nil {
		return ticket.Repository{}, asFailure(err, act)
	}
	out := ticket.Repository{
		ID: s.ID, Name: s.Name, URL: t.dir, DefaultBranch: "main", Writer: accountOf(t.opts.Account),
		IssueTypes: slices.Clone(s.IssueTypes),
		Features:   ticket.Features{SubIssues: true, Dependencies: true, Types: true, History: true},
	}
	for _, l := range s.Labels {
		out.Labels = append(out.Labels, ticket.Label{ID: strconv.Itoa(l.ID), Name: l.Name, Color: l.Color, Description: l.Description})
	}
	for _, m := range s.Milestones {
		out.Milestones = append(out.Milestones, ticket.Milestone(m))
	}
	out.Boards, err = t.boards()
	return out, asFailure(err, act)
}

const (
	boardLabel = string(ticket.Board)
	maxBoards  = 10
)

// boards gives the oldest tickets that are labelled as the board is.
func (t *Tracker) boards() ([]ticket.Observed, error) {
	all, err := t.load()
	if err != nil {
		return nil, err
	}
	var out []ticket.Observed
	children := family(all)
	for _, n := range sortedNumbers(all) {
		if len(out) == maxBoards || !record.HasFold(all[n].Head.Labels, boardLabel) {
			continue
		}
		o, err := t.observe(all[n], all, children)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

// Define makes or changes a label or milestone. A label is found whatever its case and keeps
// its spelling unless renamed; renaming takes its tickets along.
func (t *Tracker) Define(ctx context.Context, d ticket.Definition) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	act := "define label " + d.Label.Name
	if d.Label.Name == "" {
		act = "define milestone " + d.Milestone.Title
	}
	if err := t.mayWrite(ctx, act); err != nil {
		return err
	}
	before, err := t.loadSettings()
	if err != nil {
		return asFailure(err, act)
	}
	after := before.Clone()
	switch {
	case (d.Label.Name == "") == (d.Milestone.Title == ""):
		return failure(ticket.Rejected, "define", "exactly one of label and milestone must be given", "")
	case d.Label.Name == "":
		err = refused(act, after.DefineMilestone(d.Milestone))
	case d.Rename != "":
		err = t.rename(after, d)
	default:
		err = refused(act, after.DefineLabel(after.Label(d.Label.Name), d.Label))
	}
	if err != nil {
		return asFailure(err, act)
	}
	if slices.Equal(before.Labels, after.Labels) && slices.Equal(before.Milestones, after.Milestones) {
		return nil
	}
	return asFailure(t.saveSettings(after), act)
}

// rename changes a label's name on its tickets first and in the settings last: cut in
// between, the label still has its old name, and the same call finishes the work.
func (t *Tracker) rename(s *record.Settings, d ticket.Definition) error {
	act := "rename label " + d.Rename
	at := s.Label(d.Rename)
	if at < 0 {
		return failure(ticket.Gone, act, "there is no such label", "")
	}
	if other := s.Label(d.Label.Name); other >= 0 && other != at {
		return failure(ticket.Rejected, act, fmt.Sprintf("label %q exists already", s.Labels[other].Name), "")
	}
	if err := refused(act, s.DefineLabel(at, d.Label)); err != nil {
		return err
	}
	all, err := t.load()
	if err != nil {
		return err
	}
	for _, n := range sortedNumbers(all) {
		if !record.HasFold(all[n].Head.Labels, d.Rename) {
			continue
		}
		after, err := t.readIssue(all[n].File, n) // what a person typed meanwhile stays
		if errors.Is(err, fs.ErrNotExist) {
			delete(all, n)
			continue
		}
		if err != nil {
			return err
		}
		for i, l := range after.Head.Labels {
			if strings.EqualFold(l, d.Rename) {
				after.Head.Labels[i] = d.Label.Name
			}
		}
		if err := t.save(after); err != nil {
			return err
		}
	}
	s.Labels[at].Name = d.Label.Name
	return nil
}

// refused is the error for a reason; nil for none.
func refused(act, why string) error {
	if why == "" {
		return nil
	}
	return failure(ticket.Rejected, act, why, "")
}
