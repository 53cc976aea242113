//! OME-Zarr 0.4 and 0.5, Zarr 2 and 3 and N5 of other programs. What we write ourselves is read by [`crate::zarr`].
//!
//! Sources: ngff.openmicroscopy.org (0.4, 0.5), zarr-specs.readthedocs.io (2, 3.0), github.com/saalfeldlab/n5.

mod array;
mod codec;
mod document;
mod pick;
mod planes;
mod scale;
pub(crate) mod tree;

use std::path::Path;
use std::sync::Arc;

use self::array::{KeyNames, Stored};
use self::planes::ChunkedPlanes;
use self::tree::{FolderTree, Tree};
use super::{Asked, Opened, check_shape};
use crate::trouble::file_name;
use crate::{Found, Header, Orientation, Trouble};

/// Documents that make a folder a container.
const MARKS: [&str; 4] = ["zarr.json", ".zgroup", ".zarray", ".zattrs"];
/// N5's document; it has so usual a name that its words are looked at.
const N5_MARK: &str = "attributes.json";

/// Whether a file of this name makes its folder a Zarr or N5 container.
pub fn marks_container(name: &str) -> bool {
    MARKS.contains(&name) || name == N5_MARK
}

/// As [`marks_container`], for names that nobody else uses.
pub(crate) fn marks_container_for_sure(name: &str) -> bool {
    MARKS.contains(&name)
}

/// Whether a folder is called like a container.
pub fn called_container(name: &str) -> bool {
    let name = name.to_lowercase();
    [".zarr", ".n5"].iter().any(|ending| name.ends_with(ending))
}

/// Whether a folder is a Zarr or N5 container.
pub(crate) fn is_container(folder: &Path) -> bool {
    MARKS.iter().any(|mark| folder.join(mark).is_file())
        || called_container(&file_name(folder))
        || FolderTree::new(folder).read(N5_MARK, tree::DOCUMENT_MAX_BYTES).ok().flatten().is_some_and(|bytes| {
            let document: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
            !document["n5"].is_null()
                || document["dimensions"].is_array()
                || document["multiscales"].is_array()
                || document["multiScale"] == true
                || document["pixelResolution"].is_array()
                || document["pixelResolution"]["dimensions"].is_array()
                || document["downsamplingFactors"].is_array()
                || document["scales"].is_array() && folder.join("s0").is_dir()
        })
}

/// Whether a folder is called like the levels of a pyramid begin: 0 or s0.
pub(crate) fn called_level(folder: &Path) -> bool {
    file_name(folder).to_lowercase().trim_start_matches('s').parse::<usize>().is_ok()
}

pub(crate) fn open_folder(folder: &Path, asked: &Asked) -> Result<Opened, Trouble> {
    open_tree(Arc::new(FolderTree::new(folder)), &file_name(folder), asked)
}

/// Opens the container that begins at the top of a tree; what goes wrong is named with the container.
pub(crate) fn open_tree(tree: Arc<dyn Tree>, name: &str, asked: &Asked) -> Result<Opened, Trouble> {
    open_named(tree, name, asked).map_err(|trouble| trouble.inside(name))
}

