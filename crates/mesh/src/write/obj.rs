//! Wavefront OBJ, one object for each part; millimetres.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use super::About;
use crate::surface::Part;

pub(crate) fn write(file: &File, parts: &[Part], about: &About) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, file);
    writeln!(out, "# {}\n# unit: millimetre", about.line())?;
    let scale = about.mm_per_um as f32;
    let mut base = 1;
    for part in parts {
        writeln!(out, "o {}", one_word(&part.name))?;
        // Colours stand behind the places, as most programs read them.
        let [red, green, blue] = part.colour.map(|part| f32::from(part) / 255.0);
        for [x, y, z] in &part.surface.positions {
            writeln!(out, "v {} {} {} {red:.3} {green:.3} {blue:.3}", x * scale, y * scale, z * scale)?;
        }
        for triangle in &part.surface.triangles {
            let [a, b, c] = triangle.map(|vertex| vertex + base);
            writeln!(out, "f {a} {b} {c}")?;
        }
        base += part.surface.positions.len() as u32;
    }
    out.flush()
}

fn one_word(name: &str) -> String {
    name.chars().map(|sign| if sign.is_whitespace() || sign.is_control() { '_' } else { sign }).collect()
}
