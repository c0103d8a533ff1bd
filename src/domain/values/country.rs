//! Countries.
pub fn is_region_code(_text: &str) -> bool {
    todo!()
}
