package folder

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Damage is a file that cannot be understood, at the line that says why.
type Damage struct {
	File string
	Line int // 0: the file as a whole
	Text string
}

// Error is one line: file, line, what is wrong.
func (d *Damage) Error() string {
	if d.Line == 0 {
		return d.File + ": " + d.Text
	}
	return fmt.Sprintf("%s:%d: %s", d.File, d.Line, d.Text)
}

const fence = "---\n"

// Join writes head as front matter above body, which follows byte for byte.
func Join(head any, body string) ([]byte, error) {
	text, err := YAML(head)
	if err != nil {
		return nil, err
	}
	return slices.Concat([]byte(fence), text, []byte(fence), []byte(body)), nil
}

// Split reads the front matter of a file into head and gives the body below it, byte for
// byte. Without front matter found is false and the whole text is the body. An editor's byte
// order mark and its line ends are no matter; in the body they stay.
func Split(file string, text []byte, head any) (body string, found bool, err error) {
	if !utf8.Valid(text) {
		good := bytes.ToValidUTF8(text, nil)
		at := 0
		for at < len(good) && good[at] == text[at] {
			at++
		}
		return "", false, &Damage{file, 1 + bytes.Count(text[:at], []byte("\n")), "not UTF-8 text"}
	}
	plain := bytes.TrimPrefix(text, []byte("\ufeff"))
	first, rest, _ := bytes.Cut(plain, []byte("\n"))
	if !isFence(first) {
		return string(text), false, nil
	}
	end := len(first) + 1
	for len(rest) > 0 {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		if isFence(line) {
			// The opening fence goes along, so that line numbers are those of the file.
			return string(after), true, Decode(file, plain[:end], head)
		}
		end += len(line) + 1
		rest = after
	}
	return "", false, &Damage{file, 1, `the front matter has no closing "---" line`}
}

func isFence(line []byte) bool { return string(bytes.TrimRight(line, " \t\r")) == "---" }

// Decode reads YAML strictly; what is wrong comes back as *Damage.
func Decode(file string, text []byte, into any) error {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	err := dec.Decode(into)
	if err == nil || errors.Is(err, io.EOF) {
		return nil
	}
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	var types *yaml.TypeError
	if errors.As(err, &types) && len(types.Errors) > 0 {
		message = types.Errors[0]
	}
	at := linePattern.FindStringSubmatch(message)
	if at == nil {
		return &Damage{file, lineOfValue(text, message), message}
	}
	line, err := strconv.Atoi(at[1])
	if err != nil {
		line = 0
	}
	if strings.HasPrefix(at[2], "did not find expected") {
		line++ // yaml.v3 counts lines from 0 in what its parser, not its scanner, says
	}
	return &Damage{file, line, at[2]}
}

// lineOfValue finds the first line that holds the value which a message quotes: of times, yaml.v3
// does not say where they stand. 0 if there is none.
func lineOfValue(text []byte, message string) int {
	_, rest, _ := strings.Cut(message, `"`)
	value, _, found := strings.Cut(rest, `"`)
	if !found || value == "" {
		return 0
	}
	n := 0
	for line := range bytes.Lines(text) {
		if n++; bytes.Contains(line, []byte(value)) {
			return n
		}
	}
	return 0
}

// linePattern takes apart what yaml.v3 says of a place.
var linePattern = regexp.MustCompile(`(?s)^line ([0-9]+): (.*)$`)

// LineOf finds the front matter line that starts with key, for damage that only shows after
// decoding.
func LineOf(text []byte, key string) int {
	n := 0
	for line := range bytes.Lines(text) {
		n++
		if n > 1 && isFence(bytes.TrimSuffix(line, []byte("\n"))) {
			break
		}
		if bytes.HasPrefix(line, []byte(key+":")) {
			return n
		}
	}
	return 0
}

// YAML writes a whole YAML file.
func YAML(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(v), enc.Close()); err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	return out.Bytes(), nil
}
