package capability

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
)

// UnmarshalYAML reads a text or {id, text, kind}.
func (c *Criterion) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		c.Text = n.Value
		return nil
	}
	type plain Criterion
	return n.Decode((*plain)(c))
}

// UnmarshalYAML reads a text or {page, reason}.
func (p *Page) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		p.Page = n.Value
		return nil
	}
	type plain Page
	return n.Decode((*plain)(p))
}

// UnmarshalYAML reads a map of title to Markdown, keeping the order of the file.
func (s *Sections) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: sections are a map of title to text", n.Line)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		*s = append(*s, Section{Title: n.Content[i].Value, Text: n.Content[i+1].Value})
	}
	return nil
}

// UnmarshalYAML reads a map of stage to list, keeping the order of the file.
func (t *StageTickets) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: tickets are a map of stage to list", n.Line)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		var list []StageTicket
		if err := n.Content[i+1].Decode(&list); err != nil {
			return fmt.Errorf("tickets of %s: %w", n.Content[i].Value, err)
		}
		for _, ticket := range list {
			ticket.Stage = n.Content[i].Value
			*t = append(*t, ticket)
		}
	}
	return nil
}

// normalise removes what people may write in two ways.
func (c *Capability) normalise() {
	c.Version = 0 // there is one format; saying so changes nothing
	c.Owner = strings.TrimPrefix(c.Owner, "@")
	for i := range c.Tickets {
		for j, login := range c.Tickets[i].Assignees {
			c.Tickets[i].Assignees[j] = strings.TrimPrefix(login, "@")
		}
	}
	clearEmpty(reflect.ValueOf(c).Elem())
	c.defaults()
}

// clearEmpty makes empty lists nil, so that "in: []" and no "in" at all are the same value.
func clearEmpty(v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		if v.Len() == 0 {
			v.SetZero()
			return
		}
		for i := range v.Len() {
			clearEmpty(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[cogs.Decimal]() {
			return
		}
		for _, field := range v.Fields() {
			clearEmpty(field)
		}
	}
}

// defaults are filled in before hashing, so that writing a default out changes nothing.
func (c *Capability) defaults() {
	c.Priority = cmp.Or(c.Priority, "p2")
	c.Status = cmp.Or(c.Status, "active")
	c.Track = cmp.Or(c.Track, "standard")
	for i := range c.AcceptanceCriteria {
		c.AcceptanceCriteria[i].Kind = cmp.Or(c.AcceptanceCriteria[i].Kind, "normal")
	}
	for _, list := range [][]Item{c.Technology.APIs, c.Technology.Entities, c.Technology.Screens, c.Technology.Flows, c.Technology.Skills} {
		for i := range list {
			list[i].Type = cmp.Or(list[i].Type, "task")
		}
	}
	for i := range c.Tickets {
		c.Tickets[i].Audience = cmp.Or(c.Tickets[i].Audience, "engineering")
		c.Tickets[i].Type = cmp.Or(c.Tickets[i].Type, "task")
	}
	if c.Cogs.Known() {
		c.Cogs.Period = cmp.Or(c.Cogs.Period, "month")
	}
}

// fill adds what depends on the file rather than on its content; it comes after hashing.
func (c *Capability) fill(path string) {
	c.Version = 1
	c.Documents.Spec = cmp.Or(c.Documents.Spec, path)
}
