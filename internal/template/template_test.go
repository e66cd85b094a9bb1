package template_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/template"
)

// host is a page with a few fields.
type host map[string]string

func (host) Line(s string) string { return markdown.Line(s) }
func (host) Cell(s string) string { return markdown.Cell(s) }
func (host) Text(s string) string { return markdown.Block(s, 4) }

func vocabulary() *template.Vocabulary[host] {
	line := func(name string) template.Field[host] {
		return template.Field[host]{Name: name, Kind: template.Line, Get: func(h host) template.Value { return template.NewLine(h[name]) }}
	}
	return template.NewVocabulary([]template.Field[host]{
		line("title"), line("press.headline"), line("press.embargo"), line("release.version"), line("nasty"),
		{Name: "legal", Kind: template.Text, Get: func(h host) template.Value { return template.NewText(h["legal"]) }},
		{Name: "ready", Kind: template.Flag, Get: func(h host) template.Value { return template.NewFlag(h["ready"] != "") }},
		{Name: "goals", Kind: template.List, Get: func(h host) template.Value {
			return template.NewLines(strings.FieldsFunc(h["goals"], func(r rune) bool { return r == ';' }))
		}},
		{
			Name: "files", Kind: template.List, Of: []template.Column{{Name: "path", Kind: template.Line}},
			Get: func(host) template.Value { return template.NewList(nil) },
		},
		{
			Name: "pages", Kind: template.List, Of: []template.Column{{Name: "page", Kind: template.Line}, {Name: "reason", Kind: template.Text}},
			Get: func(h host) template.Value {
				var out []map[string]template.Value
				for p := range strings.FieldsFuncSeq(h["pages"], func(r rune) bool { return r == ';' }) {
					out = append(out, map[string]template.Value{"page": template.NewLine(p), "reason": template.NewText("why " + p)})
				}
				return template.NewList(out)
			},
		},
	}, []template.Func[host]{
		{Name: "section", Takes: []template.Kind{template.Line, template.Words}, Gives: template.Part, Call: func(h host, v []template.Value) template.Value {
			if v[1].Words() == "" {
				return template.NewPart("")
			}
			return template.NewPart("### " + h.Line(v[0].Words()) + "\n\n" + v[1].Words())
		}},
		{Name: "bullets", Takes: []template.Kind{template.List}, Gives: template.Part, Call: func(h host, v []template.Value) template.Value {
			return template.NewPart("- " + strings.Join(v[0].Lines(), "\n- "))
		}},
		{Name: "checks", Gives: template.Part, Call: func(host, []template.Value) template.Value {
			return template.NewPart("<!-- ticketfoundry:ours -->\n\n- [x] \x00CRM-1/build/one\x00 done\n- [ ] not yet")
		}},
		{Name: "quote", Takes: []template.Kind{template.Words}, Gives: template.Part, Call: func(_ host, v []template.Value) template.Value {
			return template.NewPart("> " + strings.ReplaceAll(v[0].Words(), "\n", "\n> "))
		}},
		{Name: "twice", Takes: []template.Kind{template.Words}, Gives: template.Part, Call: func(_ host, v []template.Value) template.Value {
			return template.NewPart(v[0].Words() + v[0].Words())
		}},
	})
}

var sample = host{
	"title": "Lead scoring", "press.headline": "Whom to call", "legal": "First.\n\n# Head\n\nSecond.", "ready": "yes",
	"goals": "one;two", "pages": "a;b", "nasty": "&#xE000;0&#xE001; !&#xE000;boxx&#xE001;(https://a.example)",
}

