//! Whether a volume holds labels: as its header says or its name, judged by its voxels where nobody said so.

use crate::element::{Plain, typed};
use crate::{ElementType, Header};

/// What label volumes are called, as whole words.
const NAMED: [&str; 8] = ["label", "labels", "labelmap", "mask", "masks", "seg", "segmentation", "segmentations"];

/// Whether the file says so, or whole numbers are called so.
pub(super) fn says_labels(name: &str, header: &Header) -> bool {
    let file = header.files.first().map(String::as_str).unwrap_or_default();
    header.found.labels.is_some() || !header.element.is_float() && (is_named(name) || is_named(file))
}

/// A name that only holds such a word within another, "masked" or "unlabelled", says nothing.
fn is_named(name: &str) -> bool {
    name.to_lowercase().split(['_', '-', ' ', '.', '/']).any(|word| NAMED.contains(&word))
}

/// How often neighbours are equal. Long integers that mostly are and never negative are labels; nobody measures in them.
#[derive(Default)]
pub(super) struct Runs {
    pairs: u64,
    equal: u64,
    is_negative: bool,
}

impl Runs {
    pub(super) fn add(&mut self, element: ElementType, rows: &[u8], width: usize) {
        match element {
            ElementType::U32 => self.add_typed::<u32>(typed(rows), width),
            ElementType::I32 => self.add_typed::<i32>(typed(rows), width),
            ElementType::U64 => self.add_typed::<u64>(typed(rows), width),
            ElementType::I64 => self.add_typed::<i64>(typed(rows), width),
            _ => {}
        }
    }

    fn add_typed<T: Plain>(&mut self, voxels: &[T], width: usize) {
        for row in voxels.chunks(width) {
            self.pairs += row.len() as u64 - 1;
            self.equal += row.windows(2).filter(|pair| pair[0] == pair[1]).count() as u64;
        }
        self.is_negative |= voxels.iter().any(|&value| value < T::default());
    }

    pub(super) fn look_like_labels(&self) -> bool {
        self.pairs > 0 && !self.is_negative && self.equal * 4 >= self.pairs * 3
    }
}

pub(super) fn looks_like_labels(element: ElementType, band: &[u8], width: usize) -> bool {
    let mut runs = Runs::default();
    runs.add(element, band, width);
    runs.look_like_labels()
}

#[cfg(test)]
mod tests {
    use super::is_named;

    #[test]
    fn a_name_decides_as_a_whole_word_only() {
        for name in ["seg.tif", "bone_mask.tif", "Labels 3.nrrd", "brain-segmentation.nii.gz", "case.seg.nrrd", "MASK"] {
            assert!(is_named(name), "{name}");
        }
        for name in ["masked_shrew.ome.zarr", "unlabelled_antibody.tif", "segment", "relabel.tif", "damask.tif", "volume", ""] {
            assert!(!is_named(name), "{name}");
        }
    }
}
