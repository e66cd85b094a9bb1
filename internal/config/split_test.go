package config

import "testing"

func TestSplitAddsOneTicket(t *testing.T) {
	cfg, found := Parse("c.yml", []byte("pipeline: {stages: [{id: spec, split: true}, {id: build, split: true}, {id: uat, split: true}]}\n"))
	if found.HasErrors() {
		t.Fatal(found)
	}
	for stage, want := range map[string]string{"spec": "review-spec", "build": "test-cases", "uat": "", "architecture": ""} {
		s, _ := cfg.Pipeline.Stage(stage)
		last := s.Stock()[len(s.Stock())-1].Key
		if added := len(s.Stock()) > len(s.Tickets); added != (want != "") || added && last != want {
			t.Errorf("%s: %d of %d tickets are its own, the last is %s", stage, len(s.Tickets), len(s.Stock()), last)
		}
	}
}
