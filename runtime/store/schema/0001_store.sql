-- Version 1 of the store. Instants are INTEGER nanoseconds since 1970 in UTC
-- and NULL where there is none; JSON documents are TEXT. To read an instant by
-- hand: datetime(at / 1000000000, 'unixepoch').

PRAGMA application_id = 0x57425354; -- "WBST"

-- Who this store is. One row.
CREATE TABLE store (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  id    TEXT    NOT NULL,
  queue INTEGER NOT NULL DEFAULT 0 -- the last place handed out in the order of taking
) STRICT;

-- Who may act. One row, the newest holder; epoch rises with each.
CREATE TABLE lease (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  epoch INTEGER NOT NULL,
  owner TEXT    NOT NULL,
  host  TEXT    NOT NULL,
  pid   INTEGER NOT NULL,
  since INTEGER NOT NULL,
  held  INTEGER NOT NULL -- 0: given back
) STRICT;

CREATE TABLE graphs (
  digest TEXT PRIMARY KEY,
  graph  TEXT NOT NULL
) STRICT;

CREATE TABLE deployments (
  serial     INTEGER PRIMARY KEY,
  digest     TEXT    NOT NULL REFERENCES graphs,
  applied_at INTEGER NOT NULL,
  applied_by TEXT    NOT NULL,
  tool       TEXT    NOT NULL,
  tzdata     TEXT    NOT NULL,
  zones      TEXT              -- what that release says of the zones of the groups
) STRICT;

