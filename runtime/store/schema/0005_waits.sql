-- Version 5 of the store: what waits are told apart by.

-- Which files that came late have landed since, from whatever source.
CREATE INDEX landings_path ON landings (grp, courier, path, version);
