//! Binary STL: a header of 80 bytes, a count, and 50 bytes for each triangle. Threads fill their own stretches of the file.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use rayon::prelude::*;

use super::About;
use crate::surface::Part;
use crate::surface::vector::{area2, unit};

const HEAD_BYTES: usize = 84;
const TRIANGLE_BYTES: usize = 50;
/// Triangles that one thread writes at once.
const TOGETHER: usize = 1 << 14;

pub(crate) fn write(file: &File, parts: &[Part], about: &About) -> io::Result<()> {
    let count: usize = parts.iter().map(|part| part.surface.triangles.len()).sum();
    // A header that begins with “solid” would be taken for the ASCII form.
    let mut head = format!("binary STL, mm: {}", about.line()).into_bytes();
    head.resize(80, b' ');
    head.extend((count as u32).to_le_bytes());
    file.set_len((HEAD_BYTES + count * TRIANGLE_BYTES) as u64)?;
    file.write_all_at(&head, 0)?;
    let scale = about.mm_per_um as f32;
    let mut first = 0;
    for Part { surface, .. } in parts {
        surface.triangles.par_chunks(TOGETHER).enumerate().try_for_each_init(Vec::new, |bytes, (index, triangles)| {
            bytes.clear();
            for &triangle in triangles {
                let corners = surface.corners(triangle).map(|corner| corner.map(|part| part * scale));
                let mut record = [0u8; TRIANGLE_BYTES];
                let numbers = std::iter::once(unit(area2(corners))).chain(corners).flatten();
                for (place, number) in record.chunks_exact_mut(4).zip(numbers) {
                    place.copy_from_slice(&number.to_le_bytes());
                }
                bytes.extend_from_slice(&record);
            }
            file.write_all_at(bytes, (HEAD_BYTES + (first + index * TOGETHER) * TRIANGLE_BYTES) as u64)
        })?;
        first += surface.triangles.len();
    }
    Ok(())
}
