//! Counting views and downloads after the COUNTER code of practice for research data, without cookies and without keeping
//! addresses. A visitor is a number made of address, program and a secret that is thrown away each day; nothing but counts is
//! ever written. The same thing asked for again within thirty seconds is a double click and counts once. Chunks of volumes are
//! not looked at at all: opening the volume is what counts.

use crate::{door::Door, session::address_of};
use http::{
    Method, Request, StatusCode,
    header::{RANGE, USER_AGENT},
};
use record::{
    id::RecordId,
    instant::Instant,
    usage::{Asker, Counted, Measure, month_of},
    version::Version,
};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

const DOUBLE_CLICK_MS: i64 = 30_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Visitors are remembered for an hour; beyond so many the memory begins anew, and some of them count twice.
const REMEMBERED_MAX: usize = 200_000;
/// Counts that wait to be written; beyond so many no new ones are taken until they are.
const WAITING_MAX: usize = 100_000;

#[derive(Default)]
pub(crate) struct Tally {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Made anew each day, and never written anywhere.
    salt: [u8; 32],
    day: i64,
    /// When this visitor last asked for this thing, and in which hour it was first counted as new.
    seen: HashMap<[u8; 16], (i64, i64)>,
    waiting: HashMap<(RecordId, String, Measure, Asker), (u64, u64)>,
}

/// One answered request.
pub(crate) struct Visit<'a> {
    pub(crate) record: &'a RecordId,
    pub(crate) measure: Measure,
    pub(crate) path: &'a str,
    pub(crate) address: IpAddr,
    pub(crate) user_agent: &'a str,
}

impl Tally {
    pub(crate) fn note(&self, visit: &Visit<'_>, now: Instant) {
        let asker = Asker::of(visit.user_agent);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.begin_day(now);
        let Some(is_new) = inner.look(visit, now) else { return };
        // A download is a view too, as COUNTER has it.
        let measures: &[Measure] = if visit.measure == Measure::Download { &Measure::ALL } else { &[Measure::View] };
        for measure in measures {
            let key = (visit.record.clone(), month_of(now), *measure, asker);
            if inner.waiting.len() >= WAITING_MAX && !inner.waiting.contains_key(&key) {
                continue;
            }
            let counted = inner.waiting.entry(key).or_default();
            counted.0 += 1;
            counted.1 += u64::from(is_new);
        }
    }

    /// What was counted since the last time.
    pub(crate) fn take(&self) -> Vec<Counted> {
        let waiting = std::mem::take(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner).waiting);
        let counted = waiting.into_iter().map(|((record, month, measure, asker), (times, uniques))| Counted {
            record,
            month,
            measure,
            asker,
            times,
            uniques,
        });
        counted.collect()
    }

    /// What could not be written is counted again the next time.
    pub(crate) fn give_back(&self, counted: Vec<Counted>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        for one in counted {
            let waiting = inner.waiting.entry((one.record, one.month, one.measure, one.asker)).or_default();
            waiting.0 += one.times;
            waiting.1 += one.uniques;
        }
    }
}

impl Inner {
    fn begin_day(&mut self, now: Instant) {
        let day = now.0.div_euclid(DAY_MS);
        if day != self.day || self.seen.len() >= REMEMBERED_MAX {
            self.seen.clear();
        }
        if day != self.day {
            self.day = day;
            // Without randomness the salt stays what it was; a day later visitors could be told apart as before, and no better.
            let _ = getrandom::fill(&mut self.salt);
        }
    }

    /// `None` is a double click; else whether this visitor looks at this record for the first time in this hour.
    fn look(&mut self, visit: &Visit<'_>, now: Instant) -> Option<bool> {
        let hour = now.0.div_euclid(HOUR_MS);
        let of_path = self.seen.insert(self.visitor(visit, visit.path), (now.0, hour));
        if of_path.is_some_and(|(last, _)| now.0 - last < DOUBLE_CLICK_MS) {
            return None;
        }
        let name = format!("{} {}", visit.record, visit.measure.name());
        let of_record = self.seen.insert(self.visitor(visit, &name), (now.0, hour));
        Some(of_record.is_none_or(|(_, counted_in)| counted_in != hour))
    }

    fn visitor(&self, visit: &Visit<'_>, thing: &str) -> [u8; 16] {
        let mut sum = Sha256::new();
        sum.update(self.salt);
        for part in [&visit.address.to_string(), visit.user_agent, thing] {
            sum.update((part.len() as u64).to_le_bytes());
            sum.update(part.as_bytes());
        }
        let sum = sum.finalize();
        std::array::from_fn(|place| sum[place])
    }
}

/// A request that counts if it is answered well.
pub(crate) struct Noted {
    record: RecordId,
    measure: Measure,
    path: String,
    address: IpAddr,
    user_agent: String,
}

impl Noted {
    pub(crate) fn of<B>(request: &Request<B>) -> Option<Self> {
        if *request.method() != Method::GET {
            return None;
        }
        let (record, measure) = measured(request.uri().path())?;
        let header = |name| request.headers().get(name).and_then(|value: &http::HeaderValue| value.to_str().ok()).unwrap_or("");
        // Who goes on with a download was counted when it began.
        let range = header(RANGE);
        if !range.is_empty() && !range.starts_with("bytes=0-") {
            return None;
        }
        Some(Self {
            record,
            measure,
            path: request.uri().path().to_owned(),
            address: address_of(request.extensions(), request.headers()),
            user_agent: header(USER_AGENT).chars().take(300).collect(),
        })
    }

