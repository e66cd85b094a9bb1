package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestServesSeedAndWritesJournal(t *testing.T) {
	dir := t.TempDir()
	seed, log := filepath.Join(dir, "seed.json"), filepath.Join(dir, "log.jsonl")
	text := `{"repo":{"owner":"acme","name":"shop","private":true},
		"tokens":[{"value":"tok","login":"github-actions[bot]","app":true,"issues":"write","contents":"read","pull_requests":"write"}],
		"labels":[{"name":"bug","color":"d73a4a","description":"broken"}],
		"commits":[{"sha":"c1","files":{"a.txt":"1\n"}},{"sha":"c2","parents":["c1"],"files":{"a.txt":"2\n"}}],
		"branches":{"main":"c2"},
		"issues":[{"title":"First","labels":["bug"]},{"title":"Change","pull_request":{"head_ref":"x","head_sha":"c2","base_ref":"main","base_sha":"c1"}}]}`
	if err := os.WriteFile(seed, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	pr, pw := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"--addr", "127.0.0.1:0", "--seed", seed, "--journal", log}, pw) }()
	line := make([]byte, 100)
	n, err := pr.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	base := strings.TrimSpace(string(line[:n]))
	get := func(path string) []byte {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "token tok")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	if got := string(get("/repos/acme/shop/pulls/2/files")); !strings.Contains(got, `"filename":"a.txt"`) {
		t.Errorf("files of the pull request: %s", got)
	}
	var state struct{ Dump string }
	if err := json.Unmarshal(get("/__state"), &state); err != nil || !strings.Contains(state.Dump, "issue #1 open by octocat: First") {
		t.Errorf("state %q: %v", state.Dump, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(log)
	if err != nil || !strings.Contains(string(raw), `"path":"/repos/acme/shop/pulls/2/files"`) || strings.Count(string(raw), "\n") != 1 {
		t.Errorf("journal %q: %v", raw, err)
	}
}

func TestRefusesASeedWithUnknownKeys(t *testing.T) {
	seed := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(seed, []byte(`{"isues":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"--seed", seed}, io.Discard); err == nil || !strings.Contains(err.Error(), "isues") {
		t.Errorf("got %v", err)
	}
}
