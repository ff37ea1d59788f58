package main

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// pipeline is what a change goes through.
type pipeline interface {
	propose() (log string, ok bool) // it is asked for
	merge() (log string, ok bool)   // it is in the main branch: the plan is saved
	approve() (log string, ok bool) // the saved plan is applied
}

// pipelines are those of examples/ci, by service.
var pipelines = map[string]struct {
	review, push func(b *bench, fork bool) pipeline
}{
	"github": {
		func(b *bench, fork bool) pipeline { return b.newGithub("pull_request", fork) },
		func(b *bench, fork bool) pipeline { return b.newGithub("push", fork) },
	},
	"gitlab": {
		func(b *bench, fork bool) pipeline { return b.newGitlab("merge_request_event", fork) },
		func(b *bench, fork bool) pipeline { return b.newGitlab("push", fork) },
	},
}

// eachPipeline runs a test with both, each on a server of its own.
func eachPipeline(t *testing.T, test func(t *testing.T, b *bench, review, push func(fork bool) pipeline)) {
	t.Parallel()
	for name, p := range pipelines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, address := listening(t, workspaceOf(t, map[string]string{"inbox/none.txt": ""}))
			b := newBench(t, address)
			test(t, b, func(fork bool) pipeline { return p.review(b, fork) }, func(fork bool) pipeline { return p.push(b, fork) })
		})
	}
}

// expect fails the test unless a part of a pipeline ended so and printed the words.
func expect(t *testing.T, what string, part func() (string, bool), ok bool, words ...string) string {
	t.Helper()
	log, done := part()
	if done != ok {
		t.Fatalf("%s: success is %t, want %t\n%s", what, done, ok, log)
	}
	for _, w := range words {
		if !regexp.MustCompile(w).MatchString(log) {
			t.Errorf("%s does not print %q:\n%s", what, w, log)
		}
	}
	if strings.Contains(log, testToken) {
		t.Errorf("%s prints the token:\n%s", what, log)
	}
	return log
}

// A change is planned, changed, planned again, merged, and applied from another
// checkout than the one that saved the plan. There is one comment throughout.
func TestPipeline(t *testing.T) {
	eachPipeline(t, func(t *testing.T, b *bench, review, push func(bool) pipeline) {
		expect(t, "review", review(false).propose, true, `4 to add`)
		b.rewrite("main.hcl", "0 6 * * *", "0 7 * * *")
		b.commit("Start an hour later")
		expect(t, "review of the next commit", review(false).propose, true, `At 07:00`)
		bodies, writes := b.forge.said()
		if len(bodies) != 1 || !strings.Contains(bodies[0], "At 07:00") || !strings.HasPrefix(bodies[0], "<!-- waybill plan -->") || len(writes) != 2 {
			t.Fatalf("%v, comments:\n%s", writes, strings.Join(bodies, "\n---\n"))
		}
		change := push(false)
		expect(t, "plan", change.merge, true, `4 to add`)
		expect(t, "apply", change.approve, true, `Applied\..* This is serial 1\.`)
		expect(t, "review of what is applied", review(false).propose, true, `No changes`)
		same := push(false)
		expect(t, "plan again", same.merge, true)
		log := expect(t, "apply again", same.approve, true)
		if strings.Contains(log, "Applied") {
			t.Errorf("nothing was changed, and it was applied:\n%s", log)
		}
	})
}

// A change from a fork has no secrets. It is planned without asking the server,
// and not commented on.
func TestPipelineOfAFork(t *testing.T) {
	eachPipeline(t, func(t *testing.T, b *bench, review, push func(bool) pipeline) {
		change := push(false)
		expect(t, "plan", change.merge, true)
		expect(t, "apply", change.approve, true)
		expect(t, "review", review(true).propose, true, `offline: compared with nothing`, `4 to add`)
		if bodies, writes := b.forge.said(); len(bodies)+len(writes) > 0 {
			t.Errorf("it was commented on: %v", bodies)
		}
	})
}

// Somebody applies between plan and approval: the plan is refused, and a new one
// goes through.
func TestPipelineOfAStalePlan(t *testing.T) {
	eachPipeline(t, func(t *testing.T, b *bench, _, push func(bool) pipeline) {
		late := push(false)
		expect(t, "plan", late.merge, true)
		b.rewrite("main.hcl", "0 6 * * *", "0 7 * * *")
		b.commit("Start an hour later")
		fast := push(false)
		expect(t, "plan of the other", fast.merge, true)
		expect(t, "apply of the other", fast.approve, true, `This is serial 1\.`)
		expect(t, "apply", late.approve, false, `the plan is stale: it was made from serial 0, but ann@\S+ \(ci\) applied serial 1 at 20`, `Plan again`)
	})
}

// Of two that apply at the same time one wins, and the other is told who did.
func TestPipelinesAtOnce(t *testing.T) {
	eachPipeline(t, func(t *testing.T, b *bench, _, push func(bool) pipeline) {
		both := []pipeline{push(false), push(false)}
		for _, p := range both {
			expect(t, "plan", p.merge, true)
		}
		logs, won := make([]string, 2), make([]bool, 2)
		var all sync.WaitGroup
		for i, p := range both {
			all.Go(func() { logs[i], won[i] = p.approve() })
		}
		all.Wait()
		loser := slices.Index(won, false)
		if loser < 0 || won[0] == won[1] || !strings.Contains(logs[loser], "applied serial 1 at") || !strings.Contains(logs[1-loser], "This is serial 1.") {
			t.Errorf("%v\n%s", won, strings.Join(logs, "\n---\n"))
		}
	})
}

// With a token that the server does not know nothing passes, and the comment says
// that it failed.
func TestPipelineWithAWrongToken(t *testing.T) {
	eachPipeline(t, func(t *testing.T, b *bench, review, push func(bool) pipeline) {
		b.token = "of-another-server-0123456789"
		expect(t, "review", review(false).propose, false, `does not let us in: the server does not know this token`)
		bodies, _ := b.forge.said()
		if len(bodies) != 1 || !strings.Contains(bodies[0], "does not let us in") || !strings.Contains(bodies[0], "offline") {
			t.Errorf("the comment: %v", bodies)
		}
		expect(t, "plan", push(false).merge, false, `does not let us in`)
	})
}

// A workspace with a mistake fails, and a comment that is there does not stay as
// if the newest commit were fine.
func TestPipelineOfAMistake(t *testing.T) {
	eachPipeline(t, func(t *testing.T, b *bench, review, push func(bool) pipeline) {
		expect(t, "review", review(false).propose, true)
		b.rewrite("main.hcl", "0 6 * * *", "0 25 * * *")
		b.commit("Start in the twenty-fifth hour")
		expect(t, "review of the mistake", review(false).propose, false, `(?m)main\.hcl`, `WB102`)
		bodies, _ := b.forge.said()
		if len(bodies) != 1 || !strings.Contains(bodies[0], "There is no plan") {
			t.Errorf("the comments: %v", bodies)
		}
		expect(t, "plan", push(false).merge, false, `WB1\d\d`)
	})
}

// A comment that cannot be written fails the job: nobody should look for a plan
// that is not there.
func TestPipelineWithoutComments(t *testing.T) {
	eachPipeline(t, func(t *testing.T, b *bench, review, _ func(bool) pipeline) {
		b.forge.url += "/elsewhere"
		expect(t, "review", review(false).propose, false, `404`)
	})
}
