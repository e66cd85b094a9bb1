package run_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// released builds the program itself, as it is released, and gives its path.
func released(t testing.TB) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "ticketfoundry")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version=test", "-o", out, "../..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, text)
	}
	return out
}

// effort is what a process of the program took.
type effort struct {
	CPU, Wall time.Duration
	Peak      int64 // bytes of memory, at most
	Code      int
	Output    string
}

// process runs the program for an event in a process of its own, against the fake GitHub over
// HTTP. The program has the machine's clock, and the server's is set to it.
func (r *repo) process(bin, name string, payload map[string]any) effort {
	r.t.Helper()
	if behind := time.Since(r.clock.Now()); behind > 0 {
		r.clock.Advance(behind)
	}
	payload["repository"] = map[string]any{"id": r.repositoryID(), "full_name": "octo-org/crm", "default_branch": "main"}
	text, err := json.Marshal(payload)
	if err != nil {
		r.t.Fatal(err)
	}
	side := r.t.TempDir()
	event := filepath.Join(side, "event.json")
	r.write(event, string(text))
	cmd := exec.CommandContext(r.t.Context(), os.Args[0], "-test.run=^TestMeasuredProcess$", "-test.timeout=30m")
	cmd.Dir = r.dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + side, "TMPDIR=" + side, measured + "=" + bin, measuredInto + "=" + filepath.Join(side, "effort"),
		"GITHUB_ACTIONS=true", "GITHUB_EVENT_NAME=" + name, "GITHUB_EVENT_PATH=" + event,
		"GITHUB_OUTPUT=" + filepath.Join(side, "out"), "GITHUB_STEP_SUMMARY=" + filepath.Join(side, "summary"),
		"GITHUB_REPOSITORY=octo-org/crm", "GITHUB_SHA=" + r.sha, "GITHUB_REF=refs/heads/main", "GITHUB_WORKSPACE=" + r.dir,
		"GITHUB_API_URL=" + r.api, "GITHUB_GRAPHQL_URL=" + r.gql, "INPUT_TOKEN=" + fakegithub.DefaultToken,
	}
	for k, v := range r.inputs {
		cmd.Env = append(cmd.Env, "INPUT_"+strings.ToUpper(k)+"="+v)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("the process that measures: %v\n%s", err, out)
	}
	var e effort
	raw, err := os.ReadFile(filepath.Join(side, "effort"))
	if err == nil {
		err = json.Unmarshal(raw, &e)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return e
}

// The environment of the process that measures: what it starts, and where it writes what that took.
const (
	measured     = "SCALE_MEASURED"
	measuredInto = "SCALE_MEASURED_INTO"
)

// TestMeasuredProcess is no test but the process between this one and the program that is
// measured. A process that is started is billed for the memory of the one that starts it, and
// this one holds a whole GitHub.
func TestMeasuredProcess(t *testing.T) {
	bin := os.Getenv(measured)
	if bin == "" {
		return
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), bin)
	cmd.Stdout, cmd.Stderr = &out, &out
	at := time.Now()
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Fatal("this system does not tell what a process took")
	}
	e := effort{Wall: time.Since(at), CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), Peak: usage.Maxrss * 1024,
		Code: cmd.ProcessState.ExitCode(), Output: out.String()}
	raw, err := json.Marshal(e)
	if err == nil {
		err = os.WriteFile(os.Getenv(measuredInto), raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// String is the effort for people.
func (e effort) String() string {
	return fmt.Sprintf("%.1f s of CPU time, %.1f s in all, %d MB", e.CPU.Seconds(), e.Wall.Seconds(), e.Peak>>20)
}
