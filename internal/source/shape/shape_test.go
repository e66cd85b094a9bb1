package shape

import (
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/source/document"
)

func TestCompileOpensNothing(t *testing.T) {
	for _, ref := range []string{"file:///etc/passwd", "https://example.com/schema.json", "other.json"} {
		if _, err := Compile([]byte(`{"$ref": "`+ref+`"}`), nil, nil); err == nil {
			t.Errorf("%s was loaded", ref)
		}
	}
}

// One pattern may mean different things in two places: each is explained in its own words.
func TestWordsStandAtTheirPlace(t *testing.T) {
	schema, err := Compile([]byte(`{"type": "object", "properties": {
		"a": {"type": "string", "pattern": "^x$", "patternErrorMessage": "write an x"},
		"b/c": {"$ref": "#/$defs/b"}},
		"$defs": {"b": {"type": "string", "pattern": "^x$", "patternErrorMessage": "write the letter x"}}}`), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"a: zoo\n": "write an x", "b/c: zoo\n": "write the letter x"} {
		doc, findings := document.Parse("f.yml", []byte(text))
		if findings = append(findings, schema.Check(doc)...); len(findings) != 1 || findings[0].Hint != want {
			t.Errorf("%q: %v, want the hint %q", text, findings, want)
		}
	}
}
