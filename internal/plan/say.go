package plan

import "github.com/ticketfoundry/ticketfoundry/internal/ticket"

// Say is a comment or a reaction of the program.
type Say struct {
	Key     ticket.Key // the ticket it is said on
	Text    string     // Markdown
	Mark    string     // said once for this; empty for the record, which is read before it is written
	First   bool       // the record: written before anything follows from it
	React   string     // instead of a text: a reaction to Comment
	Comment int64
}
