-- Version 2 of the store: what the engine finds its work by.

-- When the engine looks at a run under way by itself, without anything having
-- happened to it: a pause between two attempts, a wait for another group or an
-- allowed duration is over. Courier's waits are in polls, jobs elsewhere in jobs.
ALTER TABLE runs ADD COLUMN due_at INTEGER;
CREATE INDEX runs_due ON runs (due_at) WHERE due_at IS NOT NULL;

-- The newest run of a group that was carried out and is over.
CREATE INDEX runs_over ON runs (grp, at)
  WHERE state IN ('succeeded', 'succeeded_with_warnings', 'failed', 'stopped');

-- Where else a step that groups share is being carried out.
CREATE INDEX tasks_steps ON tasks (name)
  WHERE state = 'running' AND kind IN ('bridge', 'process', 'activation');

-- The waits for another group, by its address, which is their data.
CREATE INDEX tasks_gates ON tasks (data) WHERE state = 'waiting' AND kind = 'gate';

CREATE INDEX jobs_next ON jobs (next_at) WHERE next_at IS NOT NULL;

-- Only what waits has a next look.
UPDATE polls SET next_at = NULL
  WHERE (SELECT state FROM tasks t WHERE t.run = polls.run AND t.name = polls.task) <> 'waiting';
