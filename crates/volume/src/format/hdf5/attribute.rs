//! Attributes and small datasets as text and numbers.

use super::btree2;
use super::bytes::{Cursor, damaged, text};
use super::datatype::Datatype;
use super::file::H5File;
use super::fractal::FractalHeap;
use super::heap::{HeapId, global};
use super::message::Dataspace;
use super::object::{ATTRIBUTE, ATTRIBUTE_INFO, DATASPACE, DATATYPE, Object, shared};
use crate::Trouble;
use crate::element::single_of_half;

/// Elements of an attribute that are looked at.
const ELEMENTS_MAX: u64 = 65_536;
/// Attributes of one object.
const ATTRIBUTES_MAX: usize = 4_096;
/// Record type of B-trees that index attributes by name.
const BY_NAME: u8 = 8;

/// What an attribute or a small dataset says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(Vec<String>),
    Numbers(Vec<f64>),
}

impl Value {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(texts) => texts.first().map(String::as_str),
            Self::Numbers(_) => None,
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Numbers(numbers) => numbers.first().copied(),
            // Some beamlines write numbers as text.
            Self::Text(texts) => texts.first().and_then(|text| text.trim().parse().ok()),
        }
    }
}

/// All attributes that can be read; one that cannot is left out.
pub(super) fn attributes(file: &H5File, object: &Object) -> Result<Vec<(String, Value)>, Trouble> {
    let mut found = Vec::new();
    for body in object.all(file, ATTRIBUTE)? {
        found.extend(attribute(file, &body).ok().flatten());
    }
    if let Some(info) = object.first(file, ATTRIBUTE_INFO)? {
        let mut cursor = Cursor::new(&info, "an attribute info", file.widths);
        cursor.version(&[0])?;
        let flags = cursor.u8()?;
        cursor.skip(if flags & 1 != 0 { 2 } else { 0 })?;
        if let (Some(heap), Some(names)) = (cursor.address()?, cursor.address()?) {
            let heap = FractalHeap::open(file, heap)?;
            btree2::records(file, names, &[BY_NAME], &mut |_, _, record| {
                let id = record.get(..8).ok_or_else(|| damaged("a record of attributes is too short"))?;
                let body = heap.object(id).ok();
                found.extend(body.and_then(|body| attribute(file, &body).ok().flatten()));
                if found.len() > ATTRIBUTES_MAX {
                    return Err(Trouble::new(format!("an object has more than {ATTRIBUTES_MAX} attributes"), "Remove some"));
                }
                Ok(())
            })?;
        }
    }
    Ok(found)
}

fn attribute(file: &H5File, body: &[u8]) -> Result<Option<(String, Value)>, Trouble> {
    let what = "an attribute";
    let mut cursor = Cursor::new(body, what, file.widths);
    let version = cursor.version(&[1, 2, 3])?;
    let flags = cursor.u8()?;
    let lengths = [cursor.u16()?, cursor.u16()?, cursor.u16()?].map(usize::from);
    cursor.skip(if version == 3 { 1 } else { 0 })?;
    let mut part = |length: usize| cursor.take(if version == 1 { length.next_multiple_of(8) } else { length });
    let name = text(part(lengths[0])?);
    let (datatype, dataspace) = (part(lengths[1])?.to_vec(), part(lengths[2])?.to_vec());
    let fetched = |bit: u8, kind: u16, body: Vec<u8>| if version > 1 && flags & bit != 0 { shared(file, kind, &body) } else { Ok(body) };
    let datatype = fetched(1, DATATYPE, datatype)?;
    let dataspace = fetched(2, DATASPACE, dataspace)?;
    let datatype = Datatype::read(&mut Cursor::new(&datatype, what, file.widths))?;
    let dataspace = Dataspace::read(&mut Cursor::new(&dataspace, what, file.widths))?;
    let count = dataspace.count().unwrap_or(u64::MAX);
    Ok(value(file, &datatype, count, cursor.rest())?.map(|value| (name, value)))
}

/// Text and numbers out of elements that lie one after the other; nothing for other types.
pub(super) fn value(file: &H5File, datatype: &Datatype, count: u64, bytes: &[u8]) -> Result<Option<Value>, Trouble> {
    let count = count.min(ELEMENTS_MAX) as usize;
    if let Datatype::Array { of, count: inner } = datatype {
        return value(file, of, (count as u64).saturating_mul(*inner as u64), bytes);
    }
    let size = datatype.bytes(file.widths);
    if size == 0 {
        return Ok(None);
    }
    let elements = bytes.chunks_exact(size).take(count);
    Ok(match datatype {
        Datatype::Text { .. } => Some(Value::Text(elements.map(text).map(|text| text.trim_end().to_owned()).collect())),
        Datatype::TextOfAnyLength => {
            let texts = elements.map(|element| {
                let mut cursor = Cursor::new(element, "a text", file.widths);
                let length = cursor.u32()? as usize;
                let bytes = if length == 0 { Vec::new() } else { global(file, HeapId::read(&mut cursor)?)? };
                Ok(text(&bytes[..length.min(bytes.len())]))
            });
            Some(Value::Text(texts.take(256).collect::<Result<_, Trouble>>()?))
        }
        Datatype::Integer { .. } | Datatype::Float { .. } => {
            Some(Value::Numbers(elements.map(|element| number(datatype, element)).collect()))
        }
        Datatype::Array { .. } | Datatype::Bits { .. } | Datatype::Other { .. } => None,
    })
}

fn number(datatype: &Datatype, element: &[u8]) -> f64 {
    let mut word = [0; 8];
    word[..element.len()].copy_from_slice(element);
    if datatype.is_big_endian() {
        word[..element.len()].reverse();
    }
    let bits = u64::from_le_bytes(word);
    match *datatype {
        Datatype::Float { bytes: 2, .. } => f64::from(single_of_half(bits as u16)),
        Datatype::Float { bytes: 4, .. } => f64::from(f32::from_bits(bits as u32)),
        Datatype::Float { .. } => f64::from_bits(bits),
        Datatype::Integer { signed: true, bytes, .. } => {
            let unused = 64 - 8 * bytes as u32;
            ((bits << unused) as i64 >> unused) as f64
        }
        _ => bits as f64,
    }
}
