// Package schemas holds the published JSON Schemas of the files that people and programs
// exchange with us. They are generated from the Go types (see internal/schema); nothing here is
// edited by hand.
//
//	schemas.Capability // text of capability.schema.json
package schemas

import _ "embed"

//go:generate go test ../internal/schema -update

// Capability is the schema of a capability spec.
//
//go:embed capability.schema.json
var Capability []byte

// Config is the schema of the config file.
//
//go:embed config.schema.json
var Config []byte

// Plan is the schema of a plan as JSON.
//
//go:embed plan.schema.json
var Plan []byte

// Text gives a schema by its name: capability, config or plan.
func Text(name string) ([]byte, bool) {
	switch name {
	case "capability":
		return Capability, true
	case "config":
		return Config, true
	case "plan":
		return Plan, true
	default:
		return nil, false
	}
}