func TestWrite(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"field", "It is {{.title}}.", "It is Lead scoring."},
		{"field of a group", "{{.press.headline}}", "Whom to call"},
		{"empty field", "a{{.release.version}}b", "ab"},
		{"text", "{{.legal}}", "First.\n\n### Head\n\nSecond."},
		{"text in a quote", "> {{.legal}}", "> First.\n>\n> ### Head\n>\n> Second."},
		{"text in an item", "- {{.legal}}\n- next", "- First.\n\n  ### Head\n\n  Second.\n\n- next"},
		{"text behind words", "Law: {{.legal}}", "Law:\n\nFirst.\n\n### Head\n\nSecond."},
		{"text in a table", "| a |\n|---|\n| {{.legal}} |", "| a |\n|---|\n| First. # Head Second. |"},
		{"blank lines are drawn together", "a\n\n{{.release.version}}\n\n{{.release.version}}\n\nb", "a\n\nb"},
		{"if", "{{if .ready}}yes{{else}}no{{end}}", "yes"},
		{"if of a group", "{{if .release}}yes{{else if .press}}press{{end}}", "press"},
		{"with", "{{with .press}}{{.headline}}{{else}}none{{end}}", "Whom to call"},
		{"range", "{{range .goals}}{{.}},{{end}}", "one,two,"},
		{"range of entries", "{{range $i, $p := .pages}}{{$i}}{{$p.page}} {{$p.reason}}{{$.title}} {{end}}", "0a why aLead scoring 1b why bLead scoring"},
		{"range of none", "{{range .goals}}{{break}}{{end}}ok", "ok"},
		{"continue", "{{range .goals}}{{if eq . \"one\"}}{{continue}}{{end}}{{.}}{{end}}", "two"},
		{"nothing to go through", "{{with .release}}{{range $.goals}}{{.}}{{end}}{{else}}none{{end}}", "none"},
		{"variable", "{{$x := .title}}{{$x = \"b\"}}{{$x}}", "b"},
		{"variable keeps its value outside", "{{$x := \"a\"}}{{range .goals}}{{$x = .}}{{end}}{{$x}}", "two"},
		{"what with sets holds in its else", "{{with $x := .release}}a{{else}}[{{$x.version}}]{{end}}", "[]"},
		{"an outer variable behind a range's", "{{$x := .title}}{{with .release}}{{end}}{{range $x := .files}}{{else}}{{$x}}{{end}}", "Lead scoring"},
		{"choice of lists that are alike", "{{range or .goals .goals}}{{.}}{{end}}{{if or .goals .title}}!{{end}}", "onetwo!"},
		{"a list of its own under one name", "{{range .goals}}{{range $.goals}}{{.}}{{end}}{{end}}", "onetwoonetwo"},
		{"logic", "{{and .ready .goals}} {{or .release.version .title}} {{not .ready}} {{len .goals}} {{if gt (len .goals) 1}}many{{end}}", "yes Lead scoring no 2 many"},
		{"ne, lt, le, ge", "{{ne .title \"x\"}} {{lt 1 2}} {{le 2 2}} {{ge 1 2}} {{eq true .ready}}", "yes yes yes no yes"},
		{"pipeline", "{{.goals | bullets | section \"Goals\"}}", "### Goals\n\n- one\n- two"},
		{"part of its own", "{{define \"x\"}}<{{.headline}}>{{end}}{{template \"x\" .press}}", "&lt;Whom to call>"},
		{"block", "{{block \"x\" .}}{{.title}}{{end}}", "Lead scoring"},
		{"own tasks", "- [ ] {{.title}}\n- [x] b", "- [ ] Lead scoring\n- [x] b"},
		{"what the program made", "{{checks}}", "<!-- ticketfoundry:ours -->\n\n- [x] \x00CRM-1/build/one\x00 done\n- [ ] not yet"},
		{"comment", "a{{/* not shown */}}b", "ab"},
		{"its headings are the ticket's", "# Big\n\n## Less", "### Big\n\n#### Less"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tmpl, findings := template.Parse(vocabulary(), "x", []byte(c.text), template.Guarded)
			if len(findings) > 0 {
				t.Fatal(findings)
			}
			if got, err := tmpl.Write(sample); err != nil || got != c.want {
				t.Errorf("got  %q, %v\nwant %q", got, err, c.want)
			}
		})
	}
}

