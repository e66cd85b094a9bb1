package capability

import "strings"

// Product gives the product prefix of a capability id: "CRM" of "CRM-101".
func Product(id string) string {
	prefix, _, _ := strings.Cut(id, "-")
	return prefix
}
