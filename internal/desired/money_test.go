package desired_test

import (
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
)

// What the tickets that show the cost say of the estimate's age and of the bill.
func TestBilledAndStale(t *testing.T) {
	const drivers = "drivers: [{name: Calls, kind: api_calls, unit_cost: 100, quantity: 1}], "
	never := func(c *config.Config) { c.Cogs.Policies.StaleAfterDays = 0 }
	off := func(c *config.Config) { c.Cogs.Policies.Stale = cogs.Off }
	for _, test := range []struct {
		name, cogs string
		change     func(*config.Config)
		want       []string
		not        string
	}{
		{"never billed", drivers + "as_of: 2026-02-01", nil, []string{"estimated Sun 1 Feb 2026; counts as stale after Sat 2 May 2026."}, "Billed"},
		{"a bill is a look, too", drivers + "as_of: 2026-02-01, actual: {amount: 118, as_of: 2026-03-01}", nil,
			[]string{"counts as stale after Sat 30 May 2026.", "Billed: **$118.00/month** (Sun 1 Mar 2026), $18.00 (18 %) more than estimated."}, "budget"},
		{"within the budget", drivers + "budget: 118, actual: {amount: 118}", nil, []string{"Billed: **$118.00/month**, $18.00 (18 %) more than estimated."}, "stale"},
		{"above the budget", drivers + "budget: 110, actual: {amount: 118}", nil, []string{"(18 %) more than estimated; $8.00 above the budget."}, ""},
		{"as estimated", drivers + "actual: {amount: 100.00, source: March}", nil, []string{"Billed: **$100.00/month** (March), as estimated."}, ""},
		{"a bill of nothing", drivers + "actual: {amount: 0, as_of: 2026-03-01}", nil, []string{"Billed: **$0.00/month** (Sun 1 Mar 2026), $100.00 (100 %) less than estimated."}, ""},
		{"billed, never estimated", "actual: {amount: 118, as_of: 2026-03-01}", nil, []string{"Billed: **$118.00/month** (Sun 1 Mar 2026)."}, "estimated"},
		{"never stale", drivers + "as_of: 2026-02-01", never, []string{"estimated Sun 1 Feb 2026."}, "stale"},
		{"the policy is off", drivers + "as_of: 2026-02-01", off, []string{"estimated Sun 1 Feb 2026."}, "stale"},
	} {
		cfg := settings()
		cfg.Cogs.Policies.CostReviewAbove = cogs.MustDecimal("1")
		if test.change != nil {
			test.change(cfg)
		}
		f := parse(t, "id: CRM-1\ntitle: Lead scoring\nsummary: Scores leads.\nowner: mona\ncogs: {currency: USD, "+test.cogs+"}\n", cfg)
		shown := 0
		for _, stage := range []string{"architecture-approval", "release"} {
			for _, d := range desired.Build(input(f, cfg, stage)).Tickets {
				_, text, found := strings.Cut(d.Block, "### Running cost\n\n")
				if !found {
					continue
				}
				shown++
				text, _, _ = strings.Cut(text, "\n###")
				for _, want := range test.want {
					if !strings.Contains(text, want) {
						t.Errorf("%s: %s does not say %q:\n%s", test.name, d.Key, want, text)
					}
				}
				if test.not != "" && strings.Contains(strings.ReplaceAll(text, "more than estimated", ""), test.not) {
					t.Errorf("%s: %s says %q:\n%s", test.name, d.Key, test.not, text)
				}
			}
		}
		if shown < 4 {
			t.Errorf("%s: %d tickets show the cost", test.name, shown)
		}
	}
}
