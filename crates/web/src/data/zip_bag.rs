//! The tags of the bag that a record's ZIP is: what BagIt wants, and an RO-Crate that names files, people and terms. All follows
//! from the record, so the same state of it gives the same bytes.

use super::zip_plan::{PAYLOAD, Tag};
use exchange::{
    Contents, ListedFile, Place,
    ro_crate::{self, Files},
};
use record::{Record, instant::Instant, version::Version};

/// Who packs.
pub(crate) struct Bag {
    pub(crate) place: Place,
    pub(crate) now: Instant,
}

impl Bag {
    pub(crate) fn tags(
        &self,
        record: &Record,
        files: Vec<ListedFile>,
        (total_files, total_bytes, newest): (u64, u64, Instant),
    ) -> Vec<Tag> {
        let record = &record.as_version(record.newest_open().unwrap_or(Version::FIRST));
        let contents = Contents { files, total_files, total_bytes, ..Contents::default() };
        let crated = ro_crate::to_json(record, &self.place, self.now, &contents, Files::Beside(PAYLOAD));
        let tag = |name, text: String| Tag { name, bytes: text.into() };
        vec![
            tag("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".to_owned()),
            tag("bag-info.txt", self.info(record, &contents, newest)),
            tag("ro-crate-metadata.json", format!("{crated:#}\n")),
        ]
    }

    fn info(&self, record: &Record, contents: &Contents, newest: Instant) -> String {
        let identifier = record.state.doi().map_or_else(|| self.place.entry_url(&record.id), |doi| doi.url());
        // The day on which the bag became what it is, not the one on which somebody fetched it.
        let day = record.state.public_since().unwrap_or(newest).max(newest).date();
        let lines = [
            ("Source-Organization", self.place.publisher()),
            ("External-Identifier", &identifier),
            ("External-Description", record.title()),
            ("Bagging-Date", &day),
            ("Payload-Oxum", &format!("{}.{}", contents.total_bytes, contents.total_files)),
        ];
        lines.iter().map(|(label, value)| format!("{label}: {}\n", one_line(value))).collect()
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