    pub(crate) fn answered(self, door: &Door, status: StatusCode) {
        if matches!(status, StatusCode::OK | StatusCode::PARTIAL_CONTENT | StatusCode::NOT_MODIFIED) {
            let Self { record, measure, path, address, user_agent } = &self;
            let visit = Visit { record, measure: *measure, path, address: *address, user_agent };
            door.tally.note(&visit, door.archive.now());
        }
    }
}

/// What an address below a record counts as, if it counts. Chunks, pictures and descriptions do not.
pub(crate) fn measured(path: &str) -> Option<(RecordId, Measure)> {
    let rest = path.strip_prefix("/records/")?;
    let (id, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let first = rest.split('/').next().unwrap_or("");
    let below = if first.parse::<Version>().is_ok() { rest[first.len()..].trim_start_matches('/') } else { rest };
    let measure = match below {
        "" | "view" | "model" => Measure::View,
        "archive.zip" => Measure::Download,
        below if below.starts_with("files/") || below.starts_with("models/") => Measure::Download,
        below if below.starts_with("volumes/") => {
            let inside = below["volumes/".len()..].split_once('/').map_or("", |(_, inside)| inside);
            if !matches!(inside, "zarr.json" | "cut") {
                return None;
            }
            Measure::Download
        }
        _ => return None,
    };
    Some((id.parse().ok()?, measure))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Instant = Instant(1_795_435_200_000);

    fn total(tally: &Tally, measure: Measure, asker: Asker) -> (u64, u64) {
        let counted = tally.take();
        let found = counted.iter().find(|one| (one.measure, one.asker) == (measure, asker)).map_or((0, 0), |one| (one.times, one.uniques));
        tally.give_back(counted);
        found
    }

    #[test]
    fn a_double_click_counts_once_and_a_visitor_once_an_hour() {
        let (tally, id): (Tally, RecordId) = (Tally::default(), "7h3k9x2q4".parse().unwrap());
        let visit = |path, measure, last: u8, agent| {
            move |tally: &Tally, id: &RecordId, seconds: i64| {
                let address = IpAddr::from([192, 0, 2, last]);
                tally.note(&Visit { record: id, measure, path, address, user_agent: agent }, NOON.plus_seconds(seconds));
            }
        };
        let page = visit("/records/7h3k9x2q4", Measure::View, 1, "Mozilla/5.0 Firefox");
        page(&tally, &id, 0);
        page(&tally, &id, 29);
        assert_eq!(total(&tally, Measure::View, Asker::Person), (1, 1));
        page(&tally, &id, 70);
        assert_eq!(total(&tally, Measure::View, Asker::Person), (2, 1));
        page(&tally, &id, 3700);
        assert_eq!(total(&tally, Measure::View, Asker::Person), (3, 2));
        visit("/records/7h3k9x2q4", Measure::View, 2, "Mozilla/5.0 Firefox")(&tally, &id, 3701);
        assert_eq!(total(&tally, Measure::View, Asker::Person), (4, 3));
        // Two files are two downloads of one visitor, and views as well.
        visit("/records/7h3k9x2q4/files/a", Measure::Download, 3, "curl/8")(&tally, &id, 0);
        visit("/records/7h3k9x2q4/files/b", Measure::Download, 3, "curl/8")(&tally, &id, 1);
        assert_eq!(total(&tally, Measure::Download, Asker::Script), (2, 1));
        assert_eq!(total(&tally, Measure::View, Asker::Script), (2, 1));
        visit("/records/7h3k9x2q4", Measure::View, 4, "Googlebot")(&tally, &id, 0);
        assert_eq!(total(&tally, Measure::View, Asker::Robot), (1, 1));
        assert_eq!(total(&tally, Measure::View, Asker::Person), (4, 3));
    }

    #[test]
    fn chunks_and_pictures_do_not_count() {
        let of = |path: &str| measured(path).map(|(_, measure)| measure);
        for path in ["/records/7h3k9x2q4", "/records/7h3k9x2q4/v2", "/records/7h3k9x2q4/view", "/records/7h3k9x2q4/v1/model"] {
            assert_eq!(of(path), Some(Measure::View), "{path}");
        }
        for path in ["archive.zip", "v1/files/a/b.tif", "volumes/volume.ome.zarr/zarr.json", "volumes/volume/cut", "models/surface.glb"] {
            assert_eq!(of(&format!("/records/7h3k9x2q4/{path}")), Some(Measure::Download), "{path}");
        }
        for path in [
            "volumes/volume.ome.zarr/s0/c/0/0/0",
            "volumes/volume.ome.zarr/s0/zarr.json",
            "pictures/thumb.jpg",
            "export/bibtex",
            "draft",
            "v1/linkset.json",
        ] {
            assert_eq!(of(&format!("/records/7h3k9x2q4/{path}")), None, "{path}");
        }
        assert_eq!((of("/"), of("/records/"), of("/search")), (None, None, None));
    }
}
