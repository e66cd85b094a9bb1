package run_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestInvalidFileHoldsBackOnlyItself(t *testing.T) {
	r := settled(t, specs(3, 1))
	held := r.srv.Issue(r.key("CRM-1").Number)
	r.commit(map[string]string{
		path("CRM-1"): "id: CRM-1\ntitle: Too little\n",
		path("CRM-2"): spec("CRM-2", 2, ""),
		path("CRM-4"): spec("CRM-4", 0, ""),
	})
	res := r.must(r.push(), 1)
	if got := r.srv.Issue(held.Number); got.Title != held.Title || got.Body != held.Body || got.State != "open" {
		t.Errorf("the held capability changed: %+v", got)
	}
	r.key("CRM-1/triage/extra-1")
	r.key("CRM-2/triage/extra-2")
	r.key("CRM-4")
	if res.outputs["valid"] != "false" || res.outputs["created"] != "3" || res.outputs["closed"] != "0" {
		t.Errorf("outputs %v", res.outputs)
	}
	says(t, "the log", res.stdout, "CRM-1")
}

func TestDuplicateIDHoldsBackBoth(t *testing.T) {
	r := settled(t, specs(2, 1))
	before := r.dump()
	r.commit(map[string]string{"capabilities/copy.yml": spec("CRM-1", 3, "")})
	res := r.must(r.push(), 1)
	if got := r.dump(); got != before {
		t.Error(firstDifference(got, before))
	}
	if got := strings.Join(marks(res.stdout, "error"), "\n"); !strings.Contains(got, "capabilities/copy.yml") || !strings.Contains(got, path("CRM-1")) {
		t.Errorf("annotations %s", got)
	}
}

func TestUnreadableFilesCloseNothing(t *testing.T) {
	for name, text := range map[string]string{
		"too large": "id: CRM-9\n#" + strings.Repeat("x", 300*1024), "no YAML": "id: [CRM-9\n\t", "no id": "title: Something\n",
	} {
		r := settled(t, specs(3, 1))
		before := r.dump()
		r.commit(map[string]string{path("CRM-1"): "", "capabilities/odd.yml": text})
		res := r.must(r.push(), 1)
		if got := r.dump(); got != before || res.outputs["closed"] != "0" {
			t.Errorf("%s: %v\n%s", name, res.outputs, firstDifference(got, before))
		}
	}
}

func TestSymlinkClosesNothing(t *testing.T) {
	r := settled(t, specs(3, 1))
	before := r.dump()
	r.commit(map[string]string{path("CRM-1"): ""})
	r.link("/etc/passwd", path("CRM-8"))
	res := r.must(r.push(), 1)
	if got := r.dump(); got != before || strings.Contains(res.stdout+res.summary, "root:") {
		t.Error(firstDifference(got, before))
	}
}

func TestBrokenConfigAppliesNothing(t *testing.T) {
	r := newRepo(t, options(), specs(1, 0))
	r.commit(map[string]string{configFile: "version: 1\nlables: {}\n"})
	res := r.must(r.push(), 1)
	r.unwritten()
	says(t, "the summary", res.summary, "The config file has errors")
	if got := marks(res.stdout, "error"); len(got) != 1 || !strings.HasPrefix(got[0], configFile+":2:1 ") {
		t.Errorf("annotations %q", got)
	}
}

func TestBrakes(t *testing.T) {
	gone := func(ids ...int) map[string]string {
		out := map[string]string{}
		for _, id := range ids {
			out[path(fmt.Sprintf("CRM-%d", id))] = ""
		}
		return out
	}
	cancelled := map[string]string{}
	for i := range 6 {
		id := fmt.Sprintf("CRM-%d", i+1)
		cancelled[path(id)] = spec(id, 0, "status: cancelled\n")
	}
	for name, c := range map[string]struct {
		of     int
		change map[string]string
		braked bool
	}{
		"one of two":           {2, gone(1), false},
		"two of ten":           {10, gone(1, 2), false},
		"two of nine":          {9, gone(1, 2), true},
		"six of forty":         {40, gone(1, 2, 3, 4, 5, 6), true},
		"five of forty":        {40, gone(1, 2, 3, 4, 5), false},
		"all of them":          {1, gone(1), true},
		"six cancelled of ten": {10, cancelled, false},
	} {
		r := settled(t, specs(c.of, 0))
		r.commit(c.change)
		want := 0
		if c.braked {
			want = 2
		}
		res := r.must(r.push(), want)
		if !c.braked {
			if len(r.srv.Writes()) == 0 {
				t.Errorf("%s: nothing was written", name)
			}
			continue
		}
		r.unwritten()
		says(t, name, res.summary, "allow-mass-close", "stopped before the first write")
		r.inputs["ALLOW-MASS-CLOSE"] = "true"
		res = r.must(r.push(), 0)
		if res.outputs["closed"] != fmt.Sprint(2*len(c.change)) {
			t.Errorf("%s: outputs %v", name, res.outputs)
		}
		r.inputs = map[string]string{}
		r.steady()
	}
}

func TestManyLostTicketsBrake(t *testing.T) {
	r := settled(t, specs(1, 26))
	for _, i := range r.live() {
		if strings.Contains(i.Title, "Extra") {
			r.srv.As("octocat").DeleteIssue(i.Number)
		}
	}
	res := r.must(r.push(), 2)
	r.unwritten()
	says(t, "the summary", res.summary, "26 tickets", "not found any more")
	r.inputs["ALLOW-MASS-CLOSE"] = "true"
	if res = r.must(r.push(), 0); res.outputs["created"] != "26" {
		t.Errorf("outputs %v", res.outputs)
	}
	delete(r.inputs, "ALLOW-MASS-CLOSE")
	r.steady()
}

// A known file that comes with another id is a mistake, not a removal and a new capability.
func TestAnIDIsForLife(t *testing.T) {
	r := settled(t, specs(4, 0))
	before := r.dump()
	change := map[string]string{path("CRM-2"): strings.Replace(spec("CRM-2", 0, ""), "id: CRM-2", "id: CRM-9", 1)}
	p := r.open(change)
	res := r.must(p.run(), 1)
	if got := marks(res.stdout, "error"); len(got) != 1 || !strings.HasPrefix(got[0], path("CRM-2")+":1:5 ") || !strings.Contains(got[0], "CRM-2") || !strings.Contains(got[0], "CRM-9") {
		t.Errorf("annotations %q", got)
	}
	r.commit(change)
	r.srv.ResetJournal()
	r.must(r.push(), 1)
	r.unwritten()
	if got := r.dump(); !strings.HasPrefix(got, before) {
		t.Error(firstDifference(got, before))
	}
}
