package world

import (
	"slices"
	"strings"
)

// GhostLogin and GhostID are the account that stands in for deleted ones.
const (
	GhostLogin = "ghost"
	GhostID    = 10137
)

// RenameUser gives an account another login; its id and all it did stay its own. Afterwards the
// old login is free for anybody. It says whether it could.
func (w *World) RenameUser(from, to string) bool {
	u := w.User(from)
	if u == nil || to == "" || w.User(to) != nil && w.User(to) != u {
		return false
	}
	delete(w.Users, strings.ToLower(from))
	u.Login = to
	w.Users[strings.ToLower(to)] = u
	return true
}

// DeleteUser deletes an account: what it wrote and did is the ghost's from now on, and its login
// is free for anybody. It says whether there was one.
func (w *World) DeleteUser(login string) bool {
	u := w.User(login)
	if u == nil {
		return false
	}
	delete(w.Users, strings.ToLower(login))
	delete(w.nodes, u.NodeID)
	for _, i := range w.Issues {
		i.Assignees = slices.DeleteFunc(i.Assignees, func(a *User) bool { return a == u })
	}
	u.Login, u.ID, u.Type, u.Role, u.CustomRole, u.Gone = GhostLogin, GhostID, "User", RoleNone, "", true
	return true
}
