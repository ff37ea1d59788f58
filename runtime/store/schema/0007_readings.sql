-- Version 7 of the store: from where on a courier of a group has been read.

ALTER TABLE watermarks ADD COLUMN began INTEGER; -- where the first reading began; NULL: not known
ALTER TABLE watermarks ADD COLUMN whole INTEGER; -- from where on nothing was left out; NULL: not known

-- Where something was left out by an earlier release stands in events only.
UPDATE watermarks SET began = (
  SELECT min(tasks.range_start) FROM runs JOIN tasks ON tasks.run = runs.key
  WHERE runs.grp = watermarks.grp AND runs.kind = 'scheduled' AND tasks.name = watermarks.member
);
