package runtime

import "time"

// drain lets the work that is under way come to its end, for as long as the
// grace of the process lasts. Nothing new begins: what follows from its results
// is for the next holder.
func (e *engine) drain() {
	if e.grace <= 0 {
		return
	}
	ended := make(chan struct{})
	go func() {
		e.tasks.Wait()
		close(ended)
	}()
	e.log.Info("stopping: what is under way may end first", "grace", e.grace)
	grace := time.NewTimer(e.grace)
	defer grace.Stop()
	select {
	case <-ended:
	case <-grace.C:
		e.log.Warn("the grace is over: what is under way is broken off, and the next serve goes on with it")
	}
}
