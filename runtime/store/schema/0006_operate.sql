-- Version 6 of the store: what operators decide about tasks.

-- Why a task counts as done, or goes on without what is missing: a JSON document
-- with what, by, at, reason and was. NULL: nobody has decided anything.
ALTER TABLE tasks ADD COLUMN waiver TEXT;

-- The couriers that wait and are late.
CREATE INDEX polls_late ON polls (run) WHERE next_at IS NOT NULL AND late_sent = 1;
