use super::*;
use proptest::prelude::*;

fn all(text: &str) -> Vec<String> {
    let emails = read_emails(text).unwrap_or_else(|problem| panic!("{text}: {}", problem.guidance)).value;
    std::iter::once(emails.first).chain(emails.rest).collect()
}

fn notes(text: &str) -> Vec<Note> {
    read_emails(text).unwrap().notes
}

fn guidance(text: &str) -> String {
    let problem = read_emails(text).unwrap_err();
    assert_eq!(problem.code, Code::EmailInvalid);
    problem.guidance
}

#[test]
fn an_address_keeps_its_local_part_and_lowers_its_domain() {
    for (text, want) in [
        ("example@domain.com", "example@domain.com"),
        ("Ana.Costa+News@Example.COM", "Ana.Costa+News@example.com"),
        ("o'brien@mail.example.co.uk", "o'brien@mail.example.co.uk"),
        ("müller@example.de", "müller@example.de"),
        ("info@MÜLLER.de", "info@müller.de"),
        ("info@xn--MLLER-kva.de", "info@xn--mller-kva.de"),
        ("info@例え.テスト", "info@例え.テスト"),
        ("a@b.xn--p1ai", "a@b.xn--p1ai"),
        ("a..b@docomo.ne.jp", "a..b@docomo.ne.jp"),
        ("\"a,b\"@example.com", "\"a,b\"@example.com"),
        ("1@2.io", "1@2.io"),
    ] {
        assert_eq!(all(text), [want], "{text}");
        assert_eq!(notes(text), [], "{text}");
    }
    let local = "x".repeat(64);
    assert_eq!(all(&format!("{local}@b.co")), [format!("{local}@b.co")]);
}

#[test]
fn what_is_no_address_is_said_to_lack_what_it_lacks() {
    // R330–R332.
    for (text, part) in [
        ("example.com", "no \"@\""),
        ("n/a", "no \"@\""),
        (",", "no \"@\""),
        ("a@b@c.com", "more than one \"@\""),
        ("@domain.com", "no name before"),
        ("example@", "no domain"),
        ("example@domain", "no extension"),
        ("example@domain.c", "two or more letters"),
        ("example@domain.c1", "two or more letters"),
        ("example@192.168.1.1", "two or more letters"),
        ("example@domain..com", "dot too many"),
        ("example@.com", "dot too many"),
        ("example@domain.com.", "dot too many"),
        ("ex ample@domain.com", "a space"),
        ("a@b.com c@d.com", "comma between"),
        ("example@do_main.com", "letters in its domain"),
        ("example@-domain.com", "letters in its domain"),
        ("example@dom\u{0}ain.com", "letters in its domain"),
        ("exa(mple@domain.com", "'('"),
        ("a@b.com, c@d", "\"c@d\" has no extension"),
        ("a@b.com; none", "\"none\" has no \"@\""),
    ] {
        let guidance = guidance(text);
        assert!(guidance.contains(part), "{text}: {guidance} lacks {part}");
        assert!(guidance.contains("example@domain.com"), "{text}: {guidance}");
    }
    assert!(guidance(&format!("{}@b.co", "x".repeat(65))).contains("64 bytes"));
}

#[test]
fn links_and_names_around_an_address_are_taken_off_with_a_note() {
    for text in [
        "mailto:a@b.com",
        "MAILTO:a@b.com",
        "mailto:a@b.com?subject=hello%20you",
        "<a@b.com>",
        "Ann <a@b.com>",
        "Ann Lee<a@b.com>",
        "\"Lee, Ann; the 2nd\" <a@b.com>",
        "Lee, Ann <a@b.com>",
        "Ann <mailto:a@b.com>",
        "Ann < a@b.com >",
        "ann@work <a@b.com>",
    ] {
        assert_eq!(all(text), ["a@b.com"], "{text}");
        assert_eq!(notes(text), [Note::EmailUnwrapped], "{text}");
    }
}