// A template of the repository cannot do what its author may not do in the ticket's place.
func TestGuard(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"<!-- ticketfoundry:end -->", "&lt;!-- ticketfoundry\u200b:end -->"},
		{"<!-- ticket{{\"foundry:end\"}} -->", "&lt;!-- ticketfoundry\u200b:end -->"},
		{"ask @octocat about #12", "ask @\u200boctocat about #\u200b12"},
		{"ask @{{\"octocat\"}} about #{{len .goals}}2", "ask @\u200boctocat about #\u200b22"},
		{"{{\"\\x00CRM-9\\x00\"}}", `\u{0}CRM-9\u{0}`},
		{"{{section \"\\x00CRM-9\\x00\" \"a\"}}", "### \\u{0}CRM-9\\u{0}\n\na"},
		{"{{\"\ue0000\ue001\"}}", "0"},
		{"![x](https://a.example/x.png)", "[x](https://a.example/x.png)"},
		{"<details>", "&lt;details>"},
		{"!&#xE000;boxx&#xE001;(https://a.example/x.png)", "!\ufffdboxx\ufffd(https://a.example/x.png)"},
		{"- [x] a &#57344;0&#57345; &#x000e000;0&#X00E001; &#0057344;0&#057345;", "- [x] a \ufffd0\ufffd \ufffd0\ufffd \ufffd0\ufffd"},
		{"- [ ] a\n- b &#xE0{{\"00;0&#xE\"}}001; &#xE0&#xE000;00;0", "- [ ] a\n- b \ufffd0\ufffd &#xE0\ufffd00;0"},
		{"{{with .nasty}}{{.}}{{end}}\n\n{{checks}}", "0 !boxx(https://a.example)\n\n<!-- ticketfoundry:ours -->\n\n- [x] \x00CRM-1/build/one\x00 done\n- [ ] not yet"},
	} {
		tmpl, findings := template.Parse(vocabulary(), "x", []byte(strings.ReplaceAll(c.text, "\ue000", `\ue000`)), template.Guarded)
		if strings.Contains(c.text, "\ue000") {
			tmpl, findings = template.Parse(vocabulary(), "x", []byte(`{{"\ue0000\ue001"}}`), template.Guarded)
		}
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		if got, err := tmpl.Write(sample); err != nil || got != c.want {
			t.Errorf("%q gave %q, %v, want %q", c.text, got, err, c.want)
		}
	}
}

// The hidden marker of the program's own list stands where it is hidden, and nowhere else.
func TestMarkerIsNotShown(t *testing.T) {
	const list = "- [x] \x00CRM-1/build/one\x00 done\n- [ ] not yet"
	signs := strings.NewReplacer("[x]", "☑", "[ ]", "☐").Replace(list)
	for _, c := range []struct{ text, want string }{
		{"{{checks}}", "<!-- ticketfoundry:ours -->\n\n" + list},
		{"Law: {{checks}}", "Law:\n\n<!-- ticketfoundry:ours -->\n\n" + list},
		{"{{section \"A\" checks}}", "### A\n\n<!-- ticketfoundry:ours -->\n\n" + list},
		{"{{quote checks}}", "> " + strings.ReplaceAll(signs, "\n", "\n> ")},
		{"> {{checks}}", "> " + strings.ReplaceAll(signs, "\n", "\n> ")},
		{"- {{checks}}", "- " + strings.ReplaceAll(signs, "\n", "\n  ")},
		{"- {{quote checks}}", "- > " + strings.ReplaceAll(signs, "\n", "\n  > ")},
		{"| a |\n|---|\n| {{checks}} |", "| a |\n|---|\n| - ☑ \x00CRM-1/build/one\x00 done - ☐ not yet |"},
		{"| a |\n|---|\n| {{quote checks}} |", "| a |\n|---|\n| > > > - ☑ \x00CRM-1/build/one\x00 done > - ☐ not yet |"},
	} {
		tmpl, findings := template.Parse(vocabulary(), "x", []byte(c.text), template.Guarded)
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		if got, err := tmpl.Write(sample); err != nil || got != c.want {
			t.Errorf("%q\n got %q, %v\nwant %q", c.text, got, err, c.want)
		}
	}
}

