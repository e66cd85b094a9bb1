package pipeline

import "github.com/ticketfoundry/ticketfoundry/internal/capability"

// Has tells whether the spec fills in a field that readiness and conditions name
// ("scope", "documents.architecture", "press"). An unknown name is never filled.
func Has(c capability.Capability, field string) bool {
	switch field {
	case "title":
		return c.Title != ""
	case "summary":
		return c.Summary != ""
	case "owner":
		return c.Owner != ""
	case "user":
		return c.User != ""
	case "success_criteria":
		return len(c.SuccessCriteria) > 0
	case "scope":
		return len(c.Scope.In) > 0
	case "legal":
		return c.Legal != ""
	case "data":
		return c.Data != ""
	case "sections":
		return len(c.Sections) > 0
	case "acceptance_criteria":
		return len(c.AcceptanceCriteria) > 0
	case "documents.spec":
		return c.Documents.Spec != ""
	case "documents.architecture":
		return c.Documents.Architecture != ""
	case "channel":
		return c.Channel != ""
	case "technology":
		return len(Items(c.Technology)) > 0
	case "cogs":
		return len(c.Cogs.Drivers) > 0
	case "cogs.budget":
		return !c.Cogs.Budget.IsZero()
	case "release.version":
		return c.Release.Version != ""
	case "release.target_date":
		return c.Release.TargetDate != ""
	case "release.notes":
		return c.Release.Notes != ""
	case "release.docs":
		return len(c.Release.Docs) > 0
	case "press":
		return c.Press.Headline != "" || c.Press.Narrative != "" || c.Press.Embargo != ""
	case "press.gates_release":
		return c.Press.GatesRelease
	case "marketing":
		return c.Marketing.Campaign != "" || c.Marketing.Message != "" || len(c.Marketing.Channels) > 0
	case "marketing.gates_release":
		return c.Marketing.GatesRelease
	}
	return false
}

// lacking gives the fields of a readiness list that the spec does not fill in.
func lacking(c capability.Capability, ready []string) []string {
	var out []string
	for _, f := range ready {
		if !Has(c, f) {
			out = append(out, f)
		}
	}
	return out
}

// NotReady gives the first stage, from the given one on, that the capability could not leave
// as the spec stands, and the fields it lacks. An empty stage means that it is ready for all.
func NotReady(s Status, c capability.Capability) (stage string, fields []string) {
	for _, step := range s.Steps {
		if step.State == Skipped || step.State == Passed {
			continue
		}
		if missing := lacking(c, step.Stage.Ready); len(missing) > 0 {
			return step.Stage.ID, missing
		}
	}
	return "", nil
}
