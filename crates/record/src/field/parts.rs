//! What the members of lists consist of: people, funding, relations and the like.

use super::shape::{Part, Shape};
use crate::{
    agent::{ContributorType, CreditRole},
    metadata::{DateType, TitleType},
    relation::RelationType,
};

pub(super) const AFFILIATION: &[Part] = &[
    Part::new("name", Shape::Line, "Name of the institution.", "Kiel University").needed(),
    Part::new("ror", Shape::Ror, "Its ROR id.", "https://ror.org/04v76ef78"),
];

pub(super) const PERSON: &[Part] = &[
    Part::new("family", Shape::Line, "Family name; of an organisation its whole name.", "Kleinteich").needed(),
    Part::new("given", Shape::Line, "Given names.", "Thomas"),
    Part::new("orcid", Shape::Orcid, "ORCID iD.", "0000-0002-1825-0097"),
    Part::new("affiliations", Shape::Rows(AFFILIATION), "Where this person worked when it was made.", ""),
    Part::new("roles", Shape::Choices(CreditRole::TERMS), "What this person did, in the words of CRediT.", "investigation"),
    Part::new("organisation", Shape::Check, "True for a collaboration or an institute.", "false"),
];

pub(super) const CONTRIBUTOR: &[Part] = &[
    Part::new("person", Shape::Group(PERSON), "Who.", "").needed(),
    Part::new("part", Shape::Choice(ContributorType::TERMS), "DataCite contributorType.", "DataCollector").needed(),
];

pub(super) const TITLE: &[Part] = &[
    Part::new("title", Shape::Line, "The title.", "Kiefer einer Blindwühle").needed(),
    Part::new("type", Shape::Choice(TitleType::TERMS), "DataCite titleType.", "TranslatedTitle").needed(),
    Part::new("language", Shape::Language, "Its language.", "de"),
];

pub(super) const SUBJECT: &[Part] = &[
    Part::new("term", Shape::Line, "The term.", "skull").needed(),
    Part::new("scheme", Shape::Line, "Name of the vocabulary.", "UBERON"),
    Part::new("url", Shape::Address, "Address of the term.", "http://purl.obolibrary.org/obo/UBERON_0003129"),
];

pub(super) const RELATION: &[Part] = &[
    Part::new("relation", Shape::Choice(RelationType::TERMS), "DataCite relationType.", "IsSupplementTo").needed(),
    Part::new("target", Shape::Target, "What it leads to: {\"doi\": …}, {\"url\": …} or {\"record\": …}.", "10.1098/rsif.2008.0155")
        .needed(),
    Part::new("title", Shape::Line, "What a reader sees.", "Caecilian jaw-closing mechanics"),
];

pub(super) const FUNDING: &[Part] = &[
    Part::new("funder", Shape::Line, "Name of the funder.", "Deutsche Forschungsgemeinschaft").needed(),
    Part::new("funder_id", Shape::Line, "The funder in a register: ROR, Crossref Funder ID, ISNI.", "https://ror.org/018mejw64"),
    Part::new("award", Shape::Line, "Number of the grant.", "HA 2323/10-1"),
    Part::new("award_title", Shape::Line, "Title of the grant.", "Feeding in caecilians"),
    Part::new("award_url", Shape::Address, "Address of the grant.", "https://gepris.dfg.de/gepris/projekt/5438931"),
];

pub(super) const DATE: &[Part] = &[
    Part::new("date", Shape::Date, "One date, or two with a stroke between.", "1998-05").needed(),
    Part::new("type", Shape::Choice(DateType::TERMS), "DataCite dateType.", "Created").needed(),
    Part::new("about", Shape::Line, "What it is the date of.", "specimen fixed"),
];

pub(super) const IDENTIFIER: &[Part] = &[
    Part::new("identifier", Shape::Line, "The name.", "EMPIAR-10310").needed(),
    Part::new("scheme", Shape::Line, "Whose name it is.", "EMPIAR"),
];

pub(super) const WORKFLOW: &[Part] = &[
    Part::new("step", Shape::Line, "What was done.", "phase retrieval").needed(),
    Part::new("software", Shape::Line, "Program and version.", "tomopy 1.15"),
    Part::new("parameters", Shape::Line, "Its settings.", "Paganin, delta/beta 200"),
];
