package simulation_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// laws are what must hold after every request, whatever went wrong before it.
type laws struct {
	s       *sim
	step    int // requests and people's acts so far
	was     map[int]fakegithub.Issue
	keys    map[int]ticket.Key     // of the issues that the program made
	foreign map[int]bool           // issues of people
	words   map[int]map[string]int // people's texts and ticks by issue, and the step at which they came
	said    map[int64]remark       // comments by id
	marked  map[int64]remark       // labels put on, by event id
	posted  map[int64]int          // the program's comments, by the step at which they came
	reached map[string][]string    // stages that the record of a capability has named
	watches map[*worker]*watch
	crowded bool                    // two runs at once, now or before
	owed    map[int]map[string]debt // texts that fell between a look and the write after it, by issue
	lost    int                     // those that a fault kept from coming back
}

// watch is what is known of a run: when it began, and when it last saw each issue.
type watch struct {
	began int
	seen  map[int]sight
	alone bool // no other run was on when it began
	late  bool // its commit was overtaken before it began
}

type sight struct{ step, request int }

// debt is a text that a run has written over without having seen it, and has to put back.
type debt struct {
	by   *worker
	step int
}

// remark is something that a person said or put on a ticket.
type remark struct {
	who, text string
	key       ticket.Key
	voided    int // step at which it was edited or deleted; 0 for never
}

func newLaws(s *sim) *laws {
	return &laws{s: s, was: map[int]fakegithub.Issue{}, keys: map[int]ticket.Key{}, foreign: map[int]bool{}, words: map[int]map[string]int{},
		said: map[int64]remark{}, marked: map[int64]remark{}, posted: map[int64]int{}, reached: map[string][]string{}, watches: map[*worker]*watch{}, owed: map[int]map[string]debt{}}
}

func (l *laws) begins(w *worker) {
	l.watches[w] = &watch{began: l.step, seen: map[int]sight{}, alone: l.s.running == 1,
		late: !maps.Equal(l.s.commits[w.order.commit], l.s.commits[len(l.s.commits)-1])}
	l.crowded = l.crowded || l.s.running > 1
}

// ends checks that a run leaves no debt, unless it was ended itself or something went wrong after
// the write in question.
func (l *laws) ends(w *worker) {
	cut := w.code < 0 || w.order.at > 0 && w.n >= w.order.at
	for n, texts := range l.owed {
		for text, d := range texts {
			if d.by != w {
				continue
			}
			delete(texts, text)
			if !cut && w.trouble <= d.step && !l.s.over {
				l.s.fail("%q was saved on #%d between a look and a write, and has not come back", text, n)
			}
			l.lost++
		}
	}
}

// sends checks a request before anything is known of its fate.
func (l *laws) sends(w *worker, req *http.Request, body []byte) {
	l.step++
	writes := req.Method != http.MethodGet && !strings.HasPrefix(strings.TrimSpace(document(body)), "query")
	switch {
	case req.URL.Host != apiHost:
		l.s.fail("a request leaves for another host: %s (signed: %t)", req.URL, req.Header.Get("Authorization") != "")
	case strings.HasPrefix(req.URL.Path, "/repositories/1071/") && req.Method != http.MethodGet:
		l.s.fail("a write follows a redirect: %s %s", req.Method, req.URL)
	case l.s.now.Before(w.barred):
		l.s.fail("%s sends %s %s %s before the wait that the server asked for is over", w.name, req.Method, req.URL, w.barred.Sub(l.s.now))
	case writes && l.watches[w].late:
		l.s.fail("%s writes for commit %d, which was overtaken before it began: %s %s", w.name, w.order.commit, req.Method, req.URL)
	case req.Method == http.MethodDelete && !unlinks.MatchString(req.URL.Path):
		l.s.fail("something is deleted: %s", req.URL)
	}
}

// unlinks are the deletions that only take something off an issue.
var unlinks = regexp.MustCompile(`/issues/[0-9]+/(labels/[^/]+|assignees|sub_issue|dependencies/blocked_by/[0-9]+)$`)

var byNumber = regexp.MustCompile(`issue\(number: ([0-9]+)\)`)

