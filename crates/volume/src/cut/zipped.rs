//! A folder as one ZIP whose bytes follow from the folder's alone: stored, all of one time, in one order. As OME-Zarr's rule for
//! zipped volumes has it, the root of the ZIP is the root of the volume, and documents come first.

use std::path::Path;

use flate2::Crc;

use crate::Trouble;

/// The first of January 1980, midnight: the least that a ZIP can say.
const DATE: u16 = 0x21;
/// Names are UTF-8.
const FLAGS: u16 = 0x800;
/// What a ZIP can say without its 64-bit fields.
const BYTES_MAX: u64 = u32::MAX as u64;
const ENTRIES_MAX: usize = u16::MAX as usize;

pub(crate) fn zip_of_folder(folder: &Path, bytes_max: u64) -> Result<Vec<u8>, Trouble> {
    let mut names = Vec::new();
    list(folder, "", &mut names)?;
    names.sort_by_cached_key(|name| (!name.ends_with("zarr.json"), name.matches('/').count(), name.clone()));
    if names.len() > ENTRIES_MAX {
        return Err(Trouble::new(format!("the box would be a ZIP of {} files", names.len()), "Ask for raw, or for a smaller box"));
    }
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for name in &names {
        let path = folder.join(name);
        let bytes = std::fs::read(&path).map_err(|error| Trouble::io("reading", &path, &error))?;
        let whole = zip.len() as u64 + bytes.len() as u64 + directory.len() as u64 + 256 + 2 * name.len() as u64;
        if whole > bytes_max.min(BYTES_MAX) {
            let what = format!("the box would be a ZIP of more than {} bytes, and no more are possible", bytes_max.min(BYTES_MAX));
            return Err(Trouble::new(what, "Ask for raw, or for a smaller box"));
        }
        let mut sum = Crc::new();
        sum.update(&bytes);
        let facts = facts(sum.sum(), bytes.len() as u32, name);
        let at = zip.len() as u32;
        zip.extend_from_slice(b"PK\x03\x04\x14\0");
        zip.extend_from_slice(&facts);
        zip.extend_from_slice(name.as_bytes());
        zip.extend_from_slice(&bytes);
        directory.extend_from_slice(b"PK\x01\x02\x14\0\x14\0");
        directory.extend_from_slice(&facts);
        // No comment, disk 0, no attributes.
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&at.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let (count, at) = ((names.len() as u16).to_le_bytes(), (zip.len() as u32).to_le_bytes());
    zip.extend_from_slice(&directory);
    zip.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    zip.extend_from_slice(&[count, count].concat());
    zip.extend_from_slice(&(directory.len() as u32).to_le_bytes());
    zip.extend_from_slice(&at);
    zip.extend_from_slice(&[0; 2]);
    Ok(zip)
}

/// What stands both before a file and in the directory: flags, stored, time, sum, both lengths, length of its name, nothing else.
fn facts(sum: u32, bytes: u32, name: &str) -> Vec<u8> {
    let mut facts = Vec::with_capacity(24);
    [FLAGS, 0, 0, DATE].iter().for_each(|word| facts.extend_from_slice(&word.to_le_bytes()));
    [sum, bytes, bytes].iter().for_each(|word| facts.extend_from_slice(&word.to_le_bytes()));
    [name.len() as u16, 0].iter().for_each(|word| facts.extend_from_slice(&word.to_le_bytes()));
    facts
}

fn list(folder: &Path, prefix: &str, names: &mut Vec<String>) -> Result<(), Trouble> {
    let trouble = |error: std::io::Error| Trouble::io("reading", folder, &error);
    for entry in std::fs::read_dir(folder).map_err(trouble)? {
        let entry = entry.map_err(trouble)?;
        // Our own writer made these names: digits, points and `zarr.json`.
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        match entry.file_type().map_err(trouble)?.is_dir() {
            true => list(&entry.path(), &format!("{name}/"), names)?,
            false => names.push(name),
        }
    }
    Ok(())
}
