package capability

import (
	"fmt"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
)

// launch warns of a campaign that begins before it may or can, and of an embargo that ends before
// there is anything to show. The day of an embargo is that of the time zone where people work, as
// on its tickets, or else of the one it is written in.
func (c *checker) launch() {
	spec := &c.file.Capability
	if spec.Status == "cancelled" {
		return
	}
	target, hasTarget := parsed(time.DateOnly, spec.Release.TargetDate)
	launch, hasLaunch := parsed(time.DateOnly, spec.Marketing.LaunchDate)
	embargo, hasEmbargo := parsed(time.RFC3339, spec.Press.Embargo)
	if c.vocabulary.Zone != nil {
		embargo = embargo.In(c.vocabulary.Zone)
	}
	ends := time.Date(embargo.Year(), embargo.Month(), embargo.Day(), 0, 0, 0, 0, time.UTC)
	warn := func(message, hint string, at ...any) {
		c.add(c.doc.At(at...), diag.Warning, "dates-contradict", message, hint)
	}
	if hasLaunch && hasTarget && launch.Before(target) {
		warn(fmt.Sprintf("the campaign begins on %s, before the release on %s", spec.Marketing.LaunchDate, spec.Release.TargetDate),
			"move one of the two, or say in the message that it is yet to come", "marketing", "launch_date")
	}
	if hasLaunch && hasEmbargo && launch.Before(ends) {
		warn(fmt.Sprintf("the campaign begins on %s, before the embargo ends on %s (%s)", spec.Marketing.LaunchDate, ends.Format(time.DateOnly), spec.Press.Embargo),
			"nothing may be said before the embargo ends; move one of the two", "marketing", "launch_date")
	}
	if hasTarget && hasEmbargo && ends.Before(target) {
		warn(fmt.Sprintf("the embargo ends on %s, before the release on %s", ends.Format(time.DateOnly), spec.Release.TargetDate),
			"the press would write of what nobody can use yet; move one of the two", "press", "embargo")
	}
}

func parsed(layout, text string) (time.Time, bool) {
	t, err := time.Parse(layout, text)
	return t, err == nil
}
