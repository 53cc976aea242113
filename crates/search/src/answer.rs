//! How an answer is found: sets of documents are combined, counted and ordered; no document is scored
//! that nobody will see. All words of the text must occur. A word that occurs nowhere is taken as
//! misspelt; when nothing matches at all, every word is.
//!
//! The order: a pasted DOI or a whole title first; then records with all words in the title; then
//! with all words in title or names (people, keywords, sample, place); then the others. Within
//! each, rare words and better places weigh more, and the newest come first among equals.

use crate::{
    columns::{Counts, Dictionary},
    docset::DocSet,
    facet::Facet,
    hits::{FacetCounts, Hit, Hits},
    index::Generation,
    query::{LIMIT_MAX, Query, REACH_MAX, Sort},
    range::Range,
    schema::{Fields, OPEN},
    segment::{Ask, Closeness, Place, Segment},
    snippet,
    text::{Text, Word, ask, pasted_doi},
    words,
};
use std::{
    cmp::Reverse,
    sync::{Arc, PoisonError, RwLock},
};
use tantivy::{DocAddress, TantivyDocument};

/// Values listed of one facet.
const VALUES_MAX: usize = 50;
/// Of a group of at most so many hits those that are looked at are chosen by sorting dates, of a bigger one by walking from the newest.
const SORTED_MAX: usize = 4096;
/// So many hits of a group in a segment are looked at, or as many as are wanted; of more only the newest.
const LOOKED_AT_MAX: usize = 2048;
/// The same when there are more than `LOOKED_AT_MAX` hits in all: then it is the group that tells.
const LOOKED_AT_OF_MANY: usize = 128;

pub(crate) struct Asked<'a> {
    pub(crate) fields: &'a Fields,
    pub(crate) dictionary: &'a RwLock<Dictionary>,
    pub(crate) generation: &'a Generation,
    pub(crate) query: &'a Query,
    /// The text of the query without its numbers.
    pub(crate) words: String,
    pub(crate) ranges: Vec<Range>,
}

/// What everything amounts to, counted once for each generation.
#[derive(Debug)]
pub(crate) struct Found {
    total: usize,
    facets: Vec<FacetCounts>,
}

/// One step on the way from best to worst: documents there, and what a word found there is worth.
struct Tier {
    docs: Arc<DocSet>,
    worth: f32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Candidate {
    group: u8,
    score: f32,
    date: i64,
    segment: usize,
    doc: u32,
}

impl Candidate {
    fn key(&self) -> (u8, Reverse<u32>, Reverse<i64>, usize, u32) {
        // Scores are never negative, so their bits have their order.
        (self.group, Reverse(self.score.to_bits()), Reverse(self.date), self.segment, self.doc)
    }
}

impl Asked<'_> {
    pub(crate) fn answer(&self) -> tantivy::Result<Hits> {
        let filters = self.filters();
        let mut text = self.read_text()?;
        let is_everything = filters.is_empty() && matches!(text, Text::Nothing) && self.words.trim().is_empty();
        let mut sets = self.matching(&text, &filters)?;
        if let Text::Words(words) = &mut text
            && sets.iter().all(|set| set.len() == 0)
            && words.iter().any(|word| !word.fuzzy)
        {
            words.iter_mut().for_each(|word| word.fuzzy = true);
            sets = self.matching(&text, &filters)?;
        }
        let found = if is_everything {
            self.generation.everything.get_or_init(|| Arc::new(self.count(&sets))).clone()
        } else {
            Arc::new(self.count(&sets))
        };
        let chosen = self.choose(&text, &sets)?;
        let items = self.show(&text, &chosen)?;
        Ok(Hits { total: found.total, items, facets: found.facets.clone() })
    }

