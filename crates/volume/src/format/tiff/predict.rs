//! Predictors undone: rows that hold differences become rows of values.

/// Adds every sample to the one of the same channel before it; samples are little-endian.
pub(crate) fn add_along(row: &mut [u8], size: usize, channels: usize) {
    macro_rules! add {
        ($kind:ty) => {{
            const SIZE: usize = size_of::<$kind>();
            let value = |bytes: &[u8]| {
                // Every caller hands over exactly this many bytes.
                let mut number = [0; SIZE];
                number.copy_from_slice(bytes);
                <$kind>::from_le_bytes(number)
            };
            if channels == 1 {
                let mut sum: $kind = 0;
                for voxel in row.chunks_exact_mut(SIZE) {
                    sum = sum.wrapping_add(value(voxel));
                    voxel.copy_from_slice(&sum.to_le_bytes());
                }
            } else {
                for at in (channels * SIZE..row.len() / SIZE * SIZE).step_by(SIZE) {
                    let sum = value(&row[at - channels * SIZE..][..SIZE]).wrapping_add(value(&row[at..at + SIZE]));
                    row[at..at + SIZE].copy_from_slice(&sum.to_le_bytes());
                }
            }
        }};
    }
    match size {
        1 => add!(u8),
        2 => add!(u16),
        4 => add!(u32),
        _ => add!(u64),
    }
}

/// The float predictor stores planes of bytes, the most significant first, whatever the order of the file.
pub(crate) fn undo_float_row(row: &mut [u8], planes: &mut Vec<u8>, size: usize, channels: usize) {
    add_along(row, 1, channels);
    planes.clear();
    planes.extend_from_slice(row);
    let count = row.len() / size;
    for (index, voxel) in row.chunks_exact_mut(size).enumerate() {
        for (byte, out) in voxel.iter_mut().enumerate() {
            *out = planes[(size - 1 - byte) * count + index];
        }
    }
}
