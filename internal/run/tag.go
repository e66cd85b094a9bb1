package run

import (
	"fmt"

	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/release"
)

// tagFindings warns of versions that no release can be made of, as Git takes no tag of that name.
func (j *job) tagFindings() diag.List {
	var out diag.List
	for _, f := range j.set.Files {
		c := f.Capability
		tag := release.Tag(j.cfg.Release.Tag, c.Product(), c.Release.Version)
		if !release.GoesOut(c) || tag == "" {
			continue
		}
		if fault := config.TagFault(tag); fault != "" {
			out.Add(diag.Finding{
				Position: f.At("release", "version"), Severity: diag.Warning, Rule: "impossible-tag", Subject: c.ID,
				Message: fmt.Sprintf("the tag of the version %q would be %q, and Git takes none that %s; there is no draft release for it", c.Release.Version, tag, fault),
				Hint:    "write the version as 2.4 or 2024.1-rc1",
			})
		}
	}
	return out
}
