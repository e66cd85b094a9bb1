package github

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Permission gives the role of an account in the repository ("read", "triage", "write",
// "maintain", "admin", "none" or a custom role's name), the highest over all its grants. Any
// failure is an error, never a role. Answers are kept for the run.
func (t *Tracker) Permission(ctx context.Context, login string) (string, error) {
	if _, err := t.Repository(ctx); err != nil {
		return "", err
	}
	key := strings.ToLower(login)
	t.mu.Lock()
	role, ok := t.roles[key]
	t.mu.Unlock()
	if ok {
		return role, nil
	}
	var a struct {
		Permission string
		RoleName   string `json:"role_name"`
		User       struct {
			Login    string
			RoleName string `json:"role_name"`
		}
	}
	act := "read the role of " + login
	if _, err := t.rest(ctx, http.MethodGet, t.path("collaborators", login, "permission"), nil, &a); err != nil {
		return "", fail(err, act, "")
	}
	for _, role = range []string{a.RoleName, a.User.RoleName, a.Permission} {
		if role != "" {
			break
		}
	}
	if role == "" || a.User.Login != "" && !strings.EqualFold(a.User.Login, login) {
		return "", &ticket.Error{Kind: ticket.Unavailable, Act: act, Detail: "the answer names no role of that account"}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.roles[key] = role
	return role, nil
}

// Account gives the id behind a login, bots with their suffix ("github-actions[bot]"). Answers
// are kept for the run.
func (t *Tracker) Account(ctx context.Context, login string) (ticket.Account, error) {
	key := strings.ToLower(login)
	t.mu.Lock()
	who, ok := t.accounts[key]
	t.mu.Unlock()
	if ok {
		return who, nil
	}
	var a restAccount
	act := "read the account " + login
	if _, err := t.rest(ctx, http.MethodGet, "users/"+url.PathEscape(login), nil, &a); err != nil {
		return ticket.Account{}, fail(err, act, "")
	}
	if a.ID == 0 || !strings.EqualFold(a.Login, login) {
		return ticket.Account{}, &ticket.Error{Kind: ticket.Unavailable, Act: act, Detail: "the answer describes another account"}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.accounts[key] = a.account()
	return a.account(), nil
}
