//! A gzip or bzip2 file around one volume: looked into, and handed to the format that is inside.

use std::io::Read;

use super::stored::{Encoding, Packed, expand};
use super::{Asked, Format, Opened, Role, archive_file, known, mrc, nifti, nrrd, only};
use crate::trouble::file_name;
use crate::{ElementType, HeadFacts, Trouble};

pub(crate) static FORMAT: Format = Format {
    name: "gzip",
    endings: &[".map.gz", ".mrc.gz", ".rec.gz", ".st.gz", ".ccp4.gz"],
    role: Role::Volume,
    recognises: |head| encoding_of(head).is_some(),
    open: |paths, asked| open(&Packed::of(only(&paths)?)?, asked),
    head_facts,
};

/// What is looked at to recognise the inner format.
const HEAD_BYTES: u64 = 4_096;

fn encoding_of(head: &[u8]) -> Option<Encoding> {
    match head {
        [0x1f, 0x8b, ..] => Some(Encoding::Gzip),
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Some(Encoding::Bzip2),
        _ => None,
    }
}

fn open(packed: &Packed, asked: &Asked) -> Result<Opened, Trouble> {
    let head = packed.head(HEAD_BYTES)?;
    if archive_file::is_tar(&head) {
        return archive_file::open_packed_tar(&packed.path, packed.encoding, asked);
    }
    if (mrc::FORMAT.recognises)(&head) {
        return mrc::open_packed(packed);
    }
    if (nifti::FORMAT.recognises)(&head) {
        return nifti::open_packed(packed, asked);
    }
    if (nrrd::FORMAT.recognises)(&head) {
        return nrrd::open_packed(packed, asked);
    }
    let inside = known::name(&head).map_or("no volume that we know".to_string(), |name| format!("{name}, which is not read through it"));
    Err(Trouble::new(
        format!("inside of {} is {inside}", file_name(&packed.path)),
        "Expand it before the upload, or save the volume as TIFF, MRC, NIfTI or NRRD",
    )
    .in_file(&packed.path))
}

fn head_facts(head: &[u8], _length: u64) -> Option<HeadFacts> {
    let encoding = encoding_of(head)?;
    let inside = expand_head(head, encoding);
    let format = [&mrc::FORMAT, &nifti::FORMAT, &nrrd::FORMAT].into_iter().find(|format| (format.recognises)(&inside))?;
    let mut facts = (format.head_facts)(&inside, u64::MAX)?;
    facts.format = format!("{} ({})", facts.format, if encoding == Encoding::Gzip { "gzip" } else { "bzip2" });
    Some(facts)
}

/// The first few kilobytes of what is inside; never more, whatever it would expand to.
fn expand_head(head: &[u8], encoding: Encoding) -> Vec<u8> {
    let mut inside = Vec::new();
    let mut reader = expand(std::io::Cursor::new(head.to_vec()), encoding, ElementType::U8).take(HEAD_BYTES);
    // A head that ends in the middle of a block still gives what came before.
    let mut buffer = [0; 512];
    while let Ok(count @ 1..) = reader.read(&mut buffer) {
        inside.extend_from_slice(&buffer[..count]);
    }
    inside
}
