package config

import "strings"

// TagFault says what Git refuses in the name of a tag, in words that follow the name; empty where
// it takes the name. The rules are those of https://git-scm.com/docs/git-check-ref-format, and
// that no tag begins with a hyphen.
func TagFault(name string) string {
	switch {
	case name == "":
		return "is empty"
	case strings.HasPrefix(name, "-"):
		return "begins with a hyphen"
	case strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`~^:?*[\`, r) }):
		return `has a blank, a control character or one of ~ ^ : ? * [ \ in it`
	case strings.Contains(name, ".."):
		return "has two dots in a row"
	case strings.Contains(name, "@{"):
		return `has "@{" in it`
	case strings.HasSuffix(name, "."):
		return "ends with a dot"
	}
	for part := range strings.SplitSeq(name, "/") {
		switch {
		case part == "":
			return "begins or ends with a slash, or has two in a row"
		case strings.HasPrefix(part, "."):
			return "has a part that begins with a dot"
		case strings.HasSuffix(part, ".lock"):
			return `has a part that ends with ".lock"`
		}
	}
	return ""
}
