//! Reads `.zarray`, `zarr.json` and N5's `attributes.json` into one kind of [`Array`].

use serde_json::Value;

use super::array::{Array, Body, Codecs, KeyNames, Shards, Stored, Voxel, voxel_count};
use super::codec::{At, Packing};
use super::tree::{DOCUMENT_MAX_BYTES, Tree, join};
use crate::element::single_of_half;
use crate::{ElementType, Trouble};

/// Axes of an array.
const RANK_MAX: usize = 16;
/// Codecs of an array, and shards within shards.
const CODECS_MAX: usize = 16;
const SHARDS_DEEP_MAX: usize = 3;
/// Longest axis of a foreign array before one plane of it is chosen.
const AXIS_MAX: u64 = 1 << 40;
/// Inner chunks of one shard.
const SHARD_CHUNKS_MAX: u64 = 1 << 22;

/// What lies at a path.
#[derive(Debug)]
pub(crate) enum Node {
    Array(Box<Array>),
    /// A group with its attributes.
    Group(Value),
}

fn refuse(what: impl Into<String>) -> Trouble {
    Trouble::new(what, "Save it again with a recent program")
}

fn document(tree: &dyn Tree, key: &str) -> Result<Option<Value>, Trouble> {
    let Some(bytes) = tree.read(key, DOCUMENT_MAX_BYTES)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| Trouble::in_key(key, format!("it is no JSON ({error})"), "Upload it again"))
}

/// The node at a path of the container; nothing when there is none.
pub(crate) fn node(tree: &dyn Tree, path: &str) -> Result<Option<Node>, Trouble> {
    let named = |mut trouble: Trouble| {
        // What is wrong at the top is wrong with the container, which whoever opens it names.
        trouble.file = trouble.file.or((!path.is_empty()).then(|| path.into()));
        trouble
    };
    if let Some(document) = document(tree, &join(path, "zarr.json"))? {
        if document["zarr_format"] != 3 {
            return Err(named(refuse(format!("its Zarr format {} is not read", document["zarr_format"]))));
        }
        return match document["node_type"].as_str() {
            Some("array") => Ok(Some(Node::Array(Box::new(zarr3(path, &document).map_err(named)?)))),
            _ => Ok(Some(Node::Group(document["attributes"].clone()))),
        };
    }
    let attributes = |tree: &dyn Tree| Ok::<_, Trouble>(document(tree, &join(path, ".zattrs"))?.unwrap_or(Value::Null));
    if let Some(document) = document(tree, &join(path, ".zarray"))? {
        return Ok(Some(Node::Array(Box::new(zarr2(path, &document, attributes(tree)?).map_err(named)?))));
    }
    if tree.size(&join(path, ".zgroup"))?.is_some() || tree.size(&join(path, ".zattrs"))?.is_some() {
        return Ok(Some(Node::Group(attributes(tree)?)));
    }
    match document(tree, &join(path, "attributes.json"))? {
        Some(document) if document["dimensions"].is_array() => Ok(Some(Node::Array(Box::new(n5(path, document).map_err(named)?)))),
        Some(document) => Ok(Some(Node::Group(document))),
        None => Ok(None),
    }
}

fn sizes(value: &Value, what: &str) -> Result<Vec<u64>, Trouble> {
    let numbers: Option<Vec<u64>> = value.as_array().and_then(|list| list.iter().map(Value::as_u64).collect());
    let bad = || refuse(format!("its {what} is no list of sizes"));
    let numbers = numbers.filter(|list| list.len() <= RANK_MAX).ok_or_else(bad)?;
    if numbers.iter().any(|&size| size > AXIS_MAX) {
        return Err(refuse(format!("its {what} claims more voxels than can be true")));
    }
    Ok(numbers)
}

/// Chunks fit the array and can be held in memory.
fn checked(array: Array) -> Result<Array, Trouble> {
    if array.chunk.len() != array.shape.len() || array.chunk.contains(&0) {
        return Err(refuse("its chunks do not fit its shape"));
    }
    if array.open_shards().is_none() && voxel_count(&array.chunk, array.voxel.bytes().max(array.fill.len())).is_none() {
        return Err(Trouble::new("its chunks are too large to be held in memory", "Save it with chunks of at most 1 GiB"));
    }
    Ok(array)
}

