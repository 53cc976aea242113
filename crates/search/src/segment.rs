//! One segment of the index as questions see it: which documents have this word there. Answers are
//! kept as long as the segment lives, within a limit; deletions are applied afterwards.

use crate::{
    columns::{Columns, Counts},
    docset::DocSet,
    facet::Facet,
    schema::Fields,
    words,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};
use tantivy::{
    InvertedIndexReader, SegmentReader, Term,
    postings::TermInfo,
    query::FuzzyTermQuery,
    schema::{Field, IndexRecordOption},
};

/// Where a word must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    Title,
    Names,
    Text,
    WholeTitle,
    Doi,
    Mention,
    State,
    Facet(Facet),
    /// A number, by its place in `record::field::quantities`.
    Quantity(usize),
}

/// How closely it must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Closeness {
    /// This term and nothing else.
    Term,
    /// The word or its stem.
    Word,
    /// Words that begin so.
    Prefix,
    /// Words that differ by at most so many letters; by fewer, where there are such.
    Fuzzy(u8),
    /// The word, its stem, and what else is taken for it: words that begin so, words that differ by so many letters.
    Any { prefix: bool, fuzzy: u8 },
    /// Years from the first to the last; the word is not looked at.
    Years(i32, i32),
    /// Numbers from the first to the last, given by their bits; the word is not looked at.
    Numbers(u64, u64),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Ask {
    pub(crate) place: Place,
    pub(crate) closeness: Closeness,
    pub(crate) word: String,
}

/// A beginning or a misspelling stands for at most this many words, the most frequent ones.
const EXPANSIONS_MAX: usize = 64;
/// Words looked through to find them.
const CANDIDATES_MAX: usize = 4096;
/// Memory for kept answers of one segment.
const KEPT_BYTES_MAX: usize = 24 << 20;

#[derive(Debug, Default)]
struct Kept {
    sets: HashMap<Ask, Arc<DocSet>>,
    similar: HashMap<String, Arc<Vec<String>>>,
    bytes: usize,
}

pub(crate) struct Segment {
    reader: SegmentReader,
    pub(crate) columns: Arc<Columns>,
    kept: Arc<Mutex<Kept>>,
    /// `None` while nothing of it was deleted.
    alive: Option<DocSet>,
    all_counts: OnceLock<Counts>,
}

impl Segment {
    pub(crate) fn new(reader: &SegmentReader, columns: Arc<Columns>) -> Self {
        Self::with_kept(reader, columns, Arc::default())
    }

    /// The same segment after further deletions.
    pub(crate) fn again(&self, reader: &SegmentReader) -> Self {
        Self::with_kept(reader, self.columns.clone(), self.kept.clone())
    }

    fn with_kept(reader: &SegmentReader, columns: Arc<Columns>, kept: Arc<Mutex<Kept>>) -> Self {
        let alive = reader.has_deletes().then(|| {
            let all = reader.max_doc() as usize + FULL;
            DocSet::collect(reader.max_doc(), all, |take| reader.doc_ids_alive().for_each(|doc| take(&[doc])))
        });
        Self { reader: reader.clone(), columns, kept, alive, all_counts: OnceLock::new() }
    }

    pub(crate) fn max_doc(&self) -> u32 {
        self.reader.max_doc()
    }
    pub(crate) fn living(&self) -> usize {
        self.reader.num_docs() as usize
    }

    /// Everything that was not deleted.
    pub(crate) fn everything(&self) -> DocSet {
        match &self.alive {
            Some(alive) => alive.clone(),
            None => {
                let all: Vec<u32> = (0..self.max_doc()).collect();
                DocSet::collect(self.max_doc(), all.len() + FULL, |take| take(&all))
            }
        }
    }

    pub(crate) fn living_of(&self, docs: DocSet) -> DocSet {
        match &self.alive {
            Some(alive) => docs.and(alive),
            None => docs,
        }
    }

    pub(crate) fn all_counts(&self) -> &Counts {
        self.all_counts.get_or_init(|| self.columns.count(&self.everything()))
    }

