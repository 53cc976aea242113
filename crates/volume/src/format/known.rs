//! Formats that we can name to their owner although we do not read their voxels.

use crate::HeadFacts;

pub(crate) fn name(head: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 4] =
        [(b"# AmiraMesh", "AmiraMesh"), (b"# Avizo", "AmiraMesh"), (b"ObjectType", "MetaImage"), (b"%PDF", "PDF")];
    if let Some((_, name)) = KNOWN.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(name);
    }
    if head.get(128..132) == Some(b"DICM") {
        return Some("DICOM");
    }
    let nifti = head.get(344..348);
    (nifti == Some(b"n+1\0") || nifti == Some(b"ni1\0")).then_some("NIfTI")
}

/// Facts of a file that is only recognised: its format's name.
pub(crate) fn facts(_name: &str, head: &[u8]) -> Option<HeadFacts> {
    let format = name(head)?.to_string();
    Some(HeadFacts { format, ..HeadFacts::default() })
}
