package store

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// The verbs of a Command.
const (
	VerbRun      = "run"
	VerbStop     = "stop"
	VerbPause    = "pause"
	VerbResume   = "resume"
	VerbRetry    = "retry"
	VerbBackfill = "backfill"
	VerbAdvance  = "advance"
	VerbRestart  = "restart"
	VerbSkip     = "skip"
	VerbIgnore   = "ignore-missing"
)

// The states of a Command.
const (
	CommandPending  = "pending"  // nobody has taken it
	CommandAccepted = "accepted" // the holder is carrying it out
	CommandDone     = "done"
	CommandRefused  = "refused"
)

// Command is something that an operator asks the holder of the lease to do.
type Command struct {
	ID      int64           `json:"id"`
	Verb    string          `json:"verb"`
	Group   graph.Addr      `json:"group,omitempty"`
	Args    json.RawMessage `json:"args,omitempty"`
	Token   string          `json:"token,omitempty"` // sending the same token again returns the earlier command
	By      string          `json:"by"`
	At      time.Time       `json:"at"`
	State   string          `json:"state"`
	Message string          `json:"message,omitempty"`
	Run     string          `json:"run,omitempty"` // key of the run it is about or has made
	DoneAt  time.Time       `json:"done_at,omitzero"`
}

const selectCommand = "SELECT id, verb, grp, args, token, actor, at, state, message, run, done_at FROM commands"

func scanCommand(r row) (c Command, err error) {
	err = r(&c.ID, &c.Verb, &c.Group, (*document)(&c.Args), (*optional)(&c.Token), &c.By, (*instant)(&c.At),
		&c.State, &c.Message, &c.Run, (*instant)(&c.DoneAt))
	return c, err
}

// Send appends a command as pending and returns it with its ID. For a token
// that was sent before it returns that earlier command as it stands now.
func (tx *Tx) Send(c Command) (Command, error) {
	if c.Verb == "" || c.At.IsZero() {
		return Command{}, fmt.Errorf("store: send: the command has no verb or no time")
	}
	if c.Token != "" {
		earlier, found, err := one(tx, "read the command", scanCommand, selectCommand+" WHERE token = ?", c.Token)
		if err != nil || found {
			return earlier, err
		}
	}
	c.State, c.At, c.DoneAt = CommandPending, c.At.UTC(), time.Time{}
	id, _, err := one(tx, "write the command", scalar[int64], `
		INSERT INTO commands (verb, grp, args, token, actor, at, state, message, run)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		c.Verb, c.Group, document(c.Args), optional(c.Token), c.By, instant(c.At), c.State, c.Message, c.Run)
	c.ID = id
	return c, err
}

// Commands returns the pending commands in the order they were sent.
func (tx *Tx) Commands() ([]Command, error) { return tx.commands(CommandPending) }

// AcceptedCommands returns the commands that a holder has begun and not
// finished, in the order they were sent.
func (tx *Tx) AcceptedCommands() ([]Command, error) { return tx.commands(CommandAccepted) }

func (tx *Tx) commands(state string) ([]Command, error) {
	return list(tx, "list the commands", scanCommand,
		selectCommand+" WHERE state = ? AND state IN ('pending', 'accepted') ORDER BY id", state)
}

// Command returns a command by its ID.
func (tx *Tx) Command(id int64) (Command, bool, error) {
	return one(tx, "read the command", scanCommand, selectCommand+" WHERE id = ?", id)
}

// Finish writes what became of a command: accepted, done or refused, at the
// instant at. A command that is done or refused stays so: finishing it again
// is an error, as is an unknown one (ErrNotFound).
func (tx *Tx) Finish(id int64, state, message, run string, at time.Time) error {
	if state == CommandAccepted {
		at = time.Time{}
	}
	n, err := tx.exec("finish the command", `
		UPDATE commands SET state = ?, message = ?, run = ?, done_at = ?
		WHERE id = ? AND state IN ('pending', 'accepted')`, state, tx.hidden(message), run, instant(at), id)
	if err != nil || n == 1 {
		return err
	}
	c, found, err := tx.Command(id)
	switch {
	case err != nil:
		return err
	case !found:
		return fmt.Errorf("store: command %d: %w", id, ErrNotFound)
	}
	return fmt.Errorf("store: command %d is %s already", id, c.State)
}
