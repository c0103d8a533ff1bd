use crate::common::Landfall;
use crate::stage::Stage;

#[test]
fn help_lists_what_every_key_does_here() {
    let landfall = Landfall::new();
    let mut stage = Stage::open(&landfall.workspace());
    insta::assert_snapshot!(stage.keys("?").text());
}
