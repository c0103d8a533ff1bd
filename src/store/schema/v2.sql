-- Version 2: who reviewed a source's mapping, when, and which mapping that was; rows that a run has not reached are
-- counted from its plan. Never change this file (see v1.sql).
ALTER TABLE source ADD COLUMN reviewed_by TEXT;
ALTER TABLE source ADD COLUMN reviewed_at INTEGER;
ALTER TABLE source ADD COLUMN reviewed_mapping TEXT;
ALTER TABLE source ADD COLUMN reviewed_version INTEGER;
ALTER TABLE run DROP COLUMN not_reached;
