package capability

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	looseID  = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9]{1,9})[-_ ]?0*([1-9][0-9]{0,6})$`)
	withTeam = regexp.MustCompile(`^@?[A-Za-z0-9-]+/[A-Za-z0-9-_.]+$`)
	notSlug  = regexp.MustCompile(`[^a-z0-9]+`)
)

// explain says in better words than a pattern why a text does not fit.
func explain(_, field, text string) (message, hint string) {
	switch field {
	case "id", "depends_on":
		if m := looseID.FindStringSubmatch(text); m != nil {
			return fmt.Sprintf("%q is no id of a capability", text), fmt.Sprintf("write %s-%s", strings.ToUpper(m[1]), m[2])
		}
	case "owner", "assignees":
		if withTeam.MatchString(text) {
			return fmt.Sprintf("%q is a team; a ticket belongs to people", text), "write the GitHub login of one person"
		}
		if strings.Contains(text, "@") && strings.Contains(text, ".") {
			return fmt.Sprintf("%q is an e-mail address", text), "write the GitHub login of the person, like octocat"
		}
	case "key", "part", "opens_at", "start_stage", "track", "audience", "tickets":
		if slug := strings.Trim(notSlug.ReplaceAllString(strings.ToLower(text), "-"), "-"); slug != "" && slug != text {
			return fmt.Sprintf("%q is no name that tickets can be found by", text), fmt.Sprintf("write small letters, digits and hyphens: %s", slug)
		}
	case "unit_cost", "quantity", "budget", "amount":
		if strings.HasPrefix(text, "-") {
			return fmt.Sprintf("%s is below zero", text), "costs and quantities are 0 or more"
		}
	}
	return "", ""
}
