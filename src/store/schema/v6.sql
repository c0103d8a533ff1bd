-- Version 6: what goes wrong on the way to files, and indexes for sources with a long history. Never change this file (see
-- v1.sql).
ALTER TABLE found_file ADD COLUMN trouble TEXT;
ALTER TABLE pickup ADD COLUMN waiting TEXT;
CREATE INDEX found_file_state ON found_file(source, is_there, json_extract(state, '$.state'), first_seen);
CREATE INDEX found_file_trouble ON found_file(source) WHERE trouble IS NOT NULL;
CREATE INDEX found_file_arrival ON found_file(source, delivery) WHERE delivery IS NOT NULL;
CREATE INDEX delivery_newest ON delivery(source, id);
CREATE INDEX delivery_path ON delivery(path);
CREATE INDEX run_delivery ON run(delivery);
