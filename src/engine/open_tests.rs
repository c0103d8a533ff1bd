use super::*;
use std::io::Write;

const CSV: &[u8] = b"a,b\n1,2\n3,4\n";

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zip_of(entries: &[(&str, &[u8])], method: zip::CompressionMethod) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn deflated(entries: &[(&str, &[u8])]) -> Vec<u8> {
    zip_of(entries, zip::CompressionMethod::Deflated)
}

fn open(bytes: &[u8]) -> (tempfile::NamedTempFile, Result<Delivery, OpenError>) {
    let mut file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let delivery = Delivery::open(file.path());
    (file, delivery)
}

fn content(delivery: &Delivery, offset: u64) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    delivery.stream(offset)?.read_to_end(&mut all)?;
    Ok(all)
}

#[test]
fn plain_gzip_and_zip_give_the_same_bytes_from_any_offset_whatever_the_name() {
    let stored = zip_of(&[("contacts.csv", CSV)], zip::CompressionMethod::Stored);
    let with_litter = deflated(&[
        ("__MACOSX/._contacts.csv", b"x"),
        (".DS_Store", b"x"),
        ("export/contacts.csv", CSV),
        ("readme.md", b"x"),
    ]);
    let mut two_members = gzip(&CSV[..5]);
    two_members.extend(gzip(&CSV[5..]));
    for packed in [CSV.to_vec(), gzip(CSV), two_members, deflated(&[("data", CSV)]), stored, with_litter] {
        let (_file, delivery) = open(&packed);
        let delivery = delivery.unwrap();
        for offset in 0..=CSV.len() {
            assert_eq!(content(&delivery, offset as u64).unwrap(), &CSV[offset..], "{:?}", delivery.packing());
        }
    }
}

#[test]
fn what_cannot_be_used_is_refused_with_what_it_is_and_what_to_do() {
    let xlsx = deflated(&[("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<x/>")]);
    let ods = zip_of(&[("mimetype", b"application/..."), ("content.xml", b"<x/>")], zip::CompressionMethod::Stored);
    let two = deflated(&[("a.csv", CSV), ("b.csv", CSV)]);
    let mut broken_zip = deflated(&[("a.csv", CSV)]);
    broken_zip.truncate(40);
    let cases: Vec<(Vec<u8>, &str, &str)> = vec![
        (b"".to_vec(), "file_empty", "is empty"),
        (gzip(b""), "file_empty", "is empty"),
        (xlsx, "wrong_type", "Excel workbook"),
        (ods, "wrong_type", "OpenDocument"),
        (b"%PDF-1.4".to_vec(), "wrong_type", "PDF"),
        (gzip(b"%PDF-1.4"), "wrong_type", "PDF"),
        (gzip(&gzip(CSV)), "wrong_type", "archive within an archive"),
        (deflated(&[("a.csv", b"<html></html>")]), "wrong_type", "HTML"),
        (two, "archive_unusable", "2 files (a.csv, b.csv)"),
        (deflated(&[]), "archive_unusable", "no file"),
        (broken_zip, "archive_unusable", "damaged"),
    ];
    for (bytes, code, says) in cases {
        let (file, result) = open(&bytes);
        let error = result.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        let text = error.to_string();
        assert!(text.contains(says) && text.contains(file.path().to_str().unwrap()), "{text}");
    }
    let missing = Delivery::open(Path::new("/nowhere/contacts.csv")).unwrap_err();
    assert_eq!(missing.code(), "file_missing");
    assert_eq!(Delivery::open(&std::env::temp_dir()).unwrap_err().code(), "wrong_type");
}

#[test]
fn content_that_outgrows_the_limit_stops_and_names_the_numbers() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(b"a,b\n").unwrap();
    let chunk = vec![b'x'; 1 << 20];
    for _ in 0..70 {
        encoder.write_all(&chunk).unwrap();
    }
    let (_file, delivery) = open(&encoder.finish().unwrap());
    let error = content(&delivery.unwrap(), 0).unwrap_err().to_string();
    for number in ["67108864", "200 times", "64 MiB", "64 GiB"] {
        assert!(error.contains(number), "{number} is not in: {error}");
    }
}

#[test]
fn the_limit_grows_with_the_compressed_size_up_to_the_cap() {
    assert_eq!(expansion_limit(10), EXPANSION_FREE_BYTES);
    assert_eq!(expansion_limit(1 << 20), EXPANSION_RATIO << 20);
    assert_eq!(expansion_limit(u64::MAX), EXPANSION_MAX_BYTES);
}

#[test]
fn damaged_archives_are_noticed() {
    let mut lines = String::new();
    (0..20_000).for_each(|row| lines.push_str(&format!("{row},name {}\n", row * 7919 % 1000)));
    let mut cut = gzip(lines.as_bytes());
    cut.truncate(cut.len() / 2);
    let (_file, delivery) = open(&cut);
    assert!(content(&delivery.unwrap(), 0).unwrap_err().to_string().contains("cut off"));
    let mut flipped = zip_of(&[("a.csv", lines.as_bytes())], zip::CompressionMethod::Stored);
    flipped[5_000] ^= 1;
    let (_file, delivery) = open(&flipped);
    assert!(content(&delivery.unwrap(), 0).unwrap_err().to_string().contains("checksum"));
}

#[test]
fn a_file_that_became_shorter_is_noticed_and_not_taken_for_its_end() {
    for bytes in [CSV.to_vec(), gzip(CSV), deflated(&[("a.csv", CSV)])] {
        let (_file, delivery) = open(&bytes);
        let error = content(&delivery.unwrap(), CSV.len() as u64 + 1).unwrap_err().to_string();
        assert!(error.contains("changed since"), "{error}");
    }
}
