//! Binary glTF 2.0: triangles of all meshes of the scene where its nodes put them; metres, y up, turned so that z is up.
//! Numbers may be quantised and packed with `EXT_meshopt_compression`. A file that needs other files is refused.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::Deref;
use std::rc::Rc;

use volume::Trouble;

use super::gather::Gather;
use super::gltf::{Accessor, Document, Packed, Placement, Primitive};
use super::{broken, cut_off, meshopt};
use crate::limit;
use crate::write::ModelFormat;

const UM_PER_METRE: f64 = 1e6;
/// What may be asked of a reader and changes no place of a triangle, or is understood here.
const UNDERSTOOD: [&str; 7] = [
    "KHR_mesh_quantization",
    "EXT_meshopt_compression",
    "KHR_materials_unlit",
    "KHR_texture_transform",
    "KHR_materials_pbrSpecularGlossiness",
    "KHR_texture_basisu",
    "EXT_texture_webp",
];

pub(super) fn read(file: File, length: u64) -> Result<Gather, Trouble> {
    let mut source = BufReader::with_capacity(1 << 20, file);
    let mut head = [0; 12];
    source.read_exact(&mut head).map_err(cut_off)?;
    if head[4..8] != 2u32.to_le_bytes() {
        return Err(Trouble::new("it is a GLB of another version than 2", "Save it again as glTF 2.0"));
    }
    let text = chunk(&mut source, *b"JSON", limit::GLTF_TEXT_BYTES_MAX, length)?.ok_or_else(|| broken("its description is missing"))?;
    let document: Document = serde_json::from_slice(&text).map_err(|error| broken(format!("its description makes no sense ({error})")))?;
    drop(text);
    refuse_what_is_elsewhere(&document)?;
    let bytes = chunk(&mut source, *b"BIN\0", limit::GLB_BYTES_MAX, length)?.unwrap_or_default();
    let mut scene = Visit {
        document: &document,
        bytes: &bytes,
        gather: Gather::new(ModelFormat::Glb),
        nodes: 0,
        unpacked: HashMap::new(),
        left: limit::GLB_BYTES_MAX,
    };
    scene.gather.unit_is(UM_PER_METRE);
    let roots = roots(&document);
    // glTF has y upwards; volumes and printers have z there.
    let upright = Placement([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, -1.0, 0.0], [0.0, 1.0, 0.0, 0.0]]);
    for root in roots {
        scene.node(root, upright, 0)?;
    }
    Ok(scene.gather)
}

/// The nodes of the scene that is shown; where none is, those below no other.
fn roots(document: &Document) -> Vec<usize> {
    if let Some(scene) = document.scenes.get(document.scene.unwrap_or(0)) {
        return scene.nodes.clone();
    }
    let mut is_child = vec![false; document.nodes.len()];
    for &child in document.nodes.iter().flat_map(|node| &node.children) {
        if let Some(is_child) = is_child.get_mut(child) {
            *is_child = true;
        }
    }
    (0..document.nodes.len()).filter(|&node| !is_child[node]).collect()
}

/// The next chunk, which must be of that kind; nothing at the end of the file.
fn chunk(source: &mut impl Read, kind: [u8; 4], most: u64, file_bytes: u64) -> Result<Option<Vec<u8>>, Trouble> {
    let mut head = [0; 8];
    match source.read_exact(&mut head) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(cut_off(error)),
    }
    let [a, b, c, d, found @ ..] = head;
    let bytes = u64::from(u32::from_le_bytes([a, b, c, d]));
    if found != kind {
        return Err(broken("its pieces are not those of a GLB"));
    }
    if bytes > most || bytes > file_bytes {
        return Err(broken(format!("a piece of it claims {bytes} bytes; the file has {file_bytes}, and at most {most} are read")));
    }
    let mut own = Vec::new();
    source.take(bytes).read_to_end(&mut own).map_err(cut_off)?;
    if (own.len() as u64) < bytes {
        return Err(broken("it is cut off"));
    }
    Ok(Some(own))
}

fn refuse_what_is_elsewhere(document: &Document) -> Result<(), Trouble> {
    let buffers = document.buffers.iter().filter_map(|buffer| buffer.uri.as_deref());
    let images = document.images.iter().filter_map(|image| image.uri.as_deref()).filter(|uri| !uri.starts_with("data:"));
    if let Some(uri) = buffers.chain(images).next() {
        let uri: String = uri.chars().take(60).collect();
        return Err(Trouble::new(
            format!("it points at another file (“{uri}”), which is not looked up"),
            "Save it as one GLB with everything inside",
        ));
    }
    if let Some(extension) = document.extensions_required.iter().find(|name| !UNDERSTOOD.contains(&name.as_str())) {
        let extension: String = extension.chars().take(60).collect();
        return Err(Trouble::new(
            format!("it needs {extension}, which is not read here"),
            "Save it without that; quantised numbers and meshopt compression are read",
        ));
    }
    Ok(())
}

struct Visit<'a> {
    document: &'a Document,
    bytes: &'a [u8],
    gather: Gather,
    /// Nodes and their primitives that were visited.
    nodes: usize,
    /// Packed views by their number, unpacked once for all who look at them; and how many bytes may still come out.
    unpacked: HashMap<usize, Rc<[u8]>>,
    left: u64,
}