fn zarr2(path: &str, document: &Value, attributes: Value) -> Result<Array, Trouble> {
    let shape = sizes(&document["shape"], "shape")?;
    let rank = shape.len();
    let voxel = numpy_type(&document["dtype"])?;
    let order = match document["order"].as_str().unwrap_or("C") {
        "F" => (0..rank).rev().collect(),
        _ => (0..rank).collect(),
    };
    let mut packings = Vec::new();
    let filters = document["filters"].as_array().map_or(&[][..], Vec::as_slice);
    let compressor = Some(&document["compressor"]).filter(|compressor| !compressor.is_null());
    for codec in filters.iter().chain(compressor).take(CODECS_MAX) {
        let name = codec["id"].as_str().unwrap_or("without a name");
        packings.extend(Packing::of_numcodecs(name, codec, voxel.bytes(), voxel.big_endian)?);
    }
    let separator = if document["dimension_separator"] == "/" { '/' } else { '.' };
    let names = attributes["_ARRAY_DIMENSIONS"].clone();
    checked(Array {
        path: path.into(),
        chunk: sizes(&document["chunks"], "chunk shape")?,
        names: axis_names(&names, rank),
        voxel,
        fill: fill_value(&document["fill_value"], voxel)?,
        keys: KeyNames::V2(separator),
        codecs: Codecs { order, body: Body::Bytes { big_endian: voxel.big_endian }, packings },
        attributes,
        shape,
    })
}

/// The type strings of NumPy: `<u2`, `|u1`, `>f4`.
fn numpy_type(dtype: &Value) -> Result<Voxel, Trouble> {
    let text = dtype.as_str().unwrap_or("a structure");
    let other = || refuse(format!("its voxels are “{text}”, not numbers that a volume can hold"));
    let (order, kind) = text.split_at_checked(1).ok_or_else(other)?;
    let stored = match kind {
        "b1" => Stored::Bool,
        "f2" => Stored::Half,
        _ => {
            let (kind, bytes) = kind.split_at_checked(1).ok_or_else(other)?;
            let bits = bytes.parse::<u32>().ok().filter(|&bytes| bytes <= 8).ok_or_else(other)? * 8;
            let word = match kind {
                "u" => "uint",
                "i" => "int",
                "f" => "float",
                _ => return Err(other()),
            };
            Stored::Plain(ElementType::from_name(&format!("{word}{bits}")).ok_or_else(other)?)
        }
    };
    Ok(Voxel { stored, big_endian: order == ">" })
}

fn named_type(value: &Value) -> Result<Voxel, Trouble> {
    let name = value.as_str().or(value["name"].as_str()).unwrap_or_default();
    let stored = match name {
        "bool" => Stored::Bool,
        "float16" => Stored::Half,
        _ => Stored::Plain(
            ElementType::from_name(name).ok_or_else(|| refuse(format!("its voxels are “{name}”, not numbers that a volume can hold")))?,
        ),
    };
    Ok(Voxel { stored, big_endian: false })
}

fn zarr3(path: &str, document: &Value) -> Result<Array, Trouble> {
    let shape = sizes(&document["shape"], "shape")?;
    let voxel = named_type(&document["data_type"])?;
    let grid = &document["chunk_grid"];
    if grid["name"] != "regular" {
        return Err(refuse(format!("its chunk grid {} is not read", grid["name"])));
    }
    if document["storage_transformers"].as_array().is_some_and(|list| !list.is_empty()) {
        return Err(refuse("its storage transformers are not read"));
    }
    let encoding = &document["chunk_key_encoding"];
    let separator = encoding["configuration"]["separator"].as_str();
    let keys = match encoding["name"].as_str().or(encoding.as_str()).unwrap_or("default") {
        "default" => KeyNames::Default(if separator == Some(".") { '.' } else { '/' }),
        "v2" => KeyNames::V2(if separator == Some("/") { '/' } else { '.' }),
        other => return Err(refuse(format!("its chunk keys “{other}” are not read"))),
    };
    let chunk = sizes(&grid["configuration"]["chunk_shape"], "chunk shape")?;
    if chunk.len() != shape.len() || chunk.contains(&0) {
        return Err(refuse("its chunks do not fit its shape"));
    }
    let attributes = document["attributes"].clone();
    let names = Some(&document["dimension_names"]).filter(|names| names.is_array()).unwrap_or(&attributes["_ARRAY_DIMENSIONS"]).clone();
    checked(Array {
        path: path.into(),
        codecs: codecs(&document["codecs"], &chunk, voxel, SHARDS_DEEP_MAX)?,
        names: axis_names(&names, shape.len()),
        fill: fill_value(&document["fill_value"], voxel)?,
        chunk,
        voxel,
        keys,
        attributes,
        shape,
    })
}

