//! Wavefront OBJ: places, polygons, objects and groups; what is for painting is passed over.

use std::fs::File;
use std::io::BufReader;

use volume::Trouble;

use super::broken;
use super::gather::Gather;
use super::lines::{Lines, number};
use crate::write::ModelFormat;

pub(super) fn read(file: File) -> Result<Gather, Trouble> {
    let mut gather = Gather::new(ModelFormat::Obj);
    let mut lines = Lines::new(BufReader::with_capacity(1 << 20, file));
    let mut corners = Vec::new();
    while let Some(line) = lines.next()? {
        let mut words = line.split_ascii_whitespace();
        match words.next().unwrap_or("") {
            "v" => {
                let place = [number(&mut words), number(&mut words), number(&mut words)];
                let [Some(x), Some(y), Some(z)] = place else {
                    return Err(broken(format!("line {} has no three numbers", lines.number())));
                };
                gather.vertex([x, y, z])?;
                // Colours stand behind the places, from 0 to 1.
                if let [Some(red), Some(green), Some(blue)] = [number(&mut words), number(&mut words), number(&mut words)] {
                    gather.colour([red, green, blue].map(|part| (part.clamp(0.0, 1.0) * 255.0).round() as u8));
                }
            }
            "f" => {
                corners.clear();
                for word in words {
                    let corner = corner(word, gather.vertices());
                    corners.push(corner.ok_or_else(|| broken(format!("a face names corner “{}” of {}", short(word), gather.vertices())))?);
                }
                gather.polygon(&corners)?;
            }
            "o" | "g" => gather.part(line.get(1..).unwrap_or(""), None),
            "#" if line.contains("unit: millimetre") => gather.unit_is(1e3),
            _ => {}
        }
    }
    Ok(gather)
}

fn short(word: &str) -> String {
    word.chars().take(20).collect()
}

/// Counted from 1, or backwards from the last; behind a slash stand painting and normals.
fn corner(word: &str, vertices: usize) -> Option<u64> {
    let number: i64 = word.split('/').next()?.parse().ok()?;
    match number {
        0 => None,
        1.. => Some(number as u64 - 1),
        _ => (vertices as u64).checked_sub(number.unsigned_abs()),
    }
}
