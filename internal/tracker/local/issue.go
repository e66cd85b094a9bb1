package local

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local/record"
)

// load reads all tickets, once a run. One damaged file fails the whole: a list that is short
// would make tickets again that are there.
func (t *Tracker) load() (map[int]*record.Issue, error) {
	if t.issues != nil {
		return t.issues, nil
	}
	all := map[int]*record.Issue{}
	names, err := t.disk.Names(ticketsDir)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, name := range names {
		errs = append(errs, t.loadOne(all, name))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	t.issues = all
	return all, nil
}

func (t *Tracker) loadOne(all map[int]*record.Issue, name string) error {
	n, ok := record.Numbered(name)
	if !ok {
		// Editors leave copies and notes lie about; only what looks like a ticket is taken for one.
		if name[0] >= '0' && name[0] <= '9' && strings.HasSuffix(name, ".md") {
			return damaged(path.Join(ticketsDir, name), 0, "the name is not a number, or a number, a dash and a word")
		}
		return nil
	}
	i, err := t.readIssue(path.Join(ticketsDir, name), n)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // deleted since the folder was listed
	}
	if err != nil {
		return err
	}
	if other, twice := all[n]; twice {
		return damaged(i.File, 0, fmt.Sprintf("ticket #%d is also %s", n, other.File))
	}
	all[n] = i
	return nil
}

// readIssue reads one ticket file as it is now.
func (t *Tracker) readIssue(file string, n int) (*record.Issue, error) {
	text, info, err := t.disk.Read(file)
	if err != nil {
		return nil, err
	}
	return record.ParseIssue(file, n, text, info.ModTime())
}

// save writes a ticket and remembers it.
func (t *Tracker) save(i *record.Issue) error {
	file, err := i.Content()
	if err != nil {
		return err
	}
	if err := t.disk.Replace(file); err != nil {
		return err
	}
	t.issues[i.Head.Number] = i
	return nil
}

// family counts sub-issues: by parent, how many tickets name it.
func family(all map[int]*record.Issue) map[int]int {
	out := map[int]int{}
	for _, i := range all {
		if i.Head.Parent != 0 {
			out[i.Head.Parent]++
		}
	}
	return out
}

// observe shows a ticket as a list does. Links to tickets that were deleted are gone, as on GitHub.
func (t *Tracker) observe(i *record.Issue, all map[int]*record.Issue, children map[int]int) (ticket.Observed, error) {
	h := i.Clone().Head
	comments, err := t.commentNames(h.Number)
	if err != nil {
		return ticket.Observed{}, err
	}
	out := ticket.Observed{
		Ref: i.Ref(), Number: h.Number, ID: strconv.Itoa(h.Number), URL: t.place(i.File),
		Title: h.Title, Body: i.Body, State: h.State,
		Labels: record.Distinct(h.Labels), Assignees: record.Distinct(h.Assignees), Milestone: h.Milestone, Type: h.Type,
		Author: accountOf(h.Author), Children: children[h.Number],
		CreatedAt: h.Created, UpdatedAt: h.Updated, ClosedAt: h.Closed, Comments: len(comments),
	}
	if all[h.Parent] != nil {
		out.Parent = record.RefTo(h.Parent)
	}
	for _, n := range h.BlockedBy {
		if all[n] != nil && !slices.Contains(out.BlockedBy, record.RefTo(n)) {
			out.BlockedBy = append(out.BlockedBy, record.RefTo(n))
		}
	}
	out.Blocked = len(out.BlockedBy)
	return out, nil
}

func sortedNumbers(all map[int]*record.Issue) []int { return slices.Sorted(maps.Keys(all)) }

func gone(act string, ref ticket.Ref) *ticket.Error {
	return failure(ticket.Gone, act+" "+string(ref), "there is no such ticket; its file was deleted or never was", "")
}
