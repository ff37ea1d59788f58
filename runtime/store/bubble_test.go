package store_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waybill-dev/waybill/runtime/store"
)

// TestBubble runs a store under a fake clock: nothing waits for the real one,
// the fake one does not move by itself, and Close leaves no goroutine (else
// synctest.Test fails).
func TestBubble(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	for range 3 {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			s, err := store.Open(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			l, err := s.Acquire(t.Context(), "me", time.Now())
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() {
					if err := l.Update(t.Context(), appendEvent("r")); err != nil {
						t.Error(err)
					}
					if err := s.View(t.Context(), func(tx *store.Tx) error { _, err := tx.Events("r", 0); return err }); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			equal(t, time.Since(began), 0)
			time.Sleep(time.Hour) // passes only while everything else is idle
			synctest.Wait()
			if err := l.Update(t.Context(), appendEvent("r")); err != nil {
				t.Error(err)
			}
			if err := l.Release(t.Context()); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			equal(t, time.Since(began), time.Hour)
		})
	}
	equal(t, countEvents(t, openStore(t, path), "r"), 63)
}
