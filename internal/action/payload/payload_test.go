package payload

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func open(t *testing.T, name string) Event {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	event, _, _ := strings.Cut(name, "-")
	ev, err := Decode(event, f)
	if err != nil {
		t.Fatal(err)
	}
	return ev
}

func TestEvents(t *testing.T) {
	for _, tc := range []struct {
		file      string
		got       func(Event) []any
		want      []any
		fork, def bool
	}{
		{
			file: "push", def: true,
			got:  func(e Event) []any { return []any{e.Ref, e.Before, e.After, e.Repository.ID, e.Sender.Login} },
			want: []any{"refs/heads/main", "1111111111111111111111111111111111111111", "2222222222222222222222222222222222222222", int64(77), "ada"},
		},
		{
			file: "push-deleted",
			got:  func(e Event) []any { return []any{e.Deleted} },
			want: []any{true},
		},
		{
			file: "pull_request",
			got: func(e Event) []any {
				p := e.PullRequest
				return []any{e.Action, p.Number, p.Title, p.Head.SHA, p.Head.Ref, p.Base.Ref, p.Labels[0].Name, p.User.ID}
			},
			want: []any{"synchronize", 7, "CRM-101: scoring", "3333333333333333333333333333333333333333", "CRM-101-scoring", "main", "docs", int64(12)},
		},
		{
			file: "pull_request-fork", fork: true,
			got:  func(e Event) []any { return []any{e.PullRequest.Head.Repo.FullName, e.PullRequest.Head.Repo.Fork} },
			want: []any{"mallory/crm", true},
		},
		{
			file: "pull_request-gone", fork: true,
			got:  func(e Event) []any { return []any{e.PullRequest.Head.Repo.FullName} },
			want: []any{""},
		},
		{
			file: "merge_group",
			got:  func(e Event) []any { return []any{e.Action, e.MergeGroup.HeadSHA[:2], e.MergeGroup.BaseRef} },
			want: []any{"checks_requested", "44", "refs/heads/main"},
		},
		{
			file: "issues-labeled",
			got: func(e Event) []any {
				i := e.Issue
				return []any{e.Label.Name, i.Number, i.NodeID, i.Body, i.Labels[1].Name, bool(i.IsPullRequest), e.Sender.Type}
			},
			want: []any{"approved", 31, "I_kw31", "", "approved", false, "User"},
		},
		{
			file: "issues-edited",
			got:  func(e Event) []any { return []any{e.Changes.Body, e.Changes.Title.Changed} },
			want: []any{From{Was: "", Changed: true}, false},
		},
		{
			file: "issue_comment",
			got:  func(e Event) []any { return []any{e.Comment.ID, e.Comment.Body, bool(e.Issue.IsPullRequest)} },
			want: []any{int64(900), "/approve", true},
		},
		{
			file: "label",
			got:  func(e Event) []any { return []any{e.Label.Name, e.Changes.Name} },
			want: []any{"stage:built", From{Was: "stage:build", Changed: true}},
		},
		{
			file: "release",
			got:  func(e Event) []any { return []any{e.Release.TagName, e.Release.Draft} },
			want: []any{"CRM-v2.4", false},
		},
		{
			file: "schedule",
			got:  func(e Event) []any { return []any{e.Repository.FullName, e.Repository.ID} },
			want: []any{"", int64(0)},
		},
	} {
		t.Run(tc.file, func(t *testing.T) {
			ev := open(t, tc.file)
			if got := tc.got(ev); !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
			if ev.FromFork() != tc.fork || ev.ToDefaultBranch() != tc.def {
				t.Errorf("FromFork %v, ToDefaultBranch %v", ev.FromFork(), ev.ToDefaultBranch())
			}
		})
	}
}

func TestPayloadsThatAreRefused(t *testing.T) {
	for _, tc := range []struct{ payload, want string }{
		{``, "unexpected end of JSON input"},
		{`{"ref": "a"`, "unexpected end of JSON input"},
		{`[]`, " is a array"},
		{`{"pull_request": {"number": "7"}}`, "pull_request.number is a string"},
		{`{"issue": {"labels": {}}}`, "issue.labels is a object"},
		{`{"deleted": "no"}`, "deleted is a string"},
		{`{"changes": {"title": {"from": 3}}}`, "from"},
	} {
		ev, err := Decode("issues", strings.NewReader(tc.payload))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v, want %q", tc.payload, err, tc.want)
		}
		if !reflect.DeepEqual(ev, Event{Name: "issues"}) {
			t.Errorf("%s: a refused payload left %+v", tc.payload, ev)
		}
	}
	huge := io.MultiReader(strings.NewReader(`{"x":"`), io.LimitReader(endless{}, maxPayload))
	if _, err := Decode("push", huge); err == nil || err.Error() != "larger than 32 MiB" {
		t.Errorf("huge payload: %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no payloads: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		name, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".json"), "-")
		f.Add(name, b)
	}
	f.Fuzz(func(t *testing.T, name string, payload []byte) {
		ev, err := Decode(name, bytes.NewReader(payload))
		if ev.Name != name {
			t.Errorf("the payload changed the event's name to %q", ev.Name)
		}
		if err != nil && !reflect.DeepEqual(ev, Event{Name: name}) {
			t.Errorf("a refused payload left %+v", ev)
		}
		// Unless both ends are known to be the same repository, it is a fork's.
		head, base := ev.PullRequest.Head.Repo, ev.Repository
		same := head.ID != 0 && head.ID == base.ID || strings.EqualFold(head.FullName, base.FullName)
		if ev.PullRequest.Number != 0 && !ev.FromFork() && !same {
			t.Errorf("taken for our own: head %+v, base %+v", head, base)
		}
		if branch, ok := strings.CutPrefix(ev.Ref, "refs/heads/"); ev.ToDefaultBranch() && (name != "push" || !ok || branch == "" || branch != base.DefaultBranch) {
			t.Errorf("%s of %q is taken for a push to %q", name, ev.Ref, base.DefaultBranch)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("the error takes several lines: %q", err)
		}
	})
}
