//! Anybody may write anything into any field: what goes to DataCite is valid by its XSD (kernel 4.6) and by its JSON schema all the same.
//! The records are thrown from the table of fields itself, with texts of real metadata and with texts that break careless writers.
//! `SCIENCE3D_RECORDS=10000` throws so many; without `xmllint`, Python's `jsonschema` or the schemas the play names what it skips.

mod cast;

use cast::{HOSTILE, NOW, place, registered, released, withdrawn};
use exchange::{Contents, datacite, schema_org};
use record::{
    Record,
    field::{self, Part, Shape},
    kind::Kind,
    metadata::Metadata,
    state::State,
};
use serde_json::{Map, Value, json};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

fn shared() -> PathBuf {
    std::env::var_os("SCIENCE3D_SHARED").map_or_else(|| PathBuf::from("../../../shared"), PathBuf::from)
}

fn how_many() -> u64 {
    std::env::var("SCIENCE3D_RECORDS").ok().and_then(|text| text.parse().ok()).unwrap_or(400)
}

/// A repeatable stream of numbers.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
    fn one<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

const NASTY: [&str; 14] = [
    "<script>alert(1)</script>",
    "$\\frac{\\alpha}{\\beta}$ & \\textbf{x}",
    "مرحبا بالعالم",
    "\u{202e}sdrawkcab",
    "李明",
    "😀👩‍🔬",
    "a\u{0}b\u{b}c",
    "https://example.org/a b",
    "http://",
    "https://example.org/ä?q=<>#a#b",
    "0000-00-00",
    "9999-12-31",
    "2026-11-23/2026-11-24",
    "xml:lang",
];

struct Throw<'a> {
    dice: Dice,
    corpus: &'a [String],
}

impl Throw<'_> {
    fn text(&mut self) -> String {
        match self.dice.below(6) {
            0 => (*self.dice.one(&HOSTILE)).to_owned(),
            1 => (*self.dice.one(&NASTY)).to_owned(),
            2 if !self.corpus.is_empty() => format!("{} {}", self.dice.one(self.corpus), self.dice.one(&NASTY)),
            _ if !self.corpus.is_empty() => self.dice.one(self.corpus).clone(),
            _ => (*self.dice.one(&NASTY)).to_owned(),
        }
    }

    /// A value that the types take, whether the table would or not.
    fn value(&mut self, shape: &Shape, example: &str) -> Option<Value> {
        let offered = shape.offers();
        Some(match shape {
            Shape::Line | Shape::Text | Shape::Day | Shape::Date | Shape::Language | Shape::Address | Shape::Issn => {
                match self.dice.below(3) {
                    0 => json!(example),
                    _ => json!(self.text()),
                }
            }
            Shape::Technique => json!(if self.dice.below(2) == 0 { (*self.dice.one(&offered)).to_owned() } else { self.text() }),
            Shape::Check => json!(self.dice.below(2) == 0),
            Shape::Quantity { .. } => json!(*self.dice.one(&[0.0, -1.0, 1e300, 0.1 + 0.2, 91.0, -179.999, 25.5])),
            Shape::Whole { .. } => json!(*self.dice.one(&[0, 1, 9999, 2008, 1000])),
            Shape::Edges => json!([self.dice.below(9) as f64 * 0.1, 1e-9, 5.0]),
            Shape::Counts => json!([self.dice.below(5000), 1, 2]),
            Shape::Choice(_) | Shape::Licence => json!(self.dice.one(&offered)),
            Shape::Choices(_) => json!([self.dice.one(&offered), self.dice.one(&offered)]),
            Shape::Doi | Shape::Orcid | Shape::Ror | Shape::Cas => json!(example),
            Shape::Target => match self.dice.below(3) {
                0 => json!({ "doi": "10.1098/rsif.2008.0155" }),
                1 => json!({ "url": self.text() }),
                _ => json!({ "record": "c0ffee123" }),
            },
            Shape::Words => Value::Array((0..self.dice.below(4)).map(|_| json!(self.text())).collect()),
            Shape::Group(parts) => self.parts(parts),
            Shape::Rows(parts) => Value::Array((0..self.dice.below(4)).map(|_| self.parts(parts)).collect()),
        })
    }

    fn parts(&mut self, parts: &[Part]) -> Value {
        let mut object = Map::new();
        for part in parts {
            if (part.needed || self.dice.below(2) == 0)
                && let Some(value) = self.value(&part.shape, part.example)
            {
                object.insert(part.name.to_owned(), value);
            }
        }
        Value::Object(object)
    }

    fn metadata(&mut self) -> Metadata {
        let mut document = json!({ "sample": {}, "acquisition": {}, "article": {} });
        for field in field::all() {
            if self.dice.below(3) == 0 {
                continue;
            }
            let (above, key) = field.path.rsplit_once('/').unwrap();
            if let Some(value) = self.value(&field.shape, field.example) {
                document.pointer_mut(above).unwrap()[key] = value;
            }
        }
        serde_json::from_value(document.clone()).unwrap_or_else(|fault| panic!("{fault}: {document}"))
    }

    fn record(&mut self) -> Record {
        let kind = *self.dice.one(&Kind::ALL);
        let owner = "ada@example.org".parse().unwrap();
        let record = Record::draft("h0st11e00".parse().unwrap(), kind, owner, self.metadata(), NOW);
        match self.dice.below(5) {
            0 => record,
            1 => registered(record, None),
            2 => released(record),
            3 => withdrawn(record),
            _ => {
                let mut text = record;
                text.state = State::Draft.publish(None, NOW).unwrap();
                text
            }
        }
    }
}

