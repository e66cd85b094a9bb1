package wire

import (
	"context"
	"net/http"
	"time"
)

// grace is how long a write that is on its way when the run is stopped may still take to
// answer: knowing what became of it is worth more than leaving a little sooner.
const grace = 4 * time.Second

type stopKey struct{}

// Detach gives a context that the client above may hold without giving up by itself: the
// transport obeys the end of the given one, and its answer tells whether a write was sent.
func Detach(ctx context.Context) context.Context {
	if _, ok := ctx.Value(stopKey{}).(context.Context); ok {
		return ctx
	}
	return context.WithValue(context.WithoutCancel(ctx), stopKey{}, ctx)
}

// stopOf is the context whose end stops a request.
func stopOf(req *http.Request) context.Context {
	if ctx, ok := req.Context().Value(stopKey{}).(context.Context); ok {
		return ctx
	}
	return req.Context()
}

// lifetime gives the context of one attempt. A read ends with the run; a write that is on its
// way may still answer within the grace. Neither outlives the time for one request.
func (t *Transport) lifetime(ctx context.Context, call Call) (context.Context, context.CancelFunc) {
	if call.Writes == 0 {
		return context.WithTimeout(ctx, t.o.Timeout)
	}
	out, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.o.Timeout)
	release := context.AfterFunc(ctx, func() {
		grace, over := context.WithTimeout(out, t.o.Grace)
		context.AfterFunc(grace, func() { over(); cancel() })
	})
	return out, func() { release(); cancel() }
}
