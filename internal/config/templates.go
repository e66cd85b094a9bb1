package config

import (
	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/source"
)

// TemplateFolder is where a repository's own texts for tickets lie.
const TemplateFolder = ".github/ticketfoundry/templates"

// LoadTemplates reads the files of the TemplateFolder, sorted by path. Those that cannot be read
// are findings; what stands in them is not looked at. The error is ours: the disk failed.
func LoadTemplates(ws *source.Workspace) ([]Template, diag.List, error) {
	paths, findings, err := ws.Glob([]string{TemplateFolder + "/**/*"})
	if err != nil {
		return nil, nil, err
	}
	var out []Template
	for _, path := range paths {
		text, found, err := ws.Read(path)
		if err != nil {
			return nil, nil, err
		}
		findings.Add(found...)
		if text != nil {
			out = append(out, Template{Path: path, Text: string(text)})
		}
	}
	return out, findings, nil
}
