//! Breaking the real binary at exact system calls, and comparing what is left with a run that nobody disturbed.
//!
//! [`strace`] breaks, [`data`] are the files, [`state`] is everything that a workspace holds, [`sweep`] puts them
//! together: break at many calls, go on in each way there is, compare.
#![allow(dead_code)] // Two test files, each a crate of its own, use a part of this each.

pub mod data;
pub mod state;
pub mod strace;
pub mod sweep;
