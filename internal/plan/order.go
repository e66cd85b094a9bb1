package plan

import (
	"cmp"
	"strings"
)

// CompareIDs orders capability ids by product and then by number: CRM-9 before CRM-101.
func CompareIDs(a, b string) int {
	productA, numberA, _ := strings.Cut(a, "-")
	productB, numberB, _ := strings.Cut(b, "-")
	return cmp.Or(strings.Compare(productA, productB), cmp.Compare(len(numberA), len(numberB)), strings.Compare(numberA, numberB))
}