/// Texts of real metadata records: names, titles and abstracts between the tags, in the languages of the world.
fn corpus() -> Vec<String> {
    let mut texts = Vec::new();
    let mut folders = vec![shared().join("data/metadata")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            match path.extension().and_then(|extension| extension.to_str()) {
                _ if path.is_dir() => folders.push(path),
                Some("xml" | "json") => {
                    let text = std::fs::read_to_string(&path).unwrap_or_default();
                    let pieces = text.split(['<', '>', '"']).map(str::trim).filter(|piece| piece.chars().any(char::is_alphabetic));
                    texts.extend(pieces.map(|piece| piece.chars().take(400).collect::<String>()));
                }
                _ => {}
            }
        }
    }
    texts.sort();
    texts.dedup();
    texts
}

/// Special records beside the thrown ones: 3,000 authors, 10 MB, the first and the last year.
fn monsters() -> Vec<Record> {
    let owner = || "ada@example.org".parse().unwrap();
    let with = |metadata: Value| {
        let metadata = serde_json::from_value(metadata).unwrap();
        released(Record::draft("h0st11e00".parse().unwrap(), Kind::TomographyBiology, owner(), metadata, NOW))
    };
    let authors: Vec<Value> =
        (0..3000).map(|number| json!({ "family": format!("Author {number}"), "affiliations": [{ "name": "DESY" }] })).collect();
    vec![
        with(json!({ "title": "Three thousand", "creators": authors })),
        with(json!({ "title": "Ten megabytes", "description": "<&> ".repeat(2_500_000) })),
        with(json!({ "title": "Year zero", "article": { "year": 0 }, "acquisition": { "date": "0000-01-01" } })),
        with(json!({ "title": "Year 9999", "article": { "year": 9999 }, "dates": [{ "date": "9999", "type": "Valid" }] })),
        with(json!({ "title": "Before Christ", "article": { "year": -44 } })),
        with(
            json!({ "title": "Itself", "related": [{ "relation": "Cites", "target": { "doi": "10.5072/science3d.h0st11e00" } }, { "relation": "IsCitedBy", "target": { "record": "h0st11e00" } }] }),
        ),
    ]
}

fn everything() -> Vec<Record> {
    let corpus = corpus();
    if corpus.is_empty() {
        eprintln!("skipped: the texts of real records, as {} is absent", shared().join("data/metadata").display());
    }
    let mut throw = Throw { dice: Dice(0x5eed_1234), corpus: &corpus };
    let mut records: Vec<Record> = (0..how_many()).map(|_| throw.record()).collect();
    records.extend(monsters());
    records
}

