package template

import (
	"errors"
	"testing"
)

// Only a token that is signed, and each only once, becomes what was held back.
func TestRestore(t *testing.T) {
	held := []string{"[x]", "<!-- mark -->"}
	sign := signature("a text")
	if other := signature("another text"); other == sign || len(sign) != 16 {
		t.Errorf("%q and %q", sign, other)
	}
	token := func(number string) string { return string(tokenBegin) + sign + number + string(tokenEnd) }
	for _, c := range []struct{ text, want string }{
		{"a " + token("1") + " b " + token("0"), "a <!-- mark --> b [x]"},
		{"one of them was lost: " + token("0"), "one of them was lost: [x]"},
		{token("0") + token("1") + token("0"), ""},
		{token("2"), ""},
		{token("-1"), ""},
		{token("x"), ""},
		{string(tokenBegin) + "0" + string(tokenEnd), ""},
		{string(tokenBegin) + signature("another text") + "0" + string(tokenEnd), ""},
		{string(tokenBegin) + sign + "0", ""},
		{token("0") + string(tokenEnd), ""},
	} {
		got, err := restore(c.text, sign, held)
		if got != c.want || errors.Is(err, ErrUnfit) != (c.want == "") {
			t.Errorf("%q gave %q, %v, want %q", c.text, got, err, c.want)
		}
	}
}

type nobody struct{}

func (nobody) Line(s string) string { return s }
func (nobody) Cell(s string) string { return s }
func (nobody) Text(s string) string { return s }

// A template that got past the checks ends with an error, whatever it asks for.
func TestUncheckedEndsWell(t *testing.T) {
	v := NewVocabulary(
		[]Field[nobody]{{Name: "title", Kind: Line, Get: func(nobody) Value { return NewLine("a") }}},
		[]Func[nobody]{{Name: "same", Takes: []Kind{Line}, Gives: Line, Call: func(_ nobody, v []Value) Value { return v[0] }}},
	)
	for _, text := range []string{
		"{{nosuch .}}", "{{same}}", "{{same .title .title}}", "{{not}}", "{{eq .title}}", "{{or}}", "{{lt}}", `{{template "x" .}}`, `{{define "a"}}{{end}}{{template "a"}}`,
	} {
		trees, err := trees(text)
		if err != nil {
			t.Fatal(err)
		}
		tmpl := &Template[nobody]{vocabulary: v, trees: trees}
		if out, err := tmpl.Write(nobody{}); !errors.Is(err, ErrUnfit) || out != "" {
			t.Errorf("%s gave %q, %v", text, out, err)
		}
	}
}
