package schema

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the schemas anew")

func TestFilesAreUpToDate(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			text, err := Generate(name)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("..", "..", "schemas", File(name))
			if *update {
				if err := os.WriteFile(file, text, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			committed, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(committed, text) {
				t.Errorf("%s is not what the Go types say; run: go test ./internal/schema -update", file)
			}
		})
	}
}

func TestGenerateRefusesUnknownNames(t *testing.T) {
	if _, err := Generate("ticket"); err == nil {
		t.Error("a schema that does not exist was generated")
	}
}
