//! Binary glTF 2.0 without any extension, for programs that unpack nothing: numbers of 32 bits, six times as large as the packed
//! one; metres, y up.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use serde_json::{Value, json};

use super::About;
use super::glb::{asset, head, material};
use crate::measure::normals;
use crate::surface::Part;

const VECTOR_BYTES: usize = 12;
const INDEX_BYTES: usize = 4;

pub(crate) fn write(file: &File, parts: &[Part], about: &About) -> io::Result<()> {
    let parts: Vec<&Part> = parts.iter().filter(|part| !part.surface.triangles.is_empty()).collect();
    let mut out = BufWriter::with_capacity(1 << 20, file);
    let (document, bytes) = document(&parts, about);
    out.write_all(&head(&document, bytes)?)?;
    for Part { surface, .. } in parts {
        for place in surface.positions.iter().flatten() {
            out.write_all(&place.to_le_bytes())?;
        }
        for normal in normals(surface) {
            // Corners of no triangle, or of flat ones, point nowhere; every reader wants a direction.
            let normal = if normal.iter().any(|part| *part != 0.0) { normal } else { [0.0, 0.0, 1.0] };
            for part in normal {
                out.write_all(&part.to_le_bytes())?;
            }
        }
        for corner in surface.triangles.iter().flatten() {
            out.write_all(&corner.to_le_bytes())?;
        }
    }
    out.flush()
}

/// What describes the numbers, and how many bytes of them follow.
fn document(parts: &[&Part], about: &About) -> (Value, usize) {
    let (mut views, mut accessors, mut at) = (Vec::new(), Vec::new(), 0);
    let (mut meshes, mut nodes, mut materials) = (Vec::new(), Vec::new(), Vec::new());
    // The root turns z, along which volumes are stacked, upwards, and makes metres of micrometres.
    let (turn, metres) = (0.5f64.sqrt(), about.mm_per_um * 1e-3);
    nodes.push(json!({"name": "body", "rotation": [-turn, 0.0, 0.0, turn], "scale": [metres, metres, metres],
        "children": (1..=parts.len()).collect::<Vec<_>>()}));
    for (number, part) in parts.iter().enumerate() {
        let (vertices, indices) = (part.surface.positions.len(), part.surface.triangles.len() * 3);
        let stretches = [(vertices * VECTOR_BYTES, 34_962), (vertices * VECTOR_BYTES, 34_962), (indices * INDEX_BYTES, 34_963)];
        for (bytes, target) in stretches {
            views.push(json!({"buffer": 0, "byteOffset": at, "byteLength": bytes, "target": target}));
            at += bytes;
        }
        let [least, most] = part.surface.bounds().unwrap_or_default();
        let first = number * 3;
        accessors.push(json!({"bufferView": first, "componentType": 5126, "count": vertices, "type": "VEC3", "min": least, "max": most}));
        accessors.push(json!({"bufferView": first + 1, "componentType": 5126, "count": vertices, "type": "VEC3"}));
        accessors.push(json!({"bufferView": first + 2, "componentType": 5125, "count": indices, "type": "SCALAR"}));
        materials.push(material(part));
        meshes.push(json!({"name": part.name, "primitives": [{"attributes": {"POSITION": first, "NORMAL": first + 1},
            "indices": first + 2, "material": number}]}));
        nodes.push(json!({"name": part.name, "mesh": number}));
    }
    let document = json!({"asset": asset(about), "scene": 0, "scenes": [{"name": about.title, "nodes": [0]}], "nodes": nodes,
        "meshes": meshes, "materials": materials, "accessors": accessors, "bufferViews": views, "buffers": [{"byteLength": at}]});
    (document, at)
}