/// The codec chain of Zarr 3: turnings, then bytes or shards, then packings.
fn codecs(list: &Value, chunk: &[u64], voxel: Voxel, deeper: usize) -> Result<Codecs, Trouble> {
    let list = list.as_array().filter(|list| list.len() <= CODECS_MAX).ok_or_else(|| refuse("its codecs are no list"))?;
    let mut order: Vec<usize> = (0..chunk.len()).collect();
    let mut body = None;
    let mut packings = Vec::new();
    for codec in list {
        let name = codec.as_str().or(codec["name"].as_str()).unwrap_or("without a name");
        let settings = &codec["configuration"];
        match (name, &body) {
            ("transpose", None) => order = turned(&settings["order"], &order)?,
            ("bytes", None) => body = Some(Body::Bytes { big_endian: settings["endian"] == "big" }),
            ("sharding_indexed", None) => {
                let outer: Vec<u64> = order.iter().map(|&axis| chunk[axis]).collect();
                body = Some(Body::Shards(Box::new(shards(settings, &outer, voxel, deeper)?)));
            }
            _ => {
                let big_endian = matches!(body, Some(Body::Bytes { big_endian: true }));
                packings.extend(Packing::of_zarr3(name, settings, voxel.bytes(), big_endian)?);
            }
        }
    }
    Ok(Codecs { order, body: body.ok_or_else(|| refuse("no codec makes bytes of its voxels"))?, packings })
}

/// One more turning on top of the present order.
fn turned(order: &Value, present: &[usize]) -> Result<Vec<usize>, Trouble> {
    let rank = present.len();
    let turns = match order.as_str() {
        Some("C") => (0..rank).collect(),
        Some("F") => (0..rank).rev().collect(),
        _ => sizes(order, "transpose order")?.into_iter().map(|axis| axis as usize).collect::<Vec<_>>(),
    };
    let mut sorted = turns.clone();
    sorted.sort_unstable();
    if !sorted.into_iter().eq(0..rank) {
        return Err(refuse("its transpose order is wrong"));
    }
    Ok(turns.into_iter().map(|axis| present[axis]).collect())
}

fn shards(settings: &Value, outer: &[u64], voxel: Voxel, deeper: usize) -> Result<Shards, Trouble> {
    let deeper = deeper.checked_sub(1).ok_or_else(|| refuse("its shards lie too deep within shards"))?;
    let chunk = sizes(&settings["chunk_shape"], "inner chunk shape")?;
    let divides = |(outer, inner): (&u64, &u64)| *inner > 0 && outer % inner == 0;
    if chunk.len() != outer.len() || !outer.iter().zip(&chunk).all(divides) {
        return Err(refuse("its shards are not divided evenly"));
    }
    let count = outer.iter().zip(&chunk).try_fold(1_u64, |count, (outer, inner)| count.checked_mul(outer / inner));
    if count.is_none_or(|count| count > SHARD_CHUNKS_MAX) || voxel_count(&chunk, voxel.bytes().max(4)).is_none() {
        return Err(Trouble::new("its shards are too large", "Save it with smaller shards"));
    }
    let index = codecs(&settings["index_codecs"], &[], voxel, 0)?;
    let plain = matches!(index.body, Body::Bytes { big_endian: false });
    let index_is_checked = match (&index.packings[..], plain) {
        ([], true) => false,
        ([Packing::Crc32c(At::End)], true) => true,
        _ => return Err(refuse("the index of its shards is packed in an unusual way")),
    };
    let inner = codecs(&settings["codecs"], &chunk, voxel, deeper)?;
    Ok(Shards { chunk, inner, index_is_checked, index_at_end: settings["index_location"] != "start" })
}

