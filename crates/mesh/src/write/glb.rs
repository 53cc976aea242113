//! Binary glTF 2.0: quantised to 16 bits and packed with `EXT_meshopt_compression`; metres, y up.

use std::fs::File;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::{About, meshopt, order};
use crate::measure::normals;
use crate::surface::{Part, Surface};

/// Steps along the longest side: about 0.006 % of it.
const STEPS: f32 = 16_383.0;
const POSITION_STRIDE: usize = 8;
const NORMAL_STRIDE: usize = 4;

/// One stretch of packed bytes, and how it looks unpacked.
struct View {
    packed: Vec<u8>,
    mode: &'static str,
    stride: usize,
    count: usize,
    /// 34962 for vertices, 34963 for triangles.
    target: u32,
}

/// A part ready to be written.
struct Packed {
    views: [View; 3],
    bounds: [[u16; 3]; 2],
    vertices: usize,
    indices: usize,
}

/// How steps become metres.
#[derive(Clone, Copy)]
struct Grid {
    least: [f32; 3],
    step: f32,
}

pub(crate) fn write(mut file: &File, parts: &[Part], about: &About) -> io::Result<()> {
    let boxes: Vec<[[f32; 3]; 2]> = parts.iter().filter_map(|part| part.surface.bounds()).collect();
    let least = boxes.iter().fold([f32::MAX; 3], |all, [least, _]| std::array::from_fn(|axis| all[axis].min(least[axis])));
    let most = boxes.iter().fold([f32::MIN; 3], |all, [_, most]| std::array::from_fn(|axis| all[axis].max(most[axis])));
    let longest = (0..3).map(|axis| most[axis] - least[axis]).fold(0.0, f32::max);
    let grid = Grid { least, step: (longest / STEPS).max(f32::MIN_POSITIVE) };
    let parts_packed: Vec<Packed> = parts.iter().map(|part| pack(&part.surface, grid)).collect();
    file.write_all(&head(&document(parts, &parts_packed, grid, about), padded_len(&parts_packed))?)?;
    for view in parts_packed.iter().flat_map(|part| &part.views) {
        file.write_all(&view.packed)?;
        file.write_all(&[0; 4][..view.packed.len().next_multiple_of(4) - view.packed.len()])?;
    }
    Ok(())
}

/// Everything before the numbers, of which `binary` bytes follow.
pub(super) fn head(document: &Value, binary: usize) -> io::Result<Vec<u8>> {
    let mut document = document.to_string().into_bytes();
    document.resize(document.len().next_multiple_of(4), b' ');
    let total = 12 + 8 + document.len() + 8 + binary;
    let too_long = |_| io::Error::other("more than 4 GiB; ask for fewer triangles");
    let number = |value: usize| u32::try_from(value).map(u32::to_le_bytes).map_err(too_long);
    let mut head = b"glTF".to_vec();
    head.extend(2u32.to_le_bytes());
    head.extend(number(total)?);
    head.extend(number(document.len())?);
    head.extend(b"JSON");
    head.extend(document);
    head.extend(number(binary)?);
    head.extend(b"BIN\0");
    Ok(head)
}

fn padded_len(parts: &[Packed]) -> usize {
    parts.iter().flat_map(|part| &part.views).map(|view| view.packed.len().next_multiple_of(4)).sum()
}

fn pack(surface: &Surface, grid: Grid) -> Packed {
    let ordered = order::order(surface);
    let normals = normals(surface);
    let count = ordered.vertices.len();
    let mut bounds = [[u16::MAX; 3], [0; 3]];
    let mut positions = Vec::with_capacity(count * POSITION_STRIDE);
    let mut directions = Vec::with_capacity(count * NORMAL_STRIDE);
    for &vertex in &ordered.vertices {
        let place = surface.positions[vertex as usize];
        for axis in 0..3 {
            let steps = ((place[axis] - grid.least[axis]) / grid.step).round() as u16;
            bounds[0][axis] = bounds[0][axis].min(steps);
            bounds[1][axis] = bounds[1][axis].max(steps);
            positions.extend(steps.to_le_bytes());
        }
        positions.extend([0; 2]);
        directions.extend(normals[vertex as usize].map(|part| (part * 127.0).round() as i8 as u8));
        directions.push(0);
    }
    let view = |packed, mode, stride, count, target| View { packed, mode, stride, count, target };
    let indices = ordered.triangles.len() * 3;
    Packed {
        views: [
            view(meshopt::vertices(&positions, POSITION_STRIDE), "ATTRIBUTES", POSITION_STRIDE, count, 34_962),
            view(meshopt::vertices(&directions, NORMAL_STRIDE), "ATTRIBUTES", NORMAL_STRIDE, count, 34_962),
            view(meshopt::triangles(&ordered.triangles), "TRIANGLES", 4, indices, 34_963),
        ],
        bounds,
        vertices: count,
        indices,
    }
}

