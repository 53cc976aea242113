//! What the system and the processor are told about memory before it is used.
//!
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

/// Bytes that come from memory together.
const LINE_BYTES: usize = 64;

/// Lets the processor fetch bytes that are read soon. It changes nothing but time.
#[inline(always)]
pub(crate) fn read_soon(bytes: &[u8]) {
    #[cfg(target_arch = "x86_64")]
    for line in bytes.chunks(LINE_BYTES) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: SSE belongs to x86-64, and a hint about any address is allowed.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (bytes, LINE_BYTES);
}
