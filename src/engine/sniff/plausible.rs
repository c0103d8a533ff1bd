//! How much bytes read in some encoding look like the text of people's names and addresses.

use crate::engine::decode::Codec;

/// Letters beyond ASCII that names and addresses are full of, by how they are written in Europe.
const COMMON: &str = "éèêëáàâäãåíìîïóòôöõøúùûüñçßæœÉÈÁÀÄÅÍÓÖØÚÜÑÇÆ\
    ąćęłńśźżĄĆĘŁŃŚŹŻěščřžýůúďťňĚŠČŘŽÝŮľĺŕőűŐŰăâîșțşţğıİŞđĐāēīūģķļņėįų\
    абвгдежзийклмнопрстуфхцчшщъыьэюяАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯіїєґІЇЄ\
    αβγδεζηθικλμνξοπρςστυφχψωάέήίόύώΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ";
/// The letters that are used far more than all others.
const MOST_COMMON: &str = "éüöäèñçáíóßåøêàãúôâоеаинтсрвлкмдпαοιετσνηυρ";
/// Punctuation that stands within or beside words.
const MARKS: &str = "’‘“”„–—…«»·°ºª€£§®©™\u{a0}¡¿´•";

/// The letters of a language beyond ASCII. Text that one of them explains is more likely than a mixture.
const LANGUAGES: &[&str] = &[
    "äöüßÄÖÜ",
    "éèêëàâçîïôûùœÉÈÀÇŒ",
    "áéíóúñüÁÉÍÓÚÑ",
    "ãõáéíóúâêôàçÃÕÁÉÍÓÚÂÊÔÇ",
    "àèéìòùÀÈÉÌÒÙ",
    "åäöæøéÅÄÖÆØ",
    "áéíóúýþæöðÁÉÍÓÚÝÞÆÖÐ",
    "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ",
    "áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽ",
    "áäčďéíĺľňóôŕšťúýžÁÄČĎÉÍĹĽŇÓÔŔŠŤÚÝŽ",
    "áéíóöőúüűÁÉÍÓÖŐÚÜŰ",
    "ăâîșțşţĂÂÎȘȚŞŢ",
    "čćđšžČĆĐŠŽ",
    "çğıöşüâÇĞİÖŞÜ",
    "ąčęėįšųūžĄČĘĖĮŠŲŪŽ",
    "āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽ",
    "äõöüšžÄÕÖÜŠŽ",
];
/// What a single language adds to the score of its text.
const ONE_LANGUAGE: f64 = 0.2;

/// Text read in an encoding of one byte a character.
pub struct SingleByte {
    /// How much the characters above ASCII make sense where they stand, in -1 to about 1.2.
    pub score: f64,
    /// Those characters.
    pub characters: Vec<char>,
}

/// Judges text read in an encoding of one byte a character.
pub fn single_byte(codec: Codec, text: &[u8]) -> SingleByte {
    let mut utf8 = Vec::with_capacity(text.len() * 2);
    let invalid = codec.decode(text, &mut utf8).is_some();
    let decoded: Vec<char> = String::from_utf8_lossy(&utf8).chars().collect();
    let characters: Vec<char> = decoded.iter().copied().filter(|c| !c.is_ascii()).collect();
    if invalid || characters.is_empty() {
        return SingleByte { score: if invalid { -1.0 } else { 0.0 }, characters };
    }
    let sum: f64 = (0..decoded.len())
        .filter(|&at| !decoded[at].is_ascii())
        .map(|at| character_score(at.checked_sub(1).map(|i| decoded[i]), decoded[at], decoded.get(at + 1).copied()))
        .sum();
    let share = |language: &&str| characters.iter().filter(|&&c| language.contains(c)).count() as f64;
    let language = LANGUAGES.iter().map(share).fold(0.0, f64::max);
    let cyrillic_or_greek = characters.iter().filter(|&&c| script(c) == Script::Cyrillic || script(c) == Script::Greek);
    let one = language.max(cyrillic_or_greek.count() as f64);
    let count = characters.len() as f64;
    SingleByte { score: (sum + one * ONE_LANGUAGE) / count, characters }
}

