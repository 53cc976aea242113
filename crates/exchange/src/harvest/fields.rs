//! The table by which foreign fields become ours. It is a text that an operator can correct; `fields.txt` beside this
//! file is the one that is built in. Where one value is wanted the earlier line wins; lists take all.

use super::{
    dublin_core::{elements_of, is_element},
    marc::{MarcPlace, fields_of},
    node::Node,
};
use crate::works::{affiliated, funded, language_of, licence_of, ours, people, plain, year_of};
use record::{
    agent::Person,
    doi::{Doi, Prefix},
    harvest::{Content, Format},
    metadata::{Article, Funding, Metadata},
    relation::RelationType,
};
use std::sync::LazyLock;

pub const BUILT_IN: &str = include_str!("fields.txt");

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldMap {
    lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    place: Place,
    becomes: Becomes,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Marc(MarcPlace),
    DublinCore(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Becomes {
    Title,
    Subtitle,
    Author,
    /// A name that is not taken apart.
    Group,
    Affiliation,
    Orcid,
    Description,
    Year,
    Journal,
    Volume,
    Issue,
    Pages,
    Publisher,
    Doi,
    Language,
    Keyword,
    Licence,
    Funder,
    Award,
    Cites,
    Relates,
}

const NAMES: [(&str, Becomes); 21] = [
    ("title", Becomes::Title),
    ("subtitle", Becomes::Subtitle),
    ("author", Becomes::Author),
    ("author.group", Becomes::Group),
    ("author.affiliation", Becomes::Affiliation),
    ("author.orcid", Becomes::Orcid),
    ("description", Becomes::Description),
    ("year", Becomes::Year),
    ("journal", Becomes::Journal),
    ("volume", Becomes::Volume),
    ("issue", Becomes::Issue),
    ("pages", Becomes::Pages),
    ("publisher", Becomes::Publisher),
    ("doi", Becomes::Doi),
    ("language", Becomes::Language),
    ("keyword", Becomes::Keyword),
    ("licence", Becomes::Licence),
    ("funder", Becomes::Funder),
    ("funder.award", Becomes::Award),
    ("cites", Becomes::Cites),
    ("relates", Becomes::Relates),
];

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the table of fields, “{written}”: {why}")]
pub struct FieldMapFault {
    pub line: usize,
    pub written: String,
    pub why: String,
}

const LINES_MAX: usize = 1000;
const KEYWORDS_MAX: usize = 100;

impl FieldMap {
    pub fn built_in() -> &'static FieldMap {
        // A test reads it.
        static MAP: LazyLock<FieldMap> = LazyLock::new(|| FieldMap::parse(BUILT_IN).unwrap_or(FieldMap { lines: Vec::new() }));
        &MAP
    }

    pub fn parse(text: &str) -> Result<Self, FieldMapFault> {
        let mut lines = Vec::new();
        for (number, written) in text.lines().enumerate() {
            let fault = |why: &str| FieldMapFault { line: number + 1, written: written.chars().take(100).collect(), why: why.to_owned() };
            let words: Vec<&str> = written.split_whitespace().collect();
            match words[..] {
                [] => {}
                [first, ..] if first.starts_with('#') => {}
                [format, place, becomes] => lines.push(line(format, place, becomes).map_err(|why| fault(&why))?),
                _ => return Err(fault("it has not three words: format, place, what it becomes")),
            }
            if lines.len() > LINES_MAX {
                return Err(fault("the table is too long"));
            }
        }
        Ok(Self { lines })
    }

    pub(super) fn read(&self, format: Format, record: &Node, prefix: &Prefix) -> Content {
        let found = match format {
            Format::MarcXml => self.in_marc(record),
            Format::DublinCore => self.in_dublin_core(record),
        };
        let metadata = found.into_metadata(prefix);
        if metadata.title.is_empty() {
            return Content::Unusable("It has no title.".to_owned());
        }
        Content::Described(Box::new(metadata))
    }

    fn in_marc(&self, record: &Node) -> Found {
        // Some servers wrap the record in a collection.
        let record = if record.name == "collection" { record.child("record").unwrap_or(record) } else { record };
        let mut found = Found::default();
        for field in fields_of(record) {
            found.next_field();
            for (rank, line) in self.lines.iter().enumerate() {
                if let Place::Marc(place) = &line.place
                    && place.matches(field)
                {
                    place.values(field).into_iter().for_each(|value| found.take(rank, line.becomes, value));
                }
            }
        }
        found
    }

    fn in_dublin_core(&self, record: &Node) -> Found {
        let mut found = Found::default();
        for element in elements_of(record) {
            found.next_field();
            for (rank, line) in self.lines.iter().enumerate() {
                if matches!(&line.place, Place::DublinCore(name) if *name == element.name) {
                    found.take(rank, line.becomes, &element.text);
                }
            }
        }
        found
    }
}

fn line(format: &str, place: &str, becomes: &str) -> Result<Line, String> {
    let becomes = NAMES.iter().find(|(name, _)| *name == becomes).map(|(_, becomes)| *becomes).ok_or_else(|| {
        let known: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
        format!("“{becomes}” is nothing that a field can become; known are {}", known.join(", "))
    })?;
    let place = match Format::from_name(format) {
        Some(Format::MarcXml) => Place::Marc(MarcPlace::parse(place).ok_or("a place in marcxml looks like 245a or 0247_a[2=doi]")?),
        Some(Format::DublinCore) if is_element(place) => Place::DublinCore(place.to_owned()),
        Some(Format::DublinCore) => return Err(format!("“{place}” is no element of Dublin Core")),
        None => return Err(format!("“{format}” is no format; known are marcxml and oai_dc")),
    };
    Ok(Line { place, becomes })
}

/// What has been found so far; of single values also by which line.
#[derive(Default)]
struct Found {
    title: Best<String>,
    subtitle: Best<String>,
    description: Best<String>,
    year: Best<i32>,
    journal: Best<String>,
    volume: Best<String>,
    issue: Best<String>,
    pages: Best<String>,
    publisher: Best<String>,
    doi: Best<Doi>,
    language: Best<String>,
    licence: Best<record::licence::Licence>,
    authors: Vec<Author>,
    /// Since which author and funder the present field stands.
    authors_before: usize,
    funders_before: usize,
    keywords: Vec<String>,
    funders: Vec<(String, Option<String>)>,
    relations: Vec<(RelationType, Doi)>,
}

#[derive(Default)]
struct Author {
    organisation: bool,
    family: String,
    given: String,
    affiliation: Option<String>,
    orcid: Option<record::agent::Orcid>,
}

struct Best<T>(Option<(usize, T)>);

impl<T> Default for Best<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Best<T> {
    fn offer(&mut self, rank: usize, value: Option<T>) {
        if let Some(value) = value
            && self.0.as_ref().is_none_or(|(held, _)| rank < *held)
        {
            self.0 = Some((rank, value));
        }
    }
    fn take(self) -> Option<T> {
        self.0.map(|(_, value)| value)
    }
}

impl Found {
    fn next_field(&mut self) {
        (self.authors_before, self.funders_before) = (self.authors.len(), self.funders.len());
    }

    fn take(&mut self, rank: usize, becomes: Becomes, value: &str) {
        let words = plain(value);
        if words.is_empty() {
            return;
        }
        // Library catalogues end fields with the punctuation of the card.
        let bare = words.trim_end_matches([' ', '/', ':', ';', ',']).trim_end().replace('\n', " ");
        match becomes {
            Becomes::Title => self.title.offer(rank, Some(bare).filter(|title| !title.is_empty())),
            Becomes::Subtitle => self.subtitle.offer(rank, Some(bare)),
            Becomes::Author => {
                let person = Person::from_text(&bare);
                self.authors.push(Author { family: person.family, given: person.given, ..Author::default() });
            }
            Becomes::Group => self.authors.push(Author { organisation: true, family: bare, ..Author::default() }),
            Becomes::Affiliation | Becomes::Orcid => self.take_of_author(becomes, &bare),
            Becomes::Description => self.description.offer(rank, Some(words)),
            Becomes::Year => self.year.offer(rank, year_of(&bare)),
            Becomes::Journal => self.journal.offer(rank, Some(bare)),
            Becomes::Volume => self.volume.offer(rank, Some(bare)),
            Becomes::Issue => self.issue.offer(rank, Some(bare)),
            Becomes::Pages => self.pages.offer(rank, pages_of(&bare)),
            Becomes::Publisher => self.publisher.offer(rank, Some(bare)),
            Becomes::Doi => self.doi.offer(rank, doi_of(&bare)),
            Becomes::Language => self.language.offer(rank, language_of(&bare)),
            Becomes::Keyword if self.keywords.len() < KEYWORDS_MAX => self.keywords.push(bare.trim_end_matches('.').to_owned()),
            Becomes::Keyword => {}
            Becomes::Licence => self.licence.offer(rank, licence_of(&bare).or_else(|| licence_named(&bare))),
            Becomes::Funder => self.funders.push((bare, None)),
            Becomes::Award => {
                if let Some((_, award)) = self.funders[self.funders_before..].last_mut() {
                    award.get_or_insert(bare);
                }
            }
            Becomes::Cites => self.relations.extend(doi_of(&bare).map(|doi| (RelationType::Cites, doi))),
            Becomes::Relates => self.relations.extend(doi_of(&bare).map(|doi| (RelationType::References, doi))),
        }
    }

    /// Of the author in the same field.
    fn take_of_author(&mut self, becomes: Becomes, words: &str) {
        let Some(author) = self.authors[self.authors_before..].last_mut() else { return };
        if becomes == Becomes::Orcid {
            let bare = words.rsplit([':', '/', ')']).next().unwrap_or(words);
            author.orcid = author.orcid.take().or_else(|| bare.parse().ok());
        } else {
            author.affiliation.get_or_insert(words.to_owned());
        }
    }

    fn into_metadata(self, prefix: &Prefix) -> Metadata {
        let doi = self.doi.take();
        let title = match (self.title.take().unwrap_or_default(), self.subtitle.take()) {
            (title, Some(subtitle)) if !title.is_empty() && !subtitle.is_empty() => format!("{title}: {subtitle}"),
            (title, _) => title,
        };
        let creators = self.authors.into_iter().map(|author| Person {
            organisation: author.organisation,
            family: author.family,
            given: author.given,
            orcid: author.orcid,
            ..affiliated(author.affiliation)
        });
        let article = Article {
            journal: self.journal.take(),
            volume: self.volume.take(),
            issue: self.issue.take(),
            pages: self.pages.take(),
            year: self.year.take(),
            publisher: self.publisher.take(),
            doi: doi.clone(),
            ..Article::default()
        };
        let funding: Vec<Funding> = self.funders.into_iter().map(|(funder, award)| funded(funder, award)).collect();
        Metadata {
            title,
            description: self.description.take().unwrap_or_default(),
            creators: people(creators.collect()),
            licence: self.licence.take(),
            keywords: self.keywords,
            language: self.language.take(),
            related: ours(self.relations, doi.as_ref(), prefix),
            funding,
            article: Some(article),
            ..Metadata::default()
        }
    }
}

/// Only what is a DOI, or an address of a resolver: any other address may hold digits that look like one.
fn doi_of(text: &str) -> Option<Doi> {
    let lower = text.to_lowercase();
    let is_one = lower.starts_with("10.") || lower.starts_with("doi:") || lower.contains("doi.org/") || lower.starts_with("info:doi/");
    if is_one { Doi::find(text) } else { None }
}

/// `Vol. 5, no. 29, p. 1491 - 1504` → `1491 - 1504`; plain pages as they are.
fn pages_of(text: &str) -> Option<String> {
    let pages = match text.to_lowercase().rfind("p. ") {
        Some(at) if text.is_char_boundary(at + 3) => text[at + 3..].trim(),
        _ if text.to_lowercase().contains("vol") => return None,
        _ => text,
    };
    (!pages.is_empty()).then(|| pages.to_owned())
}

/// `Creative Commons Attribution CC BY 4.0`, as JOIN2 writes it.
fn licence_named(text: &str) -> Option<record::licence::Licence> {
    let upper = text.to_uppercase();
    let start = upper.find("CC BY").or_else(|| upper.find("CC-BY")).or_else(|| upper.find("CC0"))?;
    let words: Vec<&str> = upper[start..].split([' ', '-']).filter(|word| !word.is_empty()).collect();
    licence_of(&words.join("-")).or_else(|| licence_of(&format!("{}-1.0", words.first()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: Format, text: &str) -> Metadata {
        let node = Node::parse(text).unwrap();
        match FieldMap::built_in().read(format, &node, &Prefix::parse("10.5072").unwrap()) {
            Content::Described(metadata) => *metadata,
            other => panic!("{other:?}"),
        }
    }

    const JOIN2: &str = r#"<record xmlns="http://www.loc.gov/MARC21/slim"><controlfield tag="001">12345</controlfield>
      <datafield tag="024" ind1="7" ind2=" "><subfield code="a">10.1098/rsif.2008.0155</subfield><subfield code="2">doi</subfield></datafield>
      <datafield tag="024" ind1="7" ind2=" "><subfield code="a">1742-5689</subfield><subfield code="2">ISSN</subfield></datafield>
      <datafield tag="041" ind1=" " ind2=" "><subfield code="a">English</subfield></datafield>
      <datafield tag="100" ind1="1" ind2=" "><subfield code="a">Kleinteich, Thomas</subfield><subfield code="0">P:(DE-H253)PIP1</subfield><subfield code="j">ORCID:0000-0002-1825-0097</subfield><subfield code="u">Hamburg</subfield></datafield>
      <datafield tag="245" ind1=" " ind2=" "><subfield code="a">Caecilian jaw-closing &lt;i&gt;mechanics&lt;/i&gt; /</subfield></datafield>
      <datafield tag="260" ind1=" " ind2=" "><subfield code="a">London</subfield><subfield code="b">The Royal Society</subfield><subfield code="c">2008</subfield></datafield>
      <datafield tag="536" ind1=" " ind2=" "><subfield code="a">6G3 - PETRA III</subfield><subfield code="c">POF3-622</subfield></datafield>
      <datafield tag="700" ind1="1" ind2=" "><subfield code="a">Haas, Alexander</subfield></datafield>
      <datafield tag="700" ind1="1" ind2=" "><subfield code="u">no name</subfield></datafield>
      <datafield tag="773" ind1=" " ind2=" "><subfield code="a">10.1098/rsif.2008.0155</subfield><subfield code="g">Vol. 5, no. 29, p. 1491 - 1504</subfield><subfield code="n">29</subfield><subfield code="t">Journal of the Royal Society Interface</subfield><subfield code="v">5</subfield><subfield code="y">2008</subfield></datafield>
      <datafield tag="915" ind1=" " ind2=" "><subfield code="a">Creative Commons Attribution CC BY 4.0</subfield></datafield>
      <datafield tag="999" ind1="C" ind2="5"><subfield code="a">10.5072/science3d.7h3k9x2q4</subfield></datafield>
      <datafield tag="999" ind1="C" ind2="5"><subfield code="a">10.1000/182</subfield></datafield>
      <datafield tag="999" ind1="C" ind2="5"/><datafield/><datafield tag="245"><subfield/></datafield></record>"#;

    #[test]
    fn a_record_of_join2_becomes_a_publication() {
        let read = read(Format::MarcXml, JOIN2);
        assert_eq!(read.title, "Caecilian jaw-closing mechanics");
        assert_eq!(read.creators.iter().map(Person::sorted_name).collect::<Vec<_>>(), ["Kleinteich, Thomas", "Haas, Alexander"]);
        assert_eq!(read.creators[0].orcid.as_ref().unwrap().as_str(), "0000-0002-1825-0097");
        let article = read.article.unwrap();
        assert_eq!(article.doi.unwrap().as_str(), "10.1098/rsif.2008.0155");
        assert_eq!((article.year, article.volume.as_deref(), article.pages.as_deref()), (Some(2008), Some("5"), Some("1491 - 1504")));
        assert_eq!(article.journal.as_deref(), Some("Journal of the Royal Society Interface"));
        assert_eq!((read.language.as_deref(), read.licence.map(|licence| licence.spdx())), (Some("en"), Some("CC-BY-4.0")));
        assert_eq!(read.related.len(), 1);
        assert_eq!(read.funding.len(), 1);
    }

    #[test]
    fn dublin_core_becomes_a_publication() {
        let read = read(
            Format::DublinCore,
            "<oai_dc:dc xmlns:oai_dc='a' xmlns:dc='b'><dc:title>On <b>jaws</b></dc:title><dc:creator>Lovelace, Ada</dc:creator><dc:creator> </dc:creator>
             <dc:identifier>http://hdl.handle.net/10.1234/5</dc:identifier><dc:identifier>https://doi.org/10.1098/X</dc:identifier>
             <dc:date>9999-01-01</dc:date><dc:date>2011-05</dc:date><dc:relation>doi:10.5072/science3d.7h3k9x2q4</dc:relation><dc:language>deu</dc:language></oai_dc:dc>",
        );
        assert_eq!((read.title.as_str(), read.creators.len()), ("On jaws", 1));
        let article = read.article.unwrap();
        assert_eq!((article.doi.unwrap().as_str(), article.year), ("10.1098/x", Some(2011)));
        assert_eq!((read.related.len(), read.language.as_deref()), (1, Some("de")));
    }

    #[test]
    fn an_operator_corrects_the_table_and_a_slip_is_named() {
        let map = FieldMap::parse("# mine\n\nmarcxml 246a title\nmarcxml 245a title\n").unwrap();
        let node = Node::parse("<record><datafield tag='245'><subfield code='a'>Old</subfield></datafield><datafield tag='246'><subfield code='a'>New</subfield></datafield></record>").unwrap();
        let Content::Described(read) = map.read(Format::MarcXml, &node, &Prefix::parse("10.5072").unwrap()) else { panic!() };
        assert_eq!(read.title, "New");
        for (text, says) in [
            ("marcxml 245a", "three words"),
            ("marcxml 245a tittle", "tittle"),
            ("marc 245a title", "no format"),
            ("marcxml x title", "looks like"),
            ("oai_dc headline title", "no element"),
            ("marcxml 245a[2 title", "looks like"),
        ] {
            let fault = FieldMap::parse(&format!("# one\n{text}")).unwrap_err();
            assert_eq!(fault.line, 2);
            assert!(fault.to_string().contains(says), "{fault}");
        }
    }

    #[test]
    fn the_built_in_table_reads_and_knows_every_target() {
        let map = FieldMap::parse(BUILT_IN).unwrap();
        for (name, becomes) in NAMES {
            assert!(map.lines.iter().any(|line| line.becomes == becomes), "{name}");
        }
    }
}
