//! A set of documents of one segment: a sorted list while it is small, one bit a document when it
//! is not. Broad questions are answered by combining these, never by scoring every document.

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DocSet {
    Few(Vec<u32>),
    Many { bits: Vec<u64>, count: usize },
}

/// A list takes 32 bits a document, a bitmap one bit for each document of the segment.
const FEW_SHARE: usize = 32;

impl DocSet {
    pub(crate) const EMPTY: DocSet = DocSet::Few(Vec::new());

    /// Takes documents in any order, repeated or not; `expected` is at least their number.
    pub(crate) fn collect(max_doc: u32, expected: usize, feed: impl FnOnce(&mut dyn FnMut(&[u32]))) -> Self {
        if expected <= max_doc as usize / FEW_SHARE {
            let mut list = Vec::with_capacity(expected);
            feed(&mut |docs| list.extend_from_slice(docs));
            list.sort_unstable();
            list.dedup();
            return DocSet::Few(list);
        }
        let mut bits = vec![0u64; (max_doc as usize).div_ceil(64)];
        feed(&mut |docs| {
            for doc in docs {
                if let Some(word) = bits.get_mut((doc / 64) as usize) {
                    *word |= 1 << (doc % 64);
                }
            }
        });
        Self::from_bits(bits)
    }

    fn from_bits(bits: Vec<u64>) -> Self {
        let count = bits.iter().map(|word| word.count_ones() as usize).sum();
        DocSet::Many { bits, count }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            DocSet::Few(list) => list.len(),
            DocSet::Many { count, .. } => *count,
        }
    }
    pub(crate) fn bytes(&self) -> usize {
        match self {
            DocSet::Few(list) => list.capacity() * 4,
            DocSet::Many { bits, .. } => bits.capacity() * 8,
        }
    }

    #[inline]
    pub(crate) fn contains(&self, doc: u32) -> bool {
        match self {
            DocSet::Few(list) => list.binary_search(&doc).is_ok(),
            DocSet::Many { bits, .. } => bits.get((doc / 64) as usize).is_some_and(|word| word >> (doc % 64) & 1 == 1),
        }
    }

    /// In ascending order.
    pub(crate) fn for_each(&self, mut visit: impl FnMut(u32)) {
        match self {
            DocSet::Few(list) => list.iter().copied().for_each(visit),
            DocSet::Many { bits, .. } => {
                for (position, word) in bits.iter().enumerate() {
                    let mut left = *word;
                    while left != 0 {
                        visit(position as u32 * 64 + left.trailing_zeros());
                        left &= left - 1;
                    }
                }
            }
        }
    }

    pub(crate) fn and(&self, other: &DocSet) -> DocSet {
        match (self, other) {
            (DocSet::Many { bits: ours, .. }, DocSet::Many { bits: theirs, .. }) => {
                Self::from_bits(ours.iter().zip(theirs).map(|(our, their)| our & their).collect())
            }
            (DocSet::Few(ours), DocSet::Few(theirs)) if ours.len() > theirs.len() => other.and(self),
            (DocSet::Few(list), sieve) | (sieve, DocSet::Few(list)) => {
                DocSet::Few(list.iter().copied().filter(|doc| sieve.contains(*doc)).collect())
            }
        }
    }

    pub(crate) fn or(&self, other: &DocSet, max_doc: u32) -> DocSet {
        match (self, other) {
            (DocSet::Many { bits: ours, .. }, DocSet::Many { bits: theirs, .. }) => {
                Self::from_bits(ours.iter().zip(theirs).map(|(our, their)| our | their).collect())
            }
            (DocSet::Few(list), DocSet::Many { bits, .. }) | (DocSet::Many { bits, .. }, DocSet::Few(list)) => {
                let mut both = bits.clone();
                for doc in list {
                    if let Some(word) = both.get_mut((doc / 64) as usize) {
                        *word |= 1 << (doc % 64);
                    }
                }
                Self::from_bits(both)
            }
            (DocSet::Few(ours), DocSet::Few(theirs)) => Self::collect(max_doc, ours.len() + theirs.len(), |take| {
                take(ours);
                take(theirs);
            }),
        }
    }

    /// What is in the first and not in the second.
    pub(crate) fn without(&self, other: &DocSet) -> DocSet {
        match (self, other) {
            (DocSet::Many { bits: ours, .. }, DocSet::Many { bits: theirs, .. }) => {
                Self::from_bits(ours.iter().zip(theirs).map(|(our, their)| our & !their).collect())
            }
            (DocSet::Few(list), sieve) => DocSet::Few(list.iter().copied().filter(|doc| !sieve.contains(*doc)).collect()),
            (DocSet::Many { bits, .. }, DocSet::Few(list)) => {
                let mut left = bits.clone();
                for doc in list {
                    if let Some(word) = left.get_mut((doc / 64) as usize) {
                        *word &= !(1 << (doc % 64));
                    }
                }
                Self::from_bits(left)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn set(docs: &BTreeSet<u32>, max_doc: u32) -> DocSet {
        DocSet::collect(max_doc, docs.len(), |take| docs.iter().rev().for_each(|doc| take(&[*doc])))
    }
    fn listed(set: &DocSet) -> BTreeSet<u32> {
        let mut docs = BTreeSet::new();
        set.for_each(|doc| assert!(docs.insert(doc)));
        assert_eq!(docs.len(), set.len());
        docs
    }

    #[test]
    fn sets_agree_with_the_plain_ones_however_dense() {
        let max_doc = 1000;
        for (first_step, second_step) in [(2, 3), (2, 100), (97, 3), (97, 89)] {
            let first: BTreeSet<u32> = (0..max_doc).step_by(first_step).collect();
            let second: BTreeSet<u32> = (0..max_doc).step_by(second_step).collect();
            let (ours, theirs) = (set(&first, max_doc), set(&second, max_doc));
            assert_eq!(listed(&ours), first);
            assert_eq!(listed(&ours.and(&theirs)), &first & &second);
            assert_eq!(listed(&ours.or(&theirs, max_doc)), &first | &second);
            assert_eq!(listed(&ours.without(&theirs)), &first - &second);
            assert!((0..1100).all(|doc| ours.contains(doc) == first.contains(&doc)));
        }
    }
}