fn character_score(before: Option<char>, c: char, after: Option<char>) -> f64 {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    let lower = |c: Option<char>| c.is_some_and(char::is_lowercase);
    let upper = |c: Option<char>| c.is_some_and(char::is_uppercase);
    let in_word = letter(before) || letter(after);
    if c.is_control() || ('\u{2500}'..='\u{25ff}').contains(&c) || ('\u{e000}'..='\u{f8ff}').contains(&c) {
        return -1.0;
    }
    if COMMON.contains(c) {
        // Two scripts in one word are a sign of the wrong table.
        let mixed = |other: Option<char>| other.is_some_and(|o| o.is_alphabetic() && script(o) != script(c));
        let scale = if mixed(before) || mixed(after) { -0.5 } else { 1.0 };
        let fits = if c.is_lowercase() {
            // A small letter after a capital begins a name or, between capitals, is out of place.
            if upper(before) && upper(after) {
                -0.3
            } else if MOST_COMMON.contains(c) {
                1.0
            } else {
                0.9
            }
        } else if lower(before) {
            -0.8
        } else if in_word {
            0.8
        } else {
            0.3
        };
        return if scale < 0.0 { scale } else { fits };
    }
    if MARKS.contains(c) {
        return match c {
            '’' | '‘' | '´' if letter(before) && letter(after) => 0.7,
            '°' | 'º' | 'ª' | '€' | '£' | '§' | '©' | '®' | '™' if letter(before) && letter(after) => -0.7,
            _ if letter(before) && letter(after) => -0.5,
            _ => 0.3,
        };
    }
    if c.is_alphabetic() && !"ªºⁿƒ".contains(c) {
        return if c.is_uppercase() && lower(before) { -0.9 } else { 0.2 };
    }
    if in_word { -0.9 } else { -0.3 }
}

#[derive(PartialEq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Other,
}

fn script(c: char) -> Script {
    match c {
        '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Script::Latin,
        '\u{370}'..='\u{3ff}' => Script::Greek,
        '\u{400}'..='\u{52f}' => Script::Cyrillic,
        _ => Script::Other,
    }
}

/// Characters that names and addresses in Japanese, simplified and traditional Chinese are full of.
const JAPANESE: &str = "県区市町村都道府田山川本藤佐木中島崎野井上下高橋渡辺伊加小林吉松株式会社様東京大阪福岡電話番号名前住所氏太郎子鈴札幌";
const SIMPLIFIED: &str = "的是不我有中国人市区县省公司限王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐许邓冯曹彭曾萧田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严路街号电话客户姓名地址明小京上海北广州深圳娜伟洋静敏磊";
const TRADITIONAL: &str = "的是不我有中國人市區縣省公司限王李張劉陳楊趙黃周吳徐孫胡朱高林何郭馬羅梁宋鄭謝韓唐許鄧馮曹彭曾蕭田董潘蔡余葉程蘇魏呂丁任沈姚盧姜崔鍾譚陸路街號電話客戶姓名地址明小臺北中高雄新竹股份美玲志豪雅婷家";
/// What common characters add to the score of their language.
const KNOWN_CHARACTERS: f64 = 0.3;

