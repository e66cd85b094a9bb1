package run

import (
	"context"
	"fmt"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/index"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// writeBoard makes or updates the board issue.
func (j *job) writeBoard(ctx context.Context, x index.Index) error {
	d := desired.Board(j.cfg, j.repo, j.overview(x))
	block := d.Block
	if line, err := x.Hide(); err == nil {
		block += "\n\n" + line
	} // else there is more than an index can hold: every run reads everything
	mark := ticket.Marker{Repository: j.repo.ID, Key: ticket.Board}
	board := j.memory.board
	if j.labelID(desired.LabelBoard) == "" {
		missing, err := j.missing(ctx, desired.Labels(j.cfg, []string{desired.LabelBoard}))
		if err != nil {
			return err
		}
		for _, l := range missing {
			if err := j.tracker.Define(ctx, ticket.Definition{Label: l}); err != nil {
				return err
			}
		}
	}
	if board.Ref == "" {
		if !j.listed { // one that lost its labels would be found so
			issues, err := j.listByWriters(ctx, time.Time{})
			if err != nil {
				return err
			}
			if found := plan.NewMatch(issues, *j.trusted).Boards; len(found) > 0 {
				board = found[0]
			}
		}
	}
	if board.Ref == "" {
		made := j.tracker.Create(ctx, []ticket.Draft{{Key: ticket.Board, Title: d.Title, Body: ticket.NewBody(mark, block), Labels: d.Labels}})
		return made[0].Err
	}
	return j.rewrite(ctx, board, d, mark, block)
}

// mostMends is how often the board is written again for what others saved at the same moment:
// other runs do so too.
const mostMends = 8

// rewrite puts a new block into the board, and merges back what somebody saved meanwhile.
func (j *job) rewrite(ctx context.Context, board ticket.Observed, d ticket.Desired, mark ticket.Marker, block string) error {
	now, err := j.tracker.Get(ctx, []ticket.Ref{board.Ref}) // the one this run began with may be minutes old
	if err != nil {
		return err
	}
	if now[0].Err != nil {
		return now[0].Err
	}
	board = now[0].Ticket
	e := ticket.Edit{Ref: board.Ref, Base: board.Body, Patch: ticket.Patch{Body: ticket.MergeBody(board.Body, mark, block)}}
	if board.Title != d.Title {
		e.Patch.Title = d.Title
	}
	for _, l := range d.Labels {
		if !hasName(board.Labels, l) {
			e.Patch.AddLabels = append(e.Patch.AddLabels, l)
		}
	}
	if ticket.SameBody(e.Patch.Body, board.Body) {
		e.Patch.Body = ""
	}
	if e.Patch.Empty() {
		return nil
	}
	for range mostMends {
		batcher, ok := j.tracker.(ticket.Batcher)
		if !ok {
			_, err := j.tracker.Update(ctx, e.Ref, e.Patch)
			return err
		}
		answer := batcher.UpdateAll(ctx, []ticket.Edit{e})[0]
		if answer.Err != nil || answer.Overwritten == "" {
			return answer.Err
		}
		e = ticket.Edit{Ref: e.Ref, Base: e.Patch.Body, Patch: ticket.Patch{Body: ticket.Rejoin(e.Base, e.Patch.Body, answer.Overwritten, mark, answer.Own)}}
	}
	return fmt.Errorf("others kept writing into %s at the same moments; what was replaced last stands in its edit history", e.Ref)
}

// overview counts for people what the index holds.
func (j *job) overview(x index.Index) desired.Overview {
	out := desired.Overview{Stages: map[string]desired.Standing{}}
	for _, e := range x.Entries {
		if e.Number == 0 {
			continue
		}
		s := out.Stages[e.Stage]
		switch {
		case e.Flags&index.Gone != 0:
			out.Gone++
			continue
		case e.Stage == pipeline.Shipped:
			out.Shipped++
			continue
		}
		s.Capabilities++
		for flag, n := range map[index.Flags]*int{index.Blocked: &s.Blocked, index.OnHold: &s.OnHold, index.InRework: &s.InRework, index.NeedsReapproval: &s.Again} {
			if e.Flags&flag != 0 {
				*n++
			}
		}
		out.Stages[e.Stage] = s
	}
	return out
}
