//! What the eye needs: text from outside made safe to show, and how wide it is on a terminal.
//!
//! Draws; decides nothing. Uses `domain` only.
pub mod text;