#[test]
fn whatever_was_typed_the_xml_is_valid() {
    let schema = shared().join("schemas/datacite/kernel-4.6/metadata.xsd");
    if !schema.exists() || Command::new("xmllint").arg("--version").output().is_err() {
        eprintln!("skipped: xmllint or {} is absent", schema.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for batch in everything().chunks(500) {
        let files: Vec<PathBuf> = (0..batch.len()).map(|number| folder.path().join(format!("{number}.xml"))).collect();
        for (record, file) in batch.iter().zip(&files) {
            std::fs::write(file, datacite::to_xml(record, &place(), NOW)).unwrap();
        }
        let checked =
            Command::new("xmllint").args(["--nonet", "--huge", "--noout", "--schema"]).arg(&schema).args(&files).output().unwrap();
        let said = String::from_utf8_lossy(&checked.stderr);
        let complaints: Vec<&str> = said.lines().filter(|line| !line.ends_with("validates")).take(10).collect();
        assert!(checked.status.success(), "{}", complaints.join("\n"));
        assert_eq!(said.lines().filter(|line| line.ends_with("validates")).count(), batch.len());
    }
}

/// No JSON schema of kernel 4.6 was published; that of 4.5 is given the words that the XSD of 4.6 has in addition.
const JUDGE: &str = r#"
import json, re, sys
from jsonschema import Draft201909Validator
schema, includes, lines = sys.argv[1:]
schema = json.load(open(schema))
for name in ["contributorType", "dateType", "relationType", "resourceType", "relatedIdentifierType"]:
    words = re.findall(r'enumeration value="([^"]+)"', open(f"{includes}/datacite-{name}-v4.xsd").read())
    schema["definitions"]["resourceTypeGeneral" if name == "resourceType" else name]["enum"] = words
judge = Draft201909Validator(schema)
count = 0
for line in open(lines):
    for fault in judge.iter_errors(json.loads(line)):
        print(count, list(fault.absolute_path), fault.message[:300])
    count += 1
print("judged", count)
"#;

fn judged_by_python(lines: &Path, count: usize) {
    let schema = shared().join("schemas/datacite/json/datacite-v4.5.json");
    let has_judge = Command::new("python3").args(["-c", "import jsonschema"]).output().is_ok_and(|done| done.status.success());
    if !schema.exists() || !has_judge {
        eprintln!("skipped: Python's jsonschema or {} is absent", schema.display());
        return;
    }
    let includes = shared().join("schemas/datacite/kernel-4.6/include");
    let judged = Command::new("python3").args(["-c", JUDGE]).arg(schema).arg(includes).arg(lines).output().unwrap();
    let said = String::from_utf8_lossy(&judged.stdout);
    let tail = String::from_utf8_lossy(&judged.stderr);
    assert_eq!(said.trim(), format!("judged {count}"), "{}{tail}", said.lines().take(10).collect::<Vec<_>>().join("\n"));
}

#[test]
fn whatever_was_typed_the_json_is_valid() {
    let folder = tempfile::tempdir().unwrap();
    let lines = folder.path().join("records.jsonl");
    let records = everything();
    let texts: Vec<String> = records.iter().map(|record| datacite::to_json(record, &place(), NOW).to_string()).collect();
    std::fs::write(&lines, texts.join("\n")).unwrap();
    judged_by_python(&lines, records.len());
}

#[test]
fn whatever_was_typed_a_page_can_hold_its_schema_org() {
    for record in everything() {
        let script = schema_org::to_script_text(&record, &place(), NOW, &Contents::default());
        assert!(!script.contains(['<', '>', '&']));
        assert!(serde_json::from_str::<Value>(&script).is_ok_and(|thing| thing["name"].is_string()));
    }
}

/// The judges can say no.
#[test]
fn the_judge_refuses_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let lines = folder.path().join("records.jsonl");
    let mut wrong = datacite::to_json(&monsters()[2], &place(), NOW);
    wrong["publicationYear"] = json!(true);
    std::fs::write(&lines, wrong.to_string()).unwrap();
    let has_judge = Command::new("python3").args(["-c", "import jsonschema"]).output().is_ok_and(|done| done.status.success());
    if !has_judge || !shared().join("schemas/datacite/json").exists() {
        eprintln!("skipped: Python's jsonschema or the schemas are absent");
        return;
    }
    assert!(std::panic::catch_unwind(|| judged_by_python(&lines, 1)).is_err());
}
