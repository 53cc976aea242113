//! What still stands between a record and its registration or release: one list,
//! used by page, API, CLI and the transition itself, in the same words.

use crate::{
    kind::Kind,
    metadata::Metadata,
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

const TITLE: Obstacle = obstacle("title-missing", "title", "Give it a title.", "Geben Sie einen Titel an.");
const DESCRIPTION: Obstacle =
    obstacle("description-missing", "description", "Say in plain words what it is.", "Sagen Sie in einfachen Worten, was es ist.");
const CREATORS: Obstacle =
    obstacle("creators-missing", "creators", "Name at least one author.", "Nennen Sie mindestens eine Autorin oder einen Autor.");
const LICENCE: Obstacle = obstacle("licence-missing", "licence", "Choose a licence.", "Wählen Sie eine Lizenz.");
const ORGANISM: Obstacle = obstacle("organism-missing", "organism", "Name the organism.", "Nennen Sie den Organismus.");
const MATERIAL: Obstacle = obstacle("material-missing", "material", "Name the material.", "Nennen Sie das Material.");
const SAMPLE: Obstacle = obstacle("sample-missing", "sample_name", "Name the sample.", "Nennen Sie die Probe.");
const TECHNIQUE: Obstacle = obstacle("technique-missing", "technique", "Choose the technique.", "Wählen Sie die Messmethode.");
const FACILITY: Obstacle = obstacle("facility-missing", "facility", "Say where it was measured.", "Sagen Sie, wo gemessen wurde.");
const VOXEL_SIZE: Obstacle = obstacle(
    "voxel-size-missing",
    "voxel_size_um",
    "Give the voxel size in micrometres; the files do not say it.",
    "Geben Sie die Voxelgröße in Mikrometern an; die Dateien nennen sie nicht.",
);
const FILES: Obstacle = obstacle("files-missing", "files", "Add at least one file.", "Fügen Sie mindestens eine Datei hinzu.");
const UPLOADS: Obstacle = obstacle(
    "uploads-unfinished",
    "files",
    "Wait for the uploads to finish, or delete the unfinished ones.",
    "Warten Sie, bis alle Dateien übertragen sind, oder löschen Sie die unfertigen.",
);
const YEAR: Obstacle = obstacle("year-missing", "year", "Give the year of publication.", "Geben Sie das Erscheinungsjahr an.");
const WHERE: Obstacle = obstacle(
    "journal-missing",
    "journal",
    "Give the journal or the publisher's DOI.",
    "Geben Sie die Zeitschrift oder die DOI des Verlags an.",
);
const NOT_REGISTERED: Obstacle = obstacle("not-registered", "state", "Register it first.", "Registrieren Sie den Eintrag zuerst.");
const NOT_A_DRAFT: Obstacle = obstacle("not-a-draft", "state", "It is registered already.", "Der Eintrag ist schon registriert.");
const WITHDRAWN: Obstacle = obstacle("withdrawn", "state", "It has been withdrawn.", "Der Eintrag wurde zurückgezogen.");
const ALREADY_OPEN: Obstacle = obstacle("already-open", "state", "It is public already.", "Der Eintrag ist schon öffentlich.");

/// The fields that the form of this kind requires; at most eight.
pub fn required_fields(kind: Kind) -> Vec<&'static str> {
    what_a_complete_record_needs(kind).iter().map(|(obstacle, _)| obstacle.field).collect()
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
    if holdings.files == 0 {
        list.push(FILES);
    }
    if holdings.unfinished_uploads > 0 {
        list.push(UPLOADS);
    }
    list
}

fn missing_fields(record: &Record) -> impl Iterator<Item = Obstacle> + '_ {
    what_a_complete_record_needs(record.kind).into_iter().filter(|(_, given)| !given(&record.metadata)).map(|(obstacle, _)| obstacle)
}

type Given = fn(&Metadata) -> bool;

fn what_a_complete_record_needs(kind: Kind) -> Vec<(Obstacle, Given)> {
    let title: (Obstacle, Given) = (TITLE, |metadata| filled(&metadata.title));
    let creators: (Obstacle, Given) = (CREATORS, |metadata| metadata.creators.iter().any(|person| filled(&person.family)));
    if kind.is_text() {
        let year: (Obstacle, Given) = (YEAR, |metadata| metadata.article.as_ref().is_some_and(|article| article.year.is_some()));
        let place: (Obstacle, Given) =
            (WHERE, |metadata| metadata.article.as_ref().is_some_and(|article| article.doi.is_some() || given(&article.journal)));
        return if kind == Kind::Publication { vec![title, creators, year, place] } else { vec![title, creators, year] };
    }
    let mut needs: Vec<(Obstacle, Given)> =
        vec![title, creators, (DESCRIPTION, |metadata| filled(&metadata.description)), (LICENCE, |metadata| metadata.licence.is_some())];
    match kind {
        Kind::TomographyBiology => needs.push((ORGANISM, |metadata| given(&metadata.sample.organism))),
        Kind::TomographyMaterials => needs.push((MATERIAL, |metadata| given(&metadata.sample.material))),
        Kind::ElectronMicroscopy => needs.push((SAMPLE, |metadata| given(&metadata.sample.name))),
        _ => {}
    }
    if kind.has_volume() {
        needs.push((TECHNIQUE, |metadata| given(&metadata.acquisition.technique)));
        needs.push((FACILITY, |metadata| given(&metadata.acquisition.facility)));
        needs.push((VOXEL_SIZE, |metadata| {
            metadata.acquisition.voxel_size_um.is_some_and(|size| size.iter().all(|edge| edge.is_finite() && *edge > 0.0))
        }));
    }
    needs
}

fn filled(text: &str) -> bool {
    !text.trim().is_empty()
}

fn given(text: &Option<String>) -> bool {
    text.as_deref().is_some_and(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{agent::Person, instant::Instant};

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
        assert_eq!(before_release(&record, &Holdings { files: 1, bytes: 1, unfinished_uploads: 0 }), []);
    }
}
