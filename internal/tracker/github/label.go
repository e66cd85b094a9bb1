package github

import (
	"context"
	"encoding/json"
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
	var ask []string
	t.mu.Lock()
	for _, name := range names {
		_, known := t.labels[strings.ToLower(name)]
		if _, absent := t.absent[strings.ToLower(name)]; !known && !absent {
			ask = append(ask, name)
		}
	}
	t.mu.Unlock()
	for part := range slices.Chunk(ask, findBatch) {
		var a struct{ Repository map[string]json.RawMessage }
		text := "query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {\n" + namedLabels(part) + "} }"
		if err := t.query(ctx, document{text, t.where()}, &a); err != nil {
			return fail(err, "look up labels", "")
		}
		t.takeNamed(part, a.Repository)
	}
	return nil
}

// takeNamed keeps the labels that a query with namedLabels found, and which it did not find.
func (t *Tracker) takeNamed(names []string, found map[string]json.RawMessage) {
	for i, name := range names {
		var l *graphLabel
		if json.Unmarshal(found[fmt.Sprintf("l%d", i)], &l) == nil && l != nil {
			t.addLabels(graphLabels{Nodes: []graphLabel{*l}})
			continue
		}
		t.mu.Lock()
		if _, known := t.labels[strings.ToLower(name)]; !known {
			t.absent[strings.ToLower(name)] = struct{}{}
		}
		t.mu.Unlock()
	}
}
