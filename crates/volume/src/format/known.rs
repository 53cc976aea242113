//! Formats that we can name to their owner although we do not read their voxels.

use crate::HeadFacts;

pub(crate) fn name(head: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 1] = [(b"%PDF", "PDF")];
    KNOWN.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, name)| *name)
}

/// Facts of a file that is only recognised: its format's name.
pub(crate) fn facts(head: &[u8]) -> Option<HeadFacts> {
    let format = name(head)?.to_string();
    Some(HeadFacts { format, ..HeadFacts::default() })
}