impl<'a> Visit<'a> {
    fn node(&mut self, number: usize, outer: Placement, depth: usize) -> Result<(), Trouble> {
        self.visited()?;
        if depth > limit::NODE_DEPTH_MAX {
            return Err(broken(format!("its scene has more than {} nodes within each other", limit::NODE_DEPTH_MAX)));
        }
        let node = self.document.nodes.get(number).ok_or_else(|| broken(format!("it has no node {number}")))?;
        let placement = outer.around(Placement::of(node));
        if let Some(mesh) = node.mesh {
            let mesh = self.document.meshes.get(mesh).ok_or_else(|| broken(format!("it has no mesh {mesh}")))?;
            let name = if node.name.is_empty() { &mesh.name } else { &node.name };
            for primitive in &mesh.primitives {
                self.primitive(primitive, name, placement)?;
            }
        }
        node.children.iter().try_for_each(|&child| self.node(child, placement, depth + 1))
    }

    fn visited(&mut self) -> Result<(), Trouble> {
        self.nodes += 1;
        if self.nodes > limit::NODES_MAX {
            return Err(broken(format!("its scene has more than {} nodes and pieces", limit::NODES_MAX)));
        }
        Ok(())
    }

    fn primitive(&mut self, primitive: &Primitive, name: &str, placement: Placement) -> Result<(), Trouble> {
        self.visited()?;
        let mode = primitive.mode.unwrap_or(4);
        let Some(position) = primitive.attributes.position.filter(|_| (4..=6).contains(&mode)) else { return Ok(()) };
        let material = primitive.material.and_then(|number| self.document.materials.get(number));
        let colour = material.and_then(|material| material.pbr_metallic_roughness.base_color_factor);
        self.gather.part(name, colour.map(|[red, green, blue, _]| [red, green, blue].map(screen)));
        let first = self.gather.vertices() as u64;
        let places = self.accessor(position)?;
        if places.kind != 3 {
            return Err(broken("its places have no three numbers"));
        }
        self.gather.expect(first + places.count as u64, 0, self.bytes.len() as u64)?;
        for vertex in 0..places.count {
            let place = [0, 1, 2].map(|axis| places.number(vertex, axis));
            self.gather.vertex(placement.place(place))?;
        }
        let indices: Vec<u64> = match primitive.indices {
            None => (0..places.count as u64).collect(),
            Some(indices) => {
                let indices = self.accessor(indices)?;
                (0..indices.count).map(|at| indices.number(at, 0) as u64).collect()
            }
        };
        let mirrors = placement.mirrors();
        for [a, b, c] in triangles(mode, &indices) {
            if a.max(b).max(c) >= places.count as u64 {
                return Err(broken(format!("a triangle names corner {}, and there are {}", a.max(b).max(c), places.count)));
            }
            let corners = if mirrors { [a, c, b] } else { [a, b, c] };
            self.gather.triangle(corners.map(|corner| corner + first))?;
        }
        Ok(())
    }

    fn accessor(&mut self, number: usize) -> Result<Numbers<'a>, Trouble> {
        let (document, file) = (self.document, self.bytes);
        let accessor = document.accessors.get(number).ok_or_else(|| broken(format!("it has no accessor {number}")))?;
        if accessor.sparse.is_some() {
            return Err(Trouble::new("it stores places as changes of others (sparse)", "Save it without sparse accessors"));
        }
        if accessor.count > limit::VERTICES_MAX as u64 {
            return Err(broken(format!("it has {} numbers, and at most {} are read", accessor.count, limit::VERTICES_MAX)));
        }
        let number = accessor.buffer_view.ok_or_else(|| broken("a part of it has no data"))?;
        let view = document.buffer_views.get(number).ok_or_else(|| broken(format!("it has no buffer view {number}")))?;
        let component = component_bytes(accessor.component_type)?;
        let kind = match accessor.kind.as_str() {
            "SCALAR" => 1,
            "VEC3" => 3,
            other => return Err(broken(format!("its numbers come as “{}”", other.chars().take(20).collect::<String>()))),
        };
        let (bytes, stride) = match &view.extensions.meshopt {
            Some(packed) => (Bytes::Unpacked(self.unpacked(number, packed)?), Some(packed.byte_stride)),
            None => (Bytes::OfFile(part(file, view.buffer, view.byte_offset, view.byte_length)?), view.byte_stride),
        };
        let numbers = Numbers {
            bytes,
            begins: accessor.byte_offset as usize,
            stride: stride.map_or(kind * component, |stride| stride as usize),
            kind,
            count: accessor.count as usize,
            component_type: accessor.component_type,
            component,
            scale: normalised(accessor),
        };
        numbers.check()
    }

    /// A packed view, unpacked once.
    fn unpacked(&mut self, number: usize, packed: &Packed) -> Result<Rc<[u8]>, Trouble> {
        if let Some(known) = self.unpacked.get(&number) {
            return Ok(known.clone());
        }
        let bytes = packed.count.checked_mul(packed.byte_stride).filter(|&bytes| bytes <= self.left);
        let Some(bytes) = bytes else {
            return Err(broken(format!("more than {} bytes would come out of it", limit::GLB_BYTES_MAX)));
        };
        self.left -= bytes;
        let own = part(self.bytes, packed.buffer, packed.byte_offset, packed.byte_length)?;
        let unpacked: Rc<[u8]> = unpack(own, packed)?.into();
        self.unpacked.insert(number, unpacked.clone());
        Ok(unpacked)
    }
}

