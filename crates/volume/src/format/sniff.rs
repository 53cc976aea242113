//! Tells formats apart by their first bytes.

use std::io::Read;

use crate::HeadFacts;

pub(crate) enum Kind {
    Tiff,
    Mrc,
    Nrrd,
    Gzip,
    /// Known by name, and not read (yet).
    Refused(&'static str),
}

pub(crate) fn kind(head: &[u8]) -> Option<Kind> {
    const TIFF: [&[u8]; 4] = [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"];
    if TIFF.iter().any(|magic| head.starts_with(magic)) {
        return Some(Kind::Tiff);
    }
    if head.starts_with(b"NRRD") {
        return Some(Kind::Nrrd);
    }
    if head.starts_with(&[0x1f, 0x8b]) {
        return Some(Kind::Gzip);
    }
    if head.get(208..212) == Some(b"MAP ") || head.get(208..212) == Some(b"MAP\0") {
        return Some(Kind::Mrc);
    }
    refused(head).map(Kind::Refused)
}

/// Formats that we can name to their owner although we do not read their voxels.
fn refused(head: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 11] = [
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"\x89PNG", "PNG"),
        (b"\xff\xd8\xff", "JPEG"),
        (b"BM", "BMP"),
        (b"PK\x03\x04", "ZIP"),
        (b"\0\0\0\x0cjP", "JPEG 2000"),
        (b"\xff\x4f\xff\x51", "JPEG 2000"),
        (b"# AmiraMesh", "AmiraMesh"),
        (b"# Avizo", "AmiraMesh"),
        (b"ObjectType", "MetaImage"),
        (b"%PDF", "PDF"),
    ];
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
pub(crate) fn refused_facts(_name: &str, head: &[u8]) -> Option<HeadFacts> {
    let format = refused(head)?.to_string();
    Some(HeadFacts { format, ..HeadFacts::default() })
}

/// The first few kilobytes inside a gzip file; never more, whatever it would expand to.
pub(crate) fn gunzip_head(head: &[u8]) -> Vec<u8> {
    let mut inside = Vec::new();
    let mut reader = flate2::read::GzDecoder::new(head).take(4_096);
    // A head that ends in the middle of a block still gives what came before.
    let mut buffer = [0; 512];
    while let Ok(count @ 1..) = reader.read(&mut buffer) {
        inside.extend_from_slice(&buffer[..count]);
    }
    inside
}
