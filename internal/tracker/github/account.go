package github

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Permission gives the built-in role of an account in the repository ("none", "read", "triage",
// "write", "maintain", "admin"), the highest over all its grants. A custom role counts as the
// highest built-in one that GitHub says it includes. Any failure is an error, never a role.
// Answers are kept for the run.
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
	var a restPermission
	act := "read the role of " + login
	if _, err := t.rest(ctx, http.MethodGet, t.path("collaborators", login, "permission"), nil, &a); err != nil {
		return "", fail(err, act, "")
	}
	if role = a.role(); role == "" || a.User.Login != "" && !strings.EqualFold(a.User.Login, login) {
		return "", &ticket.Error{Kind: ticket.Unavailable, Act: act, Detail: "the answer names no role of that account"}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.roles[key] = role
	return role, nil
}

// restPermission is what GitHub says of an account's rights.
type restPermission struct {
	Permission string // coarse: admin, write, read or none
	RoleName   string `json:"role_name"` // of an organisation's own making, too
	User       struct {
		Login       string
		RoleName    string `json:"role_name"`
		Permissions *struct{ Maintain, Triage bool }
	}
}

// coarse is the word that permission has for each built-in role.
var coarse = map[string]string{
	"none": "none", "read": "read", "triage": "read", "write": "write", "maintain": "write", "admin": "admin",
}

// role gives the built-in role; empty if the answer names none. Names of roles are an
// organisation's to choose, so none counts for more than the permissions beside it.
func (a restPermission) role() string {
	if coarse[a.Permission] != a.Permission || a.Permission == "" {
		return ""
	}
	rights := a.User.Permissions
	for _, name := range []string{a.RoleName, a.User.RoleName} {
		if coarse[name] != a.Permission || rights != nil && (name == "maintain" && !rights.Maintain || name == "triage" && !rights.Triage) {
			continue
		}
		return name
	}
	switch {
	case rights != nil && a.Permission == "write" && rights.Maintain:
		return "maintain"
	case rights != nil && a.Permission == "read" && rights.Triage:
		return "triage"
	default:
		return a.Permission
	}
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
