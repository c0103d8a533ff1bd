//! Opening a delivery: what the file is, told by its content, and its bytes after decompression.

use super::unpack::{Looks, Wrapping, looks};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// A compressed delivery may always grow to this size.
pub const EXPANSION_FREE_BYTES: u64 = 64 << 20;
/// Beyond [`EXPANSION_FREE_BYTES`] the content may be this many times the compressed size.
pub const EXPANSION_RATIO: u64 = 200;
/// No compressed delivery may grow beyond this size.
pub const EXPANSION_MAX_BYTES: u64 = 64 << 30;

/// How much of a file its nature is told by.
const HEAD_BYTES: usize = 8 * 1024;
/// Files in an archive that are named in an error.
const NAMED_ENTRIES: usize = 5;

/// Why a file cannot be used as a delivery. Each message says which file, what it is, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{path}: there is no such file. Check the path")]
    Missing { path: String },
    #[error("{path} is {what}, not a file. Name a .csv, .csv.gz or .zip file")]
    NotAFile { path: String, what: &'static str },
    #[error("{path} cannot be read: {source}. Check its permissions and the disk")]
    Io { path: String, source: io::Error },
    #[error("{path} is empty: it holds no header row and no records. Export the file again")]
    Empty { path: String },
    #[error("{path} is {what}, not a CSV file. {advice}")]
    WrongType { path: String, what: String, advice: &'static str },
    #[error("{path} is a zip archive that cannot be used: {why}. Put exactly one CSV file into it")]
    Archive { path: String, why: String },
}

impl OpenError {
    /// The stable code for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            OpenError::Missing { .. } => "file_missing",
            OpenError::NotAFile { .. } | OpenError::WrongType { .. } => "wrong_type",
            OpenError::Io { .. } => "file_unreadable",
            OpenError::Empty { .. } => "file_empty",
            OpenError::Archive { .. } => "archive_unusable",
        }
    }
}

/// Where the bytes of the CSV lie in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Plain,
    Gzip,
    Zip { entry: String, start: u64, packed: u64, size: u64, crc: u32, deflated: bool },
}

/// A file that holds one CSV, plain or compressed. Holds no descriptor: every stream opens the file anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    path: PathBuf,
    place: Place,
    /// Bytes of the file on disk when it was opened.
    disk_bytes: u64,
}

impl Delivery {
    /// Tells by its content what the file is; a name or an extension decides nothing.
    pub fn open(path: &Path) -> Result<Delivery, OpenError> {
        let shown = || path.display().to_string();
        let io_error = |source: io::Error| OpenError::Io { path: shown(), source };
        let meta = std::fs::metadata(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => OpenError::Missing { path: shown() },
            _ => io_error(source),
        })?;
        if !meta.is_file() {
            let what = if meta.is_dir() { "a directory" } else { "a pipe or device" };
            return Err(OpenError::NotAFile { path: shown(), what });
        }
        let mut delivery = Delivery { path: path.to_owned(), place: Place::Plain, disk_bytes: meta.len() };
        let head = read_head(&mut File::open(path).map_err(io_error)?).map_err(io_error)?;
        match looks(&head) {
            Looks::Like(Wrapping::Plain) => {}
            Looks::Like(Wrapping::Gzip) => delivery.place = Place::Gzip,
            Looks::Like(Wrapping::Zip) => delivery.place = find_entry(path)?,
            Looks::Wrong { what, advice } => {
                return Err(OpenError::WrongType { path: shown(), what: what.to_owned(), advice });
            }
        }
        let inner = match delivery.place {
            Place::Plain => head,
            _ => read_head(&mut delivery.stream(0).map_err(io_error)?).map_err(io_error)?,
        };
        if inner.is_empty() {
            return Err(OpenError::Empty { path: shown() });
        }
        if delivery.place != Place::Plain {
            let (what, advice) = match looks(&inner) {
                Looks::Like(Wrapping::Plain) => return Ok(delivery),
                Looks::Like(_) => ("an archive within an archive", "unpack it once and import what is inside"),
                Looks::Wrong { what, advice } => (what, advice),
            };
            return Err(OpenError::WrongType {
                path: shown(),
                what: format!("compressed, and inside is {what}"),
                advice,
            });
        }
        Ok(delivery)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of the file on disk, as it was when opened.
    pub fn disk_bytes(&self) -> u64 {
        self.disk_bytes
    }

    /// Bytes after decompression, where that is known before reading them.
    pub fn content_bytes(&self) -> Option<u64> {
        match &self.place {
            Place::Plain => Some(self.disk_bytes),
            Place::Gzip => None,
            Place::Zip { size, .. } => Some(*size),
        }
    }

    pub fn is_compressed(&self) -> bool {
        self.place != Place::Plain
    }

