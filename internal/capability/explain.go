package capability

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

var (
	looseID  = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9]{1,9}?) *[-_. ] *0*([1-9][0-9]{0,6})$`)
	joinedID = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9]{0,8}[A-Za-z])0*([1-9][0-9]{0,6})$`)
	withTeam = regexp.MustCompile(`^@?[A-Za-z0-9-]+/[A-Za-z0-9-_.]+$`)
	notYet   = regexp.MustCompile(`(?i)^(unknown|tbd|tba|todo|none|n/?a|\?+|-+)$`)
	over     = regexp.MustCompile(`(?i)^(done|shipped|released|closed|complete|completed|finished|live)$`)
)

// explain says in better words than a pattern why a text does not fit.
func explain(_, field, text string) (message, hint string) {
	switch field {
	case "id", "depends_on":
		m := looseID.FindStringSubmatch(text)
		if m == nil {
			m = joinedID.FindStringSubmatch(text)
		}
		if m != nil {
			return fmt.Sprintf("%q is no id of a capability", text), fmt.Sprintf("write %s-%s", strings.ToUpper(m[1]), m[2])
		}
	case "owner", "assignees":
		if withTeam.MatchString(text) {
			return fmt.Sprintf("%q is a team; a ticket belongs to people", text), "write the GitHub login of one person"
		}
		if _, login, ok := strings.Cut(text, "github.com/"); ok && login != "" {
			return fmt.Sprintf("%q is a web address", text), fmt.Sprintf("write the login alone: %s", strings.Trim(login, "/"))
		}
		if strings.Contains(text, "@") && strings.Contains(text, ".") {
			return fmt.Sprintf("%q is an e-mail address", text), "write the GitHub login of the person, like octocat"
		}
	case "key", "part", "opens_at", "start_stage", "track", "audience", "tickets":
		if slug := plain.Slug(text); slug != "" && slug != text {
			return fmt.Sprintf("%q is not small letters, digits and hyphens only", text), fmt.Sprintf("write %s", slug)
		}
	case "unit_cost", "quantity", "budget", "amount":
		if strings.HasPrefix(text, "-") {
			return fmt.Sprintf("%s is below zero", text), "costs and quantities are 0 or more"
		}
		if meant, ok := cogs.Meant(text); ok {
			return fmt.Sprintf("%q is not written as an amount", text), fmt.Sprintf("did you mean %s? Write digits with a dot, without signs, blanks or thousands separators", meant)
		}
		if notYet.MatchString(text) {
			if field == "unit_cost" || field == "quantity" {
				return fmt.Sprintf("%q is no amount", text), "leave the whole driver out until both its amounts are known"
			}
			return fmt.Sprintf("%q is no amount", text), "leave the key out until the amount is known"
		}
	case "priority":
		return fmt.Sprintf("there is no priority %q", text), "allowed are, from the most to the least urgent: p0, p1, p2, p3"
	case "status":
		if over.MatchString(text) {
			return fmt.Sprintf("there is no status %q", text), "leave it active: that it is shipped is said on its tickets, not here. Allowed are: active, on_hold, cancelled"
		}
	case "period":
		return "amounts are for a month", "write month, and each quantity for one month"
	}
	return "", ""
}
