package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/record"
)

// What each approval is bound to. An approval of a stage that a config adds is bound to all
// that describes the product and its making.
var (
	specFields         = []string{"title", "summary", "user", "success_criteria", "scope", "legal", "data", "sections", "acceptance_criteria", "documents.spec"}
	architectureFields = []string{"technology", "depends_on", "documents.architecture"}
	boundFields        = map[string][]string{
		"spec-approval":         specFields,
		"architecture-approval": architectureFields,
		"cost-review":           {"cogs.currency", "cogs.drivers", "cogs.budget"},
		"compliance":            {"legal", "data", "scope", "sections"},
		"uat":                   {"acceptance_criteria"},
		"release":               {"release.version", "release.notes"},
	}
)

// Bound gives the content that the approval on a ticket is bound to: the decoded values of
// the fields, so that formatting does not count, and absent is the same as empty. texts holds
// documents of the repository by path.
func Bound(t Ticket, c capability.Capability, texts map[string]string) record.Content {
	fields, ok := boundFields[t.Key.Name()]
	if !ok {
		fields, ok = boundFields[t.Stage]
	}
	if !ok {
		fields = slices.Concat(specFields, architectureFields)
	}
	out := record.Content{}
	for _, f := range fields {
		if v := value(c, f, texts); v != "" {
			out[f] = v
		}
	}
	return out
}

// Hash names a content in 12 hex digits.
func Hash(content record.Content) string {
	h := sha256.New()
	for _, f := range slices.Sorted(maps.Keys(content)) {
		h.Write([]byte(f + "\x00" + content[f] + "\x00"))
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

// Changed gives the fields in which two contents differ, in order.
func Changed(a, b record.Content) []string {
	var out []string
	for f := range a {
		if a[f] != b[f] {
			out = append(out, f)
		}
	}
	for f := range b {
		if _, both := a[f]; !both {
			out = append(out, f)
		}
	}
	slices.Sort(out)
	return out
}

// value gives a field as text: texts as they are, everything else as one value a line.
func value(c capability.Capability, field string, texts map[string]string) string {
	switch field {
	case "title":
		return c.Title
	case "summary":
		return c.Summary
	case "user":
		return c.User
	case "success_criteria":
		return strings.Join(c.SuccessCriteria, "\n")
	case "scope":
		return listed(c.Scope.In, "in: ") + listed(c.Scope.Out, "out: ")
	case "legal":
		return c.Legal
	case "data":
		return c.Data
	case "sections":
		return rows(c.Sections)
	case "acceptance_criteria":
		return rows(c.AcceptanceCriteria)
	case "documents.spec":
		return texts[c.Documents.Spec]
	case "documents.architecture":
		if text, ok := texts[c.Documents.Architecture]; ok {
			return text
		}
		return c.Documents.Architecture
	case "technology":
		return rows(Items(c.Technology))
	case "depends_on":
		return strings.Join(c.DependsOn, "\n")
	case "cogs.currency":
		return c.Cogs.Currency
	case "cogs.drivers":
		return rows(c.Cogs.Drivers)
	case "cogs.budget":
		if c.Cogs.Budget.IsZero() {
			return ""
		}
		return c.Cogs.Budget.Canonical()
	case "release.version":
		return c.Release.Version
	case "release.notes":
		return c.Release.Notes
	}
	return ""
}

func listed(texts []string, prefix string) string {
	var b strings.Builder
	for _, t := range texts {
		b.WriteString(prefix + t + "\n")
	}
	return b.String()
}

// rows gives each element as a line of JSON.
func rows[T any](list []T) string {
	var b strings.Builder
	for _, v := range list {
		text, err := json.Marshal(v)
		if err != nil {
			text = []byte(err.Error())
		}
		b.Write(text)
		b.WriteByte('\n')
	}
	return b.String()
}

// without gives the content that has the hash, where it is this one without some of the fields
// that later stages ask for: so it looked before they were filled in. Otherwise it is unknown.
func (v view) without(hash string, now record.Content) record.Content {
	var late []string
	for _, f := range slices.Sorted(maps.Keys(now)) {
		if v.asks(f) >= v.at {
			late = append(late, f)
		}
	}
	for set := range 1 << min(len(late), 8) {
		was := maps.Clone(now)
		for i, f := range late {
			if set>>i&1 == 1 {
				delete(was, f)
			}
		}
		if Hash(was) == hash {
			return was
		}
	}
	return nil
}

// asks gives the last stage that wants a field filled in; -1 if none does.
func (v view) asks(field string) int {
	last := -1
	for i, s := range v.stages {
		if slices.Contains(s.Ready, field) || slices.Contains(s.Ready, strings.SplitN(field, ".", 2)[0]) {
			last = i
		}
	}
	return last
}

// filledInTime tells whether all differences are fields that were empty when it was approved
// and have been filled no later than the stage that asks for them.
func (v view) filledInTime(saw, now record.Content) bool {
	changed := Changed(saw, now)
	if len(changed) == 0 || saw == nil {
		return false
	}
	for _, f := range changed {
		if saw[f] != "" || v.asks(f) < v.at {
			return false
		}
	}
	return true
}
