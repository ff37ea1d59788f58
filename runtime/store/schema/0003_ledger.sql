-- Version 3 of the store: what keeps the ledger whole.

-- When the tasks and events of a run were removed; NULL: they are there.
ALTER TABLE runs ADD COLUMN pruned_at INTEGER;

-- Up to where in time runs were looked through for that; NULL: never.
ALTER TABLE store ADD COLUMN pruned_to INTEGER;
