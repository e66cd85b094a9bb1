package desired

import (
	"fmt"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/template"
)

// EveryField gives a template that writes every field and every part, each in the next of the
// places: %s in a place stands for the action.
func EveryField(places ...string) string {
	var b strings.Builder
	n := 0
	write := func(action string) {
		fmt.Fprintf(&b, places[n%len(places)]+"\n\n", "{{"+action+"}}")
		n++
	}
	for _, f := range vocabulary().Fields {
		switch {
		case f.Kind != template.List:
			write("." + f.Name)
		case len(f.Of) == 0:
			write("bullets ." + f.Name)
			b.WriteString("{{range ." + f.Name + "}}")
			write(".")
			b.WriteString("{{end}}")
		default:
			b.WriteString("{{range ." + f.Name + "}}")
			for _, c := range f.Of {
				if c.Kind != template.List {
					write("." + c.Name)
				}
			}
			b.WriteString("{{end}}")
		}
	}
	for _, f := range vocabulary().Funcs {
		switch len(f.Takes) {
		case 0:
			write(f.Name)
		case 1:
			if f.Takes[0]&template.Line != 0 {
				write(f.Name + " .title")
			}
		case 2:
			write(f.Name + " .title .legal")
		}
	}
	return b.String()
}
