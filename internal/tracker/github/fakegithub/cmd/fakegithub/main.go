// Command fakegithub serves the fake GitHub on an address, for tests of the
// container and of anything else that runs in a process of its own.
//
// It owns flags and the life of the server; it refuses to run on a seed that
// GitHub would refuse. The journal file gets each request as a line of JSON when
// the server ends; GET /__journal and /__state show the same at any time. POST /__act
// does what a person would do on the web pages:
//
//	curl --data '{"as":"octocat","do":"close","issue":12}' http://127.0.0.1:8090/__act
//
// Time is the machine's.
//
//	fakegithub --addr 127.0.0.1:8090 --seed seed.json --journal requests.jsonl
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves until the context ends. The first line it prints is the address.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("fakegithub", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8090", "address to serve on; port 0 picks one")
	seedFile := flags.String("seed", "", "JSON file with what the repository holds")
	journalFile := flags.String("journal", "", "file that gets each request as a line of JSON at the end")
	if err := flags.Parse(args); err != nil {
		return err
	}
	srv, err := load(*seedFile)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", *addr)
	if err != nil {
		return err
	}
	web := &http.Server{Handler: srv.Control(), ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintf(out, "http://%s\n", listener.Addr())
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	if err := web.Close(); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return write(*journalFile, srv.Requests())
}

func load(path string) (*fakegithub.Server, error) {
	var seed fakegithub.Seed
	if path != "" {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&seed); err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
	}
	return fakegithub.FromSeed(seed, time.Now)
}

func write(path string, requests []fakegithub.Request) error {
	if path == "" {
		return nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	for _, r := range requests {
		if err := e.Encode(r); err != nil {
			return err
		}
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}