// TestBoxesAroundCode: boxes are those outside of code blocks, wherever values stand between.
func TestBoxesAroundCode(t *testing.T) {
	for _, c := range []struct {
		text  string
		boxes int
	}{
		{"```sh\ncurl {{.title}}\n```\n\n- [ ] one\n- [ ] two {{.title}}\n- [ ] three", 3},
		{"```\n{{.title}}\n- [ ] in code\n```\n\n- [ ] one", 1},
		{"~~~\n{{.title}}\n- [ ] in code\n~~~\n\n- [ ] one", 1},
		{"````\n```\n{{.title}}\n- [ ] in code\n````\n\n- [ ] one", 1},
		{"``` a `` b ``` is odd\n\n- [ ] one", 1},
		{"> ```\n> {{.title}}\n> ```\n\n- [ ] one", 1},
		{"{{range .goals}}- [ ] {{.}}\n{{end}}", 2},
		{"1. Look:\n\n   {{checks}}", 2},
	} {
		tmpl, findings := template.Parse(vocabulary(), "x", []byte(c.text), template.Guarded)
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		out, err := tmpl.Write(sample)
		boxes := 0
		for line := range strings.Lines(out) {
			line = strings.TrimLeft(line, " >")
			if strings.HasPrefix(line, "- [ ] ") && line != "- [ ] in code\n" || strings.HasPrefix(line, "- [x] ") {
				boxes++
			}
		}
		if err != nil || boxes != c.boxes || strings.Contains(out, `\[ ]`) {
			t.Errorf("%q gives %d boxes, want %d: %q, %v", c.text, boxes, c.boxes, out, err)
		}
	}
}

