package config_test

import (
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/config"
)

func TestTagFault(t *testing.T) {
	for name, want := range map[string]string{
		"CRM-v2.4": "", "v2.4-rc.1+build_7": "", "a/b/v1": "", "CRM@2.4": "", "v1.locked": "", "--": "hyphen", "": "empty",
		"v2..4": "two dots", "v2.": "ends with a dot", "v2.lock": `".lock"`, "a.lock/v2": `".lock"`, "a//v2": "slash", "/v2": "slash", "v2/": "slash",
		"v@{2": `"@{"`, ".v2": "begins with a dot", "a/.v2": "begins with a dot", "v 2": "blank", "v\x7f": "control", "v~2": "~", `v\2`: `\`, "v[2": "[",
	} {
		if got := config.TagFault(name); got == "" != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// A pattern that spoils the tag of every version is an error of the config.
func TestTagPatternThatGitRefuses(t *testing.T) {
	for _, pattern := range []string{"a//{version}", "{product}..{version}", "{version}.lock", "-{version}", "{version}."} {
		_, found := config.Parse("x.yml", []byte("release: {tag: \""+pattern+"\"}\n"))
		if len(found) != 1 || found[0].Rule != "impossible-tag" || found[0].Line != 1 || !found.HasErrors() {
			t.Errorf("%s: %v", pattern, found)
		}
	}
	if _, found := config.Parse("x.yml", []byte("release: {tag: \"{product}@{version}\"}\n")); len(found) != 0 {
		t.Error(found)
	}
}
