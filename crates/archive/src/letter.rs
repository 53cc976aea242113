//! The words of letters to followers and to authors, in English and German. Plain text, and titles on one line each.

use crate::Archive;
use record::{
    Record,
    follower::{Follower, Follows, News},
    letter::{Correspondent, LetterLanguage},
    state::State,
    version::Version,
};
use std::fmt::Write;

/// A subject is read at a glance; the letter has the whole title.
const SUBJECT_TITLE_CHARS: usize = 80;
const TITLE_CHARS: usize = 300;

pub(crate) struct Words {
    pub(crate) subject: String,
    pub(crate) text: String,
}

/// Where letters come from and lead to.
pub(crate) struct Place<'a> {
    publisher: &'a str,
    base_url: &'a str,
}

impl Archive {
    pub(crate) fn place_of_letters(&self) -> Place<'_> {
        Place { publisher: &self.settings().publisher, base_url: &self.settings().base_url }
    }
}

impl Place<'_> {
    /// Where this following is confirmed and ended.
    pub(crate) fn end_of(&self, follower: &Follower) -> String {
        format!("{}/follow/{}", self.base_url, follower.secret)
    }

    fn page_of(&self, record: &Record) -> String {
        format!("{}/records/{}", self.base_url, record.id)
    }

    /// Title, DOI and page, a line each.
    fn lines_of(&self, record: &Record) -> String {
        let mut lines = format!("{}\n", in_one_line(record.title(), TITLE_CHARS));
        if let Some(doi) = record.citable_doi() {
            let _ = writeln!(lines, "DOI: {}", doi.url()); // writing to a String cannot fail
        }
        let _ = writeln!(lines, "{}", self.page_of(record));
        lines
    }

    /// How every letter ends: why it came, and how to end them.
    fn foot(&self, follower: &Follower) -> String {
        use LetterLanguage::{English, German};
        let says = match (follower.language, &follower.follows) {
            (English, Follows::Record { .. }) => "You follow this record. To end these letters and have your address removed:",
            (German, Follows::Record { .. }) => "Sie folgen diesem Eintrag. Nachrichten beenden und Adresse löschen:",
            (English, Follows::Releases { .. }) => "You follow all releases. To end these letters and have your address removed:",
            (German, Follows::Releases { .. }) => "Sie folgen allen Freigaben. Nachrichten beenden und Adresse löschen:",
        };
        format!("\n-- \n{says}\n{}\n", self.end_of(follower))
    }
}

fn last_foot(language: LetterLanguage) -> String {
    let says = match language {
        LetterLanguage::English => "This was the last letter about it; your address has been removed.",
        LetterLanguage::German => "Das war die letzte Nachricht dazu; Ihre Adresse ist gelöscht.",
    };
    format!("\n-- \n{says}\n")
}

/// Somebody, probably the one who reads this, wants to follow; `record` is what, or everything.
pub(crate) fn asked(place: &Place, follower: &Follower, record: Option<&Record>) -> Words {
    let (name, link) = (place.publisher, place.end_of(follower));
    let what = record.map(|record| place.lines_of(record));
    let confirmed = follower.confirmed_at.is_some();
    let (subject, text) = match follower.language {
        LetterLanguage::English => {
            let what = what.unwrap_or_else(|| "all new releases\n".to_owned());
            if confirmed {
                (
                    format!("{name}: you follow this already"),
                    format!(
                        "This address follows at {name} already:\n\n{what}\nTo end the letters and have your address removed:\n{link}\n"
                    ),
                )
            } else {
                (
                    format!("{name}: please confirm that you want to follow"),
                    format!(
                        "Somebody, probably you, wants to follow by e-mail at {name}:\n\n{what}\nConfirm it here within three days:\n{link}\n\nIf it was not you, ignore this letter: without your confirmation nothing is sent, and this address is forgotten.\n"
                    ),
                )
            }
        }
        LetterLanguage::German => {
            let what = what.unwrap_or_else(|| "alle neuen Freigaben\n".to_owned());
            if confirmed {
                (
                    format!("{name}: Sie folgen dem schon"),
                    format!("Diese Adresse folgt bei {name} schon:\n\n{what}\nNachrichten beenden und Adresse löschen:\n{link}\n"),
                )
            } else {
                (
                    format!("{name}: Bitte bestätigen Sie, dass Sie folgen möchten"),
                    format!(
                        "Jemand, vermutlich Sie, möchte bei {name} per E-Mail folgen:\n\n{what}\nBestätigen Sie es hier innerhalb von drei Tagen:\n{link}\n\nWaren Sie es nicht, tun Sie nichts: Ohne Bestätigung wird nichts gesendet, und diese Adresse wird vergessen.\n"
                    ),
                )
            }
        }
    };
    Words { subject, text }
}

