//! The `zarr.json` documents of a volume.

use std::path::Path;

use serde_json::{Value, json};

use super::codec::Codec;
use super::shard::Grid;
use crate::cut::Caption;
use crate::pyramid::{Level, Reduction};
use crate::{ElementType, Header, Statistics, Trouble};

pub(crate) fn array(grid: &Grid, element: ElementType, codec: Codec) -> Value {
    let fill = if element.is_float() { json!(0.0) } else { json!(0) };
    let endian = match element.bytes() {
        1 => json!({"name": "bytes"}),
        _ => json!({"name": "bytes", "configuration": {"endian": "little"}}),
    };
    let codecs: Vec<Value> = std::iter::once(endian).chain(codec.metadata(element)).collect();
    json!({
        "zarr_format": 3,
        "node_type": "array",
        "shape": grid.shape,
        "data_type": element.name(),
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": grid.shard_shape()}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": fill,
        "codecs": [{
            "name": "sharding_indexed",
            "configuration": {
                "chunk_shape": grid.chunk,
                "codecs": codecs,
                "index_codecs": [
                    {"name": "bytes", "configuration": {"endian": "little"}},
                    {"name": "crc32c"}
                ],
                "index_location": "end"
            }
        }],
        "dimension_names": ["z", "y", "x"],
        "attributes": {}
    })
}

/// What the group's document is made of.
pub(crate) struct Group<'a> {
    pub(crate) name: &'a str,
    pub(crate) levels: &'a [Level],
    pub(crate) element: ElementType,
    pub(crate) voxel_size_um: Option<[f64; 3]>,
    pub(crate) reduction: Reduction,
    pub(crate) statistics: &'a Statistics,
}

pub(crate) fn group(group: &Group<'_>) -> Value {
    let size = group.voxel_size_um.unwrap_or([1.0; 3]);
    let axis = |name: &str| match group.voxel_size_um {
        Some(_) => json!({"name": name, "type": "space", "unit": "micrometer"}),
        // An unknown size gets no unit; the numbers then only tell how the levels lie to each other.
        None => json!({"name": name, "type": "space"}),
    };
    let datasets: Vec<Value> = group
        .levels
        .iter()
        .enumerate()
        .map(|(number, level)| {
            json!({
                "path": number.to_string(),
                "coordinateTransformations": [
                    {"type": "scale", "scale": level.scale(size)},
                    {"type": "translation", "translation": level.translation(size)}
                ]
            })
        })
        .collect();
    let (kind, method) = match group.reduction {
        Reduction::Mean => ("mean", "mean of 2 along each halved axis, integers rounded half to even"),
        Reduction::Mode => ("mode", "most frequent value, the greater of equals"),
    };
    let statistics = group.statistics;
    let mut ome = json!({
        "version": "0.5",
        "multiscales": [{
            "name": group.name,
            "axes": [axis("z"), axis("y"), axis("x")],
            "datasets": datasets,
            "type": kind,
            "metadata": {"method": method}
        }]
    });
    if group.reduction == Reduction::Mean {
        ome["omero"] = json!({
            "channels": [{
                "label": group.name,
                "color": "FFFFFF",
                "active": true,
                "coefficient": 1,
                "family": "linear",
                "inverted": false,
                "window": {
                    "min": statistics.min, "max": statistics.max,
                    "start": statistics.window[0], "end": statistics.window[1]
                }
            }],
            "rdefs": {"defaultT": 0, "defaultZ": group.levels[0].shape[0] / 2, "model": "greyscale"}
        });
    }
    json!({
        "zarr_format": 3,
        "node_type": "group",
        "attributes": {
            "ome": ome,
            "science3d": {
                "element": group.element,
                "voxel_size_um": group.voxel_size_um,
                "statistics": statistics
            }
        }
    })
}

/// Writes into the group's document what its source knows and OME-Zarr has no words for, under our own key: how the grid lay in a
/// space with a name, and the acquisition as the header tells it. A part of another volume says where it lies in that: its levels
/// are shifted there, and its caption stands beside. Tells by how many bytes the document has grown.
pub(crate) fn describe(folder: &Path, header: &Header, caption: &Caption) -> Result<u64, Trouble> {
    let path = folder.join("zarr.json");
    let trouble = |error: std::io::Error| Trouble::io("writing", &path, &error);
    let before = std::fs::read(&path).map_err(trouble)?;
    let mut document: Value = serde_json::from_slice(&before).map_err(|error| trouble(error.into()))?;
    let own = &mut document["attributes"]["science3d"];
    if let Some(orientation) = caption.orientation.as_ref().or(header.orientation.as_ref()) {
        own["orientation"] = json!(orientation);
    }
    if caption.lines.is_empty() {
        own["acquisition"] = acquisition(header);
    } else {
        own["cut"] = caption.lines.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect();
    }
    if let Some(origin) = caption.origin_um {
        let levels = document["attributes"]["ome"]["multiscales"][0]["datasets"].as_array_mut();
        levels.into_iter().flatten().for_each(|level| shift(&mut level["coordinateTransformations"][1]["translation"], origin));
    }
    let mut text = serde_json::to_vec_pretty(&document).map_err(|error| trouble(error.into()))?;
    text.push(b'\n');
    std::fs::write(&path, &text).map_err(trouble)?;
    Ok(text.len().saturating_sub(before.len()) as u64)
}

/// Further facts of a header that are kept.
const FACTS_MAX: usize = 500;

/// What the header found, without what it did not; never more than [`crate::inspect`] shows, and so no patient.
fn acquisition(header: &Header) -> Value {
    let mut found = header.found.clone();
    found.other = found.other.into_iter().take(FACTS_MAX).collect();
    let mut told = json!(found);
    told["format"] = header.format.as_str().into();
    if let Some(facts) = told.as_object_mut() {
        facts.retain(|_, value| !value.is_null() && value.as_object().is_none_or(|pairs| !pairs.is_empty()));
    }
    told
}

/// Where the first voxel of the finest level lies, in the unit of the axes.
pub(crate) fn place(multiscale: &Value) -> Option<[f64; 3]> {
    serde_json::from_value(multiscale["datasets"][0]["coordinateTransformations"][1]["translation"].clone()).ok()
}

fn shift(translation: &mut Value, origin: [f64; 3]) {
    for (axis, from) in translation.as_array_mut().into_iter().flatten().zip(origin) {
        *axis = json!(axis.as_f64().unwrap_or(0.0) + from);
    }
}