// What a person gets wrong is said at its place.
func TestFindings(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a\n  {{.titel}}", `x:2:6: there is no field "titel" here; did you mean "title"? [unknown-field]`},
		{"é{{.press.headlin}}", `x:1:11: there is no field "headlin" here; did you mean "headline"? [unknown-field]`},
		{"{{.headline}}", `x:1:4: there is no field "headline" here; did you mean "$.press.headline"? [unknown-field]`},
		{"{{.title.x}}", `x:1:10: a line has no field "x" [unknown-field]`},
		{"{{range .pages}}{{.title}}{{end}}", `x:1:20: there is no field "title" here; did you mean "$.title"? [unknown-field]`},
		{"{{range .pages}}{{$.pges}}{{end}}", `x:1:21: there is no field "pges" here; did you mean "pages"? [unknown-field]`},
		{"{{$x := .press}}{{$x.hedline}}", `x:1:22: there is no field "hedline" here; did you mean "headline"? [unknown-field]`},
		{"{{sektion \"a\" .title}}", `x:1:3: there is no function "sektion"; did you mean "section"? [unknown-function]`},
		{"{{printf \"%s\" .title}}", `x:1:3: there is no function "printf"; there are: and, bullets, checks, eq, ge, gt, le, len, lt, ne, not, or, quote, section, twice [unknown-function]`},
		{"{{title}}", `x:1:3: there is no function "title"; did you mean "$.title"? [unknown-function]`},
		{"{{section \"a\"}}", `x:1:3: "section" takes 2 values and gets 1 [wrong-arguments]`},
		{"{{section \"a\" .goals}}", `x:1:3: "section" cannot take a list as its second value; it takes words: a line, a text or a part [wrong-arguments]`},
		{"{{bullets .pages}}", `x:1:3: "bullets" cannot take a list of groups as its first value; it takes a list of lines [wrong-arguments]`},
		{"{{.goals}}", `x:1:3: ".goals" is a list; write bullets or tasks in front of it, or {{range}} [not-printable]`},
		{"{{.press}}", `x:1:3: ".press" is a group of fields; name one of them: headline, embargo [not-printable]`},
		{"{{range .title}}{{end}}", `x:1:9: ".title" is no list but a line; only lists can be gone through [not-a-list]`},
		{"{{range 5}}{{end}}", `x:1:9: "5" is no list but a number; only lists can be gone through [not-a-list]`},
		{"{{if .title}}", `x:1:1: the text ends inside of an action; close each {{if}}, {{range}}, {{with}} and {{define}} with {{end}} [template-syntax]`},
		{"a\n{{.title", `x:2:1: unclosed action; close it with }} on the same line [template-syntax]`},
		{"{{end}}", `x:1:1: unexpected {{end}}; take it out, or open what it should close [template-syntax]`},
		{"{{$y}}", `x:1:1: undefined variable "$y"; see the list of fields and functions, and Go's text/template for the syntax [template-syntax]`},
		{"{{template \"a\" .}}", `x:1:12: there is no part "a"; define it: {{define "a"}}…{{end}} [unknown-part]`},
		{"{{define \"a\"}}{{template \"a\" .}}{{end}}{{template \"a\" .}}", `x:1:26: the part "a" uses itself; a template must come to an end; use {{range}} for lists [endless]`},
		{"{{define \"a\"}}{{template \"b\" .}}{{end}}{{define \"b\"}}{{template \"a\" .}}{{end}}{{template \"a\" .}}", `x:1:65: the part "a" uses itself; a template must come to an end; use {{range}} for lists [endless]`},
		{"{{define \"a\"}}{{.title}}{{end}}{{template \"a\" .press}}", `x:1:18: there is no field "title" here; did you mean "$.title"? [unknown-field]`},
		{"{{define \"a\"}}{{end}}{{template \"a\"}}", `x:1:33: the part "a" gets nothing to write about; write {{template "a" .}} [no-dot]`},
		{"{{define \"dew\"}}{{end}}", `x:1:10: warning: nothing writes the part "dew"; write {{template "dew" .}} where it should stand [unused-part]`},
		{"{{eq .title 3}}", `x:1:3: a line and a number are never equal; compare like with like [wrong-arguments]`},
		{"{{$x := .title}}{{$x = 3}}", `x:1:19: $x was a line and would become a number; use another variable [other-kind]`},
		{"{{with $x := .press}}{{else}}{{$x.hedline}}{{end}}", `x:1:35: there is no field "hedline" here; did you mean "headline"? [unknown-field]`},
		{"{{if $x := .press}}{{else if .ready}}{{else}}{{$x.hedline}}{{end}}", `x:1:51: there is no field "hedline" here; did you mean "headline"? [unknown-field]`},
		{"{{define \"a\"}}{{nosuch .}}{{end}}{{with $x := .press}}{{else}}{{template \"a\" $x}}{{end}}", `x:1:17: there is no function "nosuch"; there are: and, bullets, checks, eq, ge, gt, le, len, lt, ne, not, or, quote, section, twice [unknown-function]`},
		{"{{range $x := .pages}}{{else}}{{$x.title}}{{end}}", `x:1:33: $x has no value here; set it before with {{$x := …}}; what a branch sets, or {{range}}, ends with it [no-value]`},
		{"{{range $i, $x := .pages}}{{else}}{{template \"a\" $x}}{{end}}{{define \"a\"}}{{nosuch}}{{end}}", `x:1:50: $x has no value here; set it before with {{$x := …}}; what a branch sets, or {{range}}, ends with it [no-value]`},
		{"{{if .ready}}{{$x := .title}}{{else}}{{$x}}{{end}}", `x:1:40: $x has no value here; set it before with {{$x := …}}; what a branch sets, or {{range}}, ends with it [no-value]`},
		{"{{$x = .title}}{{with .title}}{{$x}}{{end}}", "x:1:3: $x has no value here; set it before with {{$x := …}}; what a branch sets, or {{range}}, ends with it [no-value]\n" +
			"x:1:33: $x has no value here; set it before with {{$x := …}}; what a branch sets, or {{range}}, ends with it [no-value]"},
		{"{{or .goals .pages}}", `x:1:3: "or" cannot choose between lists of different entries; ask for one after the other with {{if}} and {{else if}} [wrong-arguments]`},
		{"{{eq true (or .title .goals .pages)}}", `x:1:12: "or" cannot choose between lists of different entries; ask for one after the other with {{if}} and {{else if}} [wrong-arguments]`},
		{"{{range $p := .pages}}{{range $f := $.files}}{{with and $p $f}}{{.page}}{{end}}{{end}}{{end}}", `x:1:53: "and" cannot choose between entries of different lists; ask for one after the other with {{if}} and {{else if}} [wrong-arguments]`},
		{"{{.title \"a\"}}", `x:1:3: ".title" is no function, so nothing can follow it [not-a-function]`},
		{"{{1.5}}", `x:1:3: "1.5" cannot be used here; fields, functions, texts in quotes and whole numbers can [template-syntax]`},
		{"a\x00", `x:1:2: the character \u{0} (NUL) may not stand in a template; take it out [bad-character]`},
		{"a\xff", `x:1:2: the file is not UTF-8 text; save it with the encoding UTF-8 [not-utf8]`},
		{strings.Repeat("a", 65<<10), `x: the template has 65 KiB; 64 KiB are allowed; a ticket has room for 64 KiB [file-too-large]`},
	} {
		_, findings := template.Parse(vocabulary(), "x", []byte(c.text), template.Guarded, "do")
		if got := join(findings); got != c.want {
			t.Errorf("%.60q\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func join(l diag.List) string {
	var out []string
	for _, f := range l {
		out = append(out, f.String())
	}
	return strings.Join(out, "\n")
}

// However a template multiplies, it comes to an end soon.
func TestBounds(t *testing.T) {
	long := host{"goals": strings.Repeat("x;", 200), "title": strings.Repeat("x", 1000), "legal": strings.Repeat("word ", 4000)}
	nested := strings.Repeat("{{range $.goals}}", 12) + "{{.}}" + strings.Repeat("{{end}}", 12)
	doubling := "{{$x := twice .title}}{{range .goals}}{{$x = twice $x}}{{end}}"
	var calls strings.Builder
	for i := range 40 {
		fmt.Fprintf(&calls, "{{define \"p%d\"}}{{template \"p%d\" .}}{{template \"p%d\" .}}{{end}}", i, i+1, i+1)
	}
	calls.WriteString("{{define \"p40\"}}x{{end}}{{template \"p0\" .}}")
	for name, text := range map[string]string{
		"ranges in ranges": nested, "doubling": doubling, "parts of parts": calls.String(),
		"much text": strings.Repeat("{{.legal}}\n\n", 100),
		"nothing":   strings.Repeat("{{range $.goals}}", 12) + strings.Repeat("{{end}}", 12),
	} {
		tmpl, findings := template.Parse(vocabulary(), "x", []byte(text), template.Guarded)
		if findings.HasErrors() {
			t.Fatal(name, findings)
		}
		if _, err := tmpl.Write(long); !errors.Is(err, template.ErrTooMuch) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestOutline(t *testing.T) {
	tmpl, findings := template.Parse(vocabulary(), "x", []byte("{{.title}}\n{{section \"A\" .legal}}\n### B\n\n{{if .ready}}{{range .pages}}{{.page}}{{end}}{{end}}"), template.Guarded)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	if got, want := fmt.Sprint(tmpl.Outline()), "[{ [title]} {A [legal]} {B [ready pages]}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// FuzzTemplate looks for a text that is accepted and then fails, or comes to life.
func FuzzTemplate(f *testing.F) {
	for _, s := range []string{
		"{{section \"A\" .legal}}\n\n{{checks}}\n{{range $i, $p := .pages}}- [ ] {{$p.page}}{{end}}",
		"{{with .press}}{{.headline}}{{else}}<!-- ticketfoundry:end -->{{end}} @octocat #12", "{{define \"a\"}}{{.}}{{end}}{{template \"a\" (or .title \"x\")}}",
		"{{$x := and .ready .goals}}{{if not $x}}{{break}}{{end}}", "{{(twice .title) | section \"x\"}}{{.title.x}}",
		"{{define \"a\"}}{{nosuch .}}{{end}}{{with $x := .release}}{{else}}{{template \"a\" $x}}{{end}}",
		"{{define \"do\"}}{{range $x := .files}}{{else}}{{$x}}{{end}}{{$y = .title}}{{end}}", "{{range or .goals .pages}}{{.}}{{end}}",
		"!&#xE000;boxx&#xE001;(https://a.example/x.png)\n- [x] {{.nasty}}\n\n{{checks}}\n\n{{quote checks}} &#57344;0&#57345;",
	} {
		f.Add(s)
	}
	v := vocabulary()
	f.Fuzz(func(t *testing.T, text string) {
		tmpl, findings := template.Parse(v, "x", []byte(text), template.Guarded, "do")
		if tmpl == nil {
			if !findings.HasErrors() {
				t.Fatal("no template and no finding")
			}
			return
		}
		for _, page := range []host{sample, {}} {
			out, err := tmpl.Write(page)
			if err != nil && !errors.Is(err, template.ErrTooMuch) {
				t.Fatal(err)
			}
			for l := range strings.Lines(out) {
				if l = strings.TrimSpace(l); strings.HasPrefix(l, "<!-- ticketfoundry:") && l != "<!-- ticketfoundry:ours -->" {
					t.Fatalf("a marker: %q", l)
				}
			}
			if strings.ContainsAny(out, "\ue000\ue001") {
				t.Fatalf("a token: %q", out)
			}
			if !tmpl.Has("do") {
				continue
			}
			if _, err := tmpl.WriteLine(page, "do"); err != nil && !errors.Is(err, template.ErrTooMuch) {
				t.Fatal(err)
			}
		}
	})
}
