package local_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local"
)

// update is the flag that rewrites golden files.
var update = flag.Bool("update", false, "rewrite golden files")

// The test binary runs itself as another process: what it is to do stands in the environment.
const (
	roleVariable = "LOCAL_TEST_ROLE"
	dirVariable  = "LOCAL_TEST_DIR"
)

func TestMain(m *testing.M) {
	flag.Parse()
	dir := os.Getenv(dirVariable)
	var err error
	switch os.Getenv(roleVariable) {
	case "":
		os.Exit(m.Run())
	case "scribble":
		err = scribble(dir)
	case "hold":
		err = hold(dir)
	case "take-turns":
		err = takeTurns(dir)
	case "full-disk":
		err = fullDisk(dir)
	default:
		err = fmt.Errorf("unknown role")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// child starts this binary in a role over a folder; lines gives what it prints.
func child(t *testing.T, role, dir string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role, dirVariable+"="+dir)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe() // open as long as the test: the child may wait on it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stdin.Close() })
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // ended already, where the test got so far
	return cmd, bufio.NewScanner(out)
}

func childTracker(dir string, wait time.Duration) (*local.Tracker, error) {
	return local.Open(dir, local.Options{Clock: time.Now, Account: "ticketfoundry", Create: true, Wait: wait})
}

// scribble writes without end, and says what is done after each write: "made N KEY",
// "titled N VERSION", "commented N K".
func scribble(dir string) error {
	tr, err := childTracker(dir, time.Second)
	if err != nil {
		return err
	}
	ctx := context.Background()
	run := strconv.Itoa(os.Getpid())
	for i := 0; ; i++ {
		key := ticket.Make("CRM-1", "build", "run-"+run+"-"+strconv.Itoa(i))
		got := tr.Create(ctx, []ticket.Draft{{Key: key, Title: "version 0", Body: string(key) + strings.Repeat("\nfill", 2000), Labels: []string{"run " + run}}})
		if got[0].Err != nil {
			return got[0].Err
		}
		n := got[0].Ticket.Number
		fmt.Println("made", n, key)
		for v := 1; v <= 2; v++ {
			if _, err := tr.Update(ctx, got[0].Ticket.Ref, ticket.Patch{Title: "version " + strconv.Itoa(v)}); err != nil {
				return err
			}
			fmt.Println("titled", n, v)
		}
		c, err := tr.Comment(ctx, got[0].Ticket.Ref, 0, "said")
		if err != nil {
			return err
		}
		fmt.Println("commented", n, c.ID)
	}
}

// witness keeps what killed writers said was done.
type witness struct {
	keys     map[int]string
	versions map[int]int
	comments map[int]int64
}

func (w *witness) hear(t *testing.T, line string) {
	t.Helper()
	var what, rest string
	var n int
	if _, err := fmt.Sscan(line, &what, &n, &rest); err != nil {
		t.Fatalf("the child said %q: %v", line, err)
	}
	v, _ := strconv.Atoi(rest) // no number after "made"
	switch what {
	case "made":
		if other, twice := w.keys[n]; twice {
			t.Errorf("number %d was given to %s and %s", n, other, rest)
		}
		w.keys[n] = rest
	case "titled":
		w.versions[n] = v
	case "commented":
		w.comments[n] = int64(v)
	}
}

// TestKilled kills a writer 100 times in the midst of its work. Whatever it said was done is
// there afterwards, nothing is damaged, and no number is used twice.
func TestKilled(t *testing.T) {
	kills := 100
	if testing.Short() {
		kills = 5
	}
	dir := t.TempDir()
	w := &witness{map[int]string{}, map[int]int{}, map[int]int64{}}
	for range kills {
		cmd, out := child(t, "scribble", dir)
		if !out.Scan() {
			t.Fatal("the child said nothing")
		}
		time.AfterFunc(rand.N(30*time.Millisecond), func() { _ = cmd.Process.Kill() }) // Wait tells whether it was
		w.hear(t, out.Text())
		for out.Scan() {
			w.hear(t, out.Text())
		}
		if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("the child ended by itself: %v", err)
		}
	}
	if len(w.keys) < kills {
		t.Fatalf("%d runs made only %d tickets", kills, len(w.keys))
	}
	w.check(t, open(t, dir))
	if left := leftovers(t, dir); len(left) > 0 {
		t.Errorf("opening left %v behind", left)
	}
}

// check looks for all that was said to be done; more may be there.
func (w *witness) check(t *testing.T, tr *local.Tracker) {
	t.Helper()
	all := map[int]ticket.Observed{}
	for _, o := range list(t, tr) {
		all[o.Number] = o
		if !strings.HasSuffix(o.Body, "\nfill") || len(o.Body) < 10_000 {
			t.Errorf("%s is cut: %d bytes", o.Ref, len(o.Body))
		}
	}
	t.Logf("%d tickets said to be made, %d found", len(w.keys), len(all))
	for n, key := range w.keys {
		if !strings.HasPrefix(all[n].Body, key+"\n") {
			t.Errorf("ticket %d, %s, is lost", n, key)
			continue
		}
		if got, _ := strconv.Atoi(strings.TrimPrefix(all[n].Title, "version ")); got < w.versions[n] {
			t.Errorf("ticket %d has version %d, but %d was written", n, got, w.versions[n])
		}
		if want := w.comments[n]; want != 0 {
			if got, err := tr.Comments(t.Context(), all[n].Ref); err != nil || len(got) != 1 || got[0].ID != want || got[0].Body != "said" {
				t.Errorf("comments of ticket %d are %+v, %v; want %d", n, got, err, want)
			}
		}
	}
}

