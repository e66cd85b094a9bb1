package run

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/action"
	"github.com/ticketfoundry/ticketfoundry/internal/apply"
	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/report"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local"
)

// begin opens the folder and reads what lies in it. Single files are read besides those that
// the globs find, wherever they lie.
func (c common) begin(env Env) (*job, place, func(), error) {
	p, err := c.find(env)
	if err != nil {
		return nil, p, nil, err
	}
	j := &job{env: env, began: env.Now()}
	closing, err := j.open(p.dir)
	if err != nil {
		return nil, p, nil, err
	}
	env.progress("reading capability files")
	err = j.load(c.Config, nil, p.files...)
	env.progressEnd()
	if err != nil {
		closing()
		return nil, p, nil, err
	}
	return j, p, closing, nil
}

// scope is the capabilities that a command is about.
func (p place) scope(j *job) scope {
	s := scope{brakes: true}
	if len(p.files) == 0 {
		return s
	}
	s.partial = true
	for _, f := range j.set.Files {
		if slices.Contains(p.files, f.Path) {
			s.only = append(s.only, f.Capability.ID)
		}
	}
	return s
}

// mine keeps the findings that the paths given are about.
func (p place) mine(l diag.List) diag.List {
	if len(p.files) == 0 {
		return l.Sorted()
	}
	return slices.DeleteFunc(l.Sorted(), func(f diag.Finding) bool { return !slices.Contains(p.files, f.File) })
}

func (c common) print(env Env, w io.Writer, l diag.List) error {
	if c.Format == "github" {
		a := action.New(env.Getenv, w)
		a.Annotate(l)
		return a.Flush()
	}
	return report.Findings(w, c.Format, l)
}

// halt ends a run that cannot go on for the settings: all findings are printed, whatever files it
// is about.
func (c common) halt(env Env, j *job, p place, code *int) error {
	*code = ExitFindings
	printf(env.Stderr, "the settings have errors: nothing was planned or written\n")
	return c.print(env, env.Stdout, append(p.mine(j.findings), j.settingFindings(p, c.Config)...).Sorted())
}

// settingFindings are those about the settings that a run about single files would leave out.
func (j *job) settingFindings(p place, configPath string) diag.List {
	if len(p.files) == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(j.findings), func(f diag.Finding) bool {
		return !j.isSetting(f.File, configPath) || slices.Contains(p.files, f.File)
	})
}

func verdict(l diag.List) int {
	if l.HasErrors() {
		return ExitFindings
	}
	return ExitFine
}

// Run checks the files.
func (c *validateCommand) Run(env Env, code *int) error {
	j, p, closing, err := c.begin(env)
	if err != nil {
		return err
	}
	defer closing()
	j.readiness(plan.Match{}, p.scope(j))
	if !j.guessed {
		j.costFindings(plan.Match{}, p.scope(j))
	}
	found := p.mine(j.findings)
	if len(j.set.Files)+len(j.set.Broken) == 0 && c.Format == "text" {
		printf(env.Stderr, "no capability file matches %s in %s; `ticketfoundry init` writes a first one\n", strings.Join(j.globs, ", "), p.dir)
	}
	*code = verdict(found)
	return c.print(env, env.Stdout, found)
}

// Run shows the plan.
func (c *planCommand) Run(ctx context.Context, env Env, code *int) error {
	j, p, closing, err := c.begin(env)
	if err != nil {
		return err
	}
	defer closing()
	if j.configBroken(c.Config) {
		return c.halt(env, j, p, code)
	}
	j.shard = c.Shard
	done, err := c.attach(ctx, j, p, c.Config, false, 0)
	if err != nil {
		return err
	}
	defer done()
	s := p.scope(j)
	s.brakes = !c.AllowMassClose
	made, m, err := j.build(ctx, s)
	if err != nil {
		return err
	}
	made.Estimate = apply.Estimate(made, j.options(c.limits()))
	j.readiness(m, s)
	j.costFindings(m, s)
	made.Cogs = j.costs(m, exchange(j.cfg))
	found := p.mine(j.findings)
	*code = verdict(found)
	switch c.Format {
	case "text":
		if len(found) > 0 {
			if err := report.Findings(env.Stderr, "text", found); err != nil {
				return err
			}
		}
		report.PlanText(env.Stdout, made)
		return nil
	case "json":
		return report.PlanJSON(env.Stdout, made)
	default:
		return c.print(env, env.Stdout, found)
	}
}

