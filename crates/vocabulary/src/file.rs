//! The file of taxa as it lies on disk: a head, tables of numbers, and all names. Every number read from it is checked where it
//! is used: a damaged file finds less, it never breaks the program.

use crate::{About, Fault};
use std::{fs::File, ops::Range, path::Path};

/// Which list a file holds. Each begins otherwise, so that one is never read as the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kept {
    #[default]
    Organisms,
    Institutions,
}

impl Kept {
    pub(crate) fn magic(self) -> &'static [u8; 8] {
        match self {
            Self::Organisms => b"S3DTAXA1",
            Self::Institutions => b"S3DINST1",
        }
    }

    fn refused(self, path: String, why: &'static str) -> Fault {
        let (what, command) = match self {
            Self::Organisms => ("organisms", "science3d admin taxa import"),
            Self::Institutions => ("institutions", "science3d admin ror import"),
        };
        Fault::NotThatList { path, what, why, command }
    }
}

pub(crate) struct TaxonFile {
    bytes: Bytes,
    pub(crate) taxa: usize,
    pub(crate) names: usize,
    pub(crate) words: usize,
    ids: usize,
    parents: usize,
    first_names: usize,
    offsets: usize,
    positions: usize,
    ranks: usize,
    kinds: usize,
    scores: Range<usize>,
    text: Range<usize>,
    about: Range<usize>,
}

enum Bytes {
    Mapped(memmap2::Mmap),
    Held(Vec<u8>),
}

impl TaxonFile {
    pub(crate) fn open(path: &Path, kept: Kept) -> Result<Self, Fault> {
        let fault = |source| Fault::File { attempted: "open", path: path.display().to_string(), source };
        let file = File::open(path).map_err(fault)?;
        // SAFETY: an import writes a new file and puts it in the place of the old one by renaming; nobody changes one in place.
        let map = unsafe { memmap2::Mmap::map(&file) }.map_err(fault)?;
        Self::of(Bytes::Mapped(map), kept).map_err(|why| kept.refused(path.display().to_string(), why))
    }

    pub(crate) fn held(bytes: Vec<u8>, kept: Kept) -> Result<Self, Fault> {
        Self::of(Bytes::Held(bytes), kept).map_err(|why| kept.refused("the built-in list".to_owned(), why))
    }

    fn of(bytes: Bytes, kept: Kept) -> Result<Self, &'static str> {
        let all = bytes.all();
        if all.get(..8) != Some(kept.magic().as_slice()) {
            return Err(match (kept, all.get(..8)) {
                (Kept::Institutions, Some(first)) if first == Kept::Organisms.magic() => {
                    "it begins as a list of organisms does; older versions of this program wrote institutions so"
                }
                (Kept::Organisms, Some(first)) if first == Kept::Institutions.magic() => "it is a list of institutions",
                _ => "it begins otherwise",
            });
        }
        let count = |place: usize| number_at(all, 8 + 4 * place).map(|number| number as usize).ok_or("it ends in its head");
        let (taxa, names, words, text, about) = (count(0)?, count(1)?, count(2)?, count(3)?, count(4)?);
        let mut place = 28;
        let mut after = |bytes: usize| {
            let here = place;
            place += bytes;
            here
        };
        let (ids, parents, first_names) = (after(4 * taxa), after(4 * taxa), after(4 * (taxa + 1)));
        let (offsets, positions) = (after(4 * (names + 1)), after(4 * words));
        let (ranks, kinds, scores, text_at, about_at) = (after(taxa), after(names), after(words), after(text), after(about));
        if place != all.len() {
            return Err("it is not as long as its head says");
        }
        let file = Self {
            taxa,
            names,
            words,
            ids,
            parents,
            first_names,
            offsets,
            positions,
            ranks,
            kinds,
            scores: scores..scores + words,
            text: text_at..text_at + text,
            about: about_at..about_at + about,
            bytes,
        };
        if file.about().is_none() {
            return Err("it does not say where its names are from");
        }
        Ok(file)
    }

    pub(crate) fn about(&self) -> Option<About> {
        serde_json::from_slice(self.bytes.all().get(self.about.clone())?).ok()
    }
    pub(crate) fn id(&self, taxon: usize) -> Option<u32> {
        self.number(self.ids, taxon, self.taxa)
    }
    pub(crate) fn parent(&self, taxon: usize) -> Option<usize> {
        self.number(self.parents, taxon, self.taxa).map(|parent| parent as usize).filter(|parent| *parent < self.taxa)
    }
    pub(crate) fn rank(&self, taxon: usize) -> u8 {
        self.bytes.all().get(self.ranks + taxon).copied().unwrap_or(0)
    }
    pub(crate) fn names_of(&self, taxon: usize) -> Range<usize> {
        let first = |taxon| self.number(self.first_names, taxon, self.taxa + 1).map_or(0, |name| name as usize).min(self.names);
        first(taxon)..first(taxon + 1)
    }
    pub(crate) fn kind(&self, name: usize) -> u8 {
        self.bytes.all().get(self.kinds + name).copied().unwrap_or(2)
    }
    pub(crate) fn name(&self, name: usize) -> &str {
        let offset = |name| self.number(self.offsets, name, self.names + 1).map(|offset| offset as usize);
        let (Some(begin), Some(end)) = (offset(name), offset(name + 1)) else { return "" };
        self.text(begin..end.saturating_sub(1))
    }
    pub(crate) fn position(&self, word: usize) -> usize {
        self.number(self.positions, word, self.words).map_or(0, |position| position as usize)
    }
    pub(crate) fn scores(&self, words: Range<usize>) -> &[u8] {
        self.bytes.all().get(self.scores.clone()).and_then(|all| all.get(words)).unwrap_or_default()
    }

    /// What follows from a position to the end of its name.
    pub(crate) fn rest_of_name(&self, position: usize) -> &str {
        let all = self.bytes.all().get(self.text.clone()).and_then(|text| text.get(position..)).unwrap_or_default();
        let end = all.iter().take(256).position(|byte| *byte == b'\n').unwrap_or(0);
        std::str::from_utf8(&all[..end]).unwrap_or("")
    }

    pub(crate) fn taxon_by_id(&self, id: u32) -> Option<usize> {
        let place = partition(self.taxa, |taxon| self.id(taxon).is_some_and(|other| other < id));
        (self.id(place) == Some(id)).then_some(place)
    }
    pub(crate) fn name_at(&self, position: usize) -> usize {
        let later = |name: usize| self.number(self.offsets, name, self.names + 1).is_some_and(|offset| offset as usize <= position);
        partition(self.names, later).saturating_sub(1)
    }
    pub(crate) fn taxon_of_name(&self, name: usize) -> usize {
        partition(self.taxa, |taxon| self.names_of(taxon).start <= name).saturating_sub(1)
    }

    fn text(&self, range: Range<usize>) -> &str {
        let text = self.bytes.all().get(self.text.clone()).unwrap_or_default();
        text.get(range).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("")
    }
    fn number(&self, table: usize, place: usize, length: usize) -> Option<u32> {
        (place < length).then(|| number_at(self.bytes.all(), table + 4 * place)).flatten()
    }
}

impl Bytes {
    fn all(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Held(bytes) => bytes,
        }
    }
}

fn number_at(bytes: &[u8], place: usize) -> Option<u32> {
    bytes.get(place..place + 4)?.try_into().ok().map(u32::from_le_bytes)
}

/// The first place of `0..length` for which it does not hold, as of a sorted slice.
pub(crate) fn partition(length: usize, mut holds: impl FnMut(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { low = middle + 1 } else { high = middle }
    }
    low
}
