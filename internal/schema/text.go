package schema

// amountWords says how an amount is written.
const amountWords = `write an amount as digits with a dot, 0 or more, without currency sign, blanks or thousands separators: 1234.50`

// kind is a kind of text: how it looks, how long it may be (0: no limit of its own), and how
// to say that to somebody who got it wrong.
type kind struct {
	pattern string
	most    uint64
	words   string
}

// textKind gives the kind of text that a struct tag names as its format.
func textKind(name string) (kind, bool) {
	const slug = `^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`
	switch name {
	case "line":
		return kind{`^[^\s]([^\r\n]*[^\s])?$`, 500, "write one line of text that neither begins nor ends with a blank"}, true
	case "text":
		return kind{`[^\s]`, 0, "write some text, or leave the key out"}, true
	case "capability-id":
		return kind{`^[A-Z][A-Z0-9]{1,9}-[1-9][0-9]{0,6}$`, 0, "write capital letters, a hyphen and a number without leading zeros, like CRM-101"}, true
	case "product":
		return kind{`^[A-Z][A-Z0-9]{1,9}$`, 0, "write the capital letters that capability ids of the product begin with, like CRM"}, true
	case "slug":
		return kind{slug, 63, "write small letters a to z, digits and hyphens, like scoring-endpoint"}, true
	case "stage-id":
		return kind{slug, 40, "write the id of a stage in small letters, digits and hyphens, like spec-approval"}, true
	case "criterion-id":
		return kind{`^[A-Za-z0-9][A-Za-z0-9._-]*$`, 40, "write letters, digits, dots and hyphens without blanks, like AC-1"}, true
	case "login":
		return kind{`^@?[A-Za-z0-9][A-Za-z0-9_-]{0,38}(\[bot\])?$`, 0, "write the GitHub login of one person: letters, digits and hyphens, like octocat"}, true
	case "approver":
		return kind{
			`^(@?[A-Za-z0-9][A-Za-z0-9_-]{0,38}|role:(triage|write|maintain|admin))$`, 0,
			"write a GitHub login like octocat, or role:triage, role:write, role:maintain or role:admin",
		}, true
	case "person-or-audience":
		return kind{
			`^(@?[A-Za-z0-9][A-Za-z0-9_-]{0,38}|audience:(product|engineering|compliance|release|docs|press|marketing))$`, 0,
			"write a GitHub login like octocat, or an audience like audience:press",
		}, true
	case "label":
		return kind{`^[^\s,\p{C}]([^,\p{C}]*[^\s,\p{C}])?$`, 50, "write the name of a label without commas, at most 50 characters"}, true
	case "label-or-prefix":
		return kind{`^[^\s,\p{C}]([^,\p{C}]*[^\s,\p{C}])?$`, 50, "write the name of a label, or its beginning up to a colon like \"stage:\""}, true
	case "color":
		return kind{`^[0-9A-Fa-f]{6}$`, 0, "write six hex digits in quotes and without #, like \"1d76db\""}, true
	case "version":
		return kind{`^[0-9A-Za-z][0-9A-Za-z.+_-]*$`, 40, "write letters, digits, dots and hyphens without blanks, like 2.4 or 2024.1-rc1"}, true
	case "spec-field", "condition":
		return kind{`^[a-z][a-z_]*(\.[a-z][a-z_]*)*$`, 60, "write the name of a field of the spec, like release.docs"}, true
	case "weekday":
		return kind{`^(mon|tues|wednes|thurs|fri|satur|sun)day$`, 0, "write the name of a day in small letters, like monday"}, true
	case "tag":
		return kind{`^[^\s~^:?*\[\\\p{C}]+$`, 100, "write the name of a Git tag without blanks, like {product}-v{version}"}, true
	}
	return kind{}, false
}
