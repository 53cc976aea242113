//! Large memory in large pages: a page is prepared when it is first touched, and 2 MiB at once cost far less than 512 times 4 KiB.

use rustix::mm::{Advice, madvise};

/// Pages of the system; advice is about whole ones.
const PAGE_BYTES: usize = 4096;
/// Less is not worth a word.
const LEAST_BYTES: usize = 4 << 20;

/// Asks for large pages where the memory is not touched yet. A system that has none goes on as before.
pub fn prefer_large<T>(memory: &mut [T]) {
    let range = memory.as_mut_ptr_range();
    let from = (range.start as usize).next_multiple_of(PAGE_BYTES);
    let bytes = (range.end as usize).saturating_sub(from) / PAGE_BYTES * PAGE_BYTES;
    if bytes < LEAST_BYTES {
        return;
    }
    // SAFETY: the pages lie wholly inside `memory`, and this advice leaves what they hold as it is.
    let _ = unsafe { madvise(std::ptr::with_exposed_provenance_mut(from), bytes, Advice::LinuxHugepage) };
}
