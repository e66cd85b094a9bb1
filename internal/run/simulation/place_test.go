package simulation_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/commits"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

const (
	apiURL     = "http://api.github.test"
	apiHost    = "api.github.test"
	repository = "octo-org/crm"
	configFile = ".github/ticketfoundry.yml"
)

// people who act beside the program. Only maintainers decide.
func people() []world.User {
	return []world.User{
		{Login: "ada", ID: 2001, Role: world.RoleWrite}, {Login: "mia", ID: 2002, Role: world.RoleMaintain},
		{Login: "max", ID: 2003, Role: world.RoleAdmin}, {Login: "tess", ID: 2004, Role: world.RoleTriage},
		{Login: "rob", ID: 2005, Role: world.RoleRead}, {Login: "tidy[bot]", ID: 2006, Role: world.RoleWrite, Type: "Bot"},
	}
}

// entitled are those who may decide.
var entitled = []string{"mia", "max"}

func begin() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

// bench is where one worker's runs find their checkouts: folders that are used again and again.
type bench struct {
	dir   string
	slots []*slot
}

// slot is one folder with what lies in it.
type slot struct {
	dir   string
	files map[string]string
	busy  bool
}

func newBench(t testing.TB) *bench { return &bench{dir: t.TempDir()} }

// take gives a folder with exactly these files.
func (b *bench) take(files map[string]string) (*slot, error) {
	i := slices.IndexFunc(b.slots, func(s *slot) bool { return !s.busy })
	if i < 0 {
		b.slots = append(b.slots, &slot{dir: filepath.Join(b.dir, fmt.Sprint(len(b.slots))), files: map[string]string{}})
		i = len(b.slots) - 1
	}
	s := b.slots[i]
	s.busy = true
	for path := range s.files {
		if _, stays := files[path]; !stays {
			if err := os.Remove(filepath.Join(s.dir, filepath.FromSlash(path))); err != nil {
				return nil, err
			}
			delete(s.files, path)
		}
	}
	for path, text := range files {
		if was, there := s.files[path]; there && was == text {
			continue
		}
		if err := s.write(path, text); err != nil {
			return nil, err
		}
		s.files[path] = text
	}
	return s, nil
}

func (s *slot) write(path, text string) error {
	full := filepath.Join(s.dir, filepath.FromSlash(path))
	if err := os.WriteFile(full, []byte(text), 0o644); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return err
	}
	return os.WriteFile(full, []byte(text), 0o644)
}

// sim is one seed: a repository, its history of commits, and who acts on it.
type sim struct {
	*scheduler
	bench   *bench
	srv     *fakegithub.Server
	commits []map[string]string // files by commit
	journal journal
	laws    *laws
	weather *weather
	runs    int // started so far
	running int
	stats   stats
}

// stats count what a seed went through.
type stats struct {
	Requests, Faults, Crashes, Acts, Runs, Late int
	Lost                                        int // texts that fell between a look and the write after it
}

func (s *stats) add(o stats) {
	s.Requests += o.Requests
	s.Faults += o.Faults
	s.Crashes += o.Crashes
	s.Acts += o.Acts
	s.Runs += o.Runs
	s.Late += o.Late
	s.Lost += o.Lost
}

func newSim(b *bench, seed uint64, files map[string]string) *sim {
	for _, s := range b.slots {
		s.busy = false
	}
	s := &sim{scheduler: newScheduler(seed, begin()), bench: b}
	s.srv = fakegithub.New(fakegithub.Options{
		Users: people(), Now: func() time.Time { return s.now }, HourlyLimit: 1_000_000,
		Tokens: []fakegithub.Token{{Value: fakegithub.DefaultToken, Login: fakegithub.BotLogin, App: true, Issues: "write", Contents: "read", Pulls: "write"}},
	})
	s.weather = newWeather(s)
	s.laws = newLaws(s)
	s.srv.Fault(s.weather.strike)
	s.commit(files)
	return s
}

func sha(n int) string { return commits.SHA(fmt.Sprintf("commit %d", n)) }

// commit puts files (empty text removes one) on the default branch.
func (s *sim) commit(change map[string]string) {
	files := map[string]string{}
	n := len(s.commits)
	c := commits.Commit{SHA: sha(n)}
	if n > 0 {
		files = maps.Clone(s.commits[n-1])
		c.Parents = []string{sha(n - 1)}
	}
	maps.Copy(files, change)
	maps.DeleteFunc(files, func(_, text string) bool { return text == "" })
	c.Files = files
	s.commits = append(s.commits, files)
	if err := s.srv.Seed(fakegithub.Seed{Commits: []commits.Commit{c}, Branches: map[string]string{"main": c.SHA}}); err != nil {
		s.fail("commit: %v", err)
	}
	s.journal.note(s.now, "commit %d: %q", n, slices.Sorted(maps.Keys(change)))
}

// journal is what happened, in order: byte for byte the same when a seed is replayed.
type journal struct {
	text bytes.Buffer
	from []int // where each entry begins
}

func (j *journal) note(at time.Time, format string, args ...any) {
	j.from = append(j.from, j.text.Len())
	fmt.Fprintf(&j.text, "%s "+format+"\n", append([]any{at.Format("15:04:05.000")}, args...)...)
}

// tail gives the last entries, each cut to a line.
func (j *journal) tail(n int) string {
	var out bytes.Buffer
	for i := max(0, len(j.from)-n); i < len(j.from); i++ {
		end := j.text.Len()
		if i+1 < len(j.from) {
			end = j.from[i+1]
		}
		entry := j.text.Bytes()[j.from[i]:end]
		if line, _, ok := bytes.Cut(entry, []byte("\n")); ok {
			entry = line
		}
		out.Write(entry[:min(len(entry), 400)])
		out.WriteByte('\n')
	}
	return out.String()
}

// payload is the event file of a run.
func payload(event string, of map[string]any) (string, error) {
	of["repository"] = map[string]any{"id": 71, "full_name": repository, "default_branch": "main"}
	text, err := json.Marshal(of)
	if err != nil {
		return "", fmt.Errorf("the payload of %s: %w", event, err)
	}
	return string(text), nil
}