// Run carries out the plan.
func (c *applyCommand) Run(ctx context.Context, env Env, code *int) error {
	j, p, closing, err := c.begin(env)
	if err != nil {
		return err
	}
	defer closing()
	if j.configBroken(c.Config) {
		return c.halt(env, j, p, code)
	}
	j.shard = c.Shard
	done, err := c.attach(ctx, j, p, c.Config, true, c.Shard.Share(max(1, c.WritesPerMinute)))
	if err != nil {
		return err
	}
	defer done()
	if err := j.mayApply(c.AllowFork); err != nil {
		return err
	}
	s := p.scope(j)
	s.brakes = !c.AllowMassClose
	made, m, err := j.build(ctx, s)
	if err != nil {
		return err
	}
	j.readiness(m, s)
	j.costFindings(m, s)
	made.Cogs = j.costs(m, exchange(j.cfg))
	found := p.mine(j.findings)
	if c.Format == "text" {
		if len(found) > 0 {
			if err := report.Findings(env.Stderr, "text", found); err != nil {
				return err
			}
		}
		report.PlanText(env.Stdout, made)
	}
	if len(made.Brakes) > 0 {
		return bad{fmt.Errorf("stopped before the first write: %s; if it is meant, say --allow-mass-close", made.Brakes[0].Text)}
	}
	drafts := &drafting{j: j, match: m, sweep: !s.partial, limits: c.limits(), say: func(text string, args ...any) { printf(env.Stderr, text+"\n", args...) }}
	drafted := drafts.run(ctx, &made)
	finished := 0
	bounds := j.options(c.limits())
	bounds.Progress = func(r apply.Result) {
		finished++
		env.progress("%d of %d: %s", finished, len(made.Changes)-made.Count(plan.Keep), r.Key)
	}
	o := apply.Run(ctx, j.tracker, j.tracker, made, j.breathe(ctx, made, bounds))
	env.progressEnd()
	if !s.partial {
		if err := j.remember(ctx, made, m, o); err != nil && ctx.Err() == nil {
			printf(env.Stderr, "the board could not be written, so the next run reads everything: %s\n", err)
		}
	}
	*code = max(verdict(found), outcomeCode(o), drafted)
	return c.show(env, j, made, m, o, s, found)
}

