package action

import (
	"bytes"
	"slices"
	"testing"
)

func TestInputs(t *testing.T) {
	in, findings := New(env(map[string]string{
		"INPUT_TOKEN": " ghs_x ", "INPUT_CAPABILITIES": "capabilities/**/*.{yml,yaml}, more/*.yml\nlast.yml\n\n more/*.yml ",
		"INPUT_CONFIG": "./conf//tf.yml", "INPUT_MODE": "Plan", "INPUT_COMMENT": "FALSE", "INPUT_FAIL-ON": "never",
		"INPUT_MAX-WRITES": "25", "INPUT_WRITES-PER-MINUTE": "30", "INPUT_ALLOW-MASS-CLOSE": "true",
		"INPUT_ALLOW-FORK": "true", "INPUT_REPORT-DIR": "out",
		"INPUT_WRITES-PER-HOUR": "400", "INPUT_MAX-MINUTES": "30", "INPUT_SHARD": " 2/8 ", "INPUT_SCOPE": "All",
	}), &bytes.Buffer{}).Inputs()
	if len(findings) != 0 {
		t.Fatalf("findings: %v", findings)
	}
	if want := []string{"capabilities/**/*.{yml,yaml}", "more/*.yml", "last.yml"}; !slices.Equal(in.Capabilities, want) {
		t.Errorf("capabilities %q, want %q", in.Capabilities, want)
	}
	in.Capabilities = nil
	got := [...]any{in.Token, in.Config, in.Mode, in.Comment, in.FailOn, in.MaxWrites, in.WritesPerMinute, in.AllowMassClose, in.AllowFork, in.ReportDir, in.WritesPerHour, in.MaxMinutes, in.Shard, in.Scope}
	want := [...]any{Secret("ghs_x"), "conf/tf.yml", ModePlan, false, FailOnNever, 25, 30, true, true, "out", 400, 30, Shard{2, 8}, ScopeAll}
	if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestInputsSayWhatIsWrong(t *testing.T) {
	for _, tc := range []struct{ name, value, want string }{
		{"MAX-WRITES", "ten", `input max-writes: "ten" is not a whole number; write a whole number from 0 to 1000000 [input]`},
		{"MAX-WRITES", "-1", `input max-writes: -1 is out of range; write a whole number from 0 to 1000000 [input]`},
		{"WRITES-PER-MINUTE", "0", `input writes-per-minute: 0 is out of range; write a whole number from 1 to 6000 [input]`},
		{"WRITES-PER-HOUR", "0", `input writes-per-hour: 0 is out of range; write a whole number from 1 to 1000000 [input]`},
		{"MAX-MINUTES", "1h", `input max-minutes: "1h" is not a whole number; write a whole number from 1 to 100000 [input]`},
		{"SHARD", "3", `input shard: "3" is not a part of a whole; write which part of how many, from 1/1 to 64/64 [input]`},
		{"SHARD", "0/8", `input shard: there is no part 0 of 8; write which part of how many, from 1/1 to 64/64 [input]`},
		{"SHARD", "9/8", `input shard: there is no part 9 of 8; write which part of how many, from 1/1 to 64/64 [input]`},
		{"SHARD", "1/65", `input shard: there is no part 1 of 65; write which part of how many, from 1/1 to 64/64 [input]`},
		{"SHARD", "1/8/2", `input shard: "1/8/2" is not a part of a whole; write which part of how many, from 1/1 to 64/64 [input]`},
		{"SCOPE", "some", `input scope: "some" is not known; use auto or all [input]`},
		{"MODE", "dry", `input mode: "dry" is not known; use auto, validate, plan or apply [input]`},
		{"FAIL-ON", "notice", `input fail-on: "notice" is not known; use error, warning or never [input]`},
		{"COMMENT", "yes", `input comment: "yes" is neither true nor false; write true or false [input]`},
		{"CONFIG", "../x.yml", `input config: "../x.yml" is not a path inside the repository; write it relative to the root of the repository, without .. [input]`},
		{"REPORT-DIR", "/out", `input report-dir: "/out" is not a path inside the repository; write it relative to the root of the repository, without .. [input]`},
		{"CAPABILITIES", "a.yml,/etc/*", `input capabilities: "/etc/*" is not a path inside the repository; write globs relative to the root of the repository, without .. [input]`},
	} {
		in, findings := New(env(map[string]string{"INPUT_" + tc.name: tc.value}), &bytes.Buffer{}).Inputs()
		if len(findings) != 1 || findings[0].String() != tc.want {
			t.Errorf("%s=%s:\ngot  %v\nwant [%s]", tc.name, tc.value, findings, tc.want)
		}
		if tc.name != "CAPABILITIES" && in.Capabilities != nil || in.Mode != ModeAuto || in.WritesPerMinute != 60 || in.WritesPerHour != 480 || in.MaxMinutes != 15 || !in.Shard.Whole() || in.Scope != ScopeAuto {
			t.Errorf("%s=%s: a wrong input did not keep its default: %+v", tc.name, tc.value, in)
		}
	}
}

func TestShardsShareABudget(t *testing.T) {
	for _, tc := range []struct {
		shard        Shard
		budget, want int
	}{
		{Shard{}, 480, 480}, {Shard{1, 1}, 480, 480}, {Shard{2, 8}, 480, 60}, {Shard{8, 8}, 60, 7}, {Shard{1, 64}, 60, 1}, {Shard{1, 64}, 0, 0},
	} {
		if got := tc.shard.Share(tc.budget); got != tc.want {
			t.Errorf("shard %q of %d: %d, want %d", tc.shard, tc.budget, got, tc.want)
		}
	}
}
