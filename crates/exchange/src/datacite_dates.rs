//! DataCite's dates of a record: of the measurement and the find, of the record's own life, and the others that were given.
//! What was created or collected is the data; the day on which somebody found the specimen is neither.

use crate::{datacite::Date, xml::is_blank};
use record::{Record, metadata::DateType, state::State, version::Version};

/// Which day the find has among the other days.
pub(crate) const SPECIMEN_COLLECTED: &str = "Specimen collected";

pub(crate) fn dates_of(record: &Record) -> Vec<Date> {
    let said = &record.metadata;
    let plain = |date: String, kind: DateType| Date { date, kind: kind.name(), information: None };
    let collected = said.acquisition.date.as_deref().map(str::trim).filter(|date| is_date(date));
    let mut dates: Vec<Date> = collected.map(|date| plain(date.to_owned(), DateType::Collected)).into_iter().collect();
    let found = said.sample.collected_on.as_deref().map(str::trim).filter(|date| is_date_or_span(date));
    dates.extend(found.map(|date| Date { information: Some(SPECIMEN_COLLECTED.to_owned()), ..plain(date.to_owned(), DateType::Other) }));
    // What a publisher printed was issued then, and not when it was told here.
    let printed = said.article.as_ref().and_then(|article| article.year).filter(|year| (0..=9999).contains(year));
    let issued = printed.map(|year| format!("{year:04}")).or_else(|| record.state.public_since().map(|since| since.date()));
    dates.extend(issued.map(|date| plain(date, DateType::Issued)));
    match &record.state {
        State::Registered { release_at: Some(release_at), .. } => dates.push(Date {
            information: Some("The files are closed until this day.".to_owned()),
            ..plain(release_at.date(), DateType::Available)
        }),
        State::Released { released_at, .. } => {
            dates.push(plain(released_at.date(), DateType::Available));
            if record.version > Version::FIRST {
                dates.push(Date {
                    information: Some(format!("Version {}", record.version.0)),
                    ..plain(released_at.date(), DateType::Updated)
                });
            }
        }
        State::Published { published_at, .. } => dates.push(plain(published_at.date(), DateType::Available)),
        State::Withdrawn { withdrawn_at, .. } => dates.push(plain(withdrawn_at.date(), DateType::Withdrawn)),
        State::Draft | State::Registered { .. } | State::Revising { .. } => {}
    }
    dates.extend(said.dates.iter().filter(|other| is_date_or_span(&other.date)).map(|other| Date {
        information: other.about.clone().filter(|about| !is_blank(about)),
        ..plain(other.date.trim().to_owned(), other.date_type)
    }));
    dates
}

/// `2026`, `2026-11` or `2026-11-23`.
fn is_date(text: &str) -> bool {
    let good_part =
        |(position, part): (usize, &str)| part.len() == if position == 0 { 4 } else { 2 } && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split('-').count() <= 3 && text.split('-').enumerate().all(good_part)
}

/// One date, or two with a stroke between.
fn is_date_or_span(text: &str) -> bool {
    text.trim().split('/').count() <= 2 && text.trim().split('/').all(is_date)
}
