package rest

import (
	"fmt"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

func pullReviews(c *Call) Answer {
	i, no := c.findPull()
	if no != nil {
		return refuse(no)
	}
	u, html := c.repoURL("pulls", i.Number), c.repoHTML("pull", i.Number)
	return page(c, i.Reviews, func(v *world.Review) any {
		at := fmt.Sprintf("%s#pullrequestreview-%d", html, v.ID)
		return doc{"id": v.ID, "node_id": v.NodeID, "user": c.user(v.Author), "body": v.Body, "state": v.State, "html_url": at, "pull_request_url": u,
			"_links":       doc{"html": doc{"href": at}, "pull_request": doc{"href": u}},
			"submitted_at": stamp(v.SubmittedAt), "commit_id": orNull(v.Commit), "author_association": c.association(v.Author)}
	}, paging{})
}
