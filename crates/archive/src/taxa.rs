//! Names kept here: which taxon a record is about, and under which wider names it is found; institutions by their ROR ids.

use crate::Archive;
use record::{Record, identifier::Ror, metadata::Sample};
use std::collections::{HashMap, HashSet};
use vocabulary::{NameKind, Organisations, Taxon, Taxonomy};

/// A record's organism among all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub taxon: Taxon,
    /// From the highest rank down, without the taxon itself.
    pub lineage: Vec<Taxon>,
}

impl Archive {
    pub fn taxa(&self) -> &Taxonomy {
        &self.inner.parts.taxa
    }

    /// Institutions and their ids.
    pub fn organisations(&self) -> &Organisations {
        &self.inner.parts.organisations
    }

    /// The id of the one institution that has exactly this name.
    pub fn ror_of(&self, name: &str) -> Option<Ror> {
        self.organisations().by_name(name)?.ror.parse().ok()
    }

    /// Institutions that a form offers without being asked: name, and what tells it from others.
    pub fn usual_organisations() -> impl Iterator<Item = (&'static str, String)> {
        Organisations::usual()
    }

    /// In which countries the institutions of the people are who are named by their ids.
    pub fn countries_of(&self, record: &Record) -> HashMap<Ror, String> {
        let said = &record.metadata;
        let people = said.creators.iter().chain(said.contributors.iter().map(|other| &other.person));
        let rors: HashSet<&Ror> = people.flat_map(|person| &person.affiliations).filter_map(|place| place.ror.as_ref()).collect();
        let country = |ror: &Ror| self.organisations().country_of(&ror.url()).filter(|country| !country.is_empty());
        rors.into_iter().filter_map(|ror| Some((ror.clone(), country(ror)?))).collect()
    }

    /// By its number, else by its name; a species that is not in the list is placed by its genus. `None` when nothing is known.
    pub fn placed(&self, sample: &Sample) -> Option<Placed> {
        let taxa = self.taxa();
        let by_number = sample.taxon_id.and_then(|id| taxa.by_id(id));
        let taxon = by_number.or_else(|| {
            let name = sample.organism.as_deref()?.trim();
            taxa.by_name(name).or_else(|| {
                let (genus, _) = name.split_once(' ')?;
                taxa.by_name(genus).filter(|taxon| taxon.rank == "genus" && taxon.name.eq_ignore_ascii_case(genus))
            })
        })?;
        let lineage = taxa.lineage(taxon.id);
        Some(Placed { taxon, lineage })
    }

    /// The scientific and common names of what a record's organism belongs to: who asks for rodents finds mice.
    pub(crate) fn wider_names(&self, record: &Record) -> Vec<String> {
        let Some(Placed { taxon, .. }) = self.placed(&record.metadata.sample) else { return Vec::new() };
        let ancestors = self.taxa().ancestors(taxon.id);
        let mut names = Vec::new();
        for taxon in ancestors.into_iter().chain([taxon]) {
            let common = self.taxa().other_names(taxon.id).into_iter().filter(|(kind, _)| *kind == NameKind::Common);
            names.extend(common.map(|(_, name)| name));
            names.push(taxon.name);
        }
        names
    }
}
