package capability_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/schemas"
)

// realistic gives n specs of about 80 lines, as a generator or a diligent person writes them.
func realistic(n int) []capability.Text {
	out := make([]capability.Text, n)
	for i := range n {
		id := fmt.Sprintf("CRM-%d", i+1)
		depends := ""
		if i > 2 {
			depends = fmt.Sprintf("depends_on: [CRM-%d, CRM-%d]\n", i, i-1)
		}
		text := strings.ReplaceAll(realisticSpec, "CRM-0", id) + depends
		out[i] = capability.Text{Path: "capabilities/" + id + ".yml", Content: []byte(text)}
	}
	return out
}

const realisticSpec = `# yaml-language-server: $schema=../schemas/capability.schema.json
id: CRM-0
title: Lead scoring API for partner portals
summary: >
  Gives every new lead a score between 0 and 100 within a second, so that sales people
  call the right ones first; partners read it through an interface of their own.
owner: octocat
priority: p1
user: |
  As a sales person I want to see which of my leads are worth a call today, so that
  I spend my morning on those and not on the list in the order it came in.
success_criteria:
  - Median time to first answer is under 200 ms
  - Two of three sales people sort by score after a month
scope:
  in: [New leads, "Partner portals: read only", Daily re-scoring]
  out: [Old leads before 2024, Scores for companies]
legal: Scoring people is profiling under the GDPR; the assessment is in the handbook.
sections:
  Roll-out: Ten partners first, everybody after two weeks.
acceptance_criteria:
  - {id: AC-1, text: A new lead has a score within a second}
  - {id: AC-2, text: A lead without a company has a score as well, kind: edge}
  - {id: AC-3, text: A sales person sees the three strongest reasons, kind: uat}
documents:
  architecture: https://wiki.example.com/crm/scoring
channel: "#crm-scoring"
technology:
  apis:
    - key: scoring-endpoint
      name: Scoring endpoint
      type: story
      acceptance: [Answers within 200 ms, Answers 404 for unknown leads]
  entities:
    - {key: score, name: Score, description: "A number, its reasons and its time."}
  flows:
    - {key: daily-rescoring, name: Daily re-scoring, type: task}
cogs:
  currency: USD
  confidence: medium
  as_of: 2026-02-01
  budget: 1500
  drivers:
    - {name: Scoring calls, kind: api_calls, unit: call, unit_cost: 0.00025, quantity: 1200000, part: scoring-endpoint}
    - {name: Model tokens, kind: model_tokens, unit: 1000 tokens, unit_cost: "0.0031", quantity: 90000, part: daily-rescoring}
release:
  version: 2.4
  target_date: 2026-03-13
  notes: Leads now show how likely they are to buy.
  docs:
    - {page: reference/api, reason: New endpoint}
press:
  headline: Leads know their worth
  embargo: 2026-03-13T09:00:00+01:00
  contacts: [Pia Press, Max Media]
  gates_release: true
marketing:
  campaign: Spring of leads
  channels: [newsletter, blog]
  launch_date: 2026-03-20
tickets:
  build:
    - {key: load-test, title: Run the load test, assignees: [hubot], estimate: 2 days, due: 2026-03-06}
  release:
    - {key: webinar, title: Hold the partner webinar, audience: marketing, opens_at: build}
`

func BenchmarkValidate650(b *testing.B) {
	texts := realistic(650)
	v := config.Default().Vocabulary()
	if set := capability.Check(texts, v); len(set.Files) != len(texts) {
		b.Fatalf("%d of %d specs are usable: %v", len(set.Files), len(texts), set.Findings[0])
	}
	b.ReportAllocs()
	for b.Loop() {
		capability.Check(texts, v)
	}
}

// BenchmarkBareValidator650 is what the schema validator's own command line does with the same
// files: parse each as YAML, hold it against the schema, nothing else.
func BenchmarkBareValidator650(b *testing.B) {
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemas.Capability))
	if err != nil {
		b.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("mem:///s.json", raw); err != nil {
		b.Fatal(err)
	}
	schema := c.MustCompile("mem:///s.json")
	texts := realistic(650)
	b.ReportAllocs()
	for b.Loop() {
		for _, text := range texts {
			var v any
			if err := yaml.Unmarshal(text.Content, &v); err != nil {
				b.Fatal(err)
			}
			// Unquoted versions and dates are no texts to it; that it refuses them is part of the work.
			_ = schema.Validate(v)
		}
	}
}
