//! The versions of a record on its entry page: which there are, which one this is, and what it changed.

use crate::{display, door::Door, form, language::Language, refusal::Refused, session::Guest, words::Words};
use archive::{
    revise::{self, Differences},
    sight::{At, Sight},
};
use record::{access::Aspect, state::State, version::Version};

/// Letters of a field that are shown of each side.
const WORDS_SHOWN_MAX: usize = 160;

#[derive(Default)]
pub(super) struct Versions {
    pub(super) list: Vec<VersionLine>,
    /// The newest one that this visitor can see released, when the page shows an earlier one.
    pub(super) newest: Option<Newest>,
    /// The draft of the next one, for those who work on it.
    pub(super) draft: Option<Version>,
}

pub(super) struct VersionLine {
    pub(super) number: u32,
    pub(super) href: String,
    pub(super) date: String,
    pub(super) here: bool,
    /// `newest`, or that it is a draft.
    pub(super) says: &'static str,
}

pub(super) struct Newest {
    pub(super) number: u32,
    pub(super) href: String,
}

pub(super) struct Changes {
    pub(super) since: u32,
    pub(super) since_href: String,
    pub(super) fields: Vec<FieldChange>,
    pub(super) files: Vec<FileChange>,
    pub(super) more_files: bool,
}

pub(super) struct FieldChange {
    pub(super) label: &'static str,
    pub(super) before: String,
    pub(super) after: String,
}

pub(super) struct FileChange {
    pub(super) path: String,
    pub(super) says: &'static str,
    /// `came`, `went` or `changed`, for the eye.
    pub(super) how: &'static str,
}

pub(super) async fn versions(door: &Door, guest: &Guest, sight: &Sight) -> Result<Versions, Refused> {
    let words = Words::of(guest.language);
    let (id, here) = (&sight.record.id, sight.record.version);
    let mut found = Versions::default();
    for line in door.archive.versions(&guest.visitor, id).await? {
        let is_draft = matches!(line.state, State::Revising { .. });
        let href = format!("/records/{id}/{}", line.version);
        if is_draft {
            found.draft = Some(line.version);
        } else if line.is_current && line.version > here {
            found.newest = Some(Newest { number: line.version.0, href: format!("/records/{id}") });
        }
        let says = if is_draft { words.version_draft } else { words.newest_version };
        found.list.push(VersionLine {
            number: line.version.0,
            href,
            date: display::day(line.since, guest.language),
            here: line.version == here,
            says: if is_draft || line.is_current && line.version > Version::FIRST { says } else { "" },
        });
    }
    found.list.reverse();
    Ok(found)
}

/// What this version changed, for those who may see the files of it and of the one before.
pub(super) async fn changes(door: &Door, guest: &Guest, sight: &Sight) -> Result<Option<Changes>, Refused> {
    let record = &sight.record;
    if record.version <= Version::FIRST || !sight.may(Aspect::FileNames) {
        return Ok(None);
    }
    let Some(found) = door.archive.differences(&guest.visitor, At::version(&record.id, record.version)).await? else {
        return Ok(None);
    };
    let since = record.version.0 - 1;
    Ok(Some(Changes {
        since,
        since_href: format!("/records/{}/{}", record.id, Version(since)),
        fields: field_changes(sight, &found, guest.language),
        files: found.files.iter().map(|difference| file_change(difference, Words::of(guest.language))).collect(),
        more_files: found.more_files,
    }))
}

fn field_changes(sight: &Sight, found: &Differences, language: Language) -> Vec<FieldChange> {
    let before = form::values_of(sight.record.kind, &found.before);
    let after = form::values_of(sight.record.kind, &found.after);
    let changed = before.into_iter().zip(after).filter(|((_, before), (_, after))| before != after);
    changed
        .map(|((field, before), (_, after))| FieldChange {
            label: display::said(field.label, language),
            before: shortened(&before),
            after: shortened(&after),
        })
        .collect()
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(WORDS_SHOWN_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn file_change(difference: &revise::FileDifference, words: &'static Words) -> FileChange {
    let (says, how) = match (difference.came, difference.went) {
        (true, true) => (words.file_changed, "changed"),
        (true, false) => (words.file_came, "came"),
        _ => (words.file_went, "went"),
    };
    FileChange { path: difference.path.to_string(), says, how }
}
