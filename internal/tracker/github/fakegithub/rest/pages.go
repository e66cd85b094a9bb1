package rest

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// deepest is the last entry that page numbers reach in a list of issues.
const deepest = 10_000

// paging says how a list may be paged.
type paging struct {
	cursors bool // page numbers end at deepest; after goes on
}

// page answers with the part of the list that page, per_page and after ask for,
// and the Link header to the rest.
func page[T any](c *Call, items []T, show func(T) any, how paging) Answer {
	size := 30
	if n, err := strconv.Atoi(c.Query.Get("per_page")); err == nil && n > 0 {
		size = min(n, 100)
	}
	number := 1
	if n, err := strconv.Atoi(c.Query.Get("page")); err == nil && n > 0 {
		number = n
	}
	from := (number - 1) * size
	if after := c.Query.Get("after"); after != "" && how.cursors {
		n, ok := uncursor(after)
		if !ok {
			return refuse(world.Unprocessable("The after parameter is not a valid cursor"))
		}
		from = n
	} else if how.cursors && number*size >= deepest {
		return refuse(world.Unprocessable("Pagination with the page parameter is not supported for large datasets, please use cursor based pagination (after/before)"))
	}
	a := Answer{Status: 200, Header: http.Header{}}
	total := len(items)
	if c.Shift {
		total++ // what moved in before pushed the last one on
	}
	if link := c.links(from, size, number, total, how); link != "" {
		a.Header.Set("Link", link)
	}
	if c.Shift && from > 0 && size > 1 {
		from--
	}
	out := []any{}
	for k := from; k < min(from+size, len(items)); k++ {
		out = append(out, show(items[k]))
	}
	a.Body = out
	return a
}

func (c *Call) links(from, size, number, total int, how paging) string {
	last := (total + size - 1) / size
	var out []string
	add := func(rel string, page int, cursor int) {
		q := url.Values{}
		maps.Copy(q, c.Query)
		q.Del("after")
		q.Set("page", strconv.Itoa(page))
		if cursor >= 0 {
			q.Set("after", cursorAt(cursor))
		}
		// As GitHub does, by the repository's id rather than its name.
		path := c.Path
		if rest, ok := strings.CutPrefix(path, "/repos/"); ok {
			parts := strings.SplitN(rest, "/", 3)
			path = fmt.Sprintf("/repositories/%d/%s", c.World.Repo.ID, parts[len(parts)-1])
		}
		out = append(out, fmt.Sprintf(`<%s%s?%s>; rel="%s"`, c.API, path, q.Encode(), rel))
	}
	if number > 1 && from <= total {
		add("prev", number-1, -1)
	}
	if from+size < total {
		cursor := -1
		if how.cursors {
			cursor = from + size
		}
		add("next", number+1, cursor)
		if !how.cursors || total < deepest {
			add("last", last, -1)
		}
	}
	if number > 1 {
		add("first", 1, -1)
	}
	return strings.Join(out, ", ")
}

func cursorAt(k int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf("v2:%d", k)))
}

func uncursor(s string) (int, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	n := 0
	if err == nil {
		_, err = fmt.Sscanf(string(raw), "v2:%d", &n)
	}
	return n, err == nil && n >= 0
}
