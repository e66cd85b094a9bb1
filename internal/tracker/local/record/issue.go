// Package record owns the form of the local tracker's files: what a ticket, a comment and the
// settings look like as text, their names, and what may stand in them. It is pure, and refuses
// to guess: text that it cannot read is *folder.Damage at its line.
//
//	i, err := record.ParseIssue("tickets/0012-crm-101.md", 12, text, changed)
//	text, err = i.Text()
package record

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local/folder"
)

// Head is the front matter of a ticket file. Links are plain numbers, since "#" starts a
// comment in YAML.
type Head struct {
	Number      int          `yaml:"number"`
	Title       string       `yaml:"title"`
	State       ticket.State `yaml:"state"`
	DuplicateOf int          `yaml:"duplicate_of,omitempty"`
	Labels      []string     `yaml:"labels,omitempty,flow"`
	Assignees   []string     `yaml:"assignees,omitempty,flow"`
	Milestone   string       `yaml:"milestone,omitempty"`
	Type        string       `yaml:"type,omitempty"`
	Parent      int          `yaml:"parent,omitempty"`
	BlockedBy   []int        `yaml:"blocked_by,omitempty,flow"`
	Comments    int          `yaml:"comments,omitempty"` // highest comment number ever given
	Author      string       `yaml:"author,omitempty"`
	Created     time.Time    `yaml:"created,omitempty"`
	Updated     time.Time    `yaml:"updated,omitempty"`
	Closed      time.Time    `yaml:"closed,omitempty"` // of the last close; only while it is closed
}

// Issue is one ticket file.
type Issue struct {
	File string // below the folder: "tickets/0012-crm-101.md"
	Head Head
	Body string // byte for byte
}

// ParseIssue reads a ticket file whose name says the number, changed at that time.
func ParseIssue(file string, number int, text []byte, changed time.Time) (*Issue, error) {
	i := &Issue{File: file}
	body, found, err := folder.Split(file, text, &i.Head)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, damaged(file, 1, `a ticket starts with a "---" line, its settings and another "---" line`)
	}
	i.Body = body
	if i.Head.Number == 0 {
		i.Head.Number = number
	}
	// "labels: []" and no such line mean the same, and only one of them is ever written.
	i.Head.Labels = filled(i.Head.Labels)
	i.Head.Assignees = filled(i.Head.Assignees)
	i.Head.BlockedBy = filled(i.Head.BlockedBy)
	if err := i.check(number, text); err != nil {
		return nil, err
	}
	i.Head.Created, i.Head.Updated = stamps(i.Head.Created, i.Head.Updated, changed)
	switch {
	case i.Head.State == ticket.Open:
		i.Head.Closed = time.Time{}
	case i.Head.Closed.IsZero(): // closed by hand
		i.Head.Closed = i.Head.Updated
	}
	i.Head.Closed = i.Head.Closed.UTC()
	return i, nil
}

func filled[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// stamps completes the times of a file that was written or edited by hand: our own writes set
// the file's time to "updated", so a later one is a person's edit.
func stamps(created, updated, changed time.Time) (time.Time, time.Time) {
	created, updated, changed = created.UTC(), updated.UTC(), changed.UTC().Truncate(time.Second)
	if changed.After(updated) {
		updated = changed
	}
	if created.IsZero() {
		created = updated
	}
	return created, updated
}

func (i *Issue) check(number int, text []byte) error {
	if i.Head.Number != number {
		return damaged(i.File, folder.LineOf(text, "number"), fmt.Sprintf("number is %d, but the file's name says %d", i.Head.Number, number))
	}
	// Titles that people typed may be longer than those we write.
	if why := BadLine(i.Head.Title, 4*MaxTitle); why != "" {
		return damaged(i.File, max(folder.LineOf(text, "title"), 1), "title "+why)
	}
	switch i.Head.State {
	case ticket.Open, ticket.Completed, ticket.NotPlanned, ticket.Duplicate:
	case "":
		i.Head.State = ticket.Open
	case "closed": // what a person would write
		i.Head.State = ticket.Completed
	default:
		return damaged(i.File, folder.LineOf(text, "state"), fmt.Sprintf("unknown state %q; it is one of open, completed, not_planned, duplicate", i.Head.State))
	}
	return nil
}

// Content is the ticket as a file to write.
func (i *Issue) Content() (folder.File, error) {
	text, err := folder.Join(i.Head, i.Body)
	return folder.File{Name: i.File, Content: text, At: i.Head.Updated}, err
}

// Clone gives a copy that can be changed by itself.
func (i *Issue) Clone() *Issue {
	c := *i
	c.Head.Labels = slices.Clone(i.Head.Labels)
	c.Head.Assignees = slices.Clone(i.Head.Assignees)
	c.Head.BlockedBy = slices.Clone(i.Head.BlockedBy)
	return &c
}

// Ref names the ticket.
func (i *Issue) Ref() ticket.Ref { return RefTo(i.Head.Number) }

// RefTo names the ticket of a number: "#12".
func RefTo(n int) ticket.Ref { return ticket.Ref("#" + strconv.Itoa(n)) }

// Number gives the number of a ref; 0 for one that cannot be ours.
func Number(ref ticket.Ref) int {
	digits, ok := strings.CutPrefix(string(ref), "#")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 {
		return 0
	}
	return n
}

// FileName is made of the number and the key, neither of which ever changes.
func FileName(n int, key ticket.Key) string {
	word := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(string(key)))
	if word != "" {
		word = "-" + word[:min(len(word), 120)]
	}
	return fmt.Sprintf("%04d%s.md", n, word)
}

var numbered = regexp.MustCompile(`^([0-9]{1,9})(?:-[^/]*)?\.md$`)

// Numbered takes the number that a file name starts with: "0012-crm-101.md" is 12.
func Numbered(name string) (int, bool) {
	m := numbered.FindStringSubmatch(name)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	return n, err == nil && n > 0
}

func damaged(file string, line int, text string) error {
	return &folder.Damage{File: file, Line: line, Text: text}
}