#[test]
fn plainly_written_addresses_are_read_the_short_way() {
    for text in ["ana@example.com", "A.b+c_d-e!@Sub.Exa-mple.CO", "o'neil@b.com", "1@2.de"] {
        assert!(plain_address(text).is_some(), "{text}");
    }
}

#[test]
fn several_addresses_part_into_the_email_and_the_additional_ones() {
    for text in
        ["a@b.com, c@d.com", "a@b.com;c@d.com", "a@b.com\nc@d.com", " a@b.com ,; c@d.com;", "a@b.com,A@B.com,c@d.com"]
    {
        assert_eq!(all(text), ["a@b.com", "c@d.com"], "{text}");
        assert_eq!(notes(text), [Note::EmailSplit], "{text}");
    }
    assert_eq!(all("A <a@b.com>; Lee, C <c@d.com>, e@f.com"), ["a@b.com", "c@d.com", "e@f.com"]);
    assert_eq!(notes("A <a@b.com>; c@d.com"), [Note::EmailUnwrapped, Note::EmailSplit]);
    assert_eq!(all("a@b.com;"), ["a@b.com"]);
    assert_eq!(notes("a@b.com, A@b.COM"), []);
}

#[test]
fn additional_addresses_part_at_commas_and_semicolons_only() {
    // R248.
    let list = |text: &str| read_email_list(text).map(|reading| reading.value);
    assert_eq!(list("abc@email.com, abc1@email.com"), Ok(vec!["abc@email.com".into(), "abc1@email.com".into()]));
    assert_eq!(list("a@b.com;c@d.com;A@b.com"), Ok(vec!["a@b.com".into(), "c@d.com".into()]));
    assert_eq!(list(" ; "), Ok(vec![]));
    assert!(list("a@b.com\nc@d.com").is_err());
    assert!(list("a@b.com / c@d.com").is_err());
}

#[test]
fn matching_ignores_case_and_the_way_a_domain_is_written() {
    for (one, other) in [
        ("Ana@Example.com", "ana@example.COM"),
        ("info@müller.de", "INFO@xn--mller-kva.de"),
        ("MÜLLER@example.de", "müller@example.de"),
        ("u\u{308}@b.de", "ü@b.de"),
    ] {
        assert_eq!(match_key(one), match_key(other), "{one} {other}");
    }
    assert_ne!(match_key("a@b.com"), match_key("a@c.com"));
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = read_emails(&text);
        let _ = read_email_list(&text);
        let _ = match_key(&text);
    }

    #[test]
    fn the_short_way_answers_as_the_long_one(text in "['a-zA-Z0-9.+_<\",;: é-]{0,6}[a-zA-Z0-9'!]{1,66}@[a-zA-Z0-9ü-]{0,4}(\\.[a-zA-Z0-9-]{0,5}){0,3}[ ,;@>]?") {
        if let Some(plain) = plain_address(&text) {
            for is_separator in [|c| matches!(c, ',' | ';' | '\n' | '\r'), |c| matches!(c, ',' | ';')] {
                prop_assert_eq!(read_parts(&text, is_separator), Ok(Reading::plain(vec![plain.clone()])));
            }
        }
    }

    #[test]
    fn what_was_read_reads_again_as_itself(text in "[<\"]?[A-Za-zé.,;: ]{0,4}[<\"]?[a-zA-Zü.\"']{0,4}@[a-zA-Zßüæ-]{0,3}\\.?[a-zA-ZıI]{0,3}[,; >]{0,2}([a-z]{1,2}@[A-Z]{1,2}\\.io)?>?") {
        if let Ok(reading) = read_emails(&text) {
            let Emails { first, rest } = reading.value;
            for address in rest.into_iter().chain([first]) {
                prop_assert_eq!(&all(&address), std::slice::from_ref(&address));
                prop_assert_eq!(match_key(&match_key(&address)), match_key(&address));
            }
        }
    }
}
