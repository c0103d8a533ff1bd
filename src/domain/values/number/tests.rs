use super::DecimalMark::{Comma, Point};
use super::*;
use proptest::prelude::*;

fn number(text: &str, mark: DecimalMark) -> Option<String> {
    read_number(text, mark).ok().map(|reading| reading.value)
}

fn money(text: &str, mark: DecimalMark) -> Option<String> {
    read_money(text, mark).ok().map(|reading| reading.value)
}

#[test]
fn numbers_are_kept_exactly() {
    // R242–R244.
    for (text, want) in [
        ("1.23", "1.23"),
        ("1234", "1234"),
        (".123", "0.123"),
        ("-5", "-5"),
        ("+5", "5"),
        ("\u{2212}5", "-5"),
        ("-.5", "-0.5"),
        ("007", "7"),
        ("0", "0"),
        ("-0", "0"),
        ("-0.00", "0.00"),
        ("1.50", "1.50"),
        ("00.10", "0.10"),
        ("12345678901234567890.12345678901234567890", "12345678901234567890.12345678901234567890"),
    ] {
        assert_eq!(number(text, Point).as_deref(), Some(want), "{text}");
    }
    for (text, want) in [("1,23", "1.23"), ("1234", "1234"), (",123", "0.123"), ("-1,5", "-1.5")] {
        assert_eq!(number(text, Comma).as_deref(), Some(want), "{text}");
    }
}

#[test]
fn what_is_no_number_is_not_read() {
    for text in [
        "", "-", "+", ".", "1.", "1.2.3", "1,234", "12,34", "1 234", "1e5", "1.5E+10", "0x1F", "½", "٣", "NaN", "inf",
        "--5", "+-5", "- 5", "5-", "(5)", "5%", "$5", "five", "1_000", "1.2e", "1.-2",
    ] {
        assert_eq!(number(text, Point), None, "{text}");
    }
    for text in ["1.23", "1.234,5", "1,", ",", "1,2,3"] {
        assert_eq!(number(text, Comma), None, "{text}");
    }
}

#[test]
fn money_may_be_grouped_and_name_a_currency() {
    // R245, R246.
    for (text, want) in [
        ("1234", "1234"),
        ("1,234,234.33", "1234234.33"),
        ("1,234", "1234"),
        ("12,345.6", "12345.6"),
        (".5", "0.5"),
        ("-1,234.50", "-1234.50"),
        ("1'234.50", "1234.50"),
        ("1 234.50", "1234.50"),
        ("1\u{202F}234\u{202F}567", "1234567"),
        ("$1,234.50", "1234.50"),
        ("$ 5", "5"),
        ("-$5", "-5"),
        ("$-5", "-5"),
        ("5$", "5"),
        ("- $5", "-5"),
        ("£.50", "0.50"),
        ("€5", "5 EUR"),
        ("5 €", "5 EUR"),
        ("5.00 USD", "5.00 USD"),
        ("usd 5", "5 USD"),
        ("USD5", "5 USD"),
        ("-5 USD", "-5 USD"),
        ("USD -5", "-5 USD"),
        ("US$ 1,234.50", "1234.50 USD"),
        ("R$5", "5 BRL"),
        ("Rs. 5", "5"),
        ("Rs.5", "5"),
        ("5 kr", "5"),
        ("5 zł", "5 PLN"),
        ("CHF 1'234.50", "1234.50 CHF"),
        ("0", "0"),
    ] {
        assert_eq!(money(text, Point).as_deref(), Some(want), "{text}");
    }
    for (text, want) in [
        ("1.234.234,33", "1234234.33"),
        ("1234,5", "1234.5"),
        ("12,34", "12.34"),
        ("1.234", "1234"),
        ("1 234,50 €", "1234.50 EUR"),
        ("CHF 1'234,50", "1234.50 CHF"),
        (",5", "0.5"),
    ] {
        assert_eq!(money(text, Comma).as_deref(), Some(want), "{text}");
    }
}

#[test]
fn grouping_and_currencies_must_be_right() {
    for text in [
        "",
        "$",
        "USD",
        "12,34",
        "1,23,456",
        "1,2345",
        "1234,567",
        ",123",
        "1,,234",
        "1,234,",
        "1.234,50",
        "1,234'567",
        "1.234.567",
        "1,234.",
        "1,234.5,6",
        "1.5e3",
        "5 XXQ",
        "$5 USD",
        "5 $ USD",
        "--5",
        "-$-5",
        "$5 million",
        "(5)",
        "5-",
        "5 5 USD",
        "1234 567",
        "0x5",
        "five",
        "$,",
        "ten USD",
    ] {
        assert_eq!(money(text, Point), None, "{text}");
    }
    for text in ["1,234.50", "12.34", "1.23,456.7"] {
        assert_eq!(money(text, Comma), None, "{text}");
    }
}

