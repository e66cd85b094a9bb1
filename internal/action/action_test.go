package action

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/ticketfoundry/ticketfoundry/internal/action/payload"
)

// env is an environment that has only these variables.
func env(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func TestLogGroupsAndCommandsKeepTheirOrder(t *testing.T) {
	var b bytes.Buffer
	a := New(env(map[string]string{"GITHUB_ACTIONS": "true"}), &b)
	a.Mask("s3cret\nsecond line\n")
	end := a.Group("Plan for\n::error::CRM")
	_, _ = fmt.Fprint(a.Log(), "opens 2 tickets\nhalf a line")
	end()
	end()
	_, _ = fmt.Fprint(a.Log(), "::error::no")
	if err := a.Flush(); err != nil {
		t.Fatal(err)
	}
	want := "::add-mask::s3cret\n::add-mask::second line\n::group::Plan for ::error::CRM\n" +
		"opens 2 tickets\nhalf a line\n::endgroup::\n:\\:error::no\n"
	if got := b.String(); got != want {
		t.Errorf("log:\n%s\nwant:\n%s", got, want)
	}
}

func TestMaskIsSilentByHand(t *testing.T) {
	var b bytes.Buffer
	New(env(nil), &b).Mask("s3cret")
	if b.Len() != 0 {
		t.Errorf("printed %q", b.String())
	}
}

func TestConcurrentUse(t *testing.T) {
	var b bytes.Buffer
	a := New(env(nil), &b)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				_, _ = fmt.Fprintln(a.Log(), "one whole line")
				a.Group("g")()
			}
		})
	}
	wg.Wait()
	for line := range strings.Lines(b.String()) {
		if !slices.Contains([]string{"one whole line\n", "::group::g\n", "::endgroup::\n"}, line) {
			t.Fatalf("line cut into: %q", line)
		}
	}
}

func TestRun(t *testing.T) {
	a := New(env(map[string]string{
		"GITHUB_REPOSITORY": "acme/crm", "GITHUB_REPOSITORY_ID": "77", "GITHUB_RUN_ID": "9", "GITHUB_RUN_ATTEMPT": "2",
		"GITHUB_API_URL": "https://ghe.example/api/v3/", "GITHUB_GRAPHQL_URL": "https://ghe.example/api/graphql",
		"GITHUB_SERVER_URL": "https://ghe.example/",
	}), &bytes.Buffer{})
	run := a.Run()
	if run.APIURL != "https://ghe.example/api/v3" || run.GraphQLURL != "https://ghe.example/api/graphql" {
		t.Errorf("addresses %q, %q", run.APIURL, run.GraphQLURL)
	}
	if run.RepositoryID != 77 || run.Attempt != 2 {
		t.Errorf("id %d, attempt %d", run.RepositoryID, run.Attempt)
	}
	if got, want := run.URL(), "https://ghe.example/acme/crm/actions/runs/9"; got != want {
		t.Errorf("URL = %q, want %q", got, want)
	}
	byHand := New(env(nil), &bytes.Buffer{}).Run()
	if byHand.APIURL != "https://api.github.com" || byHand.URL() != "" {
		t.Errorf("by hand: %+v", byHand)
	}
}

func TestEvent(t *testing.T) {
	vars := map[string]string{
		"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": filepath.Join(t.TempDir(), "event.json"),
		"GITHUB_REPOSITORY": "acme/crm", "GITHUB_REPOSITORY_ID": "77", "GITHUB_REF": "refs/heads/main",
	}
	a := New(env(vars), &bytes.Buffer{})
	if _, err := a.Event(); err == nil {
		t.Error("a payload that is not there gave no error")
	}
	for _, tc := range []struct {
		text string
		want payload.Event
	}{
		{
			`{"repository": {"default_branch": "main"}}`,
			payload.Event{Name: "push", Ref: "refs/heads/main", Repository: payload.Repository{ID: 77, FullName: "acme/crm", DefaultBranch: "main"}},
		},
		{
			`{"ref": "refs/tags/v1", "repository": {"id": 5, "full_name": "acme/new-name"}}`,
			payload.Event{Name: "push", Ref: "refs/tags/v1", Repository: payload.Repository{ID: 5, FullName: "acme/new-name"}},
		},
	} {
		if err := os.WriteFile(vars["GITHUB_EVENT_PATH"], []byte(tc.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := a.Event(); err != nil || !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: got %+v, %v", tc.text, got, err)
		}
	}
	if got, err := New(env(nil), &bytes.Buffer{}).Event(); err != nil || !reflect.DeepEqual(got, payload.Event{}) {
		t.Errorf("by hand: %+v, %v", got, err)
	}
}

func TestSecretDoesNotPrint(t *testing.T) {
	in := Inputs{Token: "ghs_s3cret"}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{fmt.Sprint(in), fmt.Sprintf("%+v %#v %q", in, in, in.Token), string(b)} {
		if strings.Contains(got, "s3cret") {
			t.Errorf("the token is shown in %s", got)
		}
	}
}

// metadata is the part of action.yml that the code must agree with.
type metadata struct {
	Inputs map[string]struct {
		Description string `yaml:"description"`
		Default     string `yaml:"default"`
	} `yaml:"inputs"`
	Outputs map[string]struct {
		Description string `yaml:"description"`
	} `yaml:"outputs"`
}

func TestMetadataAgreesWithTheCode(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var meta metadata
	if err := yaml.Unmarshal(b, &meta); err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	vars := map[string]string{}
	for name, input := range meta.Inputs {
		if input.Description == "" {
			t.Errorf("input %s has no description", name)
		}
		if name != "token" {
			vars["INPUT_"+strings.ToUpper(name)] = input.Default
		}
	}
	a := New(func(name string) string { asked[name] = true; return vars[name] }, &bytes.Buffer{})
	declared, findings := a.Inputs()
	if len(findings) > 0 {
		t.Errorf("action.yml has defaults the code refuses: %v", findings)
	}
	bare, _ := New(env(nil), &bytes.Buffer{}).Inputs()
	if fmt.Sprintf("%#v", declared) != fmt.Sprintf("%#v", bare) {
		t.Errorf("defaults differ:\naction.yml %+v\ncode       %+v", declared, bare)
	}
	for name := range meta.Inputs {
		if !asked["INPUT_"+strings.ToUpper(name)] {
			t.Errorf("input %s is in action.yml, and the code never reads it", name)
		}
	}
	if len(asked) != len(meta.Inputs) {
		t.Errorf("the code reads %d inputs, action.yml has %d", len(asked), len(meta.Inputs))
	}
	for _, o := range (Outputs{}).list() {
		if meta.Outputs[o.name].Description == "" {
			t.Errorf("output %s is not described in action.yml", o.name)
		}
		delete(meta.Outputs, o.name)
	}
	for name := range meta.Outputs {
		t.Errorf("output %s is in action.yml, and the code never sets it", name)
	}
}
