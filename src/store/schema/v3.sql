-- Version 3: what people say about a source and how its imports are done; who paused it and when; a removed source stays
-- for its runs. The plan of a run, by far the largest of what it has, gets a table of its own, so that lists of runs do
-- not read over it; what lists need of it is in the run. Never change this file (see v1.sql).
ALTER TABLE source ADD COLUMN purpose TEXT;
ALTER TABLE source ADD COLUMN owner TEXT;
ALTER TABLE source ADD COLUMN notes TEXT;
ALTER TABLE source ADD COLUMN account TEXT;
ALTER TABLE source ADD COLUMN scope TEXT NOT NULL DEFAULT 'contact';
ALTER TABLE source ADD COLUMN location TEXT;
ALTER TABLE source ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
ALTER TABLE source ADD COLUMN paused_by TEXT;
ALTER TABLE source ADD COLUMN paused_at INTEGER;
ALTER TABLE source ADD COLUMN error_at INTEGER;
ALTER TABLE source ADD COLUMN removed_at INTEGER;
UPDATE source SET error_at = last_ran WHERE error IS NOT NULL;
CREATE TABLE run_plan(run INTEGER PRIMARY KEY, plan TEXT NOT NULL) STRICT;
INSERT INTO run_plan(run, plan) SELECT id, plan FROM run;
ALTER TABLE run ADD COLUMN sample INTEGER;
ALTER TABLE run ADD COLUMN rows_expected INTEGER;
ALTER TABLE run ADD COLUMN bytes_expected INTEGER;
ALTER TABLE run ADD COLUMN interruption TEXT;
ALTER TABLE run ADD COLUMN resumptions INTEGER NOT NULL DEFAULT 0;
UPDATE run SET sample = json_extract(plan, '$.sample'), rows_expected = json_extract(plan, '$.rows_expected'),
    bytes_expected = json_extract(plan, '$.bytes_expected') WHERE json_valid(plan);
ALTER TABLE run DROP COLUMN plan;
