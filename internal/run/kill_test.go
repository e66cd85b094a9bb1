package run_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// built is the program as users get it.
func built(t *testing.T) string {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "ticketfoundry")
	build := exec.Command("go", "build", "-o", exe, "github.com/ticketfoundry/ticketfoundry")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return exe
}

// victim is a repository over which the real program runs, in real time.
type victim struct {
	*repo
	exe string
	env []string
}

// killable are specs whose first push makes a few dozen requests.
func killable() map[string]string {
	return map[string]string{
		configFile:    "version: 1\npipeline: {allow_start_stage: true}\n",
		path("CRM-1"): wide("CRM-1", "Lead scoring", "start_stage: compliance\nrelease: {version: \"2.4\", target_date: 2026-05-01}\n"),
		path("CRM-2"): spec("CRM-2", 5, "depends_on: [CRM-1]\n"),
		path("CRM-3"): spec("CRM-3", 5, ""),
	}
}

func newVictim(t testing.TB, exe string) victim {
	t.Helper()
	o := options()
	o.Users, o.Now, o.Sleep = staff(), time.Now, inRealTime
	v := victim{newRepo(t, o, killable()), exe, nil}
	side := t.TempDir()
	event := filepath.Join(side, "event.json")
	text, err := json.Marshal(map[string]any{"ref": "refs/heads/main", "after": v.sha,
		"repository": map[string]any{"id": v.repositoryID(), "full_name": "octo-org/crm", "default_branch": "main"}})
	if err != nil {
		t.Fatal(err)
	}
	v.write(event, string(text))
	v.env = append(os.Environ(), "GITHUB_ACTIONS=true", "GITHUB_EVENT_NAME=push", "GITHUB_EVENT_PATH="+event, "GITHUB_OUTPUT="+filepath.Join(side, "out"),
		"GITHUB_STEP_SUMMARY="+filepath.Join(side, "summary"), "GITHUB_REPOSITORY=octo-org/crm", "GITHUB_SHA="+v.sha, "GITHUB_REF=refs/heads/main",
		"GITHUB_WORKSPACE="+v.dir, "GITHUB_API_URL="+v.api, "GITHUB_GRAPHQL_URL="+v.gql, "INPUT_TOKEN="+fakegithub.DefaultToken,
		"INPUT_WRITES-PER-MINUTE=6000", "INPUT_WRITES-PER-HOUR=100000")
	return v
}

// inRealTime makes the server wait as long as it says.
func inRealTime(ctx context.Context, d time.Duration) {
	ctx, stop := context.WithTimeout(ctx, d)
	defer stop()
	<-ctx.Done()
}

// start starts a run.
func (v victim) start() (*exec.Cmd, *bytes.Buffer) {
	v.t.Helper()
	var out bytes.Buffer
	cmd := exec.Command(v.exe)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = v.dir, v.env, &out, &out
	if err := cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	return cmd, &out
}

// whole runs to the end.
func (v victim) whole() {
	v.t.Helper()
	cmd, out := v.start()
	if err := cmd.Wait(); err != nil {
		v.t.Fatalf("%v\n%s", err, out)
	}
}

// struck starts a run and kills it a moment after its n-th request has come in.
func (v victim) struck(n int, moment time.Duration) error {
	v.t.Helper()
	came := make(chan struct{})
	seen := 0
	v.srv.Fault(func(fakegithub.Request) *fakegithub.Fault {
		if seen++; seen == n {
			close(came)
		}
		return nil
	})
	cmd, _ := v.start()
	ended := make(chan struct{})
	go func() {
		select {
		case <-came:
			time.AfterFunc(moment, func() { _ = cmd.Process.Kill() }) // it may have ended by itself
		case <-ended:
		}
	}()
	err := cmd.Wait()
	close(ended)
	v.srv.Fault(nil)
	return err
}