    /// All lists must be met, each by any of its members.
    fn filters(&self) -> Vec<Vec<Ask>> {
        let mut filters = Vec::new();
        for facet in Facet::ALL {
            let values = self.query.facets.iter().filter(|(asked, _)| *asked == facet);
            let asks: Vec<Ask> = values.map(|(_, value)| ask(Place::Facet(facet), Closeness::Term, value)).collect();
            if !asks.is_empty() {
                filters.push(asks);
            }
        }
        if self.query.year_from.is_some() || self.query.year_to.is_some() {
            let years = Closeness::Years(self.query.year_from.unwrap_or(i32::MIN), self.query.year_to.unwrap_or(i32::MAX));
            filters.push(vec![ask(Place::Facet(Facet::Year), years, "")]);
        }
        for range in &self.ranges {
            let position = record::field::quantities().position(|field| field.name == range.name).unwrap_or_default();
            let numbers = Closeness::Numbers(range.from.to_bits(), range.to.to_bits());
            filters.push(vec![ask(Place::Quantity(position), numbers, "")]);
        }
        if self.query.open_only {
            filters.push(vec![ask(Place::State, Closeness::Term, OPEN)]);
        }
        filters
    }

    fn read_text(&self) -> tantivy::Result<Text> {
        if let Some(doi) = pasted_doi(&self.words) {
            for place in [Place::Doi, Place::Mention] {
                if self.frequency(&ask(place, Closeness::Term, &doi))? > 0 {
                    return Ok(Text::Doi(doi));
                }
            }
        }
        let mut texts = words::split(&self.words);
        texts.truncate(words::QUERY_WORDS_MAX);
        if texts.is_empty() {
            return Ok(Text::Nothing);
        }
        let last = texts.len() - 1;
        let mut read = Vec::with_capacity(texts.len());
        for (position, text) in texts.into_iter().enumerate() {
            let mut word = Word { text, is_last: position == last, fuzzy: false, weight: 1.0 };
            let frequency = self.frequency(&word.any(Place::Text))?;
            word.fuzzy = frequency == 0;
            word.weight = (1.0 + self.generation.total as f32 / (1.0 + frequency as f32)).ln();
            read.push(word);
        }
        Ok(Text::Words(read))
    }

    /// Deleted ones are counted too; that is near enough.
    fn frequency(&self, asked: &Ask) -> tantivy::Result<usize> {
        let mut frequency = 0;
        for segment in &self.generation.segments {
            frequency += segment.find(self.fields, asked)?.len();
        }
        Ok(frequency)
    }

    fn matching(&self, text: &Text, filters: &[Vec<Ask>]) -> tantivy::Result<Vec<DocSet>> {
        let mut needed: Vec<Vec<Ask>> = filters.to_vec();
        match text {
            Text::Nothing if self.words.trim().is_empty() => {}
            // Signs without any letter or digit are found nowhere.
            Text::Nothing => return Ok(self.generation.segments.iter().map(|_| DocSet::EMPTY).collect()),
            Text::Doi(doi) => needed.push(vec![ask(Place::Doi, Closeness::Term, doi), ask(Place::Mention, Closeness::Term, doi)]),
            Text::Words(words) => needed.extend(words.iter().map(|word| vec![word.any(Place::Text)])),
        }
        self.generation.segments.iter().map(|segment| self.matching_in(segment, &needed)).collect()
    }

    fn matching_in(&self, segment: &Segment, needed: &[Vec<Ask>]) -> tantivy::Result<DocSet> {
        let mut sets = Vec::with_capacity(needed.len());
        for asks in needed {
            let set = self.union(segment, asks)?;
            if set.len() == 0 {
                return Ok(DocSet::EMPTY);
            }
            sets.push(set);
        }
        sets.sort_by_key(|set| set.len());
        let mut sets = sets.into_iter();
        let Some(first) = sets.next() else { return Ok(segment.everything()) };
        let all = sets.fold(first, |left, right| Arc::new(left.and(&right)));
        Ok(segment.living_of(Arc::unwrap_or_clone(all)))
    }

