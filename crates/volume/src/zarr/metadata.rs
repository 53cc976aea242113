//! The `zarr.json` documents of a volume.

use serde_json::{Map, Value, json};

use super::codec::Codec;
use super::shard::Grid;
use crate::cut::Caption;
use crate::pyramid::{Level, Reduction};
use crate::{ElementType, Header, Statistics};

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
    /// Added to where each level begins, in the unit of the axes.
    pub(crate) origin: [f64; 3],
    pub(crate) source: &'a Map<String, Value>,
}

pub(crate) fn group(group: &Group<'_>) -> Value {
    let size = group.voxel_size_um.unwrap_or([1.0; 3]);
    let axis = |name: &str| match group.voxel_size_um {
        Some(_) => json!({"name": name, "type": "space", "unit": "micrometer"}),
        // An unknown size gets no unit; the numbers then only tell how the levels lie to each other.
        None => json!({"name": name, "type": "space"}),
    };
    let placed = |[z, y, x]: [f64; 3]| [z + group.origin[0], y + group.origin[1], x + group.origin[2]];
    let datasets: Vec<Value> = group
        .levels
        .iter()
        .enumerate()
        .map(|(number, level)| {
            json!({
                "path": number.to_string(),
                "coordinateTransformations": [
                    {"type": "scale", "scale": level.scale(size)},
                    {"type": "translation", "translation": placed(level.translation(size))}
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
    let mut own = group.source.clone();
    own.insert("element".into(), json!(group.element));
    own.insert("voxel_size_um".into(), json!(group.voxel_size_um));
    own.insert("statistics".into(), json!(statistics));
    json!({ "zarr_format": 3, "node_type": "group", "attributes": { "ome": ome, "science3d": own } })
}

/// What the source of a volume knows and OME-Zarr has no words for, under our own key: how the grid lay in a space with a name, and
/// the acquisition as the header tells it, or the caption of a part of another volume.
pub(crate) fn of_source(header: &Header, caption: &Caption) -> Map<String, Value> {
    let mut own = Map::new();
    if let Some(orientation) = caption.orientation.as_ref().or(header.orientation.as_ref()) {
        own.insert("orientation".into(), json!(orientation));
    }
    let (name, told) = match caption.lines.is_empty() {
        true => ("acquisition", acquisition(header)),
        false => ("cut", caption.lines.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect()),
    };
    own.insert(name.into(), told);
    own
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
