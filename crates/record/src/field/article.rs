//! Where a text appeared.

use super::{
    Asked::{Publications, Texts},
    Field, Shape,
    Theme::Article,
    given,
};
use crate::{kind::Kind, term::Bilingual};

pub(super) const FIELDS: &[Field] = &[
    Field::new("year", "/article/year", Shape::Whole { from: 1000, to: 9999 }, Texts, Article)
        .label("Year", "Jahr")
        .help("When it appeared.", "Wann es erschienen ist.")
        .example("2008")
        .elsewhere("publicationYear", "", "datePublished")
        .needed(
            &[Kind::Publication, Kind::Reference],
            |said| said.article.as_ref().is_some_and(|article| article.year.is_some()),
            "year-missing",
            Bilingual::new("Give the year of publication.", "Geben Sie das Erscheinungsjahr an."),
        ),
    Field::new("journal", "/article/journal", Shape::Line, Texts, Article)
        .label("Journal", "Zeitschrift")
        .help("The full name, or give the DOI below.", "Der volle Name, oder geben Sie unten die DOI an.")
        .example("Journal of the Royal Society Interface")
        .elsewhere("relatedItems (IsPublishedIn)", "", "isPartOf")
        .needed(
            &[Kind::Publication],
            |said| said.article.as_ref().is_some_and(|article| article.doi.is_some() || given(&article.journal)),
            "journal-missing",
            Bilingual::new("Give the journal or the publisher's DOI.", "Geben Sie die Zeitschrift oder die DOI des Verlags an."),
        ),
    Field::new("article_doi", "/article/doi", Shape::Doi, Texts, Article)
        .label("The publisher's DOI", "DOI des Verlags")
        .help("If the text has one; no second DOI is given then.", "Falls der Text eine hat; dann wird keine zweite vergeben.")
        .example("10.1098/rsif.2008.0155")
        .elsewhere("identifier", "", "identifier"),
    Field::new("volume", "/article/volume", Shape::Line, Texts, Article)
        .label("Volume", "Band")
        .help("Of the journal.", "Der Zeitschrift.")
        .example("5")
        .elsewhere("relatedItems/volume", "", "volumeNumber"),
    Field::new("issue", "/article/issue", Shape::Line, Texts, Article)
        .label("Issue", "Heft")
        .help("Of the volume.", "Des Bandes.")
        .example("29")
        .elsewhere("relatedItems/issue", "", "issueNumber"),
    Field::new("pages", "/article/pages", Shape::Line, Texts, Article)
        .label("Pages", "Seiten")
        .help("Such as 1491–1504.", "Etwa 1491–1504.")
        .example("1491–1504")
        .elsewhere("relatedItems/firstPage, lastPage", "", "pagination"),
    Field::new("publisher", "/article/publisher", Shape::Line, Texts, Article)
        .label("Publisher", "Verlag")
        .help("Who published it.", "Bei wem es erschienen ist.")
        .example("The Royal Society")
        .elsewhere("publisher", "", "publisher"),
    Field::new("issn", "/article/issn", Shape::Issn, Publications, Article)
        .label("ISSN", "ISSN")
        .help("Of the journal.", "Der Zeitschrift.")
        .example("1742-5689")
        .elsewhere("relatedItems/relatedItemIdentifier", "", "issn"),
];
