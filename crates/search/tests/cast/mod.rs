//! Records for the plays of this folder, and a plain model of what a search must find.
#![allow(dead_code, reason = "each play uses some of them")]

use record::{
    Record,
    agent::Person,
    id::RecordId,
    instant::Instant,
    kind::Kind,
    metadata::{Acquisition, Article, Metadata, Sample},
    record::Holdings,
    relation::{Relation, RelationType, Target},
    state::State,
    technique::Probe,
    version::Version,
};
use search::{Change, Entry, Hits, Index, Query};

pub(crate) fn id(number: u64) -> RecordId {
    let mut random = [0u8; 9];
    for (position, byte) in random.iter_mut().enumerate() {
        *byte = (number >> (position * 5)) as u8 & 31;
    }
    RecordId::from_random(&random)
}

pub(crate) fn draft(number: u64, kind: Kind, metadata: Metadata) -> Record {
    Record::draft(id(number), kind, "ada@example.org".parse().unwrap(), metadata, Instant(0))
}

pub(crate) fn registered(mut record: Record, day: i64) -> Record {
    let doi = format!("10.5072/science3d.{}", record.id).parse().unwrap();
    record.state = State::Draft.register(doi, Instant(day * 86_400_000)).unwrap();
    record
}

pub(crate) fn released(record: Record, day: i64) -> Record {
    let mut record = registered(record, day);
    record.state = record.state.release(Version::FIRST, Instant(day * 86_400_000)).unwrap();
    record
}

pub(crate) fn titled(number: u64, title: &str) -> Record {
    released(draft(number, Kind::TomographyMaterials, Metadata { title: title.into(), ..Metadata::default() }), number as i64)
}

pub(crate) fn jaw() -> Record {
    let metadata = Metadata {
        title: "Skull of a cæcilian: Kiefermuskeln".into(),
        description: "Trabeculae in the heads of <b>two</b> blind animals, stained with iodine.".into(),
        creators: vec![Person::from_text("Thomas Kleinteich"), Person::from_text("Jörg Müller")],
        licence: Some("CC-BY-4.0".parse().unwrap()),
        keywords: vec!["burrowing".into(), "x-ray".into()],
        sample: Sample { organism: Some("Ichthyophis kohtaoensis".into()), ..Sample::default() },
        acquisition: Acquisition {
            probe: Some(Probe::XRay),
            technique: Some("PaNET01208".into()),
            facility: Some("DESY".into()),
            ..Acquisition::default()
        },
        related: vec![Relation {
            relation: RelationType::IsSupplementTo,
            target: Target::Doi("10.1098/rsif.2008.0155".parse().unwrap()),
            title: None,
        }],
        ..Metadata::default()
    };
    released(draft(1_000_001, Kind::TomographyBiology, metadata), 14_000)
}

pub(crate) fn article() -> Record {
    let metadata = Metadata {
        title: "Caecilian jaw-closing mechanics: integrating two muscle systems".into(),
        creators: vec![Person::from_text("Kleinteich, Thomas")],
        article: Some(Article {
            journal: Some("J. R. Soc. Interface".into()),
            year: Some(2008),
            doi: Some("10.1098/rsif.2008.0155".parse().unwrap()),
            ..Article::default()
        }),
        ..Metadata::default()
    };
    let mut record = draft(1_000_002, Kind::Publication, metadata);
    record.state = State::Draft.publish(None, Instant(15_000 * 86_400_000)).unwrap();
    record
}

pub(crate) fn entry(record: &Record) -> Option<Entry> {
    Entry::from_record(record, &Holdings::default(), true, Some("thumb.webp".into()))
}

pub(crate) fn put(record: &Record) -> Change {
    Change::of(&record.id, entry(record))
}

pub(crate) fn ask(index: &Index, text: &str) -> Hits {
    (*index.search(&Query { text: text.into(), ..Query::default() }).unwrap()).clone()
}

pub(crate) fn first(index: &Index, text: &str) -> Option<RecordId> {
    ask(index, text).items.first().map(|hit| hit.id.clone())
}
