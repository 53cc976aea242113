//! Making the file of taxa: all names, and for each word of each name where it is sorted among all others.

use crate::{
    Fault,
    file::Kept,
    fold::{NAME_BYTES_MAX, fold_into, word_starts},
    rank,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{HashMap, HashSet},
    io::Write,
};

/// Four times what there is today.
const TAXA_MAX: usize = 10_000_000;
const NAMES_MAX: usize = 20_000_000;

/// Where the names come from, kept in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub source: String,
    pub licence: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    /// The name to use.
    Accepted,
    /// In a language people speak.
    Common,
    /// An older or other scientific name.
    Synonym,
}

impl NameKind {
    pub(crate) fn from_number(number: u8) -> Self {
        match number {
            0 => Self::Accepted,
            1 => Self::Common,
            _ => Self::Synonym,
        }
    }
    fn number(self) -> u8 {
        match self {
            Self::Accepted => 0,
            Self::Common => 1,
            Self::Synonym => 2,
        }
    }
}

#[derive(Debug, Default)]
pub struct Builder {
    taxa: HashMap<u32, (u32, u8)>,
    names: Vec<(u32, NameKind, Box<str>)>,
    /// Which list it becomes.
    pub(crate) kept: Kept,
    left_out: usize,
}

/// What will be written, in the order of the file.
struct Tables {
    ids: Vec<u32>,
    parents: Vec<u32>,
    first_names: Vec<u32>,
    ranks: Vec<u8>,
    offsets: Vec<u32>,
    kinds: Vec<u8>,
    text: String,
    /// Of a name: how likely it is meant.
    scores: Vec<u8>,
}

impl Builder {
    /// The first word about a taxon counts, so that several sources can be read after each other.
    pub fn taxon(&mut self, id: u32, parent: u32, rank: &str) -> Result<(), Fault> {
        if self.taxa.len() >= TAXA_MAX {
            return Err(Fault::TooMany { what: "the taxa", most: TAXA_MAX });
        }
        self.taxa.entry(id).or_insert((parent, rank::rank_of(rank)));
        Ok(())
    }

    pub fn name(&mut self, id: u32, kind: NameKind, name: &str) -> Result<(), Fault> {
        if self.names.len() >= NAMES_MAX {
            return Err(Fault::TooMany { what: "the names", most: NAMES_MAX });
        }
        let name = name.trim();
        if fits(name) {
            self.names.push((id, kind, name.into()));
        } else if !name.is_empty() {
            self.left_out += 1;
        }
        Ok(())
    }

    /// Names that were too long, or no single line.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// A taxon without an accepted name is left out; so is one that nothing above holds, but its names lead to nothing then.
    pub fn write(mut self, about: &About, out: &mut impl Write) -> Result<usize, Fault> {
        let named: HashSet<u32> = self.names.iter().filter(|(_, kind, _)| *kind == NameKind::Accepted).map(|(id, ..)| *id).collect();
        self.taxa.retain(|id, _| named.contains(id));
        self.names.retain(|(id, ..)| self.taxa.contains_key(id));
        self.names.sort();
        self.names.dedup();
        // One accepted name each; a second source may have said another.
        let mut seen = HashSet::new();
        self.names.retain(|(id, kind, _)| *kind != NameKind::Accepted || seen.insert(*id));
        let tables = self.tables();
        let (positions, scores) = sorted_words(&tables);
        let taxa = tables.ids.len();
        let written = write_all(self.kept, &tables, &positions, &scores, about, out);
        written.map_err(|source| Fault::File { attempted: "write", path: "the file of taxa".to_owned(), source })?;
        Ok(taxa)
    }

