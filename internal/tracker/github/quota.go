package github

import "time"

// Spare is how many more requests the token may send without touching the reserve for other
// workflows, and when its quota is full again; -1 before an answer has told. It sends nothing.
func (t *Tracker) Spare() (requests int, reset time.Time) { return t.wire.Spare() }
