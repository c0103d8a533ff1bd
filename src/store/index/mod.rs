//! Keys to record numbers, in sorted segments that are only ever appended and merged.