// after checks what a request has done.
func (l *laws) after(w *worker, req *http.Request, body []byte, status int) {
	here := l.watches[w]
	now := sight{l.step, w.n}
	heard := status == http.StatusOK && l.s.weather.strange == "" && !strings.HasPrefix(l.s.weather.last, "truncated")
	see := func(n int) {
		if heard {
			here.seen[n] = now
		}
	}
	query := strings.HasPrefix(strings.TrimSpace(document(body)), "query")
	if req.Method == http.MethodGet || query {
		l.sees(w, req, body, see)
		return
	}
	was := l.was
	l.look()
	for n, i := range l.was {
		before, known := was[n]
		if !known {
			l.born(w, i)
			if status < 300 {
				here.seen[n] = now
			}
			continue
		}
		if !before.UpdatedAt.Equal(i.UpdatedAt) || before.Body != i.Body || len(before.Comments) != len(i.Comments) || len(before.Events) != len(i.Events) || len(before.Labels) != len(i.Labels) {
			l.changed(w, before, i)
			if before.Body != i.Body || strings.HasSuffix(req.URL.Path, fmt.Sprintf("/issues/%d", n)) {
				see(n) // the answer shows it
			}
		}
	}
	for n, before := range was {
		if _, still := l.was[n]; !still {
			l.s.fail("#%d (%s) is gone by a request of the program", n, before.Title)
		}
	}
}

// document is the GraphQL document of a request, as far as it tells reading from writing.
func document(body []byte) string {
	_, after, _ := strings.Cut(string(body), `"query":"`)
	return after
}

// sees notes which issues a read shows for themselves. A list shows none but where it is the
// program's own newest ones, which it looks through for one whose answer was lost.
func (l *laws) sees(w *worker, req *http.Request, body []byte, see func(int)) {
	for _, m := range byNumber.FindAllSubmatch(body, -1) {
		n, _ := strconv.Atoi(string(m[1])) // digits by the pattern
		see(n)
	}
	if m := oneIssue.FindStringSubmatch(req.URL.Path); m != nil {
		n, _ := strconv.Atoi(m[1])
		see(n)
	}
	if req.URL.Query().Get("direction") == "desc" {
		for n := range l.was {
			if _, before := l.watches[w].seen[n]; !before {
				see(n)
			}
		}
	}
}

var oneIssue = regexp.MustCompile(`/issues/([0-9]+)$`)

// look takes the repository as it is now.
func (l *laws) look() {
	l.was = map[int]fakegithub.Issue{}
	for _, i := range l.s.srv.Issues() {
		l.was[i.Number] = i
	}
}

// born checks an issue that has just been made.
func (l *laws) born(w *worker, i fakegithub.Issue) {
	key := keyOf(i)
	if key == "" {
		l.s.fail("#%d is made without a marker", i.Number)
		return
	}
	if l.strict(w) {
		for n, other := range l.keys {
			old, here := l.was[n]
			if other == key && here && old.StateReason != "duplicate" && (keyOf(old) == key || l.remembered(old)) {
				l.s.fail("#%d is made for %s, which is #%d", i.Number, key, n)
			}
		}
	}
	l.keys[i.Number] = key
	if s := key.Stage(); s != "" && s != firstStage && !slices.Contains(l.reached[key.Capability()], s) {
		l.s.fail("#%d is made for %s, and no record says that %s got there", i.Number, key, key.Capability())
	}
}

// remembered tells whether a capability issue names an issue among what was last applied. One that
// none does, made by a run that was cut, is lost for good once people garble its marker.
func (l *laws) remembered(i fakegithub.Issue) bool {
	for n, o := range l.was {
		if l.keys[n].IsCapability() && strings.Contains(stateLine.FindString(o.Body), fmt.Sprintf(`"ref":"#%d"`, i.Number)) {
			return true
		}
	}
	return false
}

// strict tells whether a run can have known all that was made before it.
func (l *laws) strict(w *worker) bool {
	return !l.crowded && !l.s.weather.lagging && !l.s.weather.tardy && l.watches[w].alone
}

// changed checks what a request has done to an issue.
func (l *laws) changed(w *worker, before, now fakegithub.Issue) {
	n := now.Number
	if l.foreign[n] {
		l.s.fail("#%d is none of ours, and the program changed it", n)
		return
	}
	if before.Body != now.Body {
		l.rewritten(w, now)
	}
	for _, name := range []string{"customer", "urgent"} {
		if slices.Contains(before.Labels, name) && !slices.Contains(now.Labels, name) {
			l.s.fail("the label %q, which people put on #%d, is gone", name, n)
		}
	}
	for _, c := range before.Comments {
		i := slices.IndexFunc(now.Comments, func(o fakegithub.Comment) bool { return o.ID == c.ID })
		if i < 0 || c.Author != fakegithub.BotLogin && now.Comments[i].Body != c.Body {
			l.s.fail("comment %d of %s on #%d is changed or gone", c.ID, c.Author, n)
		}
	}
	for _, c := range now.Comments {
		if _, known := l.posted[c.ID]; !known && c.Author == fakegithub.BotLogin {
			l.comments(w, now, c)
		}
	}
	if before.State == "open" && now.State == "closed" && now.StateReason == "completed" {
		l.completed(now)
	}
}

