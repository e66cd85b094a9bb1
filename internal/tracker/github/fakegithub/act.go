package fakegithub

import (
	"fmt"
	"net/http"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// Act is what a person does on the web pages, told by a test in another process.
type Act struct {
	As    string `json:"as"`    // login
	Do    string `json:"do"`    // close, reopen, label, unlabel, comment, open or rename-label
	Issue int    `json:"issue"` // number; none for open and rename-label
	// Text is the reason of a close (completed if empty), the label, the comment, the title of
	// what is opened, or the label to rename.
	Text string `json:"text"`
	Body string `json:"body"` // of what is opened
	To   string `json:"to"`   // the new name of a label
}

// Act does what a person does. It gives the id of the comment or the number of the issue that
// came of it, else 0. The error is GitHub's refusal, or names an act that there is not.
func (s *Server) Act(act Act) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	made, no, known := act.on(s.world, s.world.Person(act.As))
	if !known {
		return 0, fmt.Errorf("nobody can %q", act.Do)
	}
	if no != nil {
		return 0, fmt.Errorf("%s can't %s: %w", act.As, act.Do, no)
	}
	return made, nil
}

func (act Act) on(w *world.World, a world.Actor) (made int64, no *world.Refusal, known bool) {
	switch act.Do {
	case "close", "reopen":
		p := world.IssuePatch{State: new("open")}
		if act.Do == "close" {
			p.State = new("closed")
			if act.Text != "" {
				p.StateReason = &act.Text
			}
		}
		return 0, second(w.UpdateIssue(a, act.Issue, p)), true
	case "label":
		return 0, second(w.AddLabels(a, act.Issue, []string{act.Text})), true
	case "unlabel":
		return 0, second(w.RemoveLabel(a, act.Issue, act.Text)), true
	case "comment":
		c, no := w.CreateComment(a, act.Issue, web(act.Text))
		if no == nil {
			made = c.ID
		}
		return made, no, true
	case "open":
		i, no := w.CreateIssue(a, world.IssueInput{Title: act.Text, Body: &act.Body})
		if no == nil {
			made = int64(i.Number)
		}
		return made, no, true
	case "rename-label":
		return 0, second(w.UpdateLabel(a, act.Text, world.LabelPatch{Name: &act.To})), true
	}
	return 0, nil, false
}

// control answers POST /__act.
func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	var act Act
	if !decode(w, r, &act) {
		return
	}
	made, err := s.Act(act)
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	show(w, map[string]int64{"made": made})
}