    fn tables(&self) -> Tables {
        let mut ids: Vec<u32> = self.taxa.keys().copied().collect();
        ids.sort_unstable();
        let place = |id: u32| ids.binary_search(&id).map_or(u32::MAX, number);
        let mut tables = Tables {
            parents: Vec::with_capacity(ids.len()),
            ranks: Vec::with_capacity(ids.len()),
            first_names: Vec::with_capacity(ids.len() + 1),
            ids: Vec::new(),
            offsets: Vec::with_capacity(self.names.len() + 1),
            kinds: Vec::with_capacity(self.names.len()),
            text: String::new(),
            scores: Vec::with_capacity(self.names.len()),
        };
        let mut names = self.names.iter().peekable();
        for id in &ids {
            let (parent, rank) = self.taxa.get(id).copied().unwrap_or((0, 0));
            tables.parents.push(if parent == *id { u32::MAX } else { place(parent) });
            tables.ranks.push(rank);
            tables.first_names.push(number(tables.kinds.len()));
            let mut of_it = Vec::new();
            while let Some(name) = names.next_if(|(of, ..)| of == id) {
                of_it.push(name);
            }
            let is_known = of_it.iter().any(|(_, kind, _)| *kind == NameKind::Common);
            for (_, kind, name) in of_it {
                tables.offsets.push(number(tables.text.len()));
                tables.kinds.push(kind.number());
                tables.scores.push(score(*kind, rank, is_known, name));
                tables.text.push_str(name);
                tables.text.push('\n');
            }
        }
        tables.first_names.push(number(tables.kinds.len()));
        tables.offsets.push(number(tables.text.len()));
        tables.ids = ids;
        tables
    }
}

pub(crate) fn fits(name: &str) -> bool {
    !name.is_empty() && name.len() <= NAME_BYTES_MAX && !name.contains(['\n', '\0'])
}

fn score(kind: NameKind, rank: u8, is_known: bool, name: &str) -> u8 {
    let mut score = 40 + rank::weight(rank) + if is_known { 45 } else { 0 };
    score += match kind {
        NameKind::Accepted => 20,
        NameKind::Common => 16,
        NameKind::Synonym => 0,
    };
    let murky = ["uncultured", "unclassified", "environmental", " sp. ", " cf. ", "unidentified"];
    if murky.iter().any(|word| name.contains(word)) || name.bytes().any(|byte| byte.is_ascii_digit()) {
        score -= 50;
    }
    score -= i32::try_from(name.len() / 6).unwrap_or(0).min(12);
    u8::try_from(score.clamp(1, 255)).unwrap_or(1)
}

/// For each word of each name where it begins, sorted by what follows from there; and what it weighs.
fn sorted_words(tables: &Tables) -> (Vec<u32>, Vec<u8>) {
    let mut folded = Vec::with_capacity(tables.text.len());
    // Where the folded words of an entry begin and end, where it lies in the text, and its weight.
    let mut entries: Vec<(u32, u32, u32, u8)> = Vec::new();
    for (name, text) in tables.text.lines().enumerate() {
        let (begin, weight) = (tables.offsets[name], tables.scores[name]);
        for (word, start) in word_starts(text).enumerate() {
            let from = number(folded.len());
            let mut words = Vec::new();
            fold_into(&text[start..], usize::MAX, &mut words);
            folded.extend_from_slice(&words);
            let weight = if word == 0 { weight } else { weight.saturating_sub(14).max(1) };
            entries.push((from, number(folded.len()), begin + number(start), weight));
        }
    }
    let words = |entry: &(u32, u32, u32, u8)| &folded[entry.0 as usize..entry.1 as usize];
    entries.sort_by(|one, other| words(one).cmp(words(other)).then(one.2.cmp(&other.2)));
    entries.iter().map(|entry| (entry.2, entry.3)).unzip()
}

/// Builders are limited so that everything is counted in 32 bits.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn write_all(kept: Kept, tables: &Tables, positions: &[u32], scores: &[u8], about: &About, out: &mut impl Write) -> std::io::Result<()> {
    let about = serde_json::to_vec(about)?;
    out.write_all(kept.magic())?;
    let counts = [tables.ids.len(), tables.kinds.len(), positions.len(), tables.text.len(), about.len()];
    write_numbers(&counts.map(number), out)?;
    write_numbers(&tables.ids, out)?;
    write_numbers(&tables.parents, out)?;
    write_numbers(&tables.first_names, out)?;
    write_numbers(&tables.offsets, out)?;
    write_numbers(positions, out)?;
    out.write_all(&tables.ranks)?;
    out.write_all(&tables.kinds)?;
    out.write_all(scores)?;
    out.write_all(tables.text.as_bytes())?;
    out.write_all(&about)
}

fn write_numbers(numbers: &[u32], out: &mut impl Write) -> std::io::Result<()> {
    for some in numbers.chunks(16 << 10) {
        let bytes: Vec<u8> = some.iter().flat_map(|number| number.to_le_bytes()).collect();
        out.write_all(&bytes)?;
    }
    Ok(())
}