#[test]
fn guidance_says_what_was_probably_meant() {
    for (problem, code, part) in [
        (
            read_number("12,34", Point),
            Code::NumberUnreadable,
            "decimal comma? Set the column to decimal comma, or write 12.34",
        ),
        (read_number("-1,5", Point), Code::NumberUnreadable, "write -1.5"),
        (read_number("1,234,567", Point), Code::NumberUnreadable, "grouped digits: write 1234567"),
        (read_number("1.5E+10", Point), Code::NumberUnreadable, "spreadsheet"),
        (read_number("five", Point), Code::NumberUnreadable, "1234, 1.23, .123"),
        (
            read_number("12.34", Comma),
            Code::NumberUnreadable,
            "decimal point? Set the column to decimal point, or write 12,34",
        ),
        (read_money("12,34", Point), Code::MoneyUnreadable, "decimal comma?"),
        (read_money("€ 1.234,50", Point), Code::MoneyUnreadable, "decimal comma?"),
        (read_money("1,23,456", Point), Code::MoneyUnreadable, "not grouped by three"),
        (read_money("5 XXQ", Point), Code::MoneyUnreadable, "\"XXQ\" is no currency"),
        (read_money("$5 USD", Point), Code::MoneyUnreadable, "both sides"),
        (read_money("1,234.50", Comma), Code::MoneyUnreadable, "decimal point?"),
    ] {
        let problem = problem.unwrap_err();
        assert_eq!(problem.code, code);
        assert!(problem.guidance.contains(part), "{}", problem.guidance);
    }
}

#[test]
fn numbers_compare_by_value() {
    use std::cmp::Ordering::*;
    for (one, order, other) in [
        ("1", Less, "2"),
        ("9", Less, "10"),
        ("-9", Greater, "-10"),
        ("-1", Less, "1"),
        ("1.50", Equal, "1.5"),
        ("0", Equal, "-0.00"),
        ("0.1", Greater, "0.09"),
        ("-0.1", Less, "0"),
        ("5 USD", Equal, "5.00 EUR"),
        ("10 USD", Greater, "9"),
        ("9007199254740993", Greater, "9007199254740992"),
    ] {
        assert_eq!(compare_decimal(one, other), order, "{one} {other}");
        assert_eq!(compare_decimal(other, one), order.reverse(), "{other} {one}");
    }
}

proptest! {
    #[test]
    fn an_amount_without_sign_and_currency_is_taken_as_the_long_way_takes_it(text in "[0-9.,]{1,12}") {
        if is_bare(&text) {
            prop_assert_eq!(take_currency(&text), Ok((Amount { is_negative: false, digits: &text }, None)));
        }
    }

    #[test]
    fn no_text_panics(text in any::<String>(), near in "[-+−]?[$€A-Zé]{0,4}[ .]?[0-9.,' eE]{0,9}[ -]?[A-Z€]{0,4}", other in any::<String>()) {
        for text in [&text, &near] {
            for mark in [Point, Comma] {
                let _ = read_number(text, mark);
                let _ = read_money(text, mark);
            }
            let _ = compare_decimal(text, &other);
        }
    }

    #[test]
    fn what_was_read_reads_again_as_itself(text in "[-+]?[0-9]{0,4}[.,]?[0-9]{0,4}", currency in "( USD|€| kr)?", mark in prop_oneof![Just(Point), Just(Comma)]) {
        if let Some(canonical) = number(&text, mark) {
            prop_assert_eq!(number(&canonical, Point), Some(canonical));
        }
        if let Some(canonical) = money(&format!("{text}{currency}"), mark) {
            prop_assert_eq!(money(&canonical, Point), Some(canonical));
        }
    }

    #[test]
    fn grouped_money_is_the_number_without_its_groups(value in 0u64.., cents in 0u32..100, is_negative in any::<bool>()) {
        let digits = value.to_string();
        let mut grouped = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = if is_negative && (value, cents) != (0, 0) { "-" } else { "" };
        let want = format!("{sign}{value}.{cents:02}");
        prop_assert_eq!(money(&format!("{sign}${grouped}.{cents:02}"), Point), Some(want.clone()));
        let swapped = format!("{sign}{}", grouped.replace(',', "."));
        prop_assert_eq!(money(&format!("{swapped},{cents:02}"), Comma), Some(want));
    }

    #[test]
    fn comparison_agrees_with_integers(one in any::<i64>(), other in any::<i64>()) {
        prop_assert_eq!(compare_decimal(&one.to_string(), &other.to_string()), one.cmp(&other));
    }
}