    fn union(&self, segment: &Segment, asks: &[Ask]) -> tantivy::Result<Arc<DocSet>> {
        let mut union: Option<Arc<DocSet>> = None;
        for asked in asks {
            let set = segment.find(self.fields, asked)?;
            union = Some(match union {
                None => set,
                Some(others) if set.len() == 0 => others,
                Some(others) if others.len() == 0 => set,
                Some(others) => Arc::new(others.or(&set, segment.max_doc())),
            });
        }
        Ok(union.unwrap_or_else(|| Arc::new(DocSet::EMPTY)))
    }

    fn count(&self, sets: &[DocSet]) -> Found {
        let mut counts = Counts::default();
        for (segment, set) in self.generation.segments.iter().zip(sets) {
            if set.len() > 0 {
                counts.add(&segment.count(set));
            }
        }
        let dictionary = self.dictionary.read().unwrap_or_else(PoisonError::into_inner);
        let facets = Facet::ALL
            .into_iter()
            .enumerate()
            .map(|(position, facet)| FacetCounts { facet, values: most_frequent(&dictionary, position, &counts) });
        Found { total: sets.iter().map(DocSet::len).sum(), facets: facets.collect() }
    }

    /// The documents of the page asked for, in their order.
    fn choose(&self, text: &Text, sets: &[DocSet]) -> tantivy::Result<Vec<Candidate>> {
        let offset = self.query.offset.min(REACH_MAX);
        let wanted = offset + self.query.limit.min(LIMIT_MAX);
        let mut candidates = Vec::new();
        for (number, (segment, set)) in self.generation.segments.iter().zip(sets).enumerate() {
            if set.len() > 0 {
                self.choose_in(text, number, segment, set, wanted, &mut candidates)?;
            }
        }
        candidates.sort_unstable_by_key(Candidate::key);
        candidates.truncate(wanted);
        Ok(candidates.split_off(offset.min(candidates.len())))
    }

    fn choose_in(
        &self,
        text: &Text,
        number: usize,
        segment: &Segment,
        set: &DocSet,
        wanted: usize,
        candidates: &mut Vec<Candidate>,
    ) -> tantivy::Result<()> {
        let tiers = match text {
            Text::Words(words) if self.query.sort == Sort::Best => self.tiers(segment, words)?,
            _ => Vec::new(),
        };
        let score = |doc: u32| -> f32 {
            tiers
                .iter()
                .map(|(weight, tiers)| tiers.iter().find(|tier| tier.docs.contains(doc)).map_or(0.0, |tier| tier.worth) * weight)
                .sum()
        };
        let mut rest = set.clone();
        let mut gathered = 0;
        for (group, sieve) in self.groups(text, segment)?.into_iter().enumerate() {
            let members = match sieve {
                Some(sieve) => rest.and(&sieve),
                None => std::mem::replace(&mut rest, DocSet::EMPTY),
            };
            if members.len() == 0 {
                continue;
            }
            let candidate = |doc: u32| Candidate {
                group: group as u8,
                score: score(doc),
                date: segment.columns.dates[doc as usize],
                segment: number,
                doc,
            };
            let looked_at = wanted.max(if set.len() > LOOKED_AT_MAX { LOOKED_AT_OF_MANY } else { LOOKED_AT_MAX });
            candidates.extend(newest_of(segment, &members, looked_at).into_iter().map(candidate));
            gathered += members.len();
            if gathered >= wanted {
                break;
            }
            rest = rest.without(&members);
        }
        Ok(())
    }