// mostBetween is how many requests a run may send between looking at an issue and rewriting it:
// ten are looked at together, and each may take a few writes, some of them twice.
const mostBetween = 45

// rewritten checks that a new body keeps what people wrote and ticked.
func (l *laws) rewritten(w *worker, now fakegithub.Issue) {
	n := now.Number
	seen, ever := l.watches[w].seen[n]
	// The board's own text is nobody's to tick or edit: it may be taken from a list. What people write
	// around it has to come back all the same.
	if board := l.keys[n] == ticket.Board; !board && (!ever || w.n-seen.request > mostBetween) {
		l.s.fail("%s rewrites #%d without having looked at it shortly before", w.name, n)
	}
	has := texts(now.Body, true)
	for text := range l.owed[n] {
		if slices.Contains(has, text) {
			delete(l.owed[n], text)
			l.words[n][text] = l.step
		}
	}
	for text, since := range l.words[n] {
		switch {
		case slices.Contains(has, text):
		case strings.HasPrefix(text, "- [x]") && !strings.Contains(now.Body, "- [ ]"+text[len("- [x]"):]):
			delete(l.words[n], text) // the item itself is gone
		case since > seen.step, w.trouble > since: // or it is sent again, its answer being lost
			delete(l.words[n], text)
			if l.owed[n] == nil {
				l.owed[n] = map[string]debt{}
			}
			l.owed[n][text] = debt{w, l.step}
		default:
			l.s.fail("%q is lost from #%d, whose writer had seen it", text, n)
		}
	}
}

var wordPattern = regexp.MustCompile(`Word [0-9]+ of [a-z]+\.`)

var tickedBox = regexp.MustCompile(`(?m)^- \[x\] (?:first|second)\b.*$`)

// texts are people's words in a body, and their ticks. Unless all are asked for, words inside of
// the block are left out: it is not theirs.
func texts(body string, all bool) []string {
	b := ticket.ParseBody(body)
	out := tickedBox.FindAllString(b.Block, -1)
	if all || !b.Whole {
		return append(out, wordPattern.FindAllString(body, -1)...)
	}
	return append(out, wordPattern.FindAllString(b.Before+"\n"+b.After, -1)...)
}

// personActs goes before what a person does.
func (l *laws) personActs() map[int]fakegithub.Issue { return l.was }

// personActed takes in what a person did.
func (l *laws) personActed(was map[int]fakegithub.Issue, who string, n int) {
	l.step++
	l.look()
	now, here := l.was[n]
	if !here {
		delete(l.words, n)
		delete(l.owed, n)
		for id, r := range l.said {
			if i := slices.IndexFunc(was[n].Comments, func(c fakegithub.Comment) bool { return c.ID == id }); i >= 0 && r.voided == 0 {
				r.voided = l.step
				l.said[id] = r
			}
		}
		return
	}
	if now.Author != fakegithub.BotLogin {
		l.foreign[n] = true
	}
	if now.Body != was[n].Body {
		old := l.words[n]
		l.words[n] = map[string]int{}
		for _, t := range texts(now.Body, false) {
			l.words[n][t] = l.step
			if since, known := old[t]; known {
				l.words[n][t] = since
			}
			delete(l.owed[n], t)
		}
	}
	l.remarks(was[n], now)
}

// remarks takes in comments and labels of people, and what became of earlier ones.
func (l *laws) remarks(was, now fakegithub.Issue) {
	key := l.keys[now.Number]
	for _, c := range now.Comments {
		r, known := l.said[c.ID]
		switch {
		case !known:
			l.said[c.ID] = remark{who: c.Author, text: c.Body, key: key}
		case c.Edits > 0 && r.voided == 0:
			r.voided = l.step
			l.said[c.ID] = r
		}
	}
	for _, c := range was.Comments {
		if r, known := l.said[c.ID]; known && r.voided == 0 && !slices.ContainsFunc(now.Comments, func(o fakegithub.Comment) bool { return o.ID == c.ID }) {
			r.voided = l.step
			l.said[c.ID] = r
		}
	}
	for _, e := range now.Events {
		if e.Kind == "labeled" {
			if _, known := l.marked[e.ID]; !known {
				l.marked[e.ID] = remark{who: e.Actor, text: e.Label, key: key}
			}
		}
	}
}
