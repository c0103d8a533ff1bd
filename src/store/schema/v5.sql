-- Version 5: sources that bring their own files. Never change this file (see v1.sql).
ALTER TABLE source ADD COLUMN connection TEXT;
ALTER TABLE source ADD COLUMN schedule TEXT;
ALTER TABLE source ADD COLUMN contract TEXT;
ALTER TABLE source ADD COLUMN after_import TEXT;
ALTER TABLE source ADD COLUMN blocked TEXT;
ALTER TABLE source ADD COLUMN due_until INTEGER;
ALTER TABLE delivery ADD COLUMN purged_at INTEGER;
CREATE TABLE source_change(
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,
    what TEXT NOT NULL,
    value TEXT NOT NULL,
    user TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX source_change_source ON source_change(source, what, id);
CREATE TABLE found_file(
    source INTEGER NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    is_there INTEGER NOT NULL,
    state TEXT NOT NULL,
    delivery INTEGER,
    PRIMARY KEY(source, name, size, modified_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX found_file_delivery ON found_file(delivery) WHERE delivery IS NOT NULL;
CREATE TABLE pickup(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL,
    cause TEXT NOT NULL,
    user TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    listed INTEGER NOT NULL DEFAULT 0,
    landed INTEGER NOT NULL DEFAULT 0,
    error TEXT
) STRICT;
CREATE INDEX pickup_source ON pickup(source, id);
CREATE TABLE due(
    source INTEGER NOT NULL,
    at INTEGER NOT NULL,
    pickup INTEGER,
    missed TEXT,
    earlier INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY(source, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX due_uncovered ON due(source) WHERE pickup IS NULL;