    /// Counts facets of these hits; of most by what is left over.
    pub(crate) fn count(&self, hits: &DocSet) -> Counts {
        if hits.len() == self.living() {
            return self.all_counts().clone();
        }
        if hits.len() * 2 <= self.living() {
            return self.columns.count(hits);
        }
        let mut counts = self.all_counts().clone();
        counts.subtract(&self.columns.count(&self.everything().without(hits)));
        counts
    }

    /// Deleted documents may be among them.
    pub(crate) fn find(&self, fields: &Fields, ask: &Ask) -> tantivy::Result<Arc<DocSet>> {
        if let Some(set) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).sets.get(ask) {
            return Ok(set.clone());
        }
        let set = Arc::new(match ask.closeness {
            Closeness::Numbers(from, to) => self.numbers(fields, ask.place, f64::from_bits(from)..=f64::from_bits(to))?,
            _ => {
                let field = field_of(fields, ask.place);
                self.documents(field, &self.terms(fields, field, ask)?)?
            }
        });
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = set.bytes() + ask.word.len() + 128;
        if kept.bytes + bytes > KEPT_BYTES_MAX {
            *kept = Kept::default();
        }
        kept.bytes += bytes;
        kept.sets.insert(ask.clone(), set.clone());
        Ok(set)
    }

    fn terms(&self, fields: &Fields, field: Field, ask: &Ask) -> tantivy::Result<Vec<TermInfo>> {
        let inverted = self.reader.inverted_index(field)?;
        match ask.closeness {
            Closeness::Term => Ok(inverted.get_term_info(&Term::from_field_text(field, &ask.word))?.into_iter().collect()),
            Closeness::Word => with_stem(&inverted, field, &ask.word),
            Closeness::Prefix => beginning_with(&inverted, &ask.word),
            Closeness::Fuzzy(distance) => self.similar(fields, &inverted, field, &ask.word, distance),
            Closeness::Any { prefix, fuzzy } => {
                let mut terms = with_stem(&inverted, field, &ask.word)?;
                if prefix {
                    terms.extend(beginning_with(&inverted, &ask.word)?);
                }
                if fuzzy > 0 {
                    terms.extend(self.similar(fields, &inverted, field, &ask.word, fuzzy)?);
                }
                terms.sort_unstable_by_key(|term| term.postings_range.start);
                terms.dedup_by_key(|term| term.postings_range.start);
                Ok(terms)
            }
            // Numbers have no terms; see `numbers`.
            Closeness::Numbers(..) => Ok(Vec::new()),
            Closeness::Years(from, to) => {
                let mut stream = inverted.terms().stream()?;
                let mut terms = Vec::new();
                while terms.len() < CANDIDATES_MAX && stream.advance() {
                    let year = std::str::from_utf8(stream.key()).ok().and_then(|text| text.parse::<i32>().ok());
                    if year.is_some_and(|year| (from..=to).contains(&year)) {
                        terms.push(stream.value().clone());
                    }
                }
                Ok(terms)
            }
        }
    }

    fn similar(
        &self,
        fields: &Fields,
        inverted: &InvertedIndexReader,
        field: Field,
        word: &str,
        distance_max: u8,
    ) -> tantivy::Result<Vec<TermInfo>> {
        let mut terms = Vec::new();
        for similar in self.similar_words(fields, word, distance_max)?.iter() {
            terms.extend(inverted.get_term_info(&Term::from_field_text(field, similar))?);
        }
        Ok(terms)
    }

    /// Words of any place that differ by as few letters as there are any. Looking for them is the dearest
    /// step of all, so it is done once for all places.
    fn similar_words(&self, fields: &Fields, word: &str, distance_max: u8) -> tantivy::Result<Arc<Vec<String>>> {
        if let Some(known) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).similar.get(word) {
            return Ok(known.clone());
        }
        let inverted = self.reader.inverted_index(fields.text)?;
        let mut found: Vec<(u32, String)> = Vec::new();
        for distance in 1..=distance_max {
            let automaton = FuzzyTermQuery::new(Term::from_field_text(fields.text, word), distance, true).automaton()?;
            let mut stream = inverted.terms().search(automaton).into_stream()?;
            while found.len() < CANDIDATES_MAX && stream.advance() {
                found.push((stream.value().doc_freq, String::from_utf8_lossy(stream.key()).into_owned()));
            }
            if !found.is_empty() {
                break;
            }
        }
        found.sort_unstable_by(|left, right| right.cmp(left));
        found.truncate(EXPANSIONS_MAX);
        let words = Arc::new(found.into_iter().map(|(_, word)| word).collect::<Vec<_>>());
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bytes += 64 + word.len() + words.iter().map(|word| word.len() + 24).sum::<usize>();
        kept.similar.insert(word.to_owned(), words.clone());
        Ok(words)
    }

    /// Documents whose number lies in the range; one column is read from end to end.
    fn numbers(&self, fields: &Fields, place: Place, range: std::ops::RangeInclusive<f64>) -> tantivy::Result<DocSet> {
        let column = self.reader.fast_fields().f64(fields.schema.get_field_name(field_of(fields, place)))?;
        let found: Vec<u32> = (0..self.max_doc()).filter(|doc| column.first(*doc).is_some_and(|number| range.contains(&number))).collect();
        Ok(DocSet::collect(self.max_doc(), found.len(), |take| take(&found)))
    }

    fn documents(&self, field: Field, terms: &[TermInfo]) -> tantivy::Result<DocSet> {
        if terms.is_empty() {
            return Ok(DocSet::EMPTY);
        }
        let inverted = self.reader.inverted_index(field)?;
        let expected = terms.iter().map(|term| term.doc_freq as usize).sum();
        let mut failure = None;
        let set = DocSet::collect(self.max_doc(), expected, |take| {
            for term in terms {
                match inverted.read_block_postings_from_terminfo(term, IndexRecordOption::Basic) {
                    Ok(mut postings) => {
                        while !postings.docs().is_empty() {
                            take(postings.docs());
                            postings.advance();
                        }
                    }
                    Err(error) => failure = Some(error),
                }
            }
        });
        match failure {
            Some(error) => Err(error.into()),
            None => Ok(set),
        }
    }
}