/// The share of common characters in text of an East Asian encoding, or none where it cannot be in it. One error in
/// two hundred characters is let pass.
pub fn multi_byte_score(encoding: &'static encoding_rs::Encoding, text: &[u8]) -> Option<f64> {
    let (mut sum, mut count, mut errors) = (0.0, 0usize, 0usize);
    let mut kana = 0usize;
    let mut at = 0;
    let mut after_wide = false;
    while at < text.len() {
        let lead = text[at];
        if lead < 0x80 {
            at += 1;
            after_wide = false;
            continue;
        }
        let pair = text.get(at + 1).copied();
        let (length, score) = if encoding == encoding_rs::SHIFT_JIS {
            match (lead, pair) {
                (0xA1..=0xDF, _) => (1, 0.35),
                (0x82, Some(0x4F..=0xF1)) | (0x83, Some(0x40..=0x96)) | (0x81, Some(0x40..=0xAC)) => {
                    kana += 1;
                    (2, 1.0)
                }
                (0x88..=0x97, Some(0x40..=0x7E | 0x80..=0xFC)) => (2, 1.0),
                (0x81..=0x9F | 0xE0..=0xFC, Some(0x40..=0x7E | 0x80..=0xFC)) => (2, 0.3),
                _ => (1, -1.0),
            }
        } else if encoding == encoding_rs::GB18030 {
            match (lead, pair) {
                (0x81..=0xFE, Some(0x30..=0x39)) => (4, 0.7),
                (lead, pair) => (2, gbk(lead, pair)),
            }
        } else if encoding == encoding_rs::BIG5 {
            match (lead, pair) {
                (0xA4..=0xC6, Some(0x40..=0x7E | 0xA1..=0xFE)) => (2, 1.0),
                (0xA1..=0xA3, Some(0x40..=0x7E | 0xA1..=0xFE)) => (2, 0.7),
                (0x87..=0xFE, Some(0x40..=0x7E | 0xA1..=0xFE)) => (2, 0.3),
                _ => (1, -1.0),
            }
        } else if encoding == encoding_rs::EUC_KR {
            match (lead, pair) {
                (0xB0..=0xC8, Some(0xA1..=0xFE)) => (2, 1.0),
                (0xA1..=0xFE, Some(0xA1..=0xFE)) => (2, 0.3),
                (0x81..=0xC6, Some(0x41..=0xFE)) => (2, 0.3),
                _ => (1, -1.0),
            }
        } else if encoding == encoding_rs::EUC_JP {
            match (lead, pair) {
                (0xA4 | 0xA5, Some(0xA1..=0xF6)) => {
                    kana += 1;
                    (2, 1.0)
                }
                (0xA1 | 0xA3, Some(0xA1..=0xFE)) => (2, 0.8),
                (0xB0..=0xCF, Some(0xA1..=0xFE)) => (2, 1.0),
                (0x8E, Some(0xA1..=0xDF)) => (2, 0.35),
                (0x8F, Some(0xA1..=0xFE)) => (3, 0.3),
                (0xA1..=0xFE, Some(0xA1..=0xFE)) => (2, 0.3),
                _ => (1, -1.0),
            }
        } else {
            (2, gbk(lead, pair))
        };
        count += 1;
        if score < 0.0 {
            errors += 1;
            at += 1;
        } else {
            // Such characters come in runs: alone among the letters of a word one is a European letter misread.
            let before = at.checked_sub(1).is_some_and(|i| text[i].is_ascii_alphabetic());
            let after = text.get(at + length).is_some_and(u8::is_ascii_alphabetic);
            let alone = !after_wide && (before || after);
            sum += if alone { score * 0.3 } else { score };
            at += length;
        }
        after_wide = true;
    }
    if count == 0 || errors * 200 > count {
        return None;
    }
    // Tables for Chinese and Korean overlap: the narrower one is meant where all fits in it. Japanese has kana.
    let weight = if encoding == encoding_rs::GBK {
        0.95
    } else if encoding == encoding_rs::GB18030 {
        0.94
    } else if (encoding == encoding_rs::EUC_JP || encoding == encoding_rs::SHIFT_JIS) && kana * 20 < count {
        0.85
    } else {
        1.0
    };
    // The decoder has the last word on what is a character.
    let mut out = Vec::new();
    if errors == 0 && Codec::from_standard(encoding).decode(text, &mut out).is_some() {
        return None;
    }
    let mut utf8 = out;
    if utf8.is_empty() {
        Codec::from_standard(encoding).decode(text, &mut utf8);
    }
    let known = if encoding == encoding_rs::SHIFT_JIS || encoding == encoding_rs::EUC_JP {
        JAPANESE
    } else if encoding == encoding_rs::BIG5 {
        TRADITIONAL
    } else if encoding == encoding_rs::EUC_KR {
        ""
    } else {
        SIMPLIFIED
    };
    let familiar = String::from_utf8_lossy(&utf8).chars().filter(|c| !c.is_ascii() && known.contains(*c)).count();
    Some((weight * sum + KNOWN_CHARACTERS * familiar as f64) / count as f64)
}

fn gbk(lead: u8, pair: Option<u8>) -> f64 {
    match (lead, pair) {
        (0xB0..=0xD7, Some(0xA1..=0xFE)) => 1.0,
        (0xA1 | 0xA3, Some(0xA1..=0xFE)) => 0.7,
        (0x81..=0xFE, Some(0x40..=0x7E | 0x80..=0xFE)) => 0.3,
        _ => -1.0,
    }
}
