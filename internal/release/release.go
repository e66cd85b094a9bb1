// Package release owns the release notes of a version: which capabilities go out with it, what
// customers are told, and how that text lies in a draft release or a change log between people's
// own words. The text is what the specs say under release.notes and nothing else: no titles, no
// ids, no costs. It is pure, and refuses to know trackers and where a capability stands.
//
//	for _, n := range release.Collect(specs, cfg) {
//		body, err := n.Fold(draft.Body) // people's text around the block stays as it is
//	}
package release

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
)

// Notes are what customers are told about the release of one tag.
type Notes struct {
	Tag      string    `json:"tag"`
	Name     string    `json:"name"` // "Customer relations 2.4", for people
	Version  string    `json:"version"`
	Products []Product `json:"products"` // by prefix; several only where the tag does not tell them apart

	Silent []string `json:"-"` // ids of capabilities of it that have nothing to tell yet
	Of     []string `json:"-"` // ids of all its capabilities that are going out
	Shared bool     `json:"-"` // several products share the tag
}

// Product is the part of one product.
type Product struct {
	Prefix string  `json:"product"`
	Name   string  `json:"name"`
	Groups []Group `json:"groups"`
}

// Group is what the specs tell under one heading of theirs; the first has none.
type Group struct {
	Title string   `json:"title,omitempty"` // Markdown of one line
	Texts []string `json:"texts"`           // Markdown, one for each capability
}

// Empty tells whether there is nothing to tell.
func (n Notes) Empty() bool {
	return !slices.ContainsFunc(n.Products, func(p Product) bool { return len(p.Groups) > 0 })
}

// Tag is the name of the Git tag of a product's version, by the pattern of the config. A "v" that
// both the pattern and the version write stands there once. Empty for no version.
func Tag(pattern, product, version string) string {
	version = number(pattern, version)
	if version == "" {
		return ""
	}
	return strings.NewReplacer("{product}", product, "{version}", version).Replace(pattern)
}

func number(pattern, version string) string {
	version = strings.TrimSpace(version)
	if strings.Contains(pattern, "v{version}") {
		version = strings.TrimPrefix(version, "v")
	}
	return version
}

// Same tells whether two versions are the same but for a leading "v".
func Same(a, b string) bool {
	plain := func(s string) string { return strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "v") }
	return plain(a) == plain(b)
}

// GoesOut tells whether a capability is meant to go out: it has a version and is neither
// cancelled nor on hold.
func GoesOut(c capability.Capability) bool {
	return strings.TrimSpace(c.Release.Version) != "" && c.Status != "cancelled" && c.Status != "on_hold"
}

// Fingerprint is short for what a capability adds to release notes, and to those of which tag;
// empty where that is nothing.
func Fingerprint(pattern string, c capability.Capability) string {
	if !GoesOut(c) || strings.TrimSpace(c.Release.Notes) == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(c.Product() + "\x00" + c.Release.Version + "\x00" + Tag(pattern, c.Product(), c.Release.Version) + "\x00" + c.Release.Notes))
	return hex.EncodeToString(sum[:4])
}

// Collect gives the notes of all releases that the specs name, by tag, also those that have
// nothing to tell yet. The order of the specs does not matter.
func Collect(specs []capability.Capability, cfg *config.Config) []Notes {
	specs = slices.DeleteFunc(slices.Clone(specs), func(c capability.Capability) bool { return !GoesOut(c) })
	slices.SortStableFunc(specs, func(a, b capability.Capability) int {
		return cmp.Or(strings.Compare(a.Product(), b.Product()), cmp.Compare(len(a.ID), len(b.ID)), strings.Compare(a.ID, b.ID))
	})
	var out []Notes
	at := map[string]int{} // by folded tag: Git hosts on some file systems cannot keep two apart
	for _, c := range specs {
		tag := Tag(cfg.Release.Tag, c.Product(), c.Release.Version)
		i, ok := at[strings.ToLower(tag)]
		if !ok {
			i = len(out)
			at[strings.ToLower(tag)] = i
			out = append(out, Notes{Tag: tag, Version: number(cfg.Release.Tag, c.Release.Version)})
		}
		out[i].add(c, cmp.Or(cfg.Products[c.Product()].Name, c.Product()))
	}
	for i := range out {
		out[i].Shared = len(out[i].Products) > 1
		out[i].name()
	}
	slices.SortFunc(out, func(a, b Notes) int { return strings.Compare(a.Tag, b.Tag) })
	return out
}

func (n *Notes) name() {
	n.Name = n.Tag
	if len(n.Products) == 1 {
		n.Name = n.Products[0].Name + " " + n.Version
	}
}

func (n *Notes) add(c capability.Capability, name string) {
	i := slices.IndexFunc(n.Products, func(p Product) bool { return p.Prefix == c.Product() })
	if i < 0 {
		i = len(n.Products)
		n.Products = append(n.Products, Product{Prefix: c.Product(), Name: name, Groups: []Group{}})
	}
	n.Of = append(n.Of, c.ID)
	parts := split(c.Release.Notes)
	if len(parts) == 0 {
		n.Silent = append(n.Silent, c.ID)
	}
	p := &n.Products[i]
	for _, g := range parts {
		k := slices.IndexFunc(p.Groups, func(h Group) bool { return strings.EqualFold(h.Title, g.Title) })
		switch {
		case k >= 0:
			p.Groups[k].Texts = append(p.Groups[k].Texts, g.Texts...)
		case g.Title == "":
			p.Groups = slices.Insert(p.Groups, 0, g)
		default:
			p.Groups = append(p.Groups, g)
		}
	}
}

// Of gives the notes of a version, of one product or, if that is empty, of all.
func Of(all []Notes, version, product string) []Notes {
	var out []Notes
	for _, n := range all {
		if !Same(n.Version, version) {
			continue
		}
		n.Products = slices.DeleteFunc(slices.Clone(n.Products), func(p Product) bool { return product != "" && !strings.EqualFold(p.Prefix, product) })
		if len(n.Products) == 0 {
			continue
		}
		if n.Shared && product != "" {
			n.Silent = slices.DeleteFunc(slices.Clone(n.Silent), func(id string) bool { return !strings.HasPrefix(id, n.Products[0].Prefix+"-") })
			n.name()
		}
		out = append(out, n)
	}
	return out
}
