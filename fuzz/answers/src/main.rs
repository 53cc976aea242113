//! Feeds what reads other people's words with words that libFuzzer makes up: answers of harvested databases and of registries, questions
//! of harvesters and browsers, an operator's table. Whatever they are, the end is metadata that every catalogue can be told, or a sentence.
//!
//! One executable for all: `FUZZ_READER` says which of the table below, `make fuzz` runs one after the other.

#![no_main]

use std::sync::LazyLock;

use exchange::{
    Export, Place,
    harvest::{Ask, Asked, FieldMap, Identity, Page, read_page},
    oai_provider::{Request, Token},
    works,
};
use libfuzzer_sys::fuzz_target;
use record::{
    Record,
    doi::Prefix,
    field,
    harvest::{Appearance, Content, Format, Source},
    instant::Instant,
    kind::Kind,
    licence::Licence,
    metadata::Metadata,
    state::State,
};
use serde_json::Value;

type Read = fn(&str);

/// A new one is one line here and a few seeds in `fuzz/seeds/NAME/`.
const READERS: &[(&str, Read)] = &[
    ("marcxml", |text| harvested(text, Format::MarcXml)),
    ("dublincore", |text| harvested(text, Format::DublinCore)),
    ("crossref", |text| described(text, works::crossref::to_metadata)),
    ("datacite", |text| described(text, works::datacite::to_metadata)),
    ("fieldmap", field_map),
    ("metadata", metadata),
    ("oaiquestion", question),
    ("accept", accept),
];

const NOW: Instant = Instant(1_795_452_480_000);
/// Of the answers of one page, so many are looked at closely.
const ITEMS_MAX: usize = 50;

static READER: LazyLock<Read> = LazyLock::new(|| {
    let asked = std::env::var("FUZZ_READER").unwrap_or_default();
    let Some((_, read)) = READERS.iter().find(|(reader, _)| *reader == asked) else {
        let names: Vec<&str> = READERS.iter().map(|(reader, _)| *reader).collect();
        eprintln!("FUZZ_READER={asked} is none of: {}", names.join(" "));
        std::process::exit(2);
    };
    *read
});

static OURS: LazyLock<Prefix> = LazyLock::new(|| Prefix::parse("10.5072").expect("the test prefix of DataCite"));
static PLACE: LazyLock<Place> =
    LazyLock::new(|| Place { base_url: "https://science3d.example.org".to_owned(), publisher: "Example Institute".to_owned() });

fn source(format: Format) -> Source {
    Source {
        name: "fuzz".to_owned(),
        url: "https://example.org/oai".to_owned(),
        format,
        prefix: String::new(),
        set: None,
        every_seconds: 86_400,
        pause_milliseconds: 0,
        overlap_seconds: 0,
        appearance: Appearance::AtOnce,
        fields: String::new(),
    }
}

/// A page as a whole, and record by record as one that stays broken is read.
fn harvested(text: &str, format: Format) {
    let source = source(format);
    let ask = Ask::Since(None);
    for in_pieces in [false, true] {
        let asked = Asked {
            source: &source,
            fields: FieldMap::built_in(),
            ours: &OURS,
            identity: Identity { has_seconds: true },
            ask: &ask,
            in_pieces,
        };
        match read_page(text, &asked) {
            Ok(page) => looked_through(page),
            Err(fault) => assert!(!fault.to_string().is_empty(), "{fault:?}"),
        }
    }
}

fn looked_through(page: Page) {
    assert!(page.token.is_none_or(|token| !token.is_empty() && token.len() <= 4096));
    for item in page.items.into_iter().take(ITEMS_MAX) {
        assert!(!item.identifier.is_empty() && item.identifier.chars().count() <= 400, "{}", item.identifier);
        match item.content {
            Content::Described(metadata) => told_to_everyone(Kind::Publication, *metadata),
            Content::Unusable(why) => assert!(!why.is_empty()),
            Content::Deleted => {}
        }
    }
}

fn described(text: &str, read: fn(&Value, &Prefix) -> Metadata) {
    if let Ok(answer) = serde_json::from_str(text) {
        told_to_everyone(Kind::Publication, read(&answer, &OURS));
    }
}

/// What a stranger sends as metadata: refused in words, or kept as it was sent.
fn metadata(text: &str) {
    let Ok(document) = serde_json::from_str::<Value>(text) else { return };
    let faults = field::faults(&document);
    assert!(faults.iter().all(|fault| !fault.en.is_empty() && !fault.de.is_empty()));
    if faults.is_empty() {
        let metadata = serde_json::from_value(document).expect("what has no fault is metadata");
        told_to_everyone(Kind::TomographyBiology, metadata);
    }
}

/// It is the same when it is stored and read again, and every catalogue can be told it.
fn told_to_everyone(kind: Kind, metadata: Metadata) {
    let stored = serde_json::to_value(&metadata).expect("metadata can be written");
    let read: Metadata = serde_json::from_value(stored).expect("and read again");
    assert_eq!(read, metadata);
    let owner = "ada@example.org".parse().expect("an address");
    let mut record = Record::draft("h0st11e00".parse().expect("an id"), kind, owner, metadata, NOW);
    record.state = State::Draft.publish(None, NOW).expect("a draft can be published");
    for export in Export::ALL {
        assert!(!export.render(&record, &PLACE, NOW).is_empty());
    }
}

fn field_map(text: &str) {
    match FieldMap::parse(text) {
        Ok(map) => assert!(map == map.clone()),
        Err(fault) => assert!(fault.line > 0 && !fault.why.is_empty(), "{fault:?}"),
    }
}

/// `verb=ListRecords&metadataPrefix=oai_dc`; a token is read as it was written.
fn question(text: &str) {
    let pairs: Vec<(String, String)> = text
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let request = Request::of(&pairs, NOW);
    if let Err(fault) = &request.verb {
        assert!(!fault.code().is_empty() && !fault.to_string().is_empty());
    }
    if let Ok(token) = Token::read(text, NOW) {
        assert_eq!(Token::read(&token.written(), NOW), Ok(token));
    }
}

/// What a browser likes, and the address of a licence.
fn accept(text: &str) {
    let _ = Export::wanted(text);
    if let Some(licence) = Licence::by_address(text) {
        assert_eq!(Licence::by_address(licence.url()).map(Licence::url), Some(licence.url()));
    }
    assert!(Licence::suggest(text).take(50).all(|licence| !licence.spdx().is_empty()));
}

fuzz_target!(|bytes: &[u8]| {
    READER(&String::from_utf8_lossy(bytes));
});
