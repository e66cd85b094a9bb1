package action

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
)

// Secret is a text that does not print itself; string(s) gives it away on purpose.
type Secret string

// String hides the secret and tells only whether there is one.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return strconv.Quote(s.String()) }

// MarshalText hides the secret from JSON and other encodings.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Mode says how far a run goes.
type Mode string

// The modes.
const (
	ModeAuto     Mode = "auto"     // what the event asks for
	ModeValidate Mode = "validate" // check the files
	ModePlan     Mode = "plan"     // check, and show what would be done
	ModeApply    Mode = "apply"    // check, and do it
)

// FailOn is the mildest finding that makes a run fail.
type FailOn string

// The thresholds.
const (
	FailOnError   FailOn = "error"
	FailOnWarning FailOn = "warning"
	FailOnNever   FailOn = "never" // findings never do; a run that could not be carried out still does
)

// Scope says how much of the tracker a run looks at.
type Scope string

// The scopes.
const (
	ScopeAuto Scope = "auto" // what may have changed; everything where the event asks for it
	ScopeAll  Scope = "all"  // everything
)

// Shard is one of Count parts that capabilities are split into by their id. The zero value is
// no part but the whole.
type Shard struct {
	Index int // from 1
	Count int
}

// maxShards is as many as jobs of a matrix make sense for one repository's budget.
const maxShards = 64

// ParseShard reads "2/8". An empty text is the whole.
func ParseShard(text string) (Shard, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Shard{}, nil
	}
	index, count, ok := strings.Cut(text, "/")
	i, err1 := strconv.Atoi(strings.TrimSpace(index))
	n, err2 := strconv.Atoi(strings.TrimSpace(count))
	switch {
	case !ok || err1 != nil || err2 != nil:
		return Shard{}, fmt.Errorf("%q is not a part of a whole", text)
	case n < 1 || n > maxShards || i < 1 || i > n:
		return Shard{}, fmt.Errorf("there is no part %d of %d", i, n)
	}
	return Shard{i, n}, nil
}

// UnmarshalText reads "2/8" from a command line.
func (s *Shard) UnmarshalText(text []byte) (err error) {
	*s, err = ParseShard(string(text))
	return err
}

// Whole tells whether the shard is all there is.
func (s Shard) Whole() bool { return s.Count <= 1 }

// Share is a shard's part of a budget that all shards have together: at least 1, and 0, which
// stands for no bound, of none.
func (s Shard) Share(budget int) int {
	if s.Whole() || budget == 0 {
		return budget
	}
	return max(1, budget/s.Count)
}

func (s Shard) String() string {
	if s == (Shard{}) {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Count)
}

// Inputs is what the workflow passes with "with:", after defaults.
type Inputs struct {
	Token           Secret
	Capabilities    []string // globs of spec files; none means the config file decides
	Config          string   // slash-separated path in the workspace
	Mode            Mode
	Comment         bool // keep one comment on the pull request
	FailOn          FailOn
	MaxWrites       int // 0 for no limit
	WritesPerMinute int // all shards together
	WritesPerHour   int // all shards together, and the runs of the hour before
	MaxMinutes      int
	Shard           Shard
	Scope           Scope
	AllowMassClose  bool // lets a run close tickets that the brake would hold
	AllowFork       bool // lets a forked repository apply
	ReportDir       string
}

// What is far above what github.com takes, for servers with limits of their own.
const (
	maxPace = 6000
	maxHour = 1_000_000
)

// maxMinutes is longer than a job may run.
const maxMinutes = 100_000

