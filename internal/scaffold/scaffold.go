// Package scaffold owns the files a repository begins with: the config with every default in
// sight, the first capability, issue forms, and the workflow. They are given as data; writing
// them, and leaving alone what is there already, is the caller's. It refuses names that would
// give a file with findings.
//
//	f, err := scaffold.New("CRM", "Lead scoring API", "octocat", []string{"CRM-103"})
//	f.Path // "capabilities/CRM-104.yml"
package scaffold

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
)

// File is a file to write.
type File struct {
	Path string // slash-separated, relative to the repository's root
	Text []byte
}

// Options name what the first files are about.
type Options struct {
	Prefix string // of the first product's capability ids: "CRM"
	Owner  string // GitHub login of its product manager, with or without @
}

//go:embed all:files
var files embed.FS

// workflowPath is where the workflow lies, here and in users' repositories.
const workflowPath = ".github/workflows/ticketfoundry.yml"

// Init gives the files of a new repository, the config first. The error says in the user's
// words what is wrong with the options.
func Init(o Options) ([]File, error) {
	first, err := begin(o.Prefix+"-1", "Your first capability", o.Owner)
	if err != nil {
		return nil, err
	}
	more, err := read("files/more.yml")
	if err != nil {
		return nil, err
	}
	first.Text = append(first.Text, strings.ReplaceAll(more, "%SLUG%", strings.ToLower(o.Prefix)+"-1")...)
	out := []File{}
	for _, path := range []string{
		config.Path, ".github/ISSUE_TEMPLATE/idea.yml", ".github/ISSUE_TEMPLATE/bug.yml",
		".github/ISSUE_TEMPLATE/hotfix.yml", workflowPath,
	} {
		text, err := read("files/" + path)
		if err != nil {
			return nil, err
		}
		out = append(out, File{Path: path, Text: []byte(fill(text, o.Prefix))})
	}
	return append(out[:1:1], append([]File{first}, out[1:]...)...), nil
}

// New gives the file of a new capability: the prefix's next free number, the title, its owner.
// Taken holds the ids that are in use, also of other prefixes and of files with findings. The
// error says in the user's words what is wrong with prefix, title or owner.
func New(prefix, title, owner string, taken []string) (File, error) {
	highest := 0
	for _, id := range taken {
		p, number, _ := strings.Cut(id, "-")
		if n, err := strconv.Atoi(number); err == nil && p == prefix {
			highest = max(highest, n)
		}
	}
	return begin(fmt.Sprintf("%s-%d", prefix, highest+1), title, owner)
}

const summary = "What it does, for whom, and why now. Write it here, in one paragraph."

var prefixPattern = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,9}$`)

// begin gives the smallest file that triage takes, checked as any other spec is.
func begin(id, title, owner string) (File, error) {
	if prefix := capability.Product(id); !prefixPattern.MatchString(prefix) {
		return File{}, fmt.Errorf("%q cannot begin a capability id: use 2 to 10 capital letters and digits, a letter first, such as CRM", prefix)
	}
	text, err := read("files/capability.yml")
	if err != nil {
		return File{}, err
	}
	var pairs []string
	for name, value := range map[string]string{
		"ID": id, "TITLE": strings.TrimSpace(title), "SUMMARY": summary, "OWNER": strings.TrimPrefix(owner, "@"),
	} {
		scalar, err := quote(value)
		if err != nil {
			return File{}, fmt.Errorf("write %s of %s: %w", strings.ToLower(name), id, err)
		}
		pairs = append(pairs, "%"+name+"%", scalar)
	}
	f := File{Path: "capabilities/" + id + ".yml", Text: []byte(strings.NewReplacer(pairs...).Replace(text))}
	_, findings := capability.Parse(f.Path, f.Text, config.Default().Vocabulary())
	for _, finding := range findings {
		return File{}, errors.New(finding.Text())
	}
	return f, nil
}

// quote gives a text as a YAML scalar on one line, in quotes only where it needs them.
func quote(s string) (string, error) {
	node := yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if strings.ContainsAny(s, "\n\r") {
		node.Style = yaml.DoubleQuotedStyle
	}
	text, err := yaml.Marshal(&node)
	line := strings.TrimSuffix(string(text), "\n")
	if err == nil && strings.Contains(line, "\n") { // too long for the encoder's line
		line = strconv.Quote(s)
	}
	return line, err
}

func read(path string) (string, error) {
	text, err := fs.ReadFile(files, path)
	return string(text), err
}