// stopped starts a run that gets a signal while it waits for the answer to its n-th request.
func (v victim) stopped(n int, with os.Signal) (out string, err error) {
	v.t.Helper()
	seen := 0
	running := make(chan *os.Process, 1)
	v.srv.Fault(func(fakegithub.Request) *fakegithub.Fault {
		if seen++; seen != n {
			return nil
		}
		if err := (<-running).Signal(with); err != nil {
			v.t.Error(err)
		}
		return fakegithub.Delay(100 * time.Millisecond)
	})
	cmd, text := v.start()
	running <- cmd.Process
	err = cmd.Wait()
	v.srv.Fault(nil)
	return text.String(), err
}

// settles runs once more, and fails unless that ends where it should with nothing left to do.
func (v victim) settles(want, how string) {
	v.t.Helper()
	v.whole()
	if got := v.canonical(); got != want {
		v.t.Fatalf("%s: ends elsewhere\n%s", how, firstDifference(got, want))
	}
	if found := v.twice(); found != "" {
		v.t.Fatalf("%s: %s", how, found)
	}
}

// strikes are the kills of a test, some at a time: the program mostly waits for its pace.
func strikes(t *testing.T, full int, one func(t *testing.T, v victim, requests int, want string, rnd *rand.Rand, seed int)) {
	t.Parallel()
	times := full
	if testing.Short() || !thorough {
		times = 12
	}
	exe := built(t)
	uncut := newVictim(t, exe)
	requests := uncut.counting(uncut.whole)
	want := uncut.canonical()
	const lanes = 4
	for lane := range lanes {
		t.Run(fmt.Sprint(lane), func(t *testing.T) {
			t.Parallel()
			for seed := lane; seed < times; seed += lanes {
				one(t, newVictim(t, exe), requests, want, rand.New(rand.NewPCG(5, uint64(seed))), seed)
			}
		})
	}
}

// The binary is killed at any moment, for real; one run later all is as if nobody had.
func TestKilledProcess(t *testing.T) {
	var mu sync.Mutex
	killed := 0
	t.Cleanup(func() {
		if t.Logf("%d runs were killed in time", killed); killed == 0 && !t.Failed() {
			t.Error("no run was killed in time")
		}
	})
	strikes(t, 200, func(t *testing.T, v victim, requests int, want string, rnd *rand.Rand, seed int) {
		n, moment := 1+seed*requests/200%requests, time.Duration(rnd.IntN(20))*time.Millisecond
		if testing.Short() || !thorough {
			n = 1 + rnd.IntN(requests)
		}
		if v.struck(n, moment) != nil {
			mu.Lock()
			killed++
			mu.Unlock()
		}
		v.settles(want, fmt.Sprintf("seed %d, killed %s after request %d of %d", seed, moment, n, requests))
	})
}

// A run that is told to stop ends at once, with a code that says so, begins no write after the
// signal, and tells what is done and what is not; the next run goes on.
func TestStoppedProcess(t *testing.T) {
	strikes(t, 100, func(t *testing.T, v victim, requests int, want string, rnd *rand.Rand, seed int) {
		n, signal := 1+rnd.IntN(requests-4), []os.Signal{syscall.SIGTERM, syscall.SIGINT}[seed%2]
		how := fmt.Sprintf("seed %d, %s at request %d of %d", seed, signal, n, requests)
		began := time.Now()
		out, err := v.stopped(n, signal)
		if _, refused := errors.AsType[*exec.ExitError](err); !refused {
			t.Fatalf("%s: ended with %v\n%s", how, err, out)
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s: took %s", how, took)
		}
		for _, q := range v.srv.Requests() {
			if q.Write && q.Seq > n {
				t.Errorf("%s: a write began after it: %s", how, q)
			}
		}
		if !strings.Contains(out, "stopped") && !strings.Contains(out, signal.String()+" signal received") {
			t.Errorf("%s: the log does not say that the run was stopped\n%s", how, out)
		}
		v.settles(want, how)
	})
}
