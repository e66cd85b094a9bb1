package desired

import (
	"fmt"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/template"
)

// EveryField gives a template that writes every field and every part in one kind of place: %s
// in it stands for the action.
func EveryField(place string) string {
	var b strings.Builder
	write := func(action string) {
		fmt.Fprintf(&b, place+"\n\n", "{{"+action+"}}")
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
