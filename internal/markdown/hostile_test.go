package markdown_test

import "strings"

// hostile is text that tries to do something: notify, refer, load, hide, or break out.
func hostile() []string {
	out := []string{
		// mentions
		"@octocat", "ask @octocat please", "@acme/press", "(@octocat)", "**@octocat**", "foo**@octocat**", "_@octocat_",
		`\@octocat`, "&#64;octocat", "&commat;octocat", "&#x40;octocat", "@octo\u200bcat", "[@octocat](https://a.example)",
		"[x](https://medium.example/@octocat)", "https://medium.example/@octocat", "<https://medium.example/@octocat>",
		"> @octocat", "- @octocat", "# @octocat", "| a |\n|---|\n| @octocat |", "a@b.example", "user@1a2b3c4d", "a.@octocat",
		"`@octocat`", "` @octocat", "`` @octocat`", "~~@octocat~~", "@\noctocat", "@_octocat", "@-octocat", "\uff20octocat",
		"![@octocat](https://a.example/x.png)", "@&#111;ctocat", "@\\octocat", "[ref]\n\n[ref]: https://a.example \"@octocat\"",
		// references
		"#12", "see #12.", "GH-12", "gh-12", "owner/repo#12", `\#12`, "&#35;12", "&num;12", "#&#49;2", `GH\-12`, "GH&#45;12",
		"fixes #12", "Closes: #12", "Duplicate of #12", "resolves acme/crm#7",
		"https://github.com/acme/crm/issues/12", "<https://github.com/acme/crm/pull/12>", "[x](https://github.com/acme/crm/issues/12)",
		"[x](https://GITHUB.com/acme/crm/issues/12#issuecomment-1)", "www.github.com/acme/crm/issues/12", "https://github.com//acme/crm/issues/12",
		"https://github.com/acme/crm/commit/0123456789abcdef0123456789abcdef01234567", "https://ghe.corp.example/acme/crm/issues/12",
		"https://ghe/acme/crm/issues/12", "[x](https://github.com/acme/crm/%69ssues/12)", "[https://github.com/a/b/issues/1](https://a.example)",
		"0123456789abcdef0123456789abcdef01234567", "deadbeef", "acme@0123456789abcdef0123456789abcdef01234567", "acme/crm@deadbee1",
		"1234567890123456789012345678901234567890", "see `#12` and #12",
		// HTML
		"<b>bold</b>", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<details><summary>x</summary>", "</details>", "<!-- hidden -->",
		"<!-- ticketfoundry:end -->", "x\n<!-- ticketfoundry:end -->\ny", "```\n<!-- ticketfoundry:end -->\n```", "    <!-- ticketfoundry:end -->",
		"`<!-- ticketfoundry:end -->`", `\<!-- ticketfoundry:end -->`, "&lt;!-- ticketfoundry:end -->", "<!-- ticketfoundry:begin repo=1 key=CRM-1 -->",
		"<!-- ticketfoundry:ours -->", `<!-- ticketfoundry:state {"v":1} -->`, "-->", "--> <b>", "<!--", "<!-- open", "]]>", "<![CDATA[ x", "<?php x",
		"<!DOCTYPE html>", "<a href=\"javascript:alert(1)\">x</a>", "<div\nclass=x>", "a <br/> b", "&lt;b&gt;", "&amp;lt;b&amp;gt;", "&#60;b&#62;",
		"ticketfoundry: yes", "> ticketfoundry:end", "TicketFoundry:END", "```\n<!--\tticketfoundry:end -->\n```",
		// links and images
		"![x](https://a.example/track.png)", "![](https://a.example/track.png)", "[![x](https://a.example/i.png)](https://b.example)", "\\![x](https://a.example/i.png)",
		"!&#91;x](https://a.example/i.png)", "&excl;[x](https://a.example)", "\\!&#91;x](https://a.example)", "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))",
		"[x](java\nscript:alert(1))", "[x](&#106;avascript:alert(1))", "[x](data:text/html,<b>)", "[x](vbscript:x)", "[x](../issues/12)", "[x](/acme/crm/issues/12)",
		"[x](//github.com/acme/crm/issues/1)", "[x](#top)", "[x](file:///etc/passwd)", "[x](ftp://a.example/x)", "ftp://a.example/x", "<javascript:alert(1)>",
		"[x](https://a.example/`b`)", "[x](<https://a.example/a b>)", "[x](https://a.example/a)b)", "[x]( https://a.example 'title' )", "[x](https://github.com@evil.example/)",
		"[x][y]\n\n[y]: javascript:alert(1)", "[^1]\n\n[^1]: note", "[x]: https://a.example", "[x]:\nhttps://a.example", "a\n[x]: https://a.example", "[a](<b c)",
		"![x][y]\n\n[y]: https://a.example/i.png", "[x](https://a.example/?a=1&copy=2)", "[a [b](https://c.example) d](https://e.example)", "https://a.example/`x`<b>",
		"https://a.example/**x**", "https://a.example/a|b", "[x](mailto:a@b.example)", "<a@b.example>",
		// blocks
		"- [ ] do", "- [x] done", "* [X] done", "1. [ ] do", "> - [ ] do", "-   [ ] do", "- \n  [ ] do", "text\n- [ ] do", "    - [ ] do", "- a\n\n      - [ ] do",
		"# Top", "Top\n===", "Top\n---", "###### Six", "> # Quoted", "- # Item", "# ", "# a #", "# a \\#", "a\n# b", "#tag", "> foo\n===", "> foo\n---",
		"```", "```go\nx", "~~~\nx", "````\n```\n````", "```\n````\n```", "- ```\n  x", "> ```\n> x", "```\n```\n```", "``` `x", "```a```", "```a`` b` ```", "`` ` ``",
		"| a | b |\n|---|---|\n| x | y |", "| a |\n|--|\n| `x|y` |", "| a |\n|--|\n| `x\\|y` \\| z |", "a | b\n-|-\nc|d|e", "|", "||", "|---|", "x\n|---|", "a\n:-:", "> a | b\nc\n--|--",
		"---", "***", "___", "===", "- ---", "* ***", "+", "-", "foo\n-", "- foo\n  -", "- foo\n  ***", "1.", "1. a\n1. b", "999999999. a", "0) a", "1986\\. A year", "- - - a", "- a\n\n\n- b", "* a\n- b",
		"    code", "\tcode", "a\n    b", "- a\n\n      code", ">", "> > > > > > > > > > > > a\nb", "\\", "\\\\", "a\\", "a\\\nb", "a  \nb",
		// hidden characters and size
		"a\u202eb", "a\u2066b", "a\u2028b", "\ufeffa", "a\x00b", "\x00CRM-1\x00", "a\x1b[31mb", "a\rb", "a\r\nb", "\x80\xff", "a\u00a0b", "&#8238;x", "&#0;x", "&ZeroWidthSpace;@octocat", "&NewLine;#12", "&Tab;@octocat",
		// commands of other machines
		"::error::x", "##[error]x", "/approve", "%0A::set-output", "${{ secrets.X }}", "$(id)", "$x$ and $$y$$",
	}
	for _, s := range []string{"[", "*", "`", "<", "![", "> ", "- ", "_", "~", "&", "\\", "|", "1. ", "(", "a](", "[a](", "**a ", "@a ", "#1 ", "x\n> ", "[x]: y\n"} {
		out = append(out, strings.Repeat(s, 8_000/len(s)))
	}
	return append(out, strings.Repeat(">", 10_000)+strings.Repeat("x\n", 5_000), strings.Repeat("word @ada #1\n\n", 4_000))
}
