use crate::drops::{every_contract, people, put, sync, up_to_date, watched};
use crate::scene::{HOUR, MINUTE, Scene};
use crate::stage::NOW;

#[test]
fn how_contracts_stand_is_in_front_of_everything_else() {
    let mut scene = every_contract();
    insta::assert_snapshot!("contracts_80", scene.text());
    scene.stage.resize(120, 36);
    insta::assert_snapshot!("contracts_120", scene.text());
    let mut told = String::new();
    for _ in 0..8 {
        let text = scene.text();
        let detail: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("──") || line.len() < 20).collect();
        let from = text.lines().position(|line| line.starts_with("─ ")).unwrap_or(0);
        let _ = detail;
        told.push_str(&text.lines().skip(from).take(14).collect::<Vec<_>>().join("\n"));
        told.push('\n');
        scene.stage.keys("j");
    }
    insta::assert_snapshot!("contracts_details", told);
}
