-- Landed files that came in an archive, and how many rows each has.

ALTER TABLE landings ADD COLUMN entry TEXT NOT NULL DEFAULT ''; -- its path in the archive; '': it came by itself
ALTER TABLE landings ADD COLUMN rows INTEGER; -- NULL: not known to be a file of rows

-- A version of an archive lands once, with each of its entries.
DROP INDEX landings_once;
CREATE UNIQUE INDEX landings_once ON landings (grp, courier, source, path, version, again, entry);
