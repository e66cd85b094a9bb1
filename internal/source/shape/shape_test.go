package shape

import "testing"

func TestCompileOpensNothing(t *testing.T) {
	for _, ref := range []string{"file:///etc/passwd", "https://example.com/schema.json", "other.json"} {
		if _, err := Compile([]byte(`{"$ref": "`+ref+`"}`), nil, nil); err == nil {
			t.Errorf("%s was loaded", ref)
		}
	}
}