    /// From best to worst; `None` is what remains.
    fn groups(&self, text: &Text, segment: &Segment) -> tantivy::Result<Vec<Option<Arc<DocSet>>>> {
        if self.query.sort == Sort::Newest {
            return Ok(vec![None]);
        }
        match text {
            Text::Nothing => Ok(vec![None]),
            Text::Doi(doi) => Ok(vec![Some(segment.find(self.fields, &ask(Place::Doi, Closeness::Term, doi))?), None]),
            Text::Words(words) => {
                let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
                let whole = segment.find(self.fields, &ask(Place::WholeTitle, Closeness::Term, &texts.join(" ")))?;
                let in_title: Vec<Vec<Ask>> = words.iter().map(|word| vec![word.any(Place::Title)]).collect();
                let named: Vec<Vec<Ask>> = words.iter().map(|word| vec![word.any(Place::Title), word.any(Place::Names)]).collect();
                let title = self.matching_in(segment, &in_title)?;
                let names = self.matching_in(segment, &named)?;
                Ok(vec![Some(whole), Some(Arc::new(title)), Some(Arc::new(names)), None])
            }
        }
    }

    fn tiers(&self, segment: &Segment, words: &[Word]) -> tantivy::Result<Vec<(f32, Vec<Tier>)>> {
        let mut all = Vec::with_capacity(words.len());
        for word in words {
            let mut tiers = Vec::new();
            for (place, worth) in [(Place::Title, 4.0), (Place::Names, 2.0), (Place::Text, 1.0)] {
                for asked in word.steps(place) {
                    let worth = match asked.closeness {
                        Closeness::Prefix => worth * 0.75,
                        Closeness::Fuzzy(_) => worth * 0.3,
                        _ => worth,
                    };
                    tiers.push(Tier { docs: segment.find(self.fields, &asked)?, worth });
                }
            }
            tiers.sort_by(|left, right| right.worth.total_cmp(&left.worth));
            all.push((word.weight, tiers));
        }
        Ok(all)
    }

    fn show(&self, text: &Text, chosen: &[Candidate]) -> tantivy::Result<Vec<Hit>> {
        let asked: Vec<String> = match text {
            Text::Words(words) => words.iter().map(|word| word.text.clone()).collect(),
            _ => Vec::new(),
        };
        let mut hits = Vec::with_capacity(chosen.len());
        for candidate in chosen {
            let address = DocAddress::new(candidate.segment as u32, candidate.doc);
            let document: TantivyDocument = self.generation.searcher.doc(address)?;
            if let Some(shown) = self.fields.shown(&document) {
                hits.push(Hit { snippet_html: snippet::cut(&shown.description, &asked), ..shown.hit });
            }
        }
        Ok(hits)
    }
}

fn newest_of(segment: &Segment, members: &DocSet, wanted: usize) -> Vec<u32> {
    let columns = &segment.columns;
    if members.len() > SORTED_MAX.max(wanted) {
        return columns.newest.iter().copied().filter(|doc| members.contains(*doc)).take(wanted).collect();
    }
    let mut docs = Vec::with_capacity(members.len());
    members.for_each(|doc| docs.push(doc));
    if docs.len() > wanted {
        docs.select_nth_unstable_by_key(wanted, |doc| (Reverse(columns.dates[*doc as usize]), *doc));
        docs.truncate(wanted);
    }
    docs
}

/// Names are compared for few only: there may be very many organisms.
fn most_frequent(dictionary: &Dictionary, position: usize, counts: &Counts) -> Vec<(String, u64)> {
    let is_year = Facet::ALL[position] == Facet::Year;
    // Zero is the number of those without a value.
    let mut counted: Vec<(u32, usize)> = counts.arrays[position]
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, count)| **count > 0)
        .map(|(number, count)| (*count, number))
        .collect();
    if counted.len() > VALUES_MAX && !is_year {
        counted.select_nth_unstable_by_key(VALUES_MAX, |(count, number)| (Reverse(*count), *number));
        counted.truncate(VALUES_MAX);
    }
    let mut values: Vec<(String, u64)> =
        counted.into_iter().filter_map(|(count, number)| Some((dictionary.name(position, number)?.to_owned(), u64::from(count)))).collect();
    if is_year {
        values.sort_by(|left, right| right.0.cmp(&left.0));
        values.truncate(VALUES_MAX);
    } else {
        values.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    }
    values
}
