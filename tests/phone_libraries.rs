//! Why phone numbers are judged by `rlibphonenumber`: over the same raw texts it answers as libphonenumber does, and
//! `phonenumber` does not. Fails when that turns round, which would be the day to think again.

use phonenumber::Mode;
use rlibphonenumber::{PhoneNumberFormat, PhoneNumberUtil, Region};
use serde_json::Value;
use std::time::{Duration, Instant};

/// A number as E.164, whether it is valid, and its extension; `None` where the library reads no number.
type Answer = Option<(String, bool, String)>;

#[derive(Default)]
struct Score {
    agreed: usize,
    /// Answers with a valid number that is neither libphonenumber's nor the one that was meant.
    invented: usize,
    time: Duration,
}

impl Score {
    fn take(&mut self, want: &Answer, intent: Option<&str>, answer: impl FnOnce() -> Answer) {
        let start = Instant::now();
        let answer = answer();
        self.time += start.elapsed();
        self.agreed += usize::from(answer == *want);
        if let Some((number, true, _)) = &answer
            && want.as_ref().is_none_or(|(wanted, ..)| wanted != number)
            && intent.is_some_and(|intent| intent != number)
        {
            self.invented += 1;
        }
    }

    fn percent(&self, cases: usize) -> f64 {
        100.0 * self.agreed as f64 / cases as f64
    }
}

fn by_rlibphonenumber(util: &PhoneNumberUtil, raw: &str, region: Option<&str>) -> Answer {
    let number = util.parse(raw, region.and_then(|region| Region::from_code(region).ok())).ok()?;
    let e164 = util.format(&number, PhoneNumberFormat::E164).to_string();
    Some((e164, util.is_valid_number(&number), number.extension.unwrap_or_default()))
}

fn by_phonenumber(raw: &str, region: Option<&str>) -> Answer {
    let number = phonenumber::parse(region.and_then(|region| region.parse().ok()), raw).ok()?;
    let e164 = number.format().mode(Mode::E164).to_string();
    let extension = number.extension().map(|extension| extension.to_string()).unwrap_or_default();
    Some((e164, number.is_valid(), extension))
}

#[test]
fn rlibphonenumber_answers_as_libphonenumber_does_and_phonenumber_does_not() {
    let util = PhoneNumberUtil::new().expect("the library holds its data");
    let mut rlibphonenumber = Score::default();
    let mut phonenumber = Score::default();
    let mut cases = 0;
    for line in include_str!("data/phone.jsonl").lines() {
        let case: Value = serde_json::from_str(line).expect("the data are JSON lines");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
        let want = &case["want"];
        let want: Answer =
            (want["ok"] == true).then(|| (text(&want["e164"]), want["valid"] == true, text(&want["ext"])));
        let raw = text(&case["raw"]);
        let region = case["region"].as_str();
        let intent = case["intent"].as_str();
        rlibphonenumber.take(&want, intent, || by_rlibphonenumber(&util, &raw, region));
        phonenumber.take(&want, intent, || by_phonenumber(&raw, region));
        cases += 1;
    }
    for (name, score) in [("rlibphonenumber", &rlibphonenumber), ("phonenumber", &phonenumber)] {
        println!(
            "{name:16} agrees with libphonenumber on {:6.2} % of {cases}, invents {:3} valid numbers, {:5.0} numbers/s while the rules are compiled",
            score.percent(cases),
            score.invented,
            cases as f64 / score.time.as_secs_f64(),
        );
    }
    assert!(rlibphonenumber.percent(cases) >= 99.9, "rlibphonenumber: {:.2} %", rlibphonenumber.percent(cases));
    assert_eq!(rlibphonenumber.invented, 0);
    assert!(phonenumber.agreed < rlibphonenumber.agreed);
    assert!(phonenumber.invented > 0);
}