/// What became of a record. Of a withdrawn one only what its tombstone shows to everybody.
pub(crate) fn news(place: &Place, follower: &Follower, record: &Record, news: News) -> Words {
    use LetterLanguage::{English, German};
    let version = record.version.0;
    let withdrawn_on = match &record.state {
        State::Withdrawn { withdrawn_at, .. } => withdrawn_at.date(),
        _ => String::new(),
    };
    let (short, says) = match (follower.language, news) {
        (English, News::Opened) => ("files are open", "The files of this record are open to everyone now.".to_owned()),
        (German, News::Opened) => ("Dateien sind offen", "Die Dateien dieses Eintrags sind jetzt für alle offen.".to_owned()),
        (English, News::NewVersion) => {
            ("new version", format!("Version {version} of this record is out. Earlier versions keep their addresses."))
        }
        (German, News::NewVersion) => {
            ("neue Version", format!("Version {version} dieses Eintrags ist da. Frühere Versionen behalten ihre Adressen."))
        }
        (English, News::Corrected) => ("corrected", "The description of this record was corrected.".to_owned()),
        (German, News::Corrected) => ("berichtigt", "Die Beschreibung dieses Eintrags wurde berichtigt.".to_owned()),
        (English, News::Withdrawn) => {
            ("withdrawn", format!("This record was withdrawn on {withdrawn_on}. Its DOI leads to a page that says so."))
        }
        (German, News::Withdrawn) => (
            "zurückgezogen",
            format!("Dieser Eintrag wurde am {withdrawn_on} zurückgezogen. Seine DOI führt zu einer Seite, die das sagt."),
        ),
    };
    let title = in_one_line(record.title(), SUBJECT_TITLE_CHARS);
    let foot = if news == News::Withdrawn { last_foot(follower.language) } else { place.foot(follower) };
    Words { subject: format!("{}: {short} – {title}", place.publisher), text: format!("{says}\n\n{}{foot}", place.lines_of(record)) }
}

/// What opened since the last letter, the newest first.
pub(crate) fn releases(place: &Place, follower: &Follower, opened: &[Record], more: bool) -> Words {
    let english = follower.language == LetterLanguage::English;
    let count = opened.len();
    let first = opened.first().map(|record| in_one_line(record.title(), SUBJECT_TITLE_CHARS)).unwrap_or_default();
    let subject = match (count, english) {
        (1, true) => format!("{}: new – {first}", place.publisher),
        (1, false) => format!("{}: neu – {first}", place.publisher),
        (_, true) => format!("{}: {count} new releases", place.publisher),
        (_, false) => format!("{}: {count} neue Freigaben", place.publisher),
    };
    let mut text =
        if english { "What opened since the last letter:\n\n" } else { "Was seit der letzten Nachricht geöffnet wurde:\n\n" }.to_owned();
    for record in opened {
        text.push_str(&place.lines_of(record));
        if record.version > Version::FIRST {
            let _ = writeln!(text, "Version {}", record.version.0); // writing to a String cannot fail
        }
        text.push('\n');
    }
    if more {
        let says = if english { "There is more, the newest first:" } else { "Es gibt noch mehr, das Neueste zuerst:" };
        let _ = writeln!(text, "{says} {}/search?sort=newest", place.base_url); // writing to a String cannot fail
    }
    Words { subject, text: format!("{}\n{}", text.trim_end(), place.foot(follower)) }
}

/// What somebody writes to the authors; the frame is in both languages, for nobody knows theirs.
pub(crate) fn to_authors(place: &Place, record: &Record, writer: &Correspondent, message: &str) -> Words {
    let Correspondent { name, email } = writer;
    let (title, page) = (in_one_line(record.title(), TITLE_CHARS), place.page_of(record));
    let subject =
        format!("{}: {} – {}", place.publisher, in_one_line(name, SUBJECT_TITLE_CHARS), in_one_line(record.title(), SUBJECT_TITLE_CHARS));
    let text = format!(
        "{name} <{email}> writes to you through the page of your record / schreibt Ihnen über die Seite Ihres Eintrags:\n\n{title}\n{page}\n\n--------\n\n{message}\n\n--------\n\nAn answer to this letter goes to {email}; we have not checked that address, and yours was not shown. / Eine Antwort auf diese Nachricht geht an {email}; diese Adresse ist nicht geprüft, und Ihre wurde nicht gezeigt.\n"
    );
    Words { subject, text }
}

fn in_one_line(text: &str, chars_max: usize) -> String {
    let words = text.split(|letter: char| letter.is_control() || letter.is_whitespace()).filter(|word| !word.is_empty());
    let mut line = words.collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(chars_max) {
        line.truncate(end);
        line.push('…');
    }
    line
}
