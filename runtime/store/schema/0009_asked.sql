-- Version 9 of the store: what a courier has landed of some dates is found by
-- these. By courier alone nobody asks.

DROP INDEX landings_courier;
CREATE INDEX landings_date ON landings (grp, courier, date);
