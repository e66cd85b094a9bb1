package plan

// Estimate is what carrying out a plan takes, if nothing comes in between.
type Estimate struct {
	Writes   int `json:"writes" jsonschema_description:"Issues, comments, labels, milestones and links that are written."`
	Requests int `json:"requests,omitempty" jsonschema_description:"Requests sent for it, as far as they are known beforehand."`
	Minutes  int `json:"minutes,omitempty" jsonschema_description:"How long the writes take at the pace that is set, rounded up."`
	Runs     int `json:"runs,omitempty" jsonschema_description:"How many runs that takes, one an hour, within the budgets that are set."`
}