// show prints what an apply did.
func (c *applyCommand) show(env Env, j *job, p plan.Plan, m plan.Match, o apply.Outcome, s scope, found diag.List) error {
	switch c.Format {
	case "text":
		rows := j.rows(p, m, o, s)
		printf(env.Stdout, "\n")
		report.OutcomeText(env.Stdout, o)
		printf(env.Stdout, "\nTickets\n")
		report.Tree(env.Stdout, rows)
		printf(env.Stdout, "\nThey lie in %s\n\nBoard\n%s\n", j.where, report.Board(rows))
		return nil
	case "json":
		enc := json.NewEncoder(env.Stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(struct {
			Plan     plan.Plan     `json:"plan"`
			Outcome  apply.Outcome `json:"outcome"`
			Findings diag.List     `json:"findings"`
		}{p, o, found})
	default:
		return c.print(env, env.Stdout, found)
	}
}

// outcomeCode says what an outcome means for the exit code: a refused or uncertain ticket
// needs a person or another run; a rest that waits for its turn is fine,
// but not one that waits since the run was interrupted.
func outcomeCode(o apply.Outcome) int {
	switch {
	case o.Interrupted:
		return ExitFailed
	case o.Count(apply.Failed)+o.Count(apply.Unknown) > 0:
		return ExitFindings
	}
	return ExitFine
}

// attach opens the tracker: GitHub with a token and a repository, else a folder.
func (w where) attach(ctx context.Context, j *job, p place, config string, write bool, perMinute int) (func(), error) {
	env := j.env
	token := cmp.Or(env.Getenv("GITHUB_TOKEN"), env.Getenv("GH_TOKEN"))
	repo := cmp.Or(w.Repo, env.Getenv("GITHUB_REPOSITORY"))
	kind := w.Tracker
	if kind == "auto" {
		kind = "local"
		if token != "" && repo != "" {
			kind = "github"
		}
	}
	if kind == "local" {
		return w.attachLocal(ctx, j, p, write)
	}
	if token == "" {
		return nil, bad{fmt.Errorf("GitHub needs a token in GITHUB_TOKEN; without one, --tracker local works in a folder")}
	}
	if repo == "" {
		return nil, bad{fmt.Errorf("which repository? name it with --repo OWNER/NAME")}
	}
	gh, err := github.New(github.Options{
		Token: token, Repository: repo, APIURL: env.Getenv("GITHUB_API_URL"), GraphQLURL: env.Getenv("GITHUB_GRAPHQL_URL"),
		UserAgent: "ticketfoundry/" + env.Version, PerMinute: perMinute, Base: env.HTTP, Clock: env.Now, Sleep: env.Sleep,
		TrustedWriters: j.cfg.TrustedWriters,
	})
	if err != nil {
		return nil, bad{err}
	}
	j.commit = checkedOut(p.dir)
	if err := j.meet(ctx, gh); err != nil {
		return nil, err
	}
	j.where = j.repo.URL + "/issues"
	if !write {
		return func() {}, nil
	}
	changed, err := changedByHand(ctx, p.dir, []string{"."})
	if err != nil {
		return nil, err
	}
	why := "there are changes that are not committed"
	if !changed {
		if why, err = j.behind(ctx, gh, config); err != nil {
			return nil, err
		}
	}
	if why != "" {
		return nil, bad{fmt.Errorf("only what is on %s is applied, and %s; nothing was written", j.repo.DefaultBranch, why)}
	}
	return func() {}, nil
}

func (w where) attachLocal(ctx context.Context, j *job, p place, write bool) (func(), error) {
	dir := cmp.Or(w.Folder, filepath.Join(p.dir, ".ticketfoundry"))
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(j.env.Dir, dir)
	}
	t, err := local.Open(dir, local.Options{
		Clock: j.env.Now, Account: "ticketfoundry", Create: write, Name: filepath.Base(p.dir),
	})
	if err != nil {
		return nil, err
	}
	j.commit = checkedOut(p.dir)
	if err := j.meet(ctx, t); err != nil {
		_ = t.Close()
		return nil, err
	}
	j.where = dir
	if rel, err := filepath.Rel(j.env.Dir, dir); err == nil && !strings.HasPrefix(rel, "..") {
		j.where = rel
	}
	return func() { _ = t.Close() }, nil
}

// meet gets to know the repository.
func (j *job) meet(ctx context.Context, t tracker) error {
	j.tracker = t
	repo, err := t.Repository(ctx)
	if err != nil {
		return err
	}
	j.repo = repo
	return nil
}

// mayApply refuses repositories whose issues cannot or should not be written.
func (j *job) mayApply(allowFork bool) error {
	switch {
	case j.repo.Archived:
		return bad{fmt.Errorf("%s is archived: its issues cannot be written", j.repo.Name)}
	case j.repo.IssuesOff:
		return bad{fmt.Errorf("issues are disabled in %s; switch them on in its settings", j.repo.Name)}
	case j.repo.Fork && !allowFork:
		return bad{fmt.Errorf("%s is a fork: its tickets belong to the original; say allow-fork if it should have its own", j.repo.Name)}
	}
	return nil
}
