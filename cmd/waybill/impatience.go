package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"
)

// longWait is how long nothing is said of a command that nobody has taken up.
const longWait = 3 * time.Second

// impatience says after a while who holds the store, where a command is not taken up.
// taken ends that, over waits for it to end.
func (p *program) impatience(ctx context.Context, a *applied) (taken, over func()) {
	ctx, cancel := context.WithCancel(ctx)
	var gone sync.WaitGroup
	gone.Go(func() {
		select {
		case <-ctx.Done():
		case <-time.After(longWait):
			p.sayWhoHolds(ctx, a)
		}
	})
	return cancel, func() {
		cancel()
		gone.Wait()
	}
}

// sayWhoHolds tells who holds the store, where that is not this process.
func (p *program) sayWhoHolds(ctx context.Context, a *applied) {
	holder, held, err := a.Holder(ctx)
	if err != nil || !held || a.here() && holder.PID == os.Getpid() {
		return
	}
	fmt.Fprintf(p.stderr, "Waiting: %s (process %d on %s) holds the store, and has not taken this up.\n"+
		"If it is a 'waybill run' or the like, it does nothing else before its run has ended; 'waybill stop' or Ctrl-C there ends that.\n",
		holder.Owner, holder.PID, holder.Host)
}
