//! Micro benchmarks: the rules, the look at a file, the suggestion of a mapping, lookups.
//!
//!     cargo bench                                # all
//!     cargo bench -- phones                      # those with this in their name
//!     LANDFALL_BENCH_RECORDS=1000000 cargo bench -- lookups
//!     LANDFALL_BENCH_WORKSPACE=DIR cargo bench -- --percentiles
//!
//! `--percentiles` measures single lookups in a workspace that is there, or is made, and prints a line of JSON for each
//! way of looking: the median, the 99th percentile and the longest, in microseconds. Whole imports are measured by
//! `tests/bench/imports`.

#[path = "../../common/mod.rs"]
mod common;

mod files;
mod lookups;
mod phones;
mod rules;
mod world;

fn main() {
    if std::env::args().any(|argument| argument == "--percentiles") {
        return lookups::percentiles();
    }
    divan::main();
}
