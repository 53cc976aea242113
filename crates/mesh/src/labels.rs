//! Which labels occur in a volume of labels.

use std::collections::BTreeSet;

use volume::{Buffer, Material, Trouble, typed, with_element};

use crate::limit;
use crate::sweep::Watch;
use crate::voxel::Voxel;

/// The labels that occur, in rising order; nothing when there are more than `most`. What is below 1 has no label.
pub fn labels(material: &Material, most: usize, watch: Watch<'_>) -> Result<Option<Vec<f64>>, Trouble> {
    let stack = material.stack(0)?;
    let [depth, height, width] = stack.shape;
    let plane = height * width * stack.element.bytes();
    let together = (limit::SLAB_BYTES / plane.max(1)).clamp(1, stack.planes_together().max(1));
    let mut buffer = Buffer::zeroed(together * plane);
    // Numbers that are not negative have the order of their bits.
    let mut found: BTreeSet<u64> = BTreeSet::new();
    for first in (0..depth).step_by(together) {
        watch.check()?;
        let bytes = &mut buffer.bytes_mut()[..together.min(depth - first) * plane];
        stack.read(first, bytes)?;
        with_element!(stack.element, T => gather::<T>(typed::<T>(bytes), &mut found, most));
        if found.len() > most {
            return Ok(None);
        }
    }
    Ok(Some(found.into_iter().map(f64::from_bits).collect()))
}

/// Neighbours mostly have the same label, so that few of them are looked up.
fn gather<T: Voxel>(voxels: &[T], found: &mut BTreeSet<u64>, most: usize) {
    let mut before = 0.0;
    for value in voxels.iter().map(|voxel| voxel.value()).filter(|value| value.is_finite()) {
        if value != before {
            before = value;
            if value >= 1.0 && found.insert(value.to_bits()) && found.len() > most {
                return;
            }
        }
    }
}