func leftovers(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if tempFile.MatchString(e.Name()) {
			out = append(out, e.Name())
		}
	}
	return out
}

// TestCutBeforeRename: a run that died between writing and renaming leaves its temporary
// file; the old content stands, and the next writer clears up.
func TestCutBeforeRename(t *testing.T) {
	dir := t.TempDir()
	tr := open(t, dir)
	o := create(t, tr, "CRM-1", "old", "body")
	closeIt(t, tr)
	file := fileOf(t, dir, o.Ref)
	write(t, strings.Replace(read(t, file), "title: old", "title: new", 1)[:40], dir, "."+filepath.Base(file)+"8412")
	write(t, "version: 1\n", dir, ".repository.yml77")
	// Cut between linking a new ticket to its place and removing the temporary name.
	if err := os.Link(file, filepath.Join(dir, ".0001-crm-1.md99")); err != nil {
		t.Fatal(err)
	}
	write(t, "mine", dir, ".gitignore")
	o1 := options()
	o1.Create = false
	reader, err := local.Open(dir, o1)
	if err != nil {
		t.Fatal(err)
	}
	if got := list(t, reader); len(got) != 1 || got[0].Title != "old" {
		t.Errorf("a reader sees %+v", got)
	}
	if left := leftovers(t, dir); len(left) != 3 {
		t.Errorf("a reader left %v, want all three", left)
	}
	closeIt(t, reader)
	if got := list(t, open(t, dir)); len(got) != 1 || got[0].Title != "old" || got[0].Body != "body" {
		t.Errorf("the next run sees %+v", got)
	}
	if left := leftovers(t, dir); len(left) > 0 || read(t, dir, ".gitignore") != "mine" {
		t.Errorf("the next run left %v", left)
	}
}

// hold opens the folder, says so, and waits to be killed.
func hold(dir string) error {
	if _, err := childTracker(dir, time.Second); err != nil {
		return err
	}
	fmt.Println("open")
	_, err := bufio.NewReader(os.Stdin).ReadString(0)
	return err
}

func TestLockDiesWithItsProcess(t *testing.T) {
	dir := t.TempDir()
	cmd, out := child(t, "hold", dir)
	if !out.Scan() || out.Text() != "open" {
		t.Fatalf("the child said %q", out.Text())
	}
	if _, err := local.Open(dir, options()); ticket.KindOf(err) != ticket.Unavailable {
		t.Errorf("beside another process: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the child was not killed")
	}
	closeIt(t, open(t, dir))
}

const turns = 15

// takeTurns opens the folder again for every ticket, waiting for the other process.
func takeTurns(dir string) error {
	for range turns {
		tr, err := childTracker(dir, time.Minute)
		if err != nil {
			return err
		}
		got := tr.Create(context.Background(), []ticket.Draft{{Title: "turn", Body: strconv.Itoa(os.Getpid())}})
		if got[0].Err != nil {
			return got[0].Err
		}
		fmt.Println(got[0].Ticket.Number)
		if err := tr.Close(); err != nil {
			return err
		}
	}
	return nil
}

func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	a, outA := child(t, "take-turns", dir)
	b, outB := child(t, "take-turns", dir)
	seen := map[string]bool{}
	for _, out := range []*bufio.Scanner{outA, outB} {
		for out.Scan() {
			if seen[out.Text()] {
				t.Errorf("number %s was given twice", out.Text())
			}
			seen[out.Text()] = true
		}
	}
	for _, cmd := range []*exec.Cmd{a, b} {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	if got := len(list(t, open(t, dir))); got != 2*turns || len(seen) != 2*turns {
		t.Errorf("%d tickets, %d numbers, want %d", got, len(seen), 2*turns)
	}
}

// fullDisk lets no file grow beyond 16 KiB, as a full disk does, and tries to write more.
func fullDisk(dir string) error {
	signal.Ignore(syscall.SIGXFSZ)
	tr, err := childTracker(dir, time.Second)
	if err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 16 << 10, Max: 16 << 10}); err != nil {
		return err
	}
	big := strings.Repeat("x", 60_000)
	_, updated := tr.Update(context.Background(), "#1", ticket.Patch{Title: "new", Body: big})
	created := tr.Create(context.Background(), []ticket.Draft{{Key: "CRM-2", Title: "big", Body: big}, {Key: "CRM-3", Title: "small"}})
	fmt.Printf("%s: %v\n", ticket.KindOf(updated), updated)
	fmt.Printf("%s: %v\n", ticket.KindOf(created[0].Err), created[0].Err)
	fmt.Printf("%q: %s\n", ticket.KindOf(created[1].Err), created[1].Ticket.Ref)
	return tr.Close()
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	tr := open(t, dir)
	create(t, tr, "CRM-1", "old", "body")
	closeIt(t, tr)
	cmd, out := child(t, "full-disk", dir)
	for _, want := range []string{
		"unavailable: update #1: write tickets/0001-crm-1.md: ", "unavailable: create CRM-2: write tickets/0002-crm-2.md: ", `"": #3`,
	} {
		if !out.Scan() || !strings.HasPrefix(out.Text(), want) {
			t.Errorf("got %q, want %q", out.Text(), want)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	got := list(t, open(t, dir))
	if len(got) != 2 || got[0].Title != "old" || got[0].Body != "body" || got[1].Title != "small" {
		t.Errorf("afterwards there are %d tickets, the first %q with %d bytes", len(got), got[0].Title, len(got[0].Body))
	}
	if left := leftovers(t, dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
