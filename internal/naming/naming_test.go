package naming_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/naming"
)

func known(id string) bool {
	return slices.Contains([]string{"CRM-1", "CRM-101", "CRM-10", "PAY2-7"}, id)
}

func TestCapabilities(t *testing.T) {
	for text, want := range map[string]string{
		"CRM-101":                          "CRM-101",
		"it broke (CRM-101).":              "CRM-101",
		"`CRM-101` and PAY2-7, CRM-101":    "CRM-101 PAY2-7",
		"CRM-101-fix":                      "CRM-101",
		"https://example.org/CRM-10?x":     "CRM-10",
		"CRM-1010":                         "",
		"XCRM-101":                         "",
		"X-CRM-101":                        "",
		"_CRM-101_":                        "",
		"crm-101":                          "",
		"CRM-1a":                           "",
		"CRM-999":                          "",
		"ÄCRM-101":                         "",
		"CRM-101ß":                         "",
		"CRM-01 CRM-1":                     "CRM-1",
		"CRM101":                           "",
		"":                                 "",
		"CRM-10 CRM-1 CRM-101 CRM-10 CRM-": "CRM-10 CRM-1 CRM-101",
	} {
		if got := strings.Join(naming.Capabilities(text, known), " "); got != want {
			t.Errorf("%q names %q, want %q", text, got, want)
		}
	}
}

func TestBranch(t *testing.T) {
	for name, want := range map[string]string{
		"feature/crm-101-scoring":  "CRM-101",
		"CRM-101":                  "CRM-101",
		"mona/fix-CRM-101_crm-10":  "CRM-101 CRM-10",
		"crm-101.2":                "CRM-101",
		"crm-1010":                 "",
		"release-2":                "",
		"dependabot/npm/pay2-7-10": "PAY2-7",
		"main":                     "",
	} {
		if got := strings.Join(naming.Branch(name, known), " "); got != want {
			t.Errorf("%q names %q, want %q", name, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	for text, want := range map[string]bool{
		"The Auth-Service is down":         true,
		"auth-service":                     true,
		"auth-service-":                    true,
		"(auth-service)":                   true,
		"auth-services":                    false,
		"auth-service-two":                 false,
		"my-auth-service":                  false,
		"oauth-service":                    false,
		"oauth-service, no: auth-service!": true,
		"":                                 false,
	} {
		if got := naming.Names(text, "auth-service"); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
	if naming.Names("anything", " ") {
		t.Error("a blank name is named by nothing")
	}
	if !naming.Names("Über-Dienst: Größe", "größe") {
		t.Error("letters beyond ASCII are letters too")
	}
}

func TestProse(t *testing.T) {
	const own = "Intro CRM-1\n\n- item CRM-2\n  more CRM-3\n\n### Capability\n\n`CRM-4`\n\n| a | CRM-5 |\n"
	const others = "```\nCRM-6\n```\n\n> CRM-7\n> - CRM-8\n\n    CRM-9 indented\n\n- x\n\n  ~~~\n  CRM-10\n  ~~~\n\n<!-- e.g. CRM-11\nCRM-12 -->\n\n<!-- open CRM-13"
	got := naming.Prose(own + "\n" + others)
	for _, id := range []string{"CRM-1", "CRM-2", "CRM-3", "CRM-4", "CRM-5"} {
		if !naming.Names(got, id) {
			t.Errorf("%s is missing from %q", id, got)
		}
	}
	for _, id := range []string{"CRM-6", "CRM-7", "CRM-8", "CRM-9", "CRM-10", "CRM-11", "CRM-12", "CRM-13"} {
		if naming.Names(got, id) {
			t.Errorf("%s stands in %q", id, got)
		}
	}
	if got := naming.Prose("a\r\n\r\n> quoted\r\n\r\nb"); strings.Contains(got, "quoted") || !strings.Contains(got, "b") {
		t.Errorf("line ends of Windows: %q", got)
	}
}

// Bodies are written by anybody: reading one must not take long.
func TestProseOfHostileText(t *testing.T) {
	for _, s := range []string{
		strings.Repeat(">", 200_000), strings.Repeat("- ", 100_000), strings.Repeat("> - ", 50_000), strings.Repeat("<!--", 60_000),
		strings.Repeat("`", 200_000), strings.Repeat("* a\n", 60_000), strings.Repeat("\xff", 200_000), strings.Repeat("    ", 60_000),
		strings.Repeat(strings.Repeat(">", 500)+"\n", 500),
	} {
		start := time.Now()
		naming.Prose(s)
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("%.10q took %s", s, took)
		}
	}
}

func FuzzNaming(f *testing.F) {
	f.Add("> CRM-1\n```\nCRM-10", "auth-service")
	f.Fuzz(func(t *testing.T, text, name string) {
		for _, id := range naming.Capabilities(naming.Prose(text), known) {
			if !known(id) || !strings.Contains(text, id) {
				t.Errorf("%q is not in %q", id, text)
			}
		}
		naming.Branch(text, known)
		naming.Names(text, name)
	})
}