fn part(bytes: &[u8], buffer: usize, offset: u64, length: u64) -> Result<&[u8], Trouble> {
    let end = offset.checked_add(length).and_then(|end| usize::try_from(end).ok());
    let own = end.filter(|_| buffer == 0).and_then(|end| bytes.get(offset as usize..end));
    own.ok_or_else(|| broken("a part of it lies outside of the file"))
}

fn unpack(own: &[u8], packed: &Packed) -> Result<Vec<u8>, Trouble> {
    let (count, stride) = (packed.count as usize, packed.byte_stride as usize);
    match packed.mode.as_str() {
        "ATTRIBUTES" => {
            let mut bytes = meshopt::vertices(own, count, stride)?;
            match packed.filter.as_deref() {
                Some("EXPONENTIAL") => meshopt::unfilter_exponents(&mut bytes),
                None | Some("NONE") => {}
                Some(_) => return Err(broken("its places are filtered in a way that is not for places")),
            }
            Ok(bytes)
        }
        "TRIANGLES" => {
            let corners = meshopt::triangles(own, count)?;
            Ok(match stride {
                2 => corners.iter().flat_map(|&corner| (corner as u16).to_le_bytes()).collect(),
                4 => corners.iter().flat_map(|corner| corner.to_le_bytes()).collect(),
                _ => return Err(broken(format!("its corners have {stride} bytes"))),
            })
        }
        _ => Err(Trouble::new("its triangles are packed as “INDICES”", "Save it without compression")),
    }
}

fn component_bytes(component_type: u32) -> Result<usize, Trouble> {
    match component_type {
        5120 | 5121 => Ok(1),
        5122 | 5123 => Ok(2),
        5125 | 5126 => Ok(4),
        other => Err(broken(format!("its numbers are of the unknown type {other}"))),
    }
}

/// What normalised integers are multiplied by.
fn normalised(accessor: &Accessor) -> f64 {
    match (accessor.normalized, accessor.component_type) {
        (true, 5120) => 1.0 / 127.0,
        (true, 5121) => 1.0 / 255.0,
        (true, 5122) => 1.0 / 32_767.0,
        (true, 5123) => 1.0 / 65_535.0,
        _ => 1.0,
    }
}

/// The numbers of an accessor, all of them inside its bytes.
enum Bytes<'a> {
    OfFile(&'a [u8]),
    Unpacked(Rc<[u8]>),
}

impl Deref for Bytes<'_> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            Self::OfFile(bytes) => bytes,
            Self::Unpacked(bytes) => bytes,
        }
    }
}

struct Numbers<'a> {
    bytes: Bytes<'a>,
    begins: usize,
    stride: usize,
    kind: usize,
    count: usize,
    component_type: u32,
    component: usize,
    scale: f64,
}

impl Numbers<'_> {
    fn check(self) -> Result<Self, Trouble> {
        let last = self.count.saturating_sub(1).checked_mul(self.stride).and_then(|at| at.checked_add(self.begins));
        let end = last.and_then(|last| last.checked_add(self.kind * self.component));
        if self.stride >= self.kind * self.component && (self.count == 0 || end.is_some_and(|end| end <= self.bytes.len())) {
            return Ok(self);
        }
        Err(broken("a part of it lies outside of the file"))
    }

    fn number(&self, at: usize, axis: usize) -> f64 {
        let from = self.begins + at * self.stride + axis * self.component;
        let mut word = [0; 4];
        word[..self.component].copy_from_slice(&self.bytes[from..from + self.component]);
        let whole = u32::from_le_bytes(word);
        let value = match self.component_type {
            5120 => f64::from(whole as u8 as i8),
            5122 => f64::from(whole as u16 as i16),
            5126 => f64::from(f32::from_bits(whole)),
            _ => f64::from(whole),
        };
        value * self.scale
    }
}

/// Lists, strips and fans.
fn triangles(mode: u32, indices: &[u64]) -> Box<dyn Iterator<Item = [u64; 3]> + '_> {
    match mode {
        4 => Box::new(indices.as_chunks::<3>().0.iter().copied()),
        5 => Box::new(indices.windows(3).enumerate().map(|(number, corners)| {
            let [a, b, c] = [corners[0], corners[1], corners[2]];
            if number % 2 == 0 { [a, b, c] } else { [b, a, c] }
        })),
        _ => Box::new(indices.windows(2).skip(1).map(|pair| [indices[0], pair[0], pair[1]])),
    }
}

/// Linear light as screens have it.
fn screen(linear: f64) -> u8 {
    (linear.clamp(0.0, 1.0).powf(1.0 / 2.2) * 255.0).round() as u8
}
