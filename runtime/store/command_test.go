package store_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/runtime/store"
)

func send(t testing.TB, s *store.Store, c store.Command) store.Command {
	t.Helper()
	var got store.Command
	update(t, s, func(tx *store.Tx) (err error) {
		got, err = tx.Send(c)
		return err
	})
	return got
}

func finish(s *store.Store, t testing.TB, id int64, state, message, run string) error {
	return s.Update(t.Context(), func(tx *store.Tx) error {
		return tx.Finish(id, state, message, run, noon.Add(time.Hour))
	})
}

func TestCommands(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	asked := store.Command{Verb: store.VerbRun, Group: daily, Args: json.RawMessage(`{"date":"2026-11-20"}`), Token: "t1", By: "anna", At: noon}
	first := send(t, s, asked)
	want := asked
	want.ID, want.State = 1, store.CommandPending
	equal(t, first, want)
	second := send(t, s, store.Command{Verb: store.VerbPause, Group: daily, By: "ben", At: noon})
	third := send(t, s, store.Command{Verb: store.VerbStop, Run: "r", By: "ben", At: noon})

	pending := func(tx *store.Tx) ([]store.Command, error) { return tx.Commands() }
	accepted := func(tx *store.Tx) ([]store.Command, error) { return tx.AcceptedCommands() }
	equal(t, read(t, s, pending), []store.Command{first, second, third})

	if err := finish(s, t, first.ID, store.CommandAccepted, "queued", "r1"); err != nil {
		t.Fatal(err)
	}
	first.State, first.Message, first.Run = store.CommandAccepted, "queued", "r1"
	equal(t, read(t, s, pending), []store.Command{second, third})
	equal(t, read(t, s, accepted), []store.Command{first})

	if err := errors.Join(finish(s, t, first.ID, store.CommandDone, "", "r1"), finish(s, t, second.ID, store.CommandRefused, "no", "")); err != nil {
		t.Fatal(err)
	}
	first.State, first.Message, first.DoneAt = store.CommandDone, "", noon.Add(time.Hour)
	equal(t, read(t, s, pending), []store.Command{third})
	equal(t, read(t, s, accepted), nil)

	// the same token again: nothing new, and the answer as it is now
	equal(t, send(t, s, store.Command{Verb: store.VerbRun, Group: daily, Token: "t1", By: "carl", At: noon.Add(time.Hour)}), first)
	equal(t, send(t, s, store.Command{Verb: store.VerbRun, By: "carl", At: noon}).ID, int64(4))

	view(t, s, func(tx *store.Tx) error {
		got, found, err := tx.Command(first.ID)
		equal(t, got, first)
		if !found || err != nil {
			t.Errorf("the command is there: %v, %v", found, err)
		}
		_, found, err = tx.Command(99)
		if found || err != nil {
			t.Errorf("command 99 is there: %v, %v", found, err)
		}
		return nil
	})
}

func TestCommandsRefuse(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for _, c := range []store.Command{{At: noon}, {Verb: store.VerbRun}} {
		if err := s.Update(t.Context(), func(tx *store.Tx) error { _, err := tx.Send(c); return err }); err == nil {
			t.Errorf("%+v was sent", c)
		}
	}
	id := send(t, s, store.Command{Verb: store.VerbRun, At: noon}).ID
	if err := finish(s, t, id, store.CommandDone, "", ""); err != nil {
		t.Fatal(err)
	}
	if err := finish(s, t, id, store.CommandRefused, "", ""); err == nil {
		t.Error("a command was finished twice")
	}
	if err := finish(s, t, 99, store.CommandDone, "", ""); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown command: %v", err)
	}
}
