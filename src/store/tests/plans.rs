//! What is asked again and again costs the same however long the history is: it is found by an index.
use super::*;
use crate::store::{arrivals, pickups, runs, sources};

/// The steps by which SQLite would answer this.
fn plan(store: &Store, sql: &str) -> Vec<String> {
    let conn = store.main.conn();
    let mut query = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let empty = vec![rusqlite::types::Null; query.parameter_count()];
    let steps = query.query_map(rusqlite::params_from_iter(empty), |row| row.get(3)).unwrap();
    steps.map(Result::unwrap).collect()
}

#[test]
fn no_question_of_a_pickup_or_a_wake_of_the_worker_reads_a_whole_history() {
    let (_dir, store, _) = workspace();
    let of = |begin: &str, asked: &[&str]| asked.iter().map(|which| format!("{begin} {which}")).collect::<Vec<_>>();
    let mut asked = of(arrivals::FOUND, &arrivals::ASKED);
    asked.extend(of("", &pickups::ASKED));
    asked.extend(of(sources::DELIVERY, &sources::ASKED));
    asked.extend(of(runs::LINE, &runs::ASKED));
    for sql in asked {
        let steps = plan(&store, &sql);
        let by_index = |step: &String| {
            // Notes on a run, and sorting the few that were found.
            step.starts_with("SEARCH ") && !step.contains("found_file USING PRIMARY KEY (source=?)")
                || step.contains("SUBQUERY")
                || step.contains("TEMP B-TREE")
                || step == "SCAN CONSTANT ROW"
        };
        assert!(steps.iter().all(by_index), "{sql}: {steps:#?}");
        let newest_first = sql.contains("LIMIT ?2");
        assert!(!newest_first || !steps.iter().any(|step| step.contains("B-TREE")), "all are sorted: {steps:#?}");
    }
    // Of all that ever came, only those are read that are there and in this state.
    let there = plan(&store, &format!("{} {}", arrivals::FOUND, arrivals::ASKED[1])).concat();
    assert!(there.contains("found_file_state (source=? AND is_there=? AND <expr>=?)"), "{there}");
    let taken = plan(&store, &format!("{} {}", arrivals::FOUND, arrivals::ASKED[3])).concat();
    assert!(taken.contains("found_file_arrival (source=? AND delivery>?)"), "{taken}");
    let run = plan(&store, &format!("{} {}", runs::LINE, runs::ASKED[0])).concat();
    assert!(run.contains("run_delivery (delivery=?)"), "{run}");
}
