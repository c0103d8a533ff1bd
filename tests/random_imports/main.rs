//! Random files into random workspaces. Small alphabets, so that references, emails, phones and Contact IDs collide
//! all the time: what a person would never think of putting into a table of cases.
//!
//! `PROPTEST_CASES=5000 cargo test --test random_imports` looks harder; a failure prints the least import that shows it.

mod dry_run;
mod model;
mod model_tests;
mod preview;
mod row;
mod scene;
mod shortcuts;
mod world;

/// The configuration of a property: this many cases, unless the environment asks for another number.
fn cases(number: u32) -> proptest::test_runner::Config {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let config = proptest::test_runner::Config::default();
    let cases = if asked { config.cases } else { number };
    proptest::test_runner::Config { cases, max_shrink_time: 20_000, ..config }
}
