//! Facet values and dates of a segment's documents, laid out for counting: one row of small numbers
//! a document. Loaded once for each segment, which never changes.

use crate::{docset::DocSet, facet::Facet};
use std::collections::HashMap;
use tantivy::SegmentReader;

const FACETS: usize = Facet::ALL.len();

/// Numbers of facet values, the same for all segments while the program runs. Zero means none.
#[derive(Debug, Default)]
pub(crate) struct Dictionary {
    facets: [Values; FACETS],
}

#[derive(Debug, Default)]
struct Values {
    names: Vec<String>,
    numbers: HashMap<String, u16>,
}

impl Dictionary {
    /// Values beyond 65,535 of one facet are still found and filtered, only not counted.
    fn number(&mut self, facet: usize, value: &str) -> u16 {
        let values = &mut self.facets[facet];
        if let Some(number) = values.numbers.get(value) {
            return *number;
        }
        let Ok(number) = u16::try_from(values.names.len() + 1) else { return 0 };
        values.names.push(value.to_owned());
        values.numbers.insert(value.to_owned(), number);
        number
    }
    pub(crate) fn name(&self, facet: usize, number: usize) -> Option<&str> {
        self.facets[facet].names.get(number.checked_sub(1)?).map(String::as_str)
    }
}

/// Facets that are counted together: a document adds one to its combination of values, and the
/// combinations, of which there are few, are taken apart afterwards.
const TOGETHER: [&[Facet]; 3] =
    [&[Facet::Kind, Facet::Technique, Facet::Probe, Facet::Licence, Facet::Volume], &[Facet::Year, Facet::Facility], &[Facet::Subject]];

#[derive(Debug)]
pub(crate) struct Columns {
    /// For every document the number of its combination in each group of `TOGETHER`.
    rows: Vec<[u32; TOGETHER.len()]>,
    /// For every group its combinations, each as the numbers of its facets' values.
    combinations: [Vec<[u16; FACETS]>; TOGETHER.len()],
    pub(crate) dates: Vec<i64>,
    /// All documents, newest first.
    pub(crate) newest: Vec<u32>,
    /// How many numbers of each facet there are.
    lengths: [usize; FACETS],
}

impl Columns {
    pub(crate) fn load(reader: &SegmentReader, dictionary: &mut Dictionary) -> tantivy::Result<Self> {
        let max_doc = reader.max_doc();
        let mut values = vec![[0u16; FACETS]; max_doc as usize];
        let mut lengths = [1; FACETS];
        for facet in Facet::ALL {
            let position = facet as usize;
            let Some(column) = reader.fast_fields().str(facet.name())? else { continue };
            let mut numbers = Vec::with_capacity(column.num_terms());
            let mut value = String::new();
            for ordinal in 0..column.num_terms() as u64 {
                value.clear();
                let known = column.ord_to_str(ordinal, &mut value)?;
                numbers.push(if known { dictionary.number(position, &value) } else { 0 });
            }
            lengths[position] = numbers.iter().max().map_or(1, |most| usize::from(*most) + 1);
            for (doc, row) in (0..max_doc).zip(&mut values) {
                let ordinal = column.ords().first(doc);
                row[position] = ordinal.and_then(|ordinal| numbers.get(ordinal as usize).copied()).unwrap_or(0);
            }
        }
        let column = reader.fast_fields().i64("public_since")?;
        let dates: Vec<i64> = (0..max_doc).map(|doc| column.first(doc).unwrap_or(i64::MIN)).collect();
        let mut newest: Vec<u32> = (0..max_doc).collect();
        newest.sort_by_key(|doc| (std::cmp::Reverse(dates[*doc as usize]), *doc));
        let mut rows = vec![[0; TOGETHER.len()]; max_doc as usize];
        let combinations = std::array::from_fn(|group| combine(&values, group, &mut rows));
        Ok(Self { rows, combinations, dates, newest, lengths })
    }

    pub(crate) fn count(&self, docs: &DocSet) -> Counts {
        let [mut first, mut second, mut third] = [0, 1, 2].map(|group: usize| vec![0u32; self.combinations[group].len()]);
        // A segment has fewer than 2^32 documents, so no count can overflow.
        let add_one = |counts: &mut Vec<u32>, place: u32| {
            if let Some(count) = counts.get_mut(place as usize) {
                *count = count.wrapping_add(1);
            }
        };
        docs.for_each(|doc| {
            if let Some(row) = self.rows.get(doc as usize) {
                add_one(&mut first, row[0]);
                add_one(&mut second, row[1]);
                add_one(&mut third, row[2]);
            }
        });
        let mut arrays = self.lengths.map(|length| vec![0u32; length]);
        for (group, counted) in [first, second, third].iter().enumerate() {
            for (count, combination) in counted.iter().zip(&self.combinations[group]).filter(|(count, _)| **count > 0) {
                for facet in TOGETHER[group] {
                    arrays[*facet as usize][usize::from(combination[*facet as usize])] += count;
                }
            }
        }
        Counts { arrays }
    }
}

/// Numbers the combinations that occur, in the order in which they are met.
fn combine(values: &[[u16; FACETS]], group: usize, rows: &mut [[u32; TOGETHER.len()]]) -> Vec<[u16; FACETS]> {
    let mut known: HashMap<[u16; FACETS], u32> = HashMap::new();
    let mut combinations = Vec::new();
    for (value, row) in values.iter().zip(rows) {
        let mut combination = [0; FACETS];
        for facet in TOGETHER[group] {
            combination[*facet as usize] = value[*facet as usize];
        }
        row[group] = *known.entry(combination).or_insert_with(|| {
            combinations.push(combination);
            combinations.len() as u32 - 1
        });
    }
    combinations
}

/// How many documents have which value, by number, for every facet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    pub(crate) arrays: [Vec<u32>; FACETS],
}

impl Counts {
    pub(crate) fn add(&mut self, other: &Counts) {
        for (ours, theirs) in self.arrays.iter_mut().zip(&other.arrays) {
            ours.resize(ours.len().max(theirs.len()), 0);
            ours.iter_mut().zip(theirs).for_each(|(our, their)| *our += their);
        }
    }
    /// The other must count a part of what this counts.
    pub(crate) fn subtract(&mut self, other: &Counts) {
        for (ours, theirs) in self.arrays.iter_mut().zip(&other.arrays) {
            ours.iter_mut().zip(theirs).for_each(|(our, their)| *our = our.saturating_sub(*their));
        }
    }
}
