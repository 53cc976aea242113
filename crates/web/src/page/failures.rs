//! What jobs say of their end, for those who can mend it: file by file, in German where the sentence is known, else as the program
//! says it.

use super::noticed::{Sentence, known};
use crate::{language::Language, words::Words};
use record::job::{Failure, Job, JobView, Standing};

/// Sentences of the worker, as in [`known`].
pub(super) const GERMAN: [Sentence; 16] = [
    ("There is no model of that name that could be printed.", "", "Ein Modell dieses Namens, das sich drucken ließe, gibt es nicht.", ""),
    ("Look at the model's page again.", "", "Sehen Sie noch einmal auf die Seite des Modells.", ""),
    (
        "No voxel of the volume holds a number, so it has no surface.",
        "",
        "Kein Voxel des Volumens enthält eine Zahl; deshalb hat es keine Oberfläche.",
        "",
    ),
    (
        "All voxels of the volume have the same grey value (",
        "), so it has no surface.",
        "Alle Voxel des Volumens haben denselben Grauwert (",
        "); deshalb hat es keine Oberfläche.",
    ),
    (
        "The volume has no piece of ",
        " voxels or more, so no surface is shown.",
        "Das Volumen hat kein Stück von ",
        " Voxeln oder mehr; deshalb wird keine Oberfläche gezeigt.",
    ),
    ("The volume itself is there and can be looked at.", "", "Das Volumen selbst ist da und lässt sich ansehen.", ""),
    (
        "This model and those behind it are not looked at: only the first ",
        " of a record are.",
        "Dieses Modell und die folgenden werden nicht geprüft, sondern nur die ersten ",
        " eines Eintrags.",
    ),
    (
        "This movie and those behind it are not looked at: only the first ",
        " of a record are.",
        "Dieser Film und die folgenden werden nicht angesehen, sondern nur die ersten ",
        " eines Eintrags.",
    ),
    (
        "All files are kept and can be released as they are.",
        "",
        "Alle Dateien bleiben erhalten und können so freigegeben werden, wie sie sind.",
        "",
    ),
    ("It is larger than the models that are looked at.", "", "Es ist größer als die Modelle, die geprüft werden.", ""),
    ("It is kept as it is.", "", "Es bleibt, wie es ist.", ""),
    (
        "This archive has no ffmpeg, so movies get no picture and no copy that every browser plays.",
        "",
        "Dieses Archiv hat kein ffmpeg; Filme bekommen daher kein Bild und keine Kopie, die jeder Browser spielt.",
        "",
    ),
    (
        "MP4 and WebM files are shown as they are; others can be downloaded.",
        "",
        "MP4- und WebM-Dateien werden gezeigt, wie sie sind; andere lassen sich herunterladen.",
        "",
    ),
    (
        "This is a fault of the program; please report it with the file.",
        "",
        "Das ist ein Fehler des Programms; bitte melden Sie ihn zusammen mit der Datei.",
        "",
    ),
    ("It is tried again by itself.", "", "Es wird von selbst noch einmal versucht.", ""),
    ("The operator should look at the disk.", "", "Der Betreiber sollte nach der Festplatte sehen.", ""),
];

/// One line for each file, or one for all; nothing while the job waits or runs.
pub(crate) fn of_job(view: &JobView, words: &'static Words, language: Language) -> Vec<String> {
    match &view.standing {
        Standing::Needless { reason } if matches!(view.job, Job::Convert { .. }) => vec![match &reason.file {
            Some(endings) => format!("{} ({endings})", words.no_volume_text),
            None => words.no_volume_text.to_owned(),
        }],
        Standing::Failed { failure } | Standing::Needless { reason: failure } => {
            failure.each().map(|one| line(one, words, language)).collect()
        }
        Standing::Waiting { .. } | Standing::Running { .. } => Vec::new(),
    }
}

/// All of it in one paragraph.
pub(crate) fn paragraph(failure: &Failure, words: &'static Words, language: Language) -> String {
    failure.each().map(|one| line(one, words, language)).collect::<Vec<_>>().join(" ")
}

fn line(failure: &Failure, words: &'static Words, language: Language) -> String {
    let in_english = || {
        let alone = Failure { others: Vec::new(), ..failure.clone() };
        format!("{} {alone}", words.job_failed_lead).trim_start().to_owned()
    };
    match language {
        Language::English => in_english(),
        Language::German => in_german(failure).unwrap_or_else(in_english),
    }
}

/// Only when all of it is known: half a sentence in each language helps nobody.
fn in_german(failure: &Failure) -> Option<String> {
    let what = known(&GERMAN, &failure.what)?;
    let hint = if failure.hint.is_empty() { String::new() } else { known(&GERMAN, &failure.hint)? };
    let file = failure.file.iter().map(|file| format!("{file}: "));
    Some(format!("{}{what} {hint}", file.collect::<String>()).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_german_and_what_is_not_is_quoted_whole() {
        let words = Words::of(Language::German);
        let known = Failure::new("All voxels of the volume have the same grey value (7), so it has no surface.", "It is kept as it is.");
        assert_eq!(
            paragraph(&known.in_file(Some("a.tif".into())), words, Language::German),
            "a.tif: Alle Voxel des Volumens haben denselben Grauwert (7); deshalb hat es keine Oberfläche. Es bleibt, wie es ist."
        );
        let odd = Failure::new("It is odd.", "It is kept as it is.");
        assert_eq!(paragraph(&odd, words, Language::German), "Das Programm sagt dazu, auf Englisch: It is odd. It is kept as it is.");
        let both = Failure::of_all([odd.clone(), odd]).unwrap();
        assert_eq!(
            paragraph(&both, Words::of(Language::English), Language::English),
            "It is odd. It is kept as it is. It is odd. It is kept as it is."
        );
    }
}
