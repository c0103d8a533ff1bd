//! Numbers and sizes as people read them.

pub use crate::domain::wording::{count, counted};

/// Bytes in powers of 1,000, as the setting `max_file_mb` counts them.
pub fn bytes(number: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match UNITS.iter().find(|(_, size)| number >= *size) {
        Some((unit, size)) => format!("{:.1} {unit}", number as f64 / *size as f64),
        None => counted(number, "byte", "bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        assert_eq!(
            [0, 1, 999, 1_500, 2_000_000, 3_200_000_000].map(bytes),
            ["0 bytes", "1 byte", "999 bytes", "1.5 kB", "2.0 MB", "3.2 GB"]
        );
    }
}
