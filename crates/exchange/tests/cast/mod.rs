//! The records that the plays of this folder speak about.
#![allow(dead_code, reason = "each play uses some of them")]

use exchange::Place;
use record::{
    Record,
    agent::{Affiliation, Person},
    instant::Instant,
    kind::Kind,
    metadata::{Acquisition, Article, Funding, Metadata, Sample},
    relation::{Relation, RelationType, Target},
    state::State,
    technique::Probe,
    version::Version,
};

pub(crate) const NOW: Instant = Instant(1_795_452_480_000);

pub(crate) fn place() -> Place {
    Place { base_url: "https://science3d.example.org".into(), publisher: "Example Institute".into() }
}

fn record(id: &str, kind: Kind, metadata: Metadata) -> Record {
    Record::draft(id.parse().unwrap(), kind, "ada@example.org".parse().unwrap(), metadata, NOW)
}

pub(crate) fn jaw() -> Record {
    let metadata = Metadata {
        title: "Jaw of a caecilian <µCT> & muscles".into(),
        description: "The skull was scanned.\nIt shows 100 % of both muscles.".into(),
        creators: vec![
            Person {
                family: "Kleinteich".into(),
                given: "Thomas".into(),
                orcid: Some("0000-0002-1825-0097".parse().unwrap()),
                affiliations: vec![Affiliation::named("Kiel University")],
                ..Person::default()
            },
            Person::from_text("Haas, Alexander"),
        ],
        licence: Some("CC-BY-4.0".parse().unwrap()),
        keywords: vec!["skull".into(), "feeding".into()],
        language: Some("en".into()),
        sample: Sample { organism: Some("Ichthyophis kohtaoensis".into()), taxon_id: Some(194_533), ..Sample::default() },
        acquisition: Acquisition {
            probe: Some(Probe::XRay),
            technique: Some("PaNET01208".into()),
            date: Some("2008-01-31".into()),
            voxel_size_um: Some([5.0, 5.0, 5.0]),
            shape: Some([2000, 1024, 1000]),
            format: Some("TIFF stack".into()),
            ..Acquisition::default()
        },
        related: vec![
            Relation {
                relation: RelationType::IsSupplementTo,
                target: Target::Doi("10.1098/rsif.2008.0155".parse().unwrap()),
                title: None,
            },
            Relation {
                relation: RelationType::References,
                target: Target::Url("https://example.org/?a=1&b=2".into()),
                title: Some("Notes".into()),
            },
        ],
        funding: vec![Funding { funder: "DFG".into(), award: Some("HA 2323/10-1".into()), ..Funding::default() }],
        ..Metadata::default()
    };
    record("7h3k9x2q4", Kind::TomographyBiology, metadata)
}

pub(crate) fn registered(mut record: Record, release_at: Option<Instant>) -> Record {
    let doi = format!("10.5072/science3d.{}", record.id).parse().unwrap();
    record.state = record.state.register(doi, NOW).unwrap().schedule(release_at).unwrap();
    record
}

pub(crate) fn released(record: Record) -> Record {
    let mut record = registered(record, None);
    record.state = record.state.release(Version::FIRST, NOW).unwrap();
    record
}

pub(crate) fn withdrawn(record: Record) -> Record {
    let mut record = released(record);
    record.state = record.state.withdraw("secret reason".into(), NOW).unwrap();
    record
}

pub(crate) fn article() -> Record {
    let metadata = Metadata {
        title: "Caecilian jaw-closing mechanics: integrating two muscle systems".into(),
        creators: ["Kleinteich, Thomas", "Haas, Alexander", "Summers, Adam P."].map(Person::from_text).into(),
        language: Some("en".into()),
        article: Some(Article {
            journal: Some("J. R. Soc. Interface".into()),
            volume: Some("5".into()),
            issue: Some("29".into()),
            pages: Some("1491–1504".into()),
            year: Some(2008),
            publisher: Some("The Royal Society".into()),
            doi: Some("10.1098/rsif.2008.0155".parse().unwrap()),
            ..Article::default()
        }),
        ..Metadata::default()
    };
    let mut record = record("c0ffee123", Kind::Publication, metadata);
    record.state = State::Draft.publish(None, NOW).unwrap();
    record
}

/// Texts that break careless writers.
pub(crate) const HOSTILE: [&str; 8] =
    ["", " ", "\u{1}", "]]><x a='\"'>&amp;", "\u{fffe}\u{0}", "a\r\nER  - \nTY  - JOUR", "}{\\%$#_^~&", "Ünïcödé 😀 \u{202e}"];

pub(crate) fn hostile(kind: Kind, text: &str) -> Record {
    let some = || Some(text.to_owned());
    let metadata = Metadata {
        title: text.into(),
        description: text.into(),
        creators: vec![Person {
            family: text.into(),
            given: text.into(),
            affiliations: vec![Affiliation::named(text)],
            ..Person::default()
        }],
        keywords: vec![text.into()],
        language: some(),
        synthetic: true,
        sample: Sample { organism: some(), material: some(), ..Sample::default() },
        acquisition: Acquisition {
            technique: some(),
            date: some(),
            format: some(),
            facility: some(),
            voxel_size_um: Some([f64::NAN, 0.0, -1.0]),
            ..Acquisition::default()
        },
        article: Some(Article {
            journal: some(),
            volume: some(),
            issue: some(),
            pages: some(),
            year: Some(-44),
            publisher: some(),
            issn: some(),
            isbn: some(),
            doi: None,
        }),
        related: vec![Relation { relation: RelationType::Cites, target: Target::Url(text.into()), title: some() }],
        funding: vec![Funding { funder: text.into(), award: some(), funder_id: some(), award_title: some(), award_url: some() }],
        ..Metadata::default()
    };
    record("h0st11e00", kind, metadata)
}

/// Every kind in every state with every hostile text, and the decent ones.
pub(crate) fn everybody() -> Vec<Record> {
    let mut all = vec![
        jaw(),
        registered(jaw(), None),
        registered(jaw(), Some(NOW.plus_seconds(86_400))),
        released(jaw()),
        withdrawn(jaw()),
        article(),
    ];
    for kind in Kind::ALL {
        for text in HOSTILE {
            let record = hostile(kind, text);
            all.extend([record.clone(), registered(record.clone(), Some(NOW)), released(record.clone()), withdrawn(record)]);
        }
    }
    all
}
