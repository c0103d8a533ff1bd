//! Every file of the csv-spectrum suite means what its JSON says.
//!
//! Two files of the suite lost their CRs on their way through version control, so those named `_crlf` are read as they
//! are, line breaks aside, and once more with the CRs put back, to the letter.

use landfall::engine::open::Delivery;
use landfall::engine::read::RecordReader;
use landfall::engine::rows::{RowBatch, Shape};
use landfall::engine::sniff::{Overrides, sniff};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

fn read(path: &Path) -> Value {
    let delivery = Delivery::open(path).unwrap();
    let dialect = sniff(&delivery, &Overrides::default()).unwrap().dialect;
    let mut reader = RecordReader::new(&delivery, &dialect).unwrap();
    let mut batch = RowBatch::new();
    let mut records = Vec::new();
    while reader.read_batch(&mut batch, 1).unwrap() > 0 {
        for row in batch.iter() {
            assert_eq!(row.info().shape, Shape::Normal, "{}", path.display());
            let cells = row.cells().map(Value::from);
            records.push(Value::Object(dialect.columns.iter().cloned().zip(cells).collect::<Map<_, _>>()));
        }
    }
    assert_eq!(reader.position().tally.bytes(), std::fs::metadata(path).unwrap().len());
    Value::Array(records)
}

fn expected(path: &Path, name: &str) -> Value {
    let text = std::fs::read_to_string(path.join("json").join(format!("{name}.json"))).unwrap();
    let mut value: Value = serde_json::from_str(&text).unwrap();
    if value.is_object() {
        value = Value::Array(vec![value]);
    }
    if name == "location_coordinates" {
        // The suite's JSON has another phone number than its CSV.
        value[0]["Contact Phone Number"] = Value::from("2095257564");
    }
    value
}

#[test]
fn all_twelve_files_are_read_as_their_json_says() {
    let suite = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/csv-spectrum");
    let scratch = tempfile::tempdir().unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(suite.join("csvs")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        files += 1;
        let expected = expected(&suite, &name);
        if name.ends_with("_crlf") {
            let lost: Value = serde_json::from_str(&expected.to_string().replace("\\r\\n", "\\n")).unwrap();
            assert_eq!(read(&path), lost, "{name}");
            let restored = scratch.path().join(&name);
            std::fs::write(&restored, std::fs::read_to_string(&path).unwrap().replace('\n', "\r\n")).unwrap();
            assert_eq!(read(&restored), expected, "{name} with CRLF");
        } else {
            assert_eq!(read(&path), expected, "{name}");
        }
    }
    assert_eq!(files, 12);
}
