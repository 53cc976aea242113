//! A gzip file around one volume: looked into, and handed to the format that is inside.

use std::io::Read;
use std::path::PathBuf;

use super::{Asked, Format, Opened, Role, archive_file, head_of, mrc, only, open_with_length};
use crate::{HeadFacts, Trouble};

pub(crate) static FORMAT: Format = Format {
    name: "gzip",
    endings: &[".map.gz", ".mrc.gz", ".rec.gz", ".ccp4.gz"],
    role: Role::Volume,
    recognises: |head| head.starts_with(&[0x1f, 0x8b]),
    open,
    head_facts,
};

fn open(paths: Vec<PathBuf>, asked: &Asked) -> Result<Opened, Trouble> {
    let path = only(&paths)?;
    let (file, length) = open_with_length(path)?;
    if archive_file::is_tar(&gunzip_head(&head_of(path)?)) {
        return archive_file::open_tar_gz(path, file, length, asked);
    }
    mrc::open_gzip(path, file, length)
}

fn head_facts(head: &[u8], _length: u64) -> Option<HeadFacts> {
    let inside = gunzip_head(head);
    if !(mrc::FORMAT.recognises)(&inside) {
        return None;
    }
    let mut facts = (mrc::FORMAT.head_facts)(&inside, u64::MAX)?;
    facts.format = format!("{} (gzip)", facts.format);
    Some(facts)
}

/// The first few kilobytes inside a gzip file; never more, whatever it would expand to.
fn gunzip_head(head: &[u8]) -> Vec<u8> {
    let mut inside = Vec::new();
    let mut reader = flate2::read::GzDecoder::new(head).take(4_096);
    // A head that ends in the middle of a block still gives what came before.
    let mut buffer = [0; 512];
    while let Ok(count @ 1..) = reader.read(&mut buffer) {
        inside.extend_from_slice(&buffer[..count]);
    }
    inside
}
