package github

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// namedLabels is the part of a query that reads labels by name, each under an alias.
func namedLabels(names []string) string {
	var b strings.Builder
	for i, name := range names {
		fmt.Fprintf(&b, " l%d: label(name: %s) { id name color description }\n", i, quoted(name))
	}
	return b.String()
}

// quoted is a text as a GraphQL string; label names hold no control characters.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ", "\r", " ").Replace(text) + `"`
}

// findBatch is how many labels one query asks for.
const findBatch = 50

// FindLabels looks up labels by name, for a tracker that has not read them all (SomeLabels).
// Those that are there are among the labels of Repository afterwards.
func (t *Tracker) FindLabels(ctx context.Context, names []string) error {
	for part := range slices.Chunk(names, findBatch) {
		var a struct {
			Repository map[string]*graphLabel
		}
		text := "query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {\n" + namedLabels(part) + "} }"
		if err := t.query(ctx, document{text, t.where()}, &a); err != nil {
			return fail(err, "look up labels", "")
		}
		for i, name := range part {
			if l := a.Repository[fmt.Sprintf("l%d", i)]; l != nil {
				t.addLabels(graphLabels{Nodes: []graphLabel{*l}})
				continue
			}
			t.mu.Lock()
			t.absent[strings.ToLower(name)] = struct{}{}
			t.mu.Unlock()
		}
	}
	return nil
}
