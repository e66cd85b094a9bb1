package fakegithub

import (
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// Review reviews a pull request at its head and returns the review's id. The state is one of
// world.Approved, world.ChangesRequested and world.Commented.
func (p Person) Review(n int, state string) int64 { return p.ReviewAt(n, state, "") }

// ReviewAt is Review at an earlier commit of the pull request.
func (p Person) ReviewAt(n int, state, sha string) int64 {
	var id int64
	p.do("review a pull request", func(w *world.World, a world.Actor) *world.Refusal {
		body := ""
		if state != world.Approved {
			body = "Please look at this again."
		}
		v, no := w.ReviewPull(a, n, state, body, sha)
		if no == nil {
			id = v.ID
		}
		return no
	})
	return id
}

// DismissReview takes back what a review decided.
func (p Person) DismissReview(n int, id int64) {
	p.do("dismiss a review", func(w *world.World, a world.Actor) *world.Refusal { return w.DismissReview(a, n, id) })
}

// PushToPull moves the head of a pull request.
func (p Person) PushToPull(n int, sha string) {
	p.do("push to a pull request", func(w *world.World, a world.Actor) *world.Refusal {
		if !a.Role.AtLeast(world.RoleRead) {
			return world.Forbidden(a, "contents=write")
		}
		return w.PushPull(n, sha)
	})
}
