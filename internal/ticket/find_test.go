package ticket

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Markers are found where the patterns find them in the whole text.
func TestMarkersAreFoundWhereThePatternsAre(t *testing.T) {
	lines := rapid.SampledFrom([]string{
		"", "text", "<!-- ticketfoundry:", "<!-- ticketfoundry:end", endMarker, " " + endMarker + "\t", endMarker + " x", "x " + endMarker, endMarker + endMarker,
		begin(mark), "\t" + begin(mark) + " ", "> " + begin(mark), begin(mark) + begin(mark), begin(Marker{"1", "CRM-1"}), "<!-- ticketfoundry:begin -->",
		"<!-- ticketfoundry:beginning -->", "<!-- ticketfoundry:state {} -->", OursLine, "<!-- ticketfoundry:begin repo=1 key=CRM-0 -->",
	})
	rapid.Check(t, func(t *rapid.T) {
		body := ""
		for i, l := range rapid.SliceOfN(lines, 0, 8).Draw(t, "lines") {
			if i > 0 {
				body += "\n"
			}
			body += l
		}
		at, end, count := findMarkers(body)
		if want := beginPattern.FindStringSubmatchIndex(body); !slices.Equal(at, want) {
			t.Fatalf("%q: begins at %v, want %v", body, at, want)
		}
		if want := len(anyMarker.FindAllString(body, -1)); count != want {
			t.Fatalf("%q: %d markers, want %d", body, count, want)
		}
		if at == nil {
			return
		}
		want := endPattern.FindStringIndex(body[at[1]:])
		if !slices.Equal(end, shifted(want, at[1])) {
			t.Fatalf("%q: ends at %v, want %v after %d", body, end, want, at[1])
		}
	})
}
