-- The tables as they are now. What each migration did to get here is in v1.sql and its successors.

-- The workspace itself: one row. state_version counts the commits that changed records.
CREATE TABLE meta(
    code TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    next_record INTEGER NOT NULL,
    state_version INTEGER NOT NULL
) STRICT;

CREATE TABLE setting(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE person(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE) STRICT;

-- Numbers from 256 on, never given twice (records hold them).
CREATE TABLE custom_field(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    kind TEXT NOT NULL,
    options TEXT NOT NULL
) STRICT;

-- Options (or tags) that people declared for a standard field.
CREATE TABLE standard_options(field INTEGER PRIMARY KEY, options TEXT NOT NULL) STRICT;

-- What was reviewed counts only while mapping and mapping_version still name it. options, connection, schedule,
-- contract, after_import and blocked are JSON. A removed source keeps its name, for its runs and references. Every time that
-- its schedule was due up to due_until is in the table due.
CREATE TABLE source(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    provider TEXT,
    mode TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    mapping TEXT,
    mapping_version INTEGER,
    last_ran INTEGER,
    last_imported INTEGER,
    error TEXT,
    paused INTEGER NOT NULL DEFAULT 0,
    reviewed_by TEXT,
    reviewed_at INTEGER,
    reviewed_mapping TEXT,
    reviewed_version INTEGER,
    purpose TEXT,
    owner TEXT,
    notes TEXT,
    account TEXT,
    scope TEXT NOT NULL DEFAULT 'contact',
    location TEXT,
    options TEXT NOT NULL DEFAULT '{}',
    paused_by TEXT,
    paused_at INTEGER,
    error_at INTEGER,
    removed_at INTEGER,
    connection TEXT,
    schedule TEXT,
    contract TEXT,
    after_import TEXT,
    blocked TEXT,
    due_until INTEGER
) STRICT;

-- Every version of what people said of a source: what is options, connection, schedule or contract; value is JSON. What
-- it was before the first change that was kept has no user.
CREATE TABLE source_change(
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,
    what TEXT NOT NULL,
    value TEXT NOT NULL,
    user TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX source_change_source ON source_change(source, what, id);

-- Files found where a source's files lie, one for each state of a file. state is JSON; so is trouble: what went wrong with
-- the file the last time, until the next try succeeds.
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
    trouble TEXT,
    PRIMARY KEY(source, name, size, modified_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX found_file_delivery ON found_file(delivery) WHERE delivery IS NOT NULL;
CREATE INDEX found_file_state ON found_file(source, is_there, json_extract(state, '$.state'), first_seen);
CREATE INDEX found_file_trouble ON found_file(source) WHERE trouble IS NOT NULL;
CREATE INDEX found_file_arrival ON found_file(source, delivery) WHERE delivery IS NOT NULL;

-- Looks at where a source's files lie. error is JSON; so is waiting: a fault that may go away, and when it is tried again.
CREATE TABLE pickup(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL,
    cause TEXT NOT NULL,
    user TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    listed INTEGER NOT NULL DEFAULT 0,
    landed INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    waiting TEXT
) STRICT;
CREATE INDEX pickup_source ON pickup(source, id);

-- Every time that a source's schedule was due, and the one pickup that covered it; none as long as none has. missed says
-- why it had no pickup of its own. earlier counts those right before it that were missed with it and are not listed.
CREATE TABLE due(
    source INTEGER NOT NULL,
    at INTEGER NOT NULL,
    pickup INTEGER,
    missed TEXT,
    earlier INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY(source, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX due_uncovered ON due(source) WHERE pickup IS NULL;

-- Every version that was ever saved; removing a mapping hides its versions.
CREATE TABLE mapping(
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    toml TEXT NOT NULL,
    header TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    user TEXT NOT NULL,
    removed_at INTEGER,
    PRIMARY KEY(name, version)
) STRICT;
CREATE INDEX mapping_header ON mapping(header);

CREATE TABLE delivery(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    landed_at INTEGER NOT NULL,
    purged_at INTEGER
) STRICT;
CREATE INDEX delivery_source ON delivery(source, sha256);
CREATE INDEX delivery_newest ON delivery(source, id);
CREATE INDEX delivery_path ON delivery(path);

-- How a run stands is committed with the batch that brought it there. sample, rows_expected and bytes_expected are those
-- of its plan; resumptions counts those that nobody asked for since the last batch.
CREATE TABLE run(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    source INTEGER NOT NULL,
    delivery INTEGER NOT NULL,
    mode TEXT NOT NULL,
    user TEXT NOT NULL,
    state_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    heartbeat_at INTEGER,
    elapsed_ms INTEGER NOT NULL DEFAULT 0,
    position_offset INTEGER NOT NULL DEFAULT 0,
    position_line INTEGER NOT NULL DEFAULT 0,
    position_rows INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    warnings INTEGER NOT NULL DEFAULT 0,
    notes INTEGER NOT NULL DEFAULT 0,
    issue_counts TEXT NOT NULL DEFAULT '[]',
    tally TEXT NOT NULL DEFAULT '{}',
    content_bytes INTEGER,
    error TEXT,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    sample INTEGER,
    rows_expected INTEGER,
    bytes_expected INTEGER,
    interruption TEXT,
    resumptions INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX run_source ON run(source, id);
CREATE INDEX run_status ON run(status, id);
CREATE INDEX run_delivery ON run(delivery);

-- Everything that decides what a run does, as JSON; apart, because it is much larger than all the rest.
CREATE TABLE run_plan(run INTEGER PRIMARY KEY, plan TEXT NOT NULL) STRICT;

CREATE TABLE run_note(id INTEGER PRIMARY KEY, run INTEGER NOT NULL, user TEXT NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
CREATE INDEX run_note_run ON run_note(run);

-- Eight records a row: id is the record's number / 8.
CREATE TABLE record(id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;

-- Up to 4,096 rows of a run each: id is run << 32 | first row.
CREATE TABLE ledger(id INTEGER PRIMARY KEY, n INTEGER NOT NULL, data BLOB NOT NULL) STRICT;

-- What the records that the rows of a ledger block changed were before: id is that of the block.
CREATE TABLE before(id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;

-- Rows with something to say (failed, skipped, warned, noted): id is run << 32 | row.
CREATE TABLE exception(id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;

-- The key index (see index/mod.rs).
CREATE TABLE segment(
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    level INTEGER NOT NULL,
    n INTEGER NOT NULL,
    first_chunk INTEGER NOT NULL,
    last_chunk INTEGER NOT NULL
) STRICT;
CREATE INDEX segment_kind ON segment(kind, level);
CREATE TABLE chunk(
    id INTEGER PRIMARY KEY,
    segment INTEGER NOT NULL,
    first BLOB NOT NULL,
    data BLOB NOT NULL
) STRICT;
CREATE INDEX chunk_first ON chunk(segment, first);
