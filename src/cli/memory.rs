//! How the program takes memory from the system.

use rustix::thread::disable_transparent_huge_pages;

/// Takes memory in small pages and gives it back as soon as it is free. Pages of 2 MB, of which most is never touched,
/// made an import half as large again and none the faster; what it starts takes after it.
pub fn take_little() {
    /// `mi_option_purge_delay` of the allocator, ms; its crate has no name for it.
    const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
    // Where the system has no such pages, or does not ask who wants them, there is nothing to be done.
    let _ = disable_transparent_huge_pages(true);
    // SAFETY: it sets a number among the allocator's own options, which may be done at any time.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, 0) };
}
