//! What still stands between a record and its registration or release: one list,
//! used by page, API, CLI and the transition itself, in the same words.

use crate::{
    field,
    kind::Kind,
    record::{Holdings, Record},
    state::State,
};
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Obstacle {
    /// Stable, for programs: `title-missing`.
    pub code: &'static str,
    /// The form field that mends it.
    pub field: &'static str,
    pub says: &'static str,
    pub says_de: &'static str,
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.says)
    }
}

const fn obstacle(code: &'static str, field: &'static str, says: &'static str, says_de: &'static str) -> Obstacle {
    Obstacle { code, field, says, says_de }
}

const FILES: Obstacle = obstacle("files-missing", "files", "Add at least one file.", "Fügen Sie mindestens eine Datei hinzu.");
const UPLOADS: Obstacle = obstacle(
    "uploads-unfinished",
    "files",
    "Wait for the uploads to finish, or delete the unfinished ones.",
    "Warten Sie, bis alle Dateien übertragen sind, oder löschen Sie die unfertigen.",
);
const NOT_REGISTERED: Obstacle = obstacle("not-registered", "state", "Register it first.", "Registrieren Sie den Eintrag zuerst.");
const NOT_A_DRAFT: Obstacle = obstacle("not-a-draft", "state", "It is registered already.", "Der Eintrag ist schon registriert.");
const WITHDRAWN: Obstacle = obstacle("withdrawn", "state", "It has been withdrawn.", "Der Eintrag wurde zurückgezogen.");
const ALREADY_OPEN: Obstacle = obstacle("already-open", "state", "It is public already.", "Der Eintrag ist schon öffentlich.");

/// The fields that the form of this kind requires; at most eight.
pub fn required_fields(kind: Kind) -> Vec<&'static str> {
    field::needed_by(kind).map(|(field, _)| field.name).collect()
}

/// Empty means: `register` (for texts: `publish`) will succeed.
pub fn before_register(record: &Record, holdings: &Holdings) -> Vec<Obstacle> {
    let mut list = match &record.state {
        State::Draft => Vec::new(),
        State::Revising { .. } if record.kind.is_text() => Vec::new(),
        State::Withdrawn { .. } => return vec![WITHDRAWN],
        _ => return vec![NOT_A_DRAFT],
    };
    list.extend(missing_fields(record));
    if record.kind.is_dataset() && holdings.files + holdings.unfinished_uploads == 0 {
        list.push(FILES);
    }
    list
}

/// Empty means: `release` will succeed.
pub fn before_release(record: &Record, holdings: &Holdings) -> Vec<Obstacle> {
    if record.kind.is_text() {
        return before_register(record, holdings);
    }
    let mut list = match &record.state {
        State::Draft => vec![NOT_REGISTERED],
        State::Withdrawn { .. } => return vec![WITHDRAWN],
        State::Released { .. } | State::Published { .. } => return vec![ALREADY_OPEN],
        State::Registered { .. } | State::Revising { .. } => Vec::new(),
    };
    list.extend(missing_fields(record));
    list.extend(record.open_questions().map(|question| question.topic.obstacle()));
    if holdings.files == 0 {
        list.push(FILES);
    }
    if holdings.unfinished_uploads > 0 {
        list.push(UPLOADS);
    }
    list
}

fn missing_fields(record: &Record) -> impl Iterator<Item = Obstacle> + '_ {
    field::needed_by(record.kind)
        .filter(|(_, needed)| !(needed.is_given)(&record.metadata))
        .map(|(field, needed)| obstacle(needed.code, field.name, needed.says.en, needed.says.de))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        agent::Person,
        instant::Instant,
        metadata::Metadata,
        question::{Question, Topic},
    };

    fn draft(kind: Kind) -> Record {
        Record::draft("7h3k9x2q4".parse().unwrap(), kind, "ada@example.org".parse().unwrap(), Metadata::default(), Instant(0))
    }

    #[test]
    fn no_form_asks_for_more_than_eight_fields() {
        for kind in Kind::ALL {
            assert!(required_fields(kind).len() <= 8, "{kind}");
        }
    }

    #[test]
    fn each_missing_thing_is_named_once_and_disappears_when_given() {
        let mut record = draft(Kind::Publication);
        let before = before_register(&record, &Holdings::default());
        assert_eq!(
            before.iter().map(|o| o.code).collect::<Vec<_>>(),
            ["title-missing", "creators-missing", "year-missing", "journal-missing"]
        );
        record.metadata.title = "Caecilian jaw-closing mechanics".into();
        record.metadata.creators = vec![Person::from_text("Kleinteich, Thomas")];
        record.metadata.article =
            Some(crate::metadata::Article { year: Some(2008), doi: Some("10.1098/rsif.2008.0155".parse().unwrap()), ..Default::default() });
        assert_eq!(before_register(&record, &Holdings::default()), []);
    }

    #[test]
    fn registration_may_run_ahead_of_the_upload_but_release_may_not() {
        let arriving = Holdings { files: 0, bytes: 0, unfinished_uploads: 1 };
        let mut record = draft(Kind::Model);
        record.metadata.title = "Jaw".into();
        record.metadata.creators = vec![Person::from_text("Ada Lovelace")];
        record.metadata.description = "A jaw.".into();
        record.metadata.licence = Some("CC0-1.0".parse().unwrap());
        assert_eq!(before_register(&record, &arriving), []);
        record.state = record.state.register("10.5072/science3d.7h3k9x2q4".parse().unwrap(), Instant(1)).unwrap();
        assert_eq!(before_release(&record, &arriving).iter().map(|o| o.code).collect::<Vec<_>>(), ["files-missing", "uploads-unfinished"]);
        let held = Holdings { files: 1, bytes: 1, unfinished_uploads: 0 };
        assert_eq!(before_release(&record, &held), []);
        let asked = |topic, taken: Option<&str>| Question {
            topic,
            file: None,
            choices: Vec::new(),
            more: 0,
            taken: taken.map(str::to_owned),
            suggested: None,
        };
        record.questions = vec![asked(Topic::Source, Some("slices")), asked(Topic::Dataset, None)];
        assert_eq!(before_release(&record, &held).iter().map(|o| o.code).collect::<Vec<_>>(), ["dataset-open"]);
        record.answers.no_volume = true;
        assert_eq!(before_release(&record, &held), []);
    }
}