-- Every group that was ever deployed.
CREATE TABLE groups (
  grp            TEXT    PRIMARY KEY,
  first_deployed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE commands (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  verb    TEXT    NOT NULL,
  grp     TEXT    NOT NULL,
  args    TEXT,
  token   TEXT    UNIQUE, -- NULL: none
  actor   TEXT    NOT NULL,
  at      INTEGER NOT NULL,
  state   TEXT    NOT NULL,
  message TEXT    NOT NULL,
  run     TEXT    NOT NULL,
  done_at INTEGER
) STRICT;
CREATE INDEX commands_state ON commands (state, id) WHERE state IN ('pending', 'accepted');

CREATE TABLE runs (
  key          TEXT    PRIMARY KEY,
  grp          TEXT    NOT NULL,
  kind         TEXT    NOT NULL,
  scheduled_at INTEGER,
  nominal      TEXT    NOT NULL,
  reason       TEXT    NOT NULL,
  state        TEXT    NOT NULL,
  queue        INTEGER NOT NULL,
  keep         INTEGER NOT NULL,
  serial       INTEGER NOT NULL,
  digest       TEXT    NOT NULL,
  attempt      INTEGER NOT NULL,
  request      TEXT,
  run_type     TEXT    NOT NULL,
  actor        TEXT    NOT NULL,
  created_at   INTEGER NOT NULL,
  started_at   INTEGER,
  ended_at     INTEGER,
  into_key     TEXT    NOT NULL,
  message      TEXT    NOT NULL,
  -- where the run stands in time: lists are sorted by it
  at           INTEGER NOT NULL AS (coalesce(scheduled_at, created_at))
) STRICT;
CREATE INDEX runs_at          ON runs (at);
CREATE INDEX runs_kind        ON runs (kind, at);
CREATE INDEX runs_state       ON runs (state, at);
CREATE INDEX runs_group       ON runs (grp, at);
CREATE INDEX runs_group_state ON runs (grp, state, at);
CREATE INDEX runs_expected    ON runs (at) WHERE state = 'scheduled' AND queue = 0;
CREATE INDEX runs_open        ON runs (grp, queue)
  WHERE state IN ('scheduled', 'waiting', 'running', 'finalizing', 'stopping', 'blocked');

CREATE TABLE tasks (
  run         TEXT    NOT NULL REFERENCES runs,
  name        TEXT    NOT NULL,
  kind        TEXT    NOT NULL,
  state       TEXT    NOT NULL,
  attempt     INTEGER NOT NULL,
  range_start INTEGER,
  range_end   INTEGER,
  deadline    INTEGER,
  started_at  INTEGER,
  ended_at    INTEGER,
  next_at     INTEGER,
  fault       TEXT    NOT NULL,
  message     TEXT    NOT NULL,
  warnings    INTEGER NOT NULL,
  data        TEXT,
  PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE polls (
  run       TEXT    NOT NULL,
  task      TEXT    NOT NULL,
  next_at   INTEGER,
  deadline  INTEGER,
  looks     INTEGER NOT NULL,
  late_sent INTEGER NOT NULL,
  sightings TEXT,
  last      TEXT,
  PRIMARY KEY (run, task),
  FOREIGN KEY (run, task) REFERENCES tasks
) STRICT, WITHOUT ROWID;
CREATE INDEX polls_next ON polls (next_at) WHERE next_at IS NOT NULL;

-- A request that started a job elsewhere, and how the job stands.
CREATE TABLE jobs (
  run      TEXT    NOT NULL,
  step     TEXT    NOT NULL,
  state    TEXT    NOT NULL,
  response TEXT,
  next_at  INTEGER,
  attempt  INTEGER NOT NULL,
  PRIMARY KEY (run, step),
  FOREIGN KEY (run, step) REFERENCES tasks
) STRICT, WITHOUT ROWID;

CREATE TABLE watermarks (
  grp    TEXT    NOT NULL,
  member TEXT    NOT NULL,
  at     INTEGER NOT NULL,
  run    TEXT    NOT NULL,
  PRIMARY KEY (grp, member)
) STRICT, WITHOUT ROWID;

-- Versions that were there before a courier's first watermark.
CREATE TABLE seen (
  grp     TEXT NOT NULL,
  member  TEXT NOT NULL,
  url     TEXT NOT NULL,
  path    TEXT NOT NULL,
  version TEXT NOT NULL,
  run     TEXT NOT NULL,
  PRIMARY KEY (grp, member, url, path, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE landings (
  seq       INTEGER PRIMARY KEY AUTOINCREMENT,
  grp       TEXT    NOT NULL,
  courier   TEXT    NOT NULL,
  run       TEXT    NOT NULL,
  file      TEXT    NOT NULL,
  date      TEXT    NOT NULL,
  source    TEXT    NOT NULL,
  path      TEXT    NOT NULL,
  version   TEXT    NOT NULL,
  url       TEXT    NOT NULL,
  size      INTEGER NOT NULL,
  sha256    TEXT    NOT NULL,
  landed_at INTEGER NOT NULL,
  reload    INTEGER NOT NULL,
  -- a version lands once, and once more in each run that was told to reload
  again     TEXT    NOT NULL AS (iif(reload, run, ''))
) STRICT;
CREATE UNIQUE INDEX landings_once ON landings (grp, courier, source, path, version, again);
CREATE INDEX landings_group   ON landings (grp);
CREATE INDEX landings_courier ON landings (grp, courier);
CREATE INDEX landings_run     ON landings (run);

CREATE TABLE pauses (
  grp   TEXT    PRIMARY KEY,
  actor TEXT    NOT NULL,
  at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The newest landing that a step had been given when it last succeeded.
CREATE TABLE step_marks (
  grp  TEXT    NOT NULL,
  step TEXT    NOT NULL,
  seq  INTEGER NOT NULL,
  run  TEXT    NOT NULL,
  PRIMARY KEY (grp, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  run     TEXT    NOT NULL, -- '': of no run
  seq     INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  type    TEXT    NOT NULL,
  task    TEXT    NOT NULL,
  message TEXT    NOT NULL,
  data    TEXT,
  UNIQUE (run, seq)
) STRICT;
CREATE TRIGGER events_append_only BEFORE UPDATE ON events
BEGIN SELECT raise(ABORT, 'events are append-only'); END;

CREATE TABLE outbox (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  key     TEXT    NOT NULL,
  alert   TEXT    NOT NULL,
  event   TEXT    NOT NULL,
  run     TEXT    NOT NULL,
  body    TEXT,
  at      INTEGER NOT NULL,
  sent_at INTEGER
) STRICT;
CREATE INDEX outbox_unsent ON outbox (id) WHERE sent_at IS NULL;