fn n5(path: &str, attributes: Value) -> Result<Array, Trouble> {
    let mut shape = sizes(&attributes["dimensions"], "size")?;
    let mut chunk = sizes(&attributes["blockSize"], "block size")?;
    let voxel = named_type(&attributes["dataType"])?;
    let mut names = axis_names(&attributes["axes"], shape.len());
    let packings = Packing::of_n5(&attributes)?.into_iter().collect();
    // N5 counts x first and lets it run fastest; turned around, that is the order of everybody else.
    shape.reverse();
    chunk.reverse();
    names.reverse();
    let order = (0..shape.len()).collect();
    checked(Array {
        path: path.into(),
        chunk,
        names,
        fill: vec![0; voxel.element().bytes()],
        voxel: Voxel { big_endian: true, ..voxel },
        keys: KeyNames::N5,
        codecs: Codecs { order, body: Body::N5Block, packings },
        attributes,
        shape,
    })
}

/// Names of axes, in lower case; a list of another length says nothing.
fn axis_names(list: &Value, rank: usize) -> Vec<Option<String>> {
    let list = list.as_array().filter(|list| list.len() == rank);
    let name = |value: &Value| value.as_str().and_then(crate::header::clean_text).map(|name| name.to_lowercase());
    list.map_or(vec![None; rank], |list| list.iter().map(name).collect())
}

/// The value of what is not stored, as a little-endian voxel that is handed on.
fn fill_value(value: &Value, voxel: Voxel) -> Result<Vec<u8>, Trouble> {
    let bad = || refuse(format!("its fill value {value} does not fit its voxels"));
    let element = voxel.element();
    if value.is_null() {
        return Ok(vec![0; element.bytes()]);
    }
    if let Some(truth) = value.as_bool() {
        return Ok(number_bytes(element, f64::from(u8::from(truth)), i128::from(truth)));
    }
    if let Some(digits) = value.as_str().and_then(|text| text.strip_prefix("0x")) {
        let bits = u64::from_str_radix(digits, 16).map_err(|_| bad())?;
        if voxel.stored == Stored::Half {
            return Ok(single_of_half(u16::try_from(bits).map_err(|_| bad())?).to_le_bytes().to_vec());
        }
        let bytes = bits.to_le_bytes();
        return if bytes[element.bytes()..].iter().all(|&byte| byte == 0) { Ok(bytes[..element.bytes()].to_vec()) } else { Err(bad()) };
    }
    let float = match value.as_str() {
        Some("NaN") => f64::NAN,
        Some("Infinity") => f64::INFINITY,
        Some("-Infinity") => f64::NEG_INFINITY,
        Some(text) => text.parse().map_err(|_| bad())?,
        None => value.as_f64().ok_or_else(bad)?,
    };
    let whole = value.as_i64().map(i128::from).or(value.as_u64().map(i128::from)).unwrap_or(float as i128);
    Ok(number_bytes(element, float, whole))
}

/// A number as one little-endian voxel: `whole` for integers, `float` for the others.
fn number_bytes(element: ElementType, float: f64, whole: i128) -> Vec<u8> {
    match (element.is_float(), element.bytes()) {
        (true, 4) => (float as f32).to_le_bytes().to_vec(),
        (true, _) => float.to_le_bytes().to_vec(),
        (false, bytes) => whole.to_le_bytes()[..bytes].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn filled(value: Value, dtype: &str) -> Vec<u8> {
        fill_value(&value, numpy_type(&json!(dtype)).unwrap()).unwrap()
    }

    #[test]
    fn fill_values_are_understood_in_all_spellings() {
        assert_eq!(filled(json!(-2), "<i2"), [254, 255]);
        assert_eq!(filled(json!(258.0), ">u2"), [2, 1]);
        assert_eq!(filled(json!(true), "|b1"), [1]);
        assert_eq!(filled(json!("NaN"), "<f4")[3] & 0x7f, 0x7f);
        assert_eq!(filled(json!("0x3f800000"), "<f4"), 1.0_f32.to_le_bytes());
        assert_eq!(filled(json!("0x3c00"), "<f2"), 1.0_f32.to_le_bytes());
        assert_eq!(filled(Value::Null, "<f8"), [0; 8]);
        assert!(fill_value(&json!("grey"), numpy_type(&json!("|u1")).unwrap()).is_err());
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for dtype in [json!("<c8"), json!("|S4"), json!("<M8[ns]"), json!("µ"), json!([["r", "u1"]]), json!("|u99999999999")] {
            assert!(numpy_type(&dtype).is_err(), "{dtype}");
        }
    }
}
