package graph

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// maxNodes is how many nodes one call may ask for.
const maxNodes = 500_000

// cost is what a request asks for in nodes and points, or why it may not.
type cost struct {
	points, nodes int
	problem       *problem
}

// price walks a request before it runs: each connection needs first or last of
// at most 100, and all together may ask for 500,000 nodes.
func (r *run) price(set ast.SelectionSet) cost {
	var c cost
	requests := r.count(set, 1, &c)
	c.points = max(1, int(math.Round(float64(requests)/100)))
	if c.problem == nil && c.nodes > maxNodes {
		c.problem = &problem{Type: "MAX_NODE_LIMIT_EXCEEDED",
			Message: fmt.Sprintf("This query requests up to %d possible nodes which exceeds the maximum limit of %d.", c.nodes, maxNodes)}
	}
	return c
}

func (r *run) count(set ast.SelectionSet, times int, c *cost) (requests int) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.InlineFragment:
			requests += r.count(s.SelectionSet, times, c)
		case *ast.FragmentSpread:
			requests += r.count(s.Definition.SelectionSet, times, c)
		case *ast.Field:
			inner := times
			if s.Definition != nil && s.Definition.Arguments.ForName("first") != nil {
				size := r.pageSize(s, c)
				requests += times
				inner = times * size
				c.nodes += inner
			}
			requests += r.count(s.SelectionSet, inner, c)
		}
	}
	return requests
}

func (r *run) pageSize(f *ast.Field, c *cost) int {
	a := f.ArgumentMap(r.vars)
	first, hasFirst := integer(a["first"])
	last, hasLast := integer(a["last"])
	p := &problem{Locations: []map[string]int{{"line": f.Position.Line, "column": f.Position.Column}}}
	switch n := max(first, last); {
	case !hasFirst && !hasLast:
		p.Type = "MISSING_PAGINATION_BOUNDARIES"
		p.Message = fmt.Sprintf("You must provide a `first` or `last` value to properly paginate the `%s` connection.", f.Name)
	case hasFirst && hasLast:
		p.Type = "MULTIPLE_PAGINATION_BOUNDARIES"
		p.Message = fmt.Sprintf("Passing both `first` and `last` to paginate the `%s` connection is not supported.", f.Name)
	case n > 100:
		p.Type = "EXCESSIVE_PAGINATION"
		p.Message = fmt.Sprintf("Requesting %d records on the `%s` connection exceeds the `first` limit of 100 records.", n, f.Name)
	case n < 1:
		p.Type = "INVALID_PAGINATION"
		p.Message = fmt.Sprintf("`first` on the `%s` connection must be at least 1.", f.Name)
	default:
		return n
	}
	if c.problem == nil {
		c.problem = p
	}
	return 1
}

// integer reads an Int argument, however it was written.
func integer(v any) (int, bool) {
	switch v := v.(type) {
	case int64:
		return int(v), true
	case int:
		return v, true
	case float64:
		return int(v), true
	case json.Number:
		n, err := v.Int64()
		return int(n), err == nil
	}
	return 0, false
}

func cursor(k int) string {
	return base64.StdEncoding.EncodeToString([]byte("cursor:v2:" + strconv.Itoa(k)))
}

func uncursor(s string) (int, error) {
	raw, err := base64.StdEncoding.DecodeString(s)
	n := 0
	if err == nil {
		_, err = fmt.Sscanf(string(raw), "cursor:v2:%d", &n)
	}
	if err != nil {
		return 0, &problem{Type: "INVALID_CURSOR_ARGUMENTS", Message: fmt.Sprintf("`%s` does not appear to be a valid cursor.", s)}
	}
	return n, nil
}

// connect makes the page of a connection that a asks for. shift repeats the
// last entry of the page before.
func connect[T any](kind string, items []T, node func(T) object, a args, shift bool) (any, error) {
	from, to := 0, len(items)
	if after, _ := a["after"].(string); after != "" {
		n, err := uncursor(after)
		if err != nil {
			return nil, err
		}
		from = min(n+1, len(items))
		if n, _ := integer(a["first"]); shift && from > 0 && n > 1 {
			from--
		}
	}
	if before, _ := a["before"].(string); before != "" {
		n, err := uncursor(before)
		if err != nil {
			return nil, err
		}
		to = max(from, min(n, len(items)))
	}
	if n, ok := integer(a["first"]); ok {
		to = min(to, from+n)
	} else if n, ok := integer(a["last"]); ok {
		from = max(from, to-n)
	}
	page := object{"__typename": "PageInfo", "hasNextPage": to < len(items), "hasPreviousPage": from > 0,
		"startCursor": nil, "endCursor": nil}
	if to > from {
		page["startCursor"], page["endCursor"] = cursor(from), cursor(to-1)
	}
	nodes, edges := []object{}, []object{}
	for k, item := range items[from:to] {
		n := node(item)
		nodes = append(nodes, n)
		edges = append(edges, object{"__typename": kind + "Edge", "cursor": cursor(from + k), "node": n})
	}
	return object{"__typename": kind + "Connection", "totalCount": len(items), "pageInfo": page, "nodes": nodes, "edges": edges}, nil
}