    /// How the content is packed, for people: `gzip`, `zip: contacts.csv`.
    pub fn packing(&self) -> Option<String> {
        match &self.place {
            Place::Plain => None,
            Place::Gzip => Some("gzip".to_owned()),
            Place::Zip { entry, .. } => Some(format!("zip: {entry}")),
        }
    }

    /// The decompressed bytes from `offset` on. A plain file is sought; a compressed one is unpacked up to there.
    pub fn stream(&self, offset: u64) -> io::Result<Stream> {
        let mut file = File::open(&self.path)?;
        let mut stream = match &self.place {
            Place::Plain => {
                let size = file.metadata()?.len();
                if offset > size {
                    return Err(ends_before(size, offset));
                }
                file.seek(SeekFrom::Start(offset))?;
                return Ok(Stream { inner: Unpack::Plain(file), given: offset, limit: u64::MAX, packed: 0 });
            }
            Place::Gzip => {
                let inner = flate2::bufread::MultiGzDecoder::new(io::BufReader::with_capacity(128 * 1024, file));
                Stream { inner: Unpack::Gzip(Box::new(inner)), given: 0, limit: 0, packed: self.disk_bytes }
            }
            Place::Zip { start, packed, size, crc, deflated, .. } => {
                file.seek(SeekFrom::Start(*start))?;
                let source = io::BufReader::with_capacity(128 * 1024, file.take(*packed));
                let check = Check { sum: flate2::Crc::new(), crc: *crc, size: *size };
                let inner = if *deflated {
                    Unpack::Deflated(Box::new(flate2::bufread::DeflateDecoder::new(source)), check)
                } else {
                    Unpack::Stored(source, check)
                };
                Stream { inner, given: 0, limit: 0, packed: *packed }
            }
        };
        stream.limit = expansion_limit(stream.packed);
        stream.skip(offset)?;
        Ok(stream)
    }
}

/// What a compressed delivery of this size may grow to.
fn expansion_limit(packed: u64) -> u64 {
    packed.saturating_mul(EXPANSION_RATIO).clamp(EXPANSION_FREE_BYTES, EXPANSION_MAX_BYTES)
}

/// The decompressed bytes of a delivery. Reading fails when the content outgrows the limit on expansion, or when an
/// archive's checksum does not hold.
pub struct Stream {
    inner: Unpack,
    given: u64,
    limit: u64,
    packed: u64,
}

enum Unpack {
    Plain(File),
    Gzip(Box<flate2::bufread::MultiGzDecoder<io::BufReader<File>>>),
    Deflated(Box<flate2::bufread::DeflateDecoder<io::BufReader<io::Take<File>>>>, Check),
    Stored(io::BufReader<io::Take<File>>, Check),
}

struct Check {
    sum: flate2::Crc,
    crc: u32,
    size: u64,
}

impl Check {
    /// Counts what was read; at the end it must be what the archive's directory says.
    fn take(&mut self, read: &[u8], wanted: usize) -> io::Result<()> {
        self.sum.update(read);
        if read.is_empty()
            && wanted > 0
            && (self.sum.sum() != self.crc || u64::from(self.sum.amount()) != self.size & 0xFFFF_FFFF)
        {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the zip archive is damaged: its checksum does not hold. Pack or download it again",
            ));
        }
        Ok(())
    }
}

impl Stream {
    /// Decompressed bytes given so far, those skipped included.
    pub fn given(&self) -> u64 {
        self.given
    }

    /// Reads `bytes` bytes and lets them go.
    pub fn skip(&mut self, bytes: u64) -> io::Result<()> {
        let skipped = io::copy(&mut self.by_ref().take(bytes), &mut io::sink())?;
        if skipped < bytes {
            return Err(ends_before(self.given, self.given + bytes - skipped));
        }
        Ok(())
    }
}

impl Read for Stream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = match &mut self.inner {
            Unpack::Plain(file) => file.read(buf)?,
            Unpack::Gzip(gzip) => gzip.read(buf).map_err(damaged)?,
            Unpack::Deflated(deflate, check) => {
                let n = deflate.read(buf).map_err(damaged)?;
                check.take(&buf[..n], buf.len())?;
                n
            }
            Unpack::Stored(stored, check) => {
                let n = stored.read(buf)?;
                check.take(&buf[..n], buf.len())?;
                n
            }
        };
        self.given += n as u64;
        if self.given > self.limit {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!(
                    "{} compressed bytes unpack to more than {} bytes, the limit ({EXPANSION_RATIO} times the compressed size \
                     beyond {} MiB, at most {} GiB): this looks like a decompression bomb. If it is not, unpack it yourself \
                     and import the plain file",
                    self.packed,
                    self.limit,
                    EXPANSION_FREE_BYTES >> 20,
                    EXPANSION_MAX_BYTES >> 30
                ),
            ));
        }
        Ok(n)
    }
}