/// Makes [`DocSet::collect`] choose the bitmap.
const FULL: usize = 1 << 32;

fn with_stem(inverted: &InvertedIndexReader, field: Field, word: &str) -> tantivy::Result<Vec<TermInfo>> {
    let mut terms: Vec<TermInfo> = inverted.get_term_info(&Term::from_field_text(field, word))?.into_iter().collect();
    let stem = words::stem(word);
    if stem != word {
        terms.extend(inverted.get_term_info(&Term::from_field_text(field, &stem))?);
    }
    Ok(terms)
}

fn beginning_with(inverted: &InvertedIndexReader, word: &str) -> tantivy::Result<Vec<TermInfo>> {
    let mut stream = inverted.terms().range().ge(word.as_bytes()).into_stream()?;
    let mut terms = Vec::new();
    while terms.len() < CANDIDATES_MAX && stream.advance() && stream.key().starts_with(word.as_bytes()) {
        terms.push(stream.value().clone());
    }
    Ok(most_frequent(terms))
}

fn most_frequent(mut terms: Vec<TermInfo>) -> Vec<TermInfo> {
    if terms.len() > EXPANSIONS_MAX {
        terms.sort_unstable_by_key(|term| std::cmp::Reverse(term.doc_freq));
        terms.truncate(EXPANSIONS_MAX);
    }
    terms
}

fn field_of(fields: &Fields, place: Place) -> Field {
    match place {
        Place::Title => fields.title,
        Place::Names => fields.names,
        Place::Text => fields.text,
        Place::WholeTitle => fields.whole_title,
        Place::Doi => fields.doi,
        Place::Mention => fields.mention,
        Place::State => fields.state,
        Place::Facet(facet) => fields.facet(facet),
        Place::Quantity(position) => fields.quantities[position],
    }
}