fn open_named(tree: Arc<dyn Tree>, name: &str, asked: &Asked) -> Result<Opened, Trouble> {
    let mut wish = pick::Wish::parse(asked.dataset.as_deref())?;
    let found = pick::find(tree.as_ref(), &wish.path)?;
    if let Some(channel) = asked.channel {
        wish.take_channel(channel, &pick::axis_names(&found, &wish));
    }
    let picked = pick::pick(&found, &wish)?;
    let mut warnings = found.warnings.clone();
    let voxel_size_um = scale::voxel_size_um(&found, &pick::axis_names(&found, &wish), &picked, &mut warnings);
    if found.array.voxel.stored == Stored::Half {
        warnings.push("Its voxels are float16; they are stored as float32, without loss.".into());
    }
    let mut facts = Found::default();
    let format = format_name(&found);
    facts.other.insert(
        "array".into(),
        format!("{}{}", if found.array.path.is_empty() { "/" } else { &found.array.path }, indices(&found, &wish, &picked)),
    );
    if let Some((scale, _)) = &found.multiscale
        && let Some(title) = scale["name"].as_str().and_then(crate::header::clean_text)
    {
        facts.other.insert("name".into(), title);
    }
    facts.labels = labels(&found);
    // What our own writer left is about the finest level with its axes as they are.
    let is_finest = picked.spatial == [Some(0), Some(1), Some(2)]
        && found.multiscale.as_ref().is_some_and(|(scale, dataset)| scale["datasets"][0]["path"] == dataset["path"]);
    let bytes_in = tree.bytes_below(&found.array.path)?;
    let element = found.array.voxel.element();
    let planes = ChunkedPlanes::new(tree, name, found.array, picked)?;
    let shape = check_shape(planes.shape(), element.bytes())?;
    let orientation = found.above.iter().find_map(Orientation::of_attributes).filter(|_| is_finest);
    let header = Header { format, shape, element, voxel_size_um, orientation, found: facts, warnings, files: vec![name.to_string()] };
    Ok(Opened { header, planes: Box::new(planes), bytes_in, scratch_bytes: 0 })
}

/// By what the container says that it holds labels.
fn labels(found: &pick::Found) -> Option<String> {
    let is_image_label = |group: &serde_json::Value| group["image-label"].is_object() || group["ome"]["image-label"].is_object();
    if found.above.first().is_some_and(is_image_label) {
        return Some("OME-Zarr image-label".into());
    }
    if found.multiscale.as_ref().is_some_and(|(scale, _)| scale["type"] == "mode") {
        return Some("levels of OME-Zarr made by mode".into());
    }
    (found.array.voxel.stored == Stored::Bool).then(|| "Zarr type bool".into())
}

/// What to ask a container for so that a coarser level of the same volume is opened; nothing where there is no such level.
pub(crate) fn at_level(tree: &dyn Tree, asked: &Asked, level: usize) -> Result<Option<Asked>, Trouble> {
    let wish = pick::Wish::parse(asked.dataset.as_deref())?;
    let found = pick::find(tree, &wish.path)?;
    let dataset = found.levels.get(level).map(|path| pick::Wish { path: path.clone(), ..wish }.written().join(","));
    Ok(dataset.map(|dataset| Asked { dataset: Some(dataset), ..asked.clone() }))
}

/// The container at a path, in a folder or in a ZIP.
pub(crate) fn container(path: &Path) -> Result<Option<Arc<dyn Tree>>, Trouble> {
    if path.is_dir() {
        return Ok(is_container(path).then(|| Arc::new(FolderTree::new(path)) as Arc<dyn Tree>));
    }
    let is_zip = (super::archive_file::ZIP.recognises)(&super::head_of(path)?);
    if is_zip { super::archive_file::container(path) } else { Ok(None) }
}

fn format_name(found: &pick::Found) -> String {
    let base = match found.array.keys {
        KeyNames::N5 => return "N5".into(),
        KeyNames::Default(_) => "Zarr 3",
        KeyNames::V2(_) => "Zarr 2",
    };
    let Some((scale, _)) = &found.multiscale else { return base.into() };
    let of_group = found.above.iter().find_map(|attributes| attributes["ome"]["version"].as_str());
    match of_group.or(scale["version"].as_str()).and_then(crate::header::clean_text) {
        Some(version) => format!("OME-Zarr {version}"),
        None => "OME-Zarr".into(),
    }
}

/// “ at t=0, c=1”, for axes of more than one voxel.
fn indices(found: &pick::Found, wish: &pick::Wish, picked: &pick::Pick) -> String {
    let names = pick::axis_names(found, wish);
    let chosen = |axis: &usize| !picked.spatial.contains(&Some(*axis)) && found.array.shape[*axis] > 1;
    let list: Vec<String> = (0..names.len()).filter(chosen).map(|axis| format!("{}={}", names[axis], picked.fixed[axis])).collect();
    if list.is_empty() { String::new() } else { format!(" at {}", list.join(", ")) }
}
