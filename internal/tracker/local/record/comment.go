package record

import (
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local/folder"
)

// CommentHead is the front matter of a comment file.
type CommentHead struct {
	Author  string    `yaml:"author,omitempty"`
	Created time.Time `yaml:"created,omitempty"`
	Updated time.Time `yaml:"updated,omitempty"`
	// Reactions are "eyes by ada"; they are no edit of the comment.
	Reactions []string `yaml:"reactions,omitempty,flow"`
}

// Comment is one comment file.
type Comment struct {
	File   string
	Number int // under its ticket, from 1
	Head   CommentHead
	Body   string // byte for byte
}

// ParseComment reads a comment file, changed at that time. One without any front matter was
// typed by hand: it is nobody's.
func ParseComment(file string, number int, text []byte, changed time.Time) (Comment, error) {
	c := Comment{File: file, Number: number}
	body, _, err := folder.Split(file, text, &c.Head)
	if err != nil {
		return Comment{}, err
	}
	c.Body = body
	c.Head.Created, c.Head.Updated = stamps(c.Head.Created, c.Head.Updated, changed)
	return c, nil
}

// Content is the comment as a file to write.
func (c Comment) Content() (folder.File, error) {
	text, err := folder.Join(c.Head, c.Body)
	return folder.File{Name: c.File, Content: text, At: c.Head.Updated}, err
}
