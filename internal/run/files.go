package run

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"github.com/ticketfoundry/ticketfoundry/internal/scaffold"
	"github.com/ticketfoundry/ticketfoundry/schemas"
)

type newCommand struct {
	Product string `arg:"" help:"Product prefix, such as CRM."`
	Title   string `arg:"" help:"What the capability is called."`
	Owner   string `help:"GitHub login of the product manager; default: $$GITHUB_ACTOR or $$USER."`
}

type schemaCommand struct {
	Name string `arg:"" enum:"capability, config, plan" help:"The format: ${enum}."`
}

type initCommand struct {
	Dir     string `arg:"" optional:"" default:"." help:"Folder of the repository."`
	Product string `default:"CRM" help:"Prefix of the first capability."`
	Owner   string `help:"GitHub login of the product manager; default: $$GITHUB_ACTOR or $$USER."`
}

// Run begins a capability file.
func (c *newCommand) Run(env Env, code *int) error {
	j := &job{env: env}
	closing, err := j.open(env.Dir)
	if err != nil {
		return err
	}
	defer closing()
	if err := j.load(".github/ticketfoundry.yml", nil); err != nil {
		return err
	}
	var taken []string
	for _, f := range j.set.Files {
		taken = append(taken, f.Capability.ID)
	}
	for _, b := range j.set.Broken {
		taken = append(taken, b.IDs...)
	}
	f, err := scaffold.New(c.Product, c.Title, owner(env, c.Owner), taken)
	if err != nil {
		return bad{err}
	}
	return write(env, env.Dir, []scaffold.File{f}, code)
}

// Run prints a schema.
func (c *schemaCommand) Run(env Env) error {
	text, ok := schemas.Text(c.Name)
	if !ok {
		return fmt.Errorf("there is no schema %q", c.Name) // the command line allows no other names
	}
	_, err := env.Stdout.Write(text)
	return err
}

// Run writes the first files.
func (c *initCommand) Run(env Env, code *int) error {
	files, err := scaffold.Init(scaffold.Options{Prefix: c.Product, Owner: owner(env, c.Owner)})
	if err != nil {
		return bad{err}
	}
	dir := c.Dir
	if dir == "." {
		dir = env.Dir
	}
	return write(env, dir, files, code)
}

func owner(env Env, given string) string {
	return cmp.Or(given, env.Getenv("GITHUB_ACTOR"), env.Getenv("USER"), "octocat")
}

// write makes the files that are not there. One that is stays as it is, and is named.
func write(env Env, dir string, files []scaffold.File, code *int) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open %s: %w", dir, err)
	}
	defer func() { _ = root.Close() }()
	for _, f := range files {
		if err := root.MkdirAll(path.Dir(f.Path), 0o755); err != nil {
			return fmt.Errorf("make the folder of %s: %w", f.Path, err)
		}
		file, err := root.OpenFile(f.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) {
			printf(env.Stdout, "kept     %s (it is there already)\n", f.Path)
			continue
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", f.Path, err)
		}
		_, err = file.Write(f.Text)
		if err = errors.Join(err, file.Close()); err != nil {
			return fmt.Errorf("write %s: %w", f.Path, err)
		}
		printf(env.Stdout, "written  %s\n", f.Path)
	}
	*code = ExitFine
	return nil
}
