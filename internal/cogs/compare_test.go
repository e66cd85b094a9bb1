package cogs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

func TestDrivers(t *testing.T) {
	d := func(name, cost, quantity string) Driver {
		return Driver{Name: name, Kind: "other", UnitCost: MustDecimal(cost), Quantity: MustDecimal(quantity)}
	}
	before := Estimate{Currency: "USD", Drivers: []Driver{d("calls", "1", "10"), d("store", "2", "5"), d("calls", "3", "1"), d("old", "4", "1")}}
	after := Estimate{Currency: "USD", Drivers: []Driver{d("store", "5", "2"), d("calls", "1", "25"), d("calls", "3", "1"), d("new", "0.5", "1")}}
	var got []string
	for _, s := range dollars.Drivers(before, after) {
		text := s.Name + " " + s.State + " " + s.String()
		if s.Percent != "" {
			text += " " + s.Percent
		}
		if s.Quantity != nil {
			text += " x" + s.Quantity[0].Canonical() + ">" + s.Quantity[1].Canonical()
		}
		got = append(got, text)
	}
	want := "calls changed +$15.00/month 150 x10>25; old removed -$4.00/month -100; new new +$0.50/month"
	if strings.Join(got, "; ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), want)
	}
}

func TestShiftOfTwoCurrencies(t *testing.T) {
	from, to := Amount{"EUR", MustDecimal("100")}, Amount{"USD", MustDecimal("216")}
	if s := dollars.Shift(from, to); s.Same() || s.String() != "+$108.00/month" || s.Percent != "100" {
		t.Errorf("with a rate: %+v %s", s, s)
	}
	if s := (Exchange{Currency: "USD"}).Shift(from, to); s.Same() || s.String() != "" || s.Percent != "" {
		t.Errorf("without a rate: %+v", s)
	}
}

func TestPercent(t *testing.T) {
	for _, test := range []struct{ before, after, want string }{
		{"100", "159.16", "+59.2 %"}, {"3", "4", "+33.3 %"}, {"4", "3", "-25 %"}, {"1000", "1000.5", "+0.1 %"}, {"5", "5", "±0 %"}, {"0", "5", ""}, {"5", "0", "-100 %"},
	} {
		got := ""
		if p, ok := Percent(MustDecimal(test.before), MustDecimal(test.after)); ok {
			got = FormatPercent(p)
		}
		if got != test.want {
			t.Errorf("%s to %s: got %q, want %q", test.before, test.after, got, test.want)
		}
	}
}

func TestOver(t *testing.T) {
	e := Estimate{Drivers: []Driver{driver("100.000000000001", "1")}, Budget: MustDecimal("100")}
	if got := e.Over().Canonical(); got != "0.000000000001" {
		t.Errorf("got %s", got)
	}
	e.Budget = MustDecimal("100.000000000001")
	if !e.Over().IsZero() {
		t.Error("the budget itself is within it")
	}
}

// TestNoMoneyIsAFloat looks through every package of the program that knows money: the types
// float32 and float64 stand nowhere, and no decimal is turned into one or made from one.
func TestNoMoneyIsAFloat(t *testing.T) {
	rooms := map[string][]*ast.File{}
	knows := map[string]bool{}
	fset := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			return err
		}
		room := filepath.Dir(path)
		rooms[room] = append(rooms[room], file)
		for _, i := range file.Imports {
			if strings.HasSuffix(i.Path.Value, `/internal/cogs"`) || strings.HasSuffix(i.Path.Value, `/decimal"`) {
				knows[room] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for room, files := range rooms {
		if !knows[room] {
			continue
		}
		looked++
		for _, file := range files {
			for _, at := range floats(file) {
				t.Errorf("%s: money could pass through a float here", fset.Position(at))
			}
		}
	}
	if looked < 6 {
		t.Errorf("only %d packages know money", looked)
	}
}

func floats(n ast.Node) []token.Pos {
	var out []token.Pos
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			switch id.Name {
			case "float32", "float64", "InexactFloat64", "Float64", "NewFromFloat", "NewFromFloat32", "NewFromFloatWithExponent", "ParseFloat":
				out = append(out, id.Pos())
			}
		}
		return true
	})
	return out
}

// The search above finds what it looks for.
func TestFloatsAreFound(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nvar a float64\nvar b = d.InexactFloat64()\nfunc f() { decimal.NewFromFloat(1) }\n", 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(floats(file)); got != 3 {
		t.Errorf("%d places, want 3", got)
	}
}

// TestDriversOfOneName drops the first of two: what is left is the other, as it was.
func TestDriversOfOneName(t *testing.T) {
	one := func(cost string) Driver {
		return Driver{Name: "Calls", UnitCost: MustDecimal(cost), Quantity: MustDecimal("1")}
	}
	x := Exchange{Currency: "USD"}
	both := Estimate{Currency: "USD", Drivers: []Driver{one("5"), one("9")}}
	got := x.Drivers(both, Estimate{Currency: "USD", Drivers: []Driver{one("9")}})
	if len(got) != 1 || got[0].State != Removed || got[0].Before.Amount.String() != "5" {
		t.Errorf("dropping one of two drivers of a name gives %+v", got)
	}
}
