-- Version 4 of the store: incidents, and how each message is delivered.

-- What is wrong with a group, from its first sign to its end.
CREATE TABLE incidents (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  grp        TEXT    NOT NULL,
  cause      TEXT    NOT NULL, -- 'missing/orders'
  task       TEXT    NOT NULL, -- '': of the whole run
  events     TEXT    NOT NULL, -- what it has come to, a JSON list
  title      TEXT    NOT NULL,
  message    TEXT    NOT NULL,
  run        TEXT    NOT NULL, -- the last that met it
  runs       INTEGER NOT NULL, -- how many have
  opened_at  INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  closed_at  INTEGER
) STRICT;
CREATE UNIQUE INDEX incidents_open ON incidents (grp, cause) WHERE closed_at IS NULL;
CREATE INDEX incidents_closed ON incidents (closed_at) WHERE closed_at IS NOT NULL;

ALTER TABLE outbox ADD COLUMN incident INTEGER NOT NULL DEFAULT 0; -- 0: of none
ALTER TABLE outbox ADD COLUMN hold_until INTEGER; -- the end of quiet; those of a key that end together are one message
ALTER TABLE outbox ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN next_at  INTEGER;   -- NULL: at once
ALTER TABLE outbox ADD COLUMN error    TEXT    NOT NULL DEFAULT ''; -- of the last attempt
ALTER TABLE outbox ADD COLUMN dead_at  INTEGER;   -- when it was given up
DROP INDEX outbox_unsent;
CREATE INDEX outbox_unsent ON outbox (alert, key, id) WHERE sent_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_incident ON outbox (incident, alert, at) WHERE incident <> 0;
CREATE INDEX outbox_over ON outbox (coalesce(sent_at, dead_at)) WHERE coalesce(sent_at, dead_at) IS NOT NULL;
