//! Phone numbers: our rules, the library that they rest on, and the one that they do not (design.md says why, and
//! tests/phone_libraries.rs shows it).

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use landfall::domain::values::phone::PhoneReader;
use rlibphonenumber::{PhoneNumberFormat, PhoneNumberUtil, Region};

/// Written as make-contacts and CRMs write them; all valid in the United States or with their country code.
const WRITTEN: [(&str, &[&str]); 4] = [
    ("e164", &["+12065550147", "+442079460018", "+4915123000000", "+81312345678"]),
    ("national", &["(206) 555-0147", "206-555-0147", "2065550147", "206.555.0147"]),
    ("international", &["+1 206 555 0147", "+44 20 7946 0018", "+49 1512 3000000", "+81 3-1234-5678"]),
    ("unreadable", &["call me", "12", "1.23457E+10", "+999 123"]),
];

const FORMS: [&str; 4] = [WRITTEN[0].0, WRITTEN[1].0, WRITTEN[2].0, WRITTEN[3].0];

fn written(form: &str) -> &'static [&'static str] {
    WRITTEN.iter().find(|(name, _)| *name == form).expect("a form").1
}

#[divan::bench(args = FORMS)]
fn rules(bencher: Bencher<'_, '_>, form: &str) {
    let reader = PhoneReader::new();
    let texts = written(form);
    bencher.counter(ItemsCount::new(texts.len())).bench_local(|| {
        for text in texts {
            let _ = black_box(reader.read(black_box(text), Some("US")));
        }
    });
}

#[divan::bench(args = FORMS)]
fn rlibphonenumber(bencher: Bencher<'_, '_>, form: &str) {
    let util = PhoneNumberUtil::new().expect("the library holds its data");
    let region = Region::from_code("US").expect("a region");
    let texts = written(form);
    bencher.counter(ItemsCount::new(texts.len())).bench_local(|| {
        for text in texts {
            if let Ok(number) = util.parse(black_box(text), Some(region)) {
                black_box((util.is_valid_number(&number), util.format(&number, PhoneNumberFormat::E164).to_string()));
            }
        }
    });
}

#[divan::bench(args = FORMS)]
fn phonenumber(bencher: Bencher<'_, '_>, form: &str) {
    let texts = written(form);
    bencher.counter(ItemsCount::new(texts.len())).bench_local(|| {
        for text in texts {
            if let Ok(number) = ::phonenumber::parse(Some(::phonenumber::country::US), black_box(text)) {
                let e164 = number.format().mode(::phonenumber::Mode::E164).to_string();
                black_box((number.is_valid(), e164));
            }
        }
    });
}