/// A resumed run finds less than it had read before.
fn ends_before(size: u64, offset: u64) -> io::Error {
    let text = format!(
        "the file ends at byte {size}, before byte {offset}: it changed since it was first read. Import it as a new delivery"
    );
    io::Error::new(io::ErrorKind::UnexpectedEof, text)
}

/// The decompressor's own words say nothing to an operator.
fn damaged(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the compressed file ends too early: it is cut off. Get it again",
        ),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => io::Error::new(
            io::ErrorKind::InvalidData,
            format!("the compressed file is damaged ({error}). Get it again"),
        ),
        _ => error,
    }
}

fn read_head(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    source.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Finds the one CSV in a zip archive, or says what the archive is instead.
fn find_entry(path: &Path) -> Result<Place, OpenError> {
    let shown = || path.display().to_string();
    let unusable = |why: String| OpenError::Archive { path: shown(), why };
    let file = File::open(path).map_err(|source| OpenError::Io { path: shown(), source })?;
    let mut archive = zip::ZipArchive::new(io::BufReader::new(file))
        .map_err(|error| unusable(format!("it is damaged or cut off ({error})")))?;
    let mut names = Vec::new();
    for index in 0..archive.len() {
        let entry =
            archive.by_index_raw(index).map_err(|error| unusable(format!("its directory is damaged ({error})")))?;
        if entry.is_dir() {
            continue;
        }
        names.push((index, String::from_utf8_lossy(entry.name_raw()).into_owned()));
    }
    if let Some(what) = office_format(&names) {
        return Err(OpenError::WrongType {
            path: shown(),
            what: what.to_owned(),
            advice: "Open it and save the sheet as CSV (UTF-8)",
        });
    }
    names.retain(|(_, name)| {
        let file = name.rsplit('/').next().unwrap_or(name);
        !name.starts_with("__MACOSX/") && !file.starts_with("._") && file != ".DS_Store" && file != "Thumbs.db"
    });
    let is_table = |name: &str| {
        let name = name.to_ascii_lowercase();
        [".csv", ".tsv", ".tab", ".txt"].iter().any(|end| name.ends_with(end))
    };
    let tables: Vec<(usize, String)> = names.iter().filter(|(_, name)| is_table(name)).cloned().collect();
    let chosen = match (tables.as_slice(), names.as_slice()) {
        ([one], _) | ([], [one]) => one,
        ([], []) => return Err(unusable("there is no file in it".to_owned())),
        (many, all) => {
            let of = if many.is_empty() { all } else { many };
            let shown: Vec<&str> = of.iter().take(NAMED_ENTRIES).map(|(_, name)| name.as_str()).collect();
            let more = if of.len() > NAMED_ENTRIES { ", …" } else { "" };
            return Err(unusable(format!("it holds {} files ({}{more})", of.len(), shown.join(", "))));
        }
    };
    let entry =
        archive.by_index_raw(chosen.0).map_err(|error| unusable(format!("{} cannot be read ({error})", chosen.1)))?;
    if entry.encrypted() {
        return Err(unusable(format!("{} is encrypted", chosen.1)));
    }
    let deflated = match entry.compression() {
        zip::CompressionMethod::Stored => false,
        zip::CompressionMethod::Deflated => true,
        other => return Err(unusable(format!("{} is packed with {other}, which is not supported", chosen.1))),
    };
    let start = entry.data_start().ok_or_else(|| unusable(format!("{} cannot be found in it", chosen.1)))?;
    Ok(Place::Zip {
        entry: chosen.1.clone(),
        start,
        packed: entry.compressed_size(),
        size: entry.size(),
        crc: entry.crc32(),
        deflated,
    })
}

/// Office documents are zip archives too.
fn office_format(names: &[(usize, String)]) -> Option<&'static str> {
    let any = |test: &dyn Fn(&str) -> bool| names.iter().any(|(_, name)| test(name));
    if any(&|name| name.starts_with("xl/")) {
        Some("an Excel workbook (.xlsx)")
    } else if any(&|name| name.starts_with("word/")) {
        Some("a Word document (.docx)")
    } else if any(&|name| name == "[Content_Types].xml") {
        Some("an Office document")
    } else if any(&|name| name == "content.xml") && any(&|name| name == "mimetype") {
        Some("an OpenDocument file (.ods)")
    } else if any(&|name| name.starts_with("Index/") && name.ends_with(".iwa")) {
        Some("an Apple Numbers sheet")
    } else {
        None
    }
}

#[cfg(test)]
#[path = "open_tests.rs"]
mod tests;
