package commits

import (
	"fmt"
	"testing"
)

func TestBlobHashIsGits(t *testing.T) {
	// echo hello | git hash-object --stdin
	if got := BlobSHA("hello\n"); got != "ce013625030ba8dba906f756967f9e9ca394464a" {
		t.Error(got)
	}
}

func TestCompare(t *testing.T) {
	s := New()
	s.Add(Commit{SHA: "base", Files: map[string]string{"a": "1", "b": "1", "d/e": "1"}})
	s.Add(Commit{SHA: "main", Parents: []string{"base"}, Files: map[string]string{"a": "1", "b": "2", "d/e": "1"}})
	s.Add(Commit{SHA: "topic1", Parents: []string{"base"}, Files: map[string]string{"a": "2", "b": "1", "d/e": "1"}})
	s.Add(Commit{SHA: "topic", Parents: []string{"topic1"}, Files: map[string]string{"a": "2", "b": "1", "c": "1"}})
	s.Add(Commit{SHA: "orphan", Files: map[string]string{}})
	c, ok := s.Compare("main", SHA("topic")[:10])
	if !ok || c.MergeBase.SHA != SHA("base") || len(c.Ahead) != 2 || c.Ahead[0].SHA != SHA("topic1") || c.Behind != 1 {
		t.Fatalf("got %+v", c)
	}
	got := ""
	for _, f := range c.Changes {
		got += fmt.Sprintf("%s %s,", f.Status, f.Path)
	}
	// What main did since they parted is not in it.
	if got != "modified a,added c,removed d/e," {
		t.Error(got)
	}
	for _, pair := range [][2]string{{"main", "orphan"}, {"main", "unknown"}} {
		if _, ok := s.Compare(pair[0], pair[1]); ok {
			t.Errorf("%v can be compared", pair)
		}
	}
}

func TestTreesAreFoundByHash(t *testing.T) {
	s := New()
	c := s.Add(Commit{SHA: "x", Files: map[string]string{"a/b/c": "1"}})
	if got, ok := s.Tree(c.TreeSHA("")); !ok || got.SHA != c.SHA {
		t.Error("not found")
	}
	if got := fmt.Sprint(c.Folders()); got != "[a a/b]" {
		t.Error(got)
	}
}
