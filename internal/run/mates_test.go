package run_test

import (
	"strings"
	"testing"
)

// TestAReleaseFollowsItsOtherCapabilities lets others of a version change while it is being
// decided on: the ticket that decides says so after the run that the change itself starts.
func TestAReleaseFollowsItsOtherCapabilities(t *testing.T) {
	t.Parallel()
	version := "release: {version: \"2.4\"}\n"
	third := wide("CRM-3", "Call notes", version+"start_stage: build\n")
	h := newHub(t, map[string]string{
		configFile:    settings,
		path("CRM-1"): wide("CRM-1", "Lead scoring", version+"start_stage: release\n"),
		path("CRM-2"): wide("CRM-2", "Score history", version+"start_stage: uat\n"),
		path("CRM-3"): third,
	})
	h.follow("")
	decides := func() string { return h.srv.Issue(h.found("CRM-1/release/approve-release")).Body }
	says(t, "at first", decides(), "Score history", "Call notes", "$30.00/month")

	h.commit(map[string]string{path("CRM-3"): strings.Replace(third, `quantity: "1000"`, `quantity: "1500"`, 1)})
	h.follow("")
	says(t, "with another cost", decides(), "$35.00/month")

	h.commit(map[string]string{path("CRM-3"): third + "status: on_hold\n"})
	h.follow("")
	says(t, "with one on hold", decides(), "on hold")

	h.act("mia", "comment", "CRM-2/uat/uat-product", "/approve")
	h.act("max", "comment", "CRM-2/uat/uat-engineering", "/approve")
	h.follow("CRM-2/uat/uat-engineering")
	h.shows("accepted", "CRM-2", "release", nil)
	silent(t, "with one that is ready", decides(), "Score history")
	says(t, "with one that is ready", decides(), "Call notes")

	h.commit(map[string]string{path("CRM-3"): ""})
	h.follow("")
	silent(t, "with one removed", decides(), "Call notes")
	h.steady()
}