// Inputs reads the step's inputs. A finding names the input and what it must be; its file
// is empty, as no file is at fault. An input with a finding keeps its default.
func (a *Action) Inputs() (Inputs, diag.List) {
	r := inputReader{get: a.sdk.GetInput}
	in := Inputs{
		Token:           Secret(r.get("token")),
		Capabilities:    r.globs("capabilities"),
		Config:          r.path("config", ".github/ticketfoundry.yml"),
		Mode:            oneOf(&r, "mode", ModeAuto, ModeValidate, ModePlan, ModeApply),
		Comment:         r.flag("comment", true),
		FailOn:          oneOf(&r, "fail-on", FailOnError, FailOnWarning, FailOnNever),
		MaxWrites:       r.number("max-writes", 0, 0, 1_000_000),
		WritesPerMinute: r.number("writes-per-minute", 60, 1, maxPace),
		WritesPerHour:   r.number("writes-per-hour", 480, 1, maxHour),
		MaxMinutes:      r.number("max-minutes", 15, 1, maxMinutes),
		Shard:           r.shard("shard"),
		Scope:           oneOf(&r, "scope", ScopeAuto, ScopeAll),
		AllowMassClose:  r.flag("allow-mass-close", false),
		AllowFork:       r.flag("allow-fork", false),
		ReportDir:       r.path("report-dir", ""),
	}
	return in, r.findings
}

type inputReader struct {
	get      func(string) string
	findings diag.List
}

func (r *inputReader) wrong(name, message, hint string) {
	r.findings.Add(diag.Finding{
		Severity: diag.Error,
		Rule:     "input",
		Message:  fmt.Sprintf("input %s: %s", name, message),
		Hint:     hint,
	})
}

// oneOf gives the first of the allowed values when the input is empty or wrong.
func oneOf[T ~string](r *inputReader, name string, allowed ...T) T {
	given := r.get(name)
	v := T(strings.ToLower(given))
	switch {
	case given == "":
		return allowed[0]
	case slices.Contains(allowed, v):
		return v
	}
	words := make([]string, len(allowed))
	for i, w := range allowed {
		words[i] = string(w)
	}
	last := len(words) - 1
	r.wrong(name, fmt.Sprintf("%q is not known", given),
		"use "+strings.Join(words[:last], ", ")+" or "+words[last])
	return allowed[0]
}

func (r *inputReader) flag(name string, fallback bool) bool {
	switch given := r.get(name); strings.ToLower(given) {
	case "":
		return fallback
	case "true":
		return true
	case "false":
		return false
	default:
		r.wrong(name, fmt.Sprintf("%q is neither true nor false", given), "write true or false")
		return fallback
	}
}

func (r *inputReader) number(name string, fallback, least, most int) int {
	given := r.get(name)
	if given == "" {
		return fallback
	}
	hint := fmt.Sprintf("write a whole number from %d to %d", least, most)
	n, err := strconv.Atoi(given)
	switch {
	case err != nil:
		r.wrong(name, fmt.Sprintf("%q is not a whole number", given), hint)
	case n < least || n > most:
		r.wrong(name, fmt.Sprintf("%d is out of range", n), hint)
	default:
		return n
	}
	return fallback
}

func (r *inputReader) shard(name string) Shard {
	s, err := ParseShard(r.get(name))
	if err != nil {
		r.wrong(name, err.Error(), fmt.Sprintf("write which part of how many, from 1/1 to %d/%d", maxShards, maxShards))
	}
	return s
}

func (r *inputReader) path(name, fallback string) string {
	given := r.get(name)
	if given == "" {
		return fallback
	}
	if !inside(given) {
		r.wrong(name, fmt.Sprintf("%q is not a path inside the repository", given),
			"write it relative to the root of the repository, without ..")
		return fallback
	}
	return path.Clean(given)
}

// globs reads a list with one glob a line or with commas between them; a comma in braces
// belongs to the glob.
func (r *inputReader) globs(name string) []string {
	var out []string
	depth := 0
	for glob := range strings.FieldsFuncSeq(r.get(name), func(c rune) bool {
		switch c {
		case '{':
			depth++
		case '}':
			depth = max(0, depth-1)
		case '\n', '\r':
			depth = 0
			return true
		}
		return c == ',' && depth == 0
	}) {
		glob = strings.TrimSpace(glob)
		switch {
		case glob == "" || slices.Contains(out, glob):
		case !inside(glob):
			r.wrong(name, fmt.Sprintf("%q is not a path inside the repository", glob),
				"write globs relative to the root of the repository, without ..")
		default:
			out = append(out, glob)
		}
	}
	return out
}

func inside(p string) bool {
	return !strings.HasPrefix(p, "/") && !strings.ContainsAny(p, "\\\x00") &&
		!slices.Contains(strings.Split(p, "/"), "..")
}
