//! Binary PLY with a colour for each vertex; millimetres.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use super::About;
use crate::surface::Part;

pub(crate) fn write(file: &File, parts: &[Part], about: &About) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, file);
    let vertices: usize = parts.iter().map(|part| part.surface.positions.len()).sum();
    let triangles: usize = parts.iter().map(|part| part.surface.triangles.len()).sum();
    write!(out, "ply\nformat binary_little_endian 1.0\ncomment {}\ncomment unit millimetre\n", about.line())?;
    write!(out, "element vertex {vertices}\nproperty float x\nproperty float y\nproperty float z\n")?;
    write!(out, "property uchar red\nproperty uchar green\nproperty uchar blue\n")?;
    write!(out, "element face {triangles}\nproperty list uchar int vertex_indices\nend_header\n")?;
    let scale = about.mm_per_um as f32;
    for part in parts {
        for position in &part.surface.positions {
            let mut record = [0; 15];
            for (place, number) in record.chunks_exact_mut(4).zip(position) {
                place.copy_from_slice(&(number * scale).to_le_bytes());
            }
            record[12..].copy_from_slice(&part.colour);
            out.write_all(&record)?;
        }
    }
    let mut base = 0;
    for part in parts {
        for triangle in &part.surface.triangles {
            let mut record = [3; 13];
            for (place, vertex) in record[1..].chunks_exact_mut(4).zip(triangle) {
                place.copy_from_slice(&(vertex + base).to_le_bytes());
            }
            out.write_all(&record)?;
        }
        base += part.surface.positions.len() as u32;
    }
    out.flush()
}
