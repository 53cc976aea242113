//! STL, binary or text: triangles without shared corners, and without a unit.

use std::fs::File;
use std::io::{BufReader, Read as _};

use volume::Trouble;

use super::gather::Gather;
use super::lines::{Lines, number};
use super::{broken, cut_off, too_large};
use crate::limit;
use crate::write::ModelFormat;

const HEAD_BYTES: usize = 84;
const TRIANGLE_BYTES: u64 = 50;
/// Corners of one facet; three are usual.
const CORNERS_MAX: usize = 1_000;
/// What our own files say at their beginning.
const IN_MILLIMETRES: &[u8] = b"binary STL, mm: ";

/// The count behind the 80 bytes fits the length of the file, or nearly: some writers add a few bytes.
pub(super) fn looks_binary(head: &[u8], length: u64) -> bool {
    let Some(count) = head.get(80..84).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes) else { return false };
    let claimed = HEAD_BYTES as u64 + u64::from(count) * TRIANGLE_BYTES;
    claimed <= length && length - claimed < TRIANGLE_BYTES.max(length / 100)
}

pub(super) fn read(file: File, length: u64, head: &[u8]) -> Result<Gather, Trouble> {
    // Binary files may begin with “solid” as well; then only the length tells.
    let text = head.trim_ascii_start().get(..5).is_some_and(|word| word.eq_ignore_ascii_case(b"solid"));
    if text && !looks_binary(head, length) { as_text(file) } else { as_bytes(file, length, head) }
}

fn as_bytes(file: File, length: u64, head: &[u8]) -> Result<Gather, Trouble> {
    let count = head.get(80..84).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
    let count = u64::from(count.ok_or_else(|| broken("it is shorter than the head of an STL file"))?);
    let whole = length.saturating_sub(HEAD_BYTES as u64) / TRIANGLE_BYTES;
    if count > limit::TRIANGLES_MAX as u64 && whole >= count {
        return Err(too_large(format!("it has {count} triangles, and at most {} are read", limit::TRIANGLES_MAX)));
    }
    if count > whole {
        return Err(broken(format!("it promises {count} triangles and holds {whole}")));
    }
    let mut gather = Gather::soup(ModelFormat::Stl);
    if head.starts_with(IN_MILLIMETRES) {
        gather.unit_is(1e3);
    }
    let mut source = BufReader::with_capacity(1 << 20, file);
    source.read_exact(&mut [0; HEAD_BYTES]).map_err(cut_off)?;
    // Each vertex of a closed surface is shared by six triangles.
    gather.expect(count / 2, count, length)?;
    for _ in 0..count {
        let mut record = [0; TRIANGLE_BYTES as usize];
        source.read_exact(&mut record).map_err(cut_off)?;
        let mut triangle = [0; 3];
        for (corner, bytes) in triangle.iter_mut().zip(record[12..48].as_chunks::<12>().0) {
            let (parts, _) = bytes.as_chunks::<4>();
            *corner = gather.vertex(std::array::from_fn(|axis| f64::from(f32::from_le_bytes(parts[axis]))))?;
        }
        gather.triangle(triangle)?;
    }
    Ok(gather)
}

fn as_text(file: File) -> Result<Gather, Trouble> {
    let mut gather = Gather::soup(ModelFormat::Stl);
    let mut lines = Lines::new(BufReader::with_capacity(1 << 20, file));
    let mut corners = Vec::new();
    while let Some(line) = lines.next()? {
        let mut words = line.split_ascii_whitespace();
        let word = words.next().unwrap_or("").to_ascii_lowercase();
        match word.as_str() {
            "solid" => gather.part(line.get(5..).unwrap_or(""), None),
            "vertex" => {
                let place = [number(&mut words), number(&mut words), number(&mut words)];
                let [Some(x), Some(y), Some(z)] = place else {
                    return Err(broken(format!("line {} has no three numbers", lines.number())));
                };
                corners.push(gather.vertex([x, y, z])?);
            }
            "endfacet" | "endloop" if !corners.is_empty() => {
                gather.polygon(&corners)?;
                corners.clear();
            }
            "" | "facet" | "outer" | "endfacet" | "endloop" | "endsolid" => {}
            _ => return Err(broken(format!("line {} is none of an STL file", lines.number()))),
        }
        if corners.len() > CORNERS_MAX {
            return Err(broken(format!("line {}: a facet does not end", lines.number())));
        }
    }
    Ok(gather)
}
