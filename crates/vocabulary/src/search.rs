//! Finding words by their beginning. All words of all names are sorted, so those that begin with what was typed lie side by side;
//! of these the weightiest are taken by running over one byte each. If there is none, one letter may be wrong.

use crate::{
    file::{TaxonFile, partition},
    fold::{fold_into, folded},
};
use std::{cmp::Reverse, collections::BinaryHeap, ops::Range};

/// Candidates kept for each result wanted: several names may lead to one taxon.
const SPARE: usize = 6;
/// Words of one kind that are looked through for the others of a question.
const LOOKED_THROUGH_MAX: usize = 20_000;
const QUERY_BYTES_MAX: usize = 100;
/// A shorter word with another letter is another word.
const TYPO_BYTES_MIN: usize = 5;
/// More variants cost more than they find.
const TYPO_BYTES_MAX: usize = 30;

/// Places of names, the best first; a name may come twice.
pub(crate) fn names_beginning(file: &TaxonFile, question: &str, limit: usize) -> Vec<usize> {
    let asked = folded(question);
    if asked.is_empty() || asked.len() > QUERY_BYTES_MAX {
        return Vec::new();
    }
    let found = best(file, range_of(file, &asked), limit * SPARE, &asked);
    if !found.is_empty() {
        return found;
    }
    let found = with_all_words(file, &asked, limit * SPARE);
    if !found.is_empty() || !(TYPO_BYTES_MIN..=TYPO_BYTES_MAX).contains(&asked.len()) {
        return found;
    }
    let mut best_of_all = Vec::new();
    for variant in variants(&asked) {
        let range = range_of(file, &variant);
        if !range.is_empty() {
            best_of_all.extend(best(file, range, SPARE, &variant));
        }
        if best_of_all.len() > limit * SPARE {
            break;
        }
    }
    best_of_all
}

/// Places of names that are the question and nothing more, whatever the case.
pub(crate) fn names_exactly(file: &TaxonFile, question: &str, most: usize) -> Vec<usize> {
    let asked = folded(question);
    if asked.is_empty() || asked.len() > QUERY_BYTES_MAX {
        return Vec::new();
    }
    // A name that ends with these words lies here too: what precedes them is not what was asked.
    let same = exactly(file, range_of(file, &asked), &asked).map(|word| file.name_at(file.position(word)));
    same.filter(|name| folded(file.name(*name)) == asked).take(most).collect()
}

/// What is exactly the question lies at the beginning of its range, whatever it weighs.
fn exactly(file: &TaxonFile, range: Range<usize>, asked: &[u8]) -> impl Iterator<Item = usize> {
    range.take_while(move |word| folded(file.rest_of_name(file.position(*word))) == asked)
}

fn range_of(file: &TaxonFile, asked: &[u8]) -> Range<usize> {
    let mut here = Vec::with_capacity(256);
    let mut order = |word: usize| {
        here.clear();
        fold_into(file.rest_of_name(file.position(word)), asked.len(), &mut here);
        here.truncate(asked.len());
        here.as_slice().cmp(asked)
    };
    let first = partition(file.words, |word| order(word).is_lt());
    let last = first + partition(file.words - first, |word| order(first + word).is_le());
    first..last
}

fn best(file: &TaxonFile, range: Range<usize>, most: usize, asked: &[u8]) -> Vec<usize> {
    let mut heap: BinaryHeap<Reverse<(u8, Reverse<usize>)>> = BinaryHeap::with_capacity(most + 1);
    for (place, score) in file.scores(range.clone()).iter().enumerate() {
        if heap.len() < most {
            heap.push(Reverse((*score, Reverse(range.start + place))));
        } else if heap.peek().is_some_and(|Reverse((least, _))| score > least) {
            heap.pop();
            heap.push(Reverse((*score, Reverse(range.start + place))));
        }
    }
    let exact: Vec<usize> = exactly(file, range.clone(), asked).take(most).collect();
    let others = heap.into_sorted_vec().into_iter().map(|Reverse((_, Reverse(word)))| word).filter(|word| !exact.contains(word));
    let mut exact_by_weight = exact.clone();
    exact_by_weight.sort_by_key(|word| Reverse(file.scores(*word..*word + 1).first().copied().unwrap_or(0)));
    exact_by_weight.into_iter().chain(others).map(|word| file.name_at(file.position(word))).collect()
}

/// Names that hold a word beginning with each word of the question, in any order.
fn with_all_words(file: &TaxonFile, asked: &[u8], most: usize) -> Vec<usize> {
    let words: Vec<&[u8]> = asked.split(|byte| *byte == b' ').collect();
    if words.len() < 2 {
        return Vec::new();
    }
    let ranges = words.iter().map(|word| range_of(file, word));
    let Some(rarest) = ranges.min_by_key(ExactSizeIterator::len) else { return Vec::new() };
    let mut found: Vec<(Reverse<u8>, usize)> = Vec::new();
    for word in rarest.take(LOOKED_THROUGH_MAX) {
        let name = file.name_at(file.position(word));
        let here = folded(file.name(name));
        if words.iter().all(|word| here.split(|byte| *byte == b' ').any(|other| other.starts_with(word))) {
            found.push((Reverse(file.scores(word..word + 1).first().copied().unwrap_or(0)), name));
        }
    }
    found.sort_unstable();
    found.into_iter().map(|(_, name)| name).take(most).collect()
}

/// The question with one letter left out, doubled, exchanged, or two turned round; the first letter is trusted.
fn variants(asked: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
    let turned = (1..asked.len() - 1).map(move |place| {
        let mut variant = asked.to_vec();
        variant.swap(place, place + 1);
        variant
    });
    let shorter = (1..asked.len()).map(move |place| [&asked[..place], &asked[place + 1..]].concat());
    let longer = (1..=asked.len())
        .flat_map(move |place| LETTERS.iter().map(move |letter| [&asked[..place], std::slice::from_ref(letter), &asked[place..]].concat()));
    let other = (1..asked.len()).flat_map(move |place| {
        LETTERS.iter().map(move |letter| [&asked[..place], std::slice::from_ref(letter), &asked[place + 1..]].concat())
    });
    turned.chain(shorter).chain(other).chain(longer)
}
