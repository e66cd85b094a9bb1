package plain

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"title", "target_date", "tickets", "build", "spec-approval"}
	for text, want := range map[string]string{
		"titel": "title", "Target-Date": "target_date", "targetDate": "target_date", "biuld": "build",
		"spec_approval": "spec-approval", "zebra": "", "": "", "x": "",
	} {
		if got, _ := Nearest(text, known); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
