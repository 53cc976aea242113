//! Models as files of other people: STL, PLY, OBJ, GLB and 3MF become parts with shared vertices, in micrometres, z up.
//!
//! What a file is, its first bytes say. Nothing in it decides how much memory is taken: triangles, corners, text and what comes
//! out of a ZIP are counted against the limits in [`crate::limit`], and a reference that leads nowhere is refused with its number.

mod gather;
mod glb;
mod gltf;
mod lines;
mod meshopt;
mod obj;
mod ply;
mod stl;
mod threemf;
pub(crate) mod weld;

use std::fs::File;
use std::io::{Read as _, Seek, SeekFrom};
use std::path::Path;

use volume::Trouble;

use crate::surface::Part;
use crate::write::ModelFormat;

/// Bytes by which a format is recognised.
const HEAD_BYTES: usize = 512;

/// A model as its file says it is.
#[derive(Debug, Clone)]
pub struct Foreign {
    pub format: ModelFormat,
    pub parts: Vec<Part>,
    /// Whether the file says what its numbers are; else they are taken as millimetres.
    pub unit_known: bool,
    /// Triangles left out because a corner of theirs is no number.
    pub not_finite: u64,
    /// Vertices that lay exactly on another and were made one with it.
    pub merged: u64,
}

impl Foreign {
    pub fn triangles(&self) -> u64 {
        self.parts.iter().map(|part| part.surface.triangles.len() as u64).sum()
    }
}

/// Whether a file of that name is looked at as a model.
pub fn is_model_name(name: &str) -> bool {
    ModelFormat::of_name(name).is_some()
}

/// Reads a model of any known format.
pub fn read(path: &Path) -> Result<Foreign, Trouble> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    read_file(path, &name).map_err(|mut trouble| {
        trouble.file.get_or_insert(name);
        trouble
    })
}

fn read_file(path: &Path, name: &str) -> Result<Foreign, Trouble> {
    let mut file = File::open(path).map_err(|error| Trouble::new(format!("opening it failed ({error})"), "Check its name"))?;
    let length = file.metadata().map_err(cut_off)?.len();
    let mut head = Vec::new();
    (&mut file).take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(cut_off)?;
    file.seek(SeekFrom::Start(0)).map_err(cut_off)?;
    let gathered = match format_of(&head, length, name)? {
        ModelFormat::Stl => stl::read(file, length, &head),
        ModelFormat::Ply => ply::read(file),
        ModelFormat::Obj => obj::read(file),
        ModelFormat::Glb => glb::read(file, length),
        ModelFormat::ThreeMf => threemf::read(file, length),
    }?;
    gathered.finish()
}

/// By the first bytes; OBJ and STL have no mark of their own, so there the name helps.
fn format_of(head: &[u8], length: u64, name: &str) -> Result<ModelFormat, Trouble> {
    if length == 0 {
        return Err(Trouble::new("the file is empty", "Upload it again"));
    }
    if head.starts_with(b"glTF") {
        return Ok(ModelFormat::Glb);
    }
    if head.starts_with(b"ply\n") || head.starts_with(b"ply\r") {
        return Ok(ModelFormat::Ply);
    }
    if head.starts_with(b"PK\x03\x04") {
        return Ok(ModelFormat::ThreeMf);
    }
    match ModelFormat::of_name(name) {
        Some(format @ (ModelFormat::Stl | ModelFormat::Obj)) => Ok(format),
        Some(format) => Err(Trouble::new(
            format!("it is called .{} and does not begin like one", format.ending()),
            "It may be damaged or have the wrong ending; save it again",
        )),
        None if stl::looks_binary(head, length) => Ok(ModelFormat::Stl),
        None => Err(Trouble::new("it is no model that is known", "STL, PLY, OBJ, GLB and 3MF are read")),
    }
}

fn cut_off(error: std::io::Error) -> Trouble {
    Trouble::new(format!("reading it failed ({error})"), "It may be cut off; upload it again")
}

/// Nothing is wrong with it but its size.
fn too_large(what: impl Into<String>) -> Trouble {
    Trouble::new(what, "It is not damaged, only too large: save it with fewer triangles")
}

fn broken(what: impl Into<String>) -> Trouble {
    Trouble::new(what, "The file is damaged or was written wrongly; save it again with another program")
}
