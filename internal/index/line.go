package index

import (
	"regexp"
	"strings"
)

var hiddenLine = regexp.MustCompile(`(?m)^<!-- ticketfoundry:index(?: (.*))? -->$`)

// Hide gives the line that carries the index inside a managed block; errors as Pack.
func (x Index) Hide() (string, error) {
	text, err := x.Pack()
	if err != nil {
		return "", err
	}
	return "<!-- ticketfoundry:index " + text + " -->", nil
}

// Find reads the index hidden in the managed block of the board issue. None, several, or one
// that Unpack does not take, give false. Pass the block alone: text outside it is people's.
func Find(block, repository string) (Index, bool) {
	lines := hiddenLine.FindAllStringSubmatch(normalise(block), 2)
	if len(lines) != 1 {
		return Index{}, false
	}
	return Unpack(lines[0][1], repository)
}

// normalise undoes the line ends of GitHub's web editor.
func normalise(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }
