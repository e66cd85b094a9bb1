package run_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestConfigTakesInSpecs lets a pull request reach for specs by its settings alone: they count as
// new, and those that it lets go of as removed.
func TestConfigTakesInSpecs(t *testing.T) {
	t.Parallel()
	limits := policed("max_increase: {amount: 20, level: block}")
	both := "capabilities: [\"capabilities/**/*.yml\", \"more/**/*.yml\"]\n" + limits
	first, second := spec("CRM-1", 0, priced("USD", "100", "")), spec("CRM-2", 0, priced("USD", "5000", ""))
	r := settled(t, map[string]string{path("CRM-1"): first, "more/CRM-2.yml": second, configFile: limits})
	res, p := judged(r, 1, map[string]string{configFile: both})
	says(t, "the log", res.stdout, "cost-increase")
	says(t, "the comment", p.comments()[0].Body, "CRM-2")
	if got := res.outputs["cogs-delta"]; got != "+$5,000.00/month" {
		t.Errorf("the difference is %q", got)
	}

	r = settled(t, map[string]string{path("CRM-1"): first, "more/CRM-2.yml": second, configFile: both})
	if res, _ = judged(r, 0, map[string]string{configFile: limits}); res.outputs["cogs-delta"] != "-$5,000.00/month" {
		t.Errorf("without the second folder the difference is %q", res.outputs["cogs-delta"])
	}
	res, _ = judged(r, 0, map[string]string{configFile: limits, "more/CRM-2.yml": second + "priority: p1\n"})
	if res.outputs["cogs-delta"] != "-$5,000.00/month" {
		t.Errorf("where that is edited as well it is %q", res.outputs["cogs-delta"])
	}
}

func TestTheBasesPipelineCounts(t *testing.T) {
	t.Parallel()
	base := policed("missing: block, estimate_from: build")
	r := settled(t, map[string]string{path("CRM-2"): spec("CRM-2", 0, ""), configFile: base})
	for _, stages := range []string{"{id: build, after: uat}", "{id: build, drop: true}"} {
		head := strings.Replace(base, "allow_start_stage: true", "allow_start_stage: true, stages: ["+stages+"]", 1)
		head = strings.Replace(head, "estimate_from: build", "estimate_from: release", 1)
		for at, code := range map[string]int{"triage": 0, "ci-cd": 1} {
			res, _ := judged(r, code, map[string]string{path("CRM-1"): spec("CRM-1", 0, "start_stage: "+at+"\n"), configFile: head})
			if found := strings.Contains(res.stdout, "missing-estimate"); found != (code == 1) {
				t.Errorf("with %s, in %s: missing-estimate is found: %t", stages, at, found)
			}
			if code == 1 {
				says(t, "the log", res.stdout, `from "Build" on`)
			}
		}
	}
}

func TestWhatWasCancelledIsNotOverBudgetAlready(t *testing.T) {
	t.Parallel()
	dear := priced("USD", "100", ", budget: 1")
	r := settled(t, map[string]string{path("CRM-1"): spec("CRM-1", 0, "status: cancelled\n"+dear), configFile: policed("over_budget: block, cost_review_above: 10")})
	res, _ := judged(r, 1, map[string]string{path("CRM-1"): spec("CRM-1", 0, dear)})
	says(t, "the log", res.stdout, "over-budget", "cost-review")
	silent(t, "the log", res.stdout, "as it was before")
}

// TestBrokenBaseConfig has a config with errors on the default branch: its limits are not known,
// and nothing that costs more gets past them. What mends it does.
func TestBrokenBaseConfig(t *testing.T) {
	t.Parallel()
	good := policed("max_increase: {amount: 2000, level: block}")
	r := newRepo(t, options(), map[string]string{path("CRM-1"): spec("CRM-1", 0, priced("USD", "100", "")), configFile: good + "digest: {weekday: someday}\n"})
	res, _ := judged(r, 1, map[string]string{path("CRM-1"): spec("CRM-1", 0, priced("USD", "1000", "")), configFile: good})
	says(t, "the log", res.stdout, "base-config", "mend it there first")
	res, _ = judged(r, 0, map[string]string{configFile: good})
	says(t, "the log", res.stdout, "base-config")
}

// TestAnIDTwiceAtTheBase held its capability back: whichever file stays is new.
func TestAnIDTwiceAtTheBase(t *testing.T) {
	t.Parallel()
	for range 8 {
		r := newRepo(t, options(), map[string]string{
			"capabilities/a.yml": spec("CRM-1", 0, priced("USD", "100", "")), "capabilities/b.yml": spec("CRM-1", 0, priced("USD", "900", "")), path("CRM-2"): spec("CRM-2", 0, ""),
		})
		r.push()
		res, _ := judged(r, 0, map[string]string{"capabilities/a.yml": spec("CRM-1", 0, priced("USD", "150", "")), "capabilities/b.yml": ""})
		if got := res.outputs["cogs-delta"]; got != "+$150.00/month" {
			t.Fatalf("the difference is %q", got)
		}
	}
}

func TestDriversThatOutweighEachOther(t *testing.T) {
	t.Parallel()
	two := func(a, b string) string {
		return fmt.Sprintf("cogs: {currency: USD, as_of: 2026-03-01, drivers: [{name: Alpha, kind: compute, unit_cost: %q, quantity: 1}, {name: Beta, kind: storage, unit_cost: %q, quantity: 1}]}\n", a, b)
	}
	r := settled(t, map[string]string{path("CRM-1"): spec("CRM-1", 0, two("10", "90"))})
	_, p := judged(r, 0, map[string]string{path("CRM-1"): spec("CRM-1", 0, two("90", "10"))})
	says(t, "the comment", p.comments()[0].Body, "### Cost", "Alpha", "Beta")
}

// TestVersionsWithAndWithoutV are one release where the tag makes no difference between them.
func TestVersionsWithAndWithoutV(t *testing.T) {
	t.Parallel()
	r := newRepo(t, options(), map[string]string{
		path("CRM-1"): spec("CRM-1", 0, "release: {version: \"2.4\"}\n"+priced("USD", "1", fresh)),
		path("CRM-2"): spec("CRM-2", 0, "release: {version: \"v2.4\"}\n"+priced("USD", "2", fresh)),
		configFile:    policed(""),
	})
	res := r.must(r.push(), 0)
	says(t, "the roll-ups", res.outputs["cogs"], `{"name":"CRM 2.4","capabilities":2,`)
	silent(t, "the roll-ups", res.outputs["cogs"], "CRM v2.4")
}
