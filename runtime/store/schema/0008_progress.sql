-- Version 8 of the store: how far the data of a task is.

ALTER TABLE tasks ADD COLUMN progress TEXT; -- JSON, written in place while data is on its way; NULL: none is, or not for long

CREATE INDEX tasks_progress ON tasks (run) WHERE progress IS NOT NULL;
