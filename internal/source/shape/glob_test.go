package shape

import (
	"strings"
	"testing"
)

// A pattern in a pull request must not keep the check busy for years.
func TestTangledPatternIsRefused(t *testing.T) {
	if err := checkGlob("{capabilities,docs}/**/*.{yml,yaml}"); err != nil {
		t.Error(err)
	}
	err := checkGlob("capabilities/" + strings.Repeat("{a,aa}", 30))
	if err == nil || !strings.Contains(err.Error(), "too many alternatives in braces") {
		t.Errorf("got %v", err)
	}
}
