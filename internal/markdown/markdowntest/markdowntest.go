// Package markdowntest owns the texts that try to come to life, and how a tracker reads what we
// write: with a real Markdown parser, then looking for what it would make of the text. It is for
// tests of everything that is put into issues, comments and releases.
//
//	for _, s := range markdowntest.Hostile() {
//		page := markdowntest.Read(markdown.Block(s, 3)) // page.Alive is empty
//	}
package markdowntest

import (
	_ "embed" // the corpus
	"strconv"
	"strings"
	"sync"
)

//go:embed hostile.txt
var corpus string

// Hostile gives the texts of the corpus: mentions, references, markers, markup, commands, hidden
// characters, forged ticks, and texts of up to 60 KB. It panics if the corpus cannot be read.
func Hostile() []string { return hostile() }

var hostile = sync.OnceValue(func() []string {
	var out []string
	for l := range strings.SplitSeq(strings.TrimSuffix(corpus, "\n"), "\n") {
		times := 1
		if strings.HasPrefix(l, "#") {
			continue
		}
		if i := strings.LastIndex(l, `" x`); i > 0 {
			if n, err := strconv.Atoi(l[i+3:]); err == nil {
				l, times = l[:i+1], n
			}
		}
		s, err := strconv.Unquote(l)
		if err != nil {
			panic("markdowntest: " + l + ": " + err.Error())
		}
		out = append(out, strings.Repeat(s, times))
	}
	return out
})