fn document(parts: &[Part], packed: &[Packed], grid: Grid, about: &About) -> Value {
    let metres = about.mm_per_um * 1e-3;
    let scale = f64::from(grid.step) * metres;
    let translation = grid.least.map(|part| f64::from(part) * metres);
    let (mut views, mut accessors) = (Vec::new(), Vec::new());
    let (mut meshes, mut nodes, mut materials) = (Vec::new(), Vec::new(), Vec::new());
    let (mut packed_at, mut unpacked_at) = (0, 0);
    // The root turns z, along which volumes are stacked, upwards; glTF has y there.
    let turn = 0.5f64.sqrt();
    nodes.push(json!({"name": "body", "rotation": [-turn, 0.0, 0.0, turn], "children": (1..=parts.len()).collect::<Vec<_>>()}));
    for (number, (part, packed)) in parts.iter().zip(packed).enumerate() {
        for view in &packed.views {
            let bytes = view.count * view.stride;
            let mut described = json!({"buffer": 1, "byteOffset": unpacked_at, "byteLength": bytes, "target": view.target, "extensions": {
                "EXT_meshopt_compression": {"buffer": 0, "byteOffset": packed_at, "byteLength": view.packed.len(),
                    "byteStride": view.stride, "mode": view.mode, "count": view.count}}});
            if view.target == 34_962 {
                described["byteStride"] = json!(view.stride);
            }
            views.push(described);
            packed_at += view.packed.len().next_multiple_of(4);
            unpacked_at += bytes.next_multiple_of(4);
        }
        let first = number * 3;
        accessors.push(json!({"bufferView": first, "componentType": 5123, "count": packed.vertices, "type": "VEC3",
            "min": packed.bounds[0], "max": packed.bounds[1]}));
        accessors
            .push(json!({"bufferView": first + 1, "componentType": 5120, "normalized": true, "count": packed.vertices, "type": "VEC3"}));
        accessors.push(json!({"bufferView": first + 2, "componentType": 5125, "count": packed.indices, "type": "SCALAR"}));
        materials.push(material(part));
        meshes.push(json!({"name": part.name, "primitives": [{"attributes": {"POSITION": first, "NORMAL": first + 1},
            "indices": first + 2, "material": number}]}));
        nodes.push(json!({"name": part.name, "mesh": number, "scale": [scale, scale, scale], "translation": translation}));
    }
    json!({
        "asset": asset(about), "scene": 0, "scenes": [{"name": about.title, "nodes": [0]}], "nodes": nodes, "meshes": meshes,
        "materials": materials, "accessors": accessors, "bufferViews": views,
        "buffers": [{"byteLength": packed_at}, {"byteLength": unpacked_at, "extensions": {"EXT_meshopt_compression": {"fallback": true}}}],
        "extensionsUsed": ["KHR_mesh_quantization", "EXT_meshopt_compression"],
        "extensionsRequired": ["KHR_mesh_quantization", "EXT_meshopt_compression"]
    })
}

pub(super) fn asset(about: &About) -> Value {
    let mut asset = json!({"version": "2.0", "generator": "Science 3D"});
    if about.licence.is_some() || about.doi.is_some() {
        asset["copyright"] = json!(about.line());
    }
    asset
}

pub(super) fn material(part: &Part) -> Value {
    let mut material = json!({"name": part.name, "pbrMetallicRoughness":
        {"baseColorFactor": linear(part.colour, part.opacity), "metallicFactor": 0.0, "roughnessFactor": 0.65}});
    if part.opacity < 1.0 {
        material["alphaMode"] = json!("BLEND");
    }
    material
}

/// Colours of glTF are linear light.
fn linear(colour: [u8; 3], opacity: f32) -> [f64; 4] {
    let [red, green, blue] = colour.map(|part| ((f64::from(part) / 255.0).powf(2.2) * 1e4).round() / 1e4);
    [red, green, blue, (f64::from(opacity) * 1e4).round() / 1e4]
}
