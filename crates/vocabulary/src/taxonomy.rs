//! A taxonomy: taxa by number, by name and by what somebody types, each with its accepted name, rank and lineage.

use crate::{
    About, Fault, NameKind,
    file::{Kept, TaxonFile},
    rank, search,
};
use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

/// A handle; cloning it is cheap.
#[derive(Clone)]
pub struct Taxonomy {
    file: Arc<TaxonFile>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taxon {
    pub id: u32,
    /// The accepted scientific name.
    pub name: String,
    pub common_name: Option<String>,
    pub rank: &'static str,
}

/// A taxon that somebody may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    pub taxon: Taxon,
    /// The name that begins as was typed, when it is not the accepted one.
    pub found_by: Option<String>,
    pub found_kind: NameKind,
}

/// Deeper than any real taxonomy; a circle in a damaged file ends here.
const LINEAGE_MAX: usize = 100;
pub const RESULTS_MAX: usize = 50;

static BUILT_IN: &[u8] = include_bytes!("../data/taxa.zst");
/// Far more than the built-in list needs.
const BUILT_IN_BYTES_MAX: usize = 16 << 20;

impl Taxonomy {
    /// A file that [`crate::Builder`] wrote.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        Self::open_as(path, Kept::Organisms)
    }

    pub(crate) fn open_as(path: &Path, kept: Kept) -> Result<Self, Fault> {
        Ok(Self { file: Arc::new(TaxonFile::open(path, kept)?) })
    }

    /// All genera and what is above them, and the organisms that laboratories know best.
    pub fn built_in() -> Self {
        static UNPACKED: OnceLock<Taxonomy> = OnceLock::new();
        UNPACKED
            .get_or_init(|| {
                let unpacked = zstd::bulk::decompress(BUILT_IN, BUILT_IN_BYTES_MAX).unwrap_or_default();
                // It is part of the program and a test opens it; without it nothing is found, which is no reason to stop.
                TaxonFile::held(unpacked, Kept::Organisms).map_or_else(|_| Self::empty(), |file| Self { file: Arc::new(file) })
            })
            .clone()
    }

    fn empty() -> Self {
        Self::of(crate::Builder::default(), &About { source: String::new(), licence: String::new() })
    }

    /// Written and held in memory.
    pub(crate) fn of(builder: crate::Builder, about: &About) -> Self {
        let (mut bytes, kept) = (Vec::new(), builder.kept);
        let written = builder.write(about, &mut bytes).and_then(|_| TaxonFile::held(bytes, kept));
        // Memory takes every byte, and the file is written by the same code that every import uses.
        Self { file: Arc::new(written.unwrap()) }
    }

    pub fn about(&self) -> About {
        self.file.about().unwrap_or(About { source: String::new(), licence: String::new() })
    }
    pub fn len(&self) -> usize {
        self.file.taxa
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn by_id(&self, id: u32) -> Option<Taxon> {
        self.file.taxon_by_id(id).map(|taxon| self.taxon(taxon))
    }

    /// The taxon that has exactly this name, whatever the case: by its accepted name, else by another if only one taxon has it.
    pub fn by_name(&self, name: &str) -> Option<Taxon> {
        let mut same = self.named(name);
        if let Some(accepted) = same.iter().position(|found| found.found_by.is_none()) {
            return Some(same.swap_remove(accepted).taxon);
        }
        if same.len() == 1 { same.pop().map(|found| found.taxon) } else { None }
    }

    /// Whatever has exactly this name, whatever the case, as an accepted name or another.
    pub(crate) fn named(&self, name: &str) -> Vec<Match> {
        self.matches(search::names_exactly(&self.file, name, RESULTS_MAX), RESULTS_MAX)
    }

    /// What somebody may mean who typed this, the likeliest first; each taxon once.
    pub fn suggest(&self, typed: &str, limit: usize) -> Vec<Match> {
        let limit = limit.min(RESULTS_MAX);
        self.matches(search::names_beginning(&self.file, typed, limit), limit)
    }

    fn matches(&self, names: Vec<usize>, limit: usize) -> Vec<Match> {
        let mut seen = Vec::new();
        let mut matches = Vec::new();
        for name in names {
            let place = self.file.taxon_of_name(name);
            if matches.len() == limit {
                break;
            }
            if seen.contains(&place) {
                continue;
            }
            seen.push(place);
            let kind = NameKind::from_number(self.file.kind(name));
            let found_by = (kind != NameKind::Accepted).then(|| self.file.name(name).to_owned());
            matches.push(Match { taxon: self.taxon(place), found_by, found_kind: kind });
        }
        matches
    }

    /// From the highest rank down to its parent, in the ranks that people use.
    pub fn lineage(&self, id: u32) -> Vec<Taxon> {
        self.above(id, |place| rank::is_main(self.file.rank(place)))
    }

    /// Everything that holds it, the highest first.
    pub fn ancestors(&self, id: u32) -> Vec<Taxon> {
        self.above(id, |_| true)
    }

    fn above(&self, id: u32, wanted: impl Fn(usize) -> bool) -> Vec<Taxon> {
        let Some(mut place) = self.file.taxon_by_id(id) else { return Vec::new() };
        let mut above = Vec::new();
        for _ in 0..LINEAGE_MAX {
            let Some(parent) = self.file.parent(place) else { break };
            place = parent;
            if wanted(place) {
                above.push(self.taxon(place));
            }
        }
        above.reverse();
        above
    }

    /// All names of a taxon but the accepted one.
    pub fn other_names(&self, id: u32) -> Vec<(NameKind, String)> {
        let Some(place) = self.file.taxon_by_id(id) else { return Vec::new() };
        let names = self.file.names_of(place).map(|name| (NameKind::from_number(self.file.kind(name)), self.file.name(name).to_owned()));
        names.filter(|(kind, _)| *kind != NameKind::Accepted).collect()
    }

    fn taxon(&self, place: usize) -> Taxon {
        let of_kind = |kind| self.file.names_of(place).find(|name| NameKind::from_number(self.file.kind(*name)) == kind);
        let name = |name: usize| self.file.name(name).to_owned();
        Taxon {
            id: self.file.id(place).unwrap_or(0),
            name: of_kind(NameKind::Accepted).map(name).unwrap_or_default(),
            common_name: of_kind(NameKind::Common).map(name),
            rank: rank::name_of(self.file.rank(place)),
        }
    }
}

impl std::fmt::Debug for Taxonomy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a taxonomy of {} taxa", self.len())
    }
}
