package record

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local/folder"
)

const defaultColor = "ededed"

// Settings is the file repository.yml.
type Settings struct {
	Version    int         `yaml:"version"`
	ID         string      `yaml:"id"`
	Name       string      `yaml:"name"`
	Next       int         `yaml:"next"` // no ticket ever had this number or a higher one
	IssueTypes []string    `yaml:"issue_types,flow"`
	Labels     []Label     `yaml:"labels,omitempty"`
	Milestones []Milestone `yaml:"milestones,omitempty"`
}

// Label is a label in the settings.
type Label struct {
	Name        string `yaml:"name"`
	ID          int    `yaml:"id"` // for life, whatever it is renamed to
	Color       string `yaml:"color"`
	Description string `yaml:"description,omitempty"`
}

// number gives an id to each label that has none: one that was written in by hand, or in a
// folder older than ids. It says which two labels have the same; empty if none.
func (s *Settings) number() string {
	seen := map[int]string{}
	for _, l := range s.Labels {
		if other, twice := seen[l.ID]; twice && l.ID != 0 {
			return fmt.Sprintf("labels %q and %q have the same id %d", other, l.Name, l.ID)
		}
		seen[l.ID] = l.Name
	}
	for i := range s.Labels {
		if s.Labels[i].ID == 0 {
			s.Labels[i].ID = s.nextLabel()
		}
	}
	return ""
}

func (s *Settings) nextLabel() int {
	n := 1
	for _, l := range s.Labels {
		n = max(n, l.ID+1)
	}
	return n
}

// Milestone is a milestone in the settings.
type Milestone struct {
	Title       string `yaml:"title"`
	Due         string `yaml:"due,omitempty"`
	Description string `yaml:"description,omitempty"`
}

// NewSettings are those of a new folder.
func NewSettings(id, name string) *Settings {
	return &Settings{Version: 1, ID: id, Name: name, Next: 1, IssueTypes: []string{"Task", "Bug", "Feature"}}
}

// ParseSettings reads the settings file.
func ParseSettings(file string, text []byte) (*Settings, error) {
	s := &Settings{}
	if err := folder.Decode(file, text, s); err != nil {
		return nil, err
	}
	switch {
	case s.Version != 1:
		return nil, damaged(file, folder.LineOf(text, "version"), fmt.Sprintf("version %d is not known; this program reads version 1", s.Version))
	case BadID(s.ID) != "":
		return nil, damaged(file, folder.LineOf(text, "id"), BadID(s.ID))
	case s.Next < 1:
		return nil, damaged(file, folder.LineOf(text, "next"), fmt.Sprintf("next is %d; it counts from 1", s.Next))
	}
	for i, l := range s.Labels {
		if s.Label(l.Name) != i {
			return nil, damaged(file, folder.LineOf(text, "labels"), fmt.Sprintf("label %q is there twice; case makes no difference", l.Name))
		}
	}
	if why := s.number(); why != "" {
		return nil, damaged(file, folder.LineOf(text, "labels"), why)
	}
	return s, nil
}

var idPattern = regexp.MustCompile(`^[0-9A-Za-z._-]{1,64}$`)

// BadID says why an id cannot stand in markers; empty if it can.
func BadID(id string) string {
	if idPattern.MatchString(id) {
		return ""
	}
	return fmt.Sprintf("id %q is not 1 to 64 letters, digits, dots, dashes and underscores", id)
}

// Clone lets a change be made aside, so that one that cannot be saved is not seen either.
func (s *Settings) Clone() *Settings {
	c := *s
	c.Labels = slices.Clone(s.Labels)
	c.Milestones = slices.Clone(s.Milestones)
	return &c
}

// Label finds a label whatever its case; -1 if there is none.
func (s *Settings) Label(name string) int {
	return slices.IndexFunc(s.Labels, func(l Label) bool { return strings.EqualFold(l.Name, name) })
}

// Milestone finds a milestone by its exact title; -1 if there is none.
func (s *Settings) Milestone(title string) int {
	return slices.IndexFunc(s.Milestones, func(m Milestone) bool { return m.Title == title })
}

// IssueType gives the type of that name as the folder spells it; empty if there is none.
func (s *Settings) IssueType(name string) string {
	for _, known := range s.IssueTypes {
		if strings.EqualFold(known, name) {
			return known
		}
	}
	return ""
}

// Adopt gives label names as the folder spells them; unknown ones become known, as on GitHub.
func (s *Settings) Adopt(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		at := s.Label(name)
		if at < 0 {
			at = len(s.Labels)
			s.Labels = append(s.Labels, Label{ID: s.nextLabel(), Name: name, Color: defaultColor})
		}
		out[i] = s.Labels[at].Name
	}
	return out
}

// DefineLabel makes the label, or changes the one at a place (-1 for none), but not its name.
// It says why it cannot; empty if it did.
func (s *Settings) DefineLabel(at int, l ticket.Label) string {
	if why := badLabel(l.Name); why != "" {
		return why
	}
	if utf8.RuneCountInString(l.Description) > MaxDescription {
		return fmt.Sprintf("description is too long (maximum is %d characters)", MaxDescription)
	}
	if at < 0 {
		at = len(s.Labels)
		s.Labels = append(s.Labels, Label{ID: s.nextLabel(), Name: l.Name, Color: defaultColor})
	}
	if l.Color != "" {
		s.Labels[at].Color = strings.TrimPrefix(l.Color, "#")
	}
	if l.Description != "" {
		s.Labels[at].Description = l.Description
	}
	return ""
}

// DefineMilestone makes or changes a milestone. It says why it cannot; empty if it did.
func (s *Settings) DefineMilestone(m ticket.Milestone) string {
	if m.Due != "" {
		if _, err := time.Parse(time.DateOnly, m.Due); err != nil {
			return fmt.Sprintf("due %q is no date of the form YYYY-MM-DD", m.Due)
		}
	}
	if why := BadLine(m.Title, MaxTitle); why != "" {
		return "title " + why
	}
	if at := s.Milestone(m.Title); at >= 0 {
		s.Milestones[at] = Milestone(m)
	} else {
		s.Milestones = append(s.Milestones, Milestone(m))
	}
	return ""
}
