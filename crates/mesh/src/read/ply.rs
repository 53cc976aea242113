//! PLY (Stanford), as text or binary of either order: vertices and polygons; other elements are passed over.

use std::fs::File;
use std::io::{BufRead, BufReader};

use volume::Trouble;

use super::gather::Gather;
use super::lines::Lines;
use super::{broken, cut_off};
use crate::write::ModelFormat;

const HEADER_LINES_MAX: u64 = 1_000;
const PROPERTIES_MAX: usize = 256;
/// Corners of one polygon.
const CORNERS_MAX: u64 = 10_000;

#[derive(Clone, Copy, PartialEq)]
enum Encoding {
    Text,
    Little,
    Big,
}

#[derive(Clone, Copy)]
struct Number {
    bytes: usize,
    signed: bool,
    float: bool,
}

struct Property {
    name: String,
    /// How many there are stands before a list.
    count: Option<Number>,
    kind: Number,
}

struct Element {
    name: String,
    count: u64,
    properties: Vec<Property>,
}

struct Header {
    encoding: Encoding,
    millimetres: bool,
    elements: Vec<Element>,
}

pub(super) fn read(file: File) -> Result<Gather, Trouble> {
    let length = file.metadata().map_err(cut_off)?.len();
    let mut lines = Lines::new(BufReader::with_capacity(1 << 20, file));
    let header = header(&mut lines)?;
    let mut gather = Gather::new(ModelFormat::Ply);
    if header.millimetres {
        gather.unit_is(1e3);
    }
    let count = |name: &str| header.elements.iter().find(|element| element.name == name).map_or(0, |element| element.count);
    gather.expect(count("vertex"), count("face"), length)?;
    let mut values = Values { source: lines.into_inner(), encoding: header.encoding, words: Vec::new() };
    for element in &header.elements {
        match element.name.as_str() {
            "vertex" => vertices(element, &mut values, &mut gather)?,
            "face" => faces(element, &mut values, &mut gather)?,
            _ if gather.vertices() > 0 && element.name == "edge" => break,
            _ => pass(element, &mut values)?,
        }
    }
    Ok(gather)
}

fn header<R: BufRead>(lines: &mut Lines<R>) -> Result<Header, Trouble> {
    let mut header = Header { encoding: Encoding::Text, millimetres: false, elements: Vec::new() };
    while let Some(line) = lines.next()? {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let no_sense = || broken(format!("“{}” makes no sense in a PLY header", line.chars().take(60).collect::<String>()));
        match words.as_slice() {
            ["end_header"] => return Ok(header),
            ["format", encoding, _] => {
                header.encoding = match *encoding {
                    "ascii" => Encoding::Text,
                    "binary_little_endian" => Encoding::Little,
                    "binary_big_endian" => Encoding::Big,
                    _ => return Err(no_sense()),
                };
            }
            ["comment", "unit", "millimetre"] => header.millimetres = true,
            ["element", name, count] => {
                let count = count.parse().map_err(|_| no_sense())?;
                header.elements.push(Element { name: (*name).to_owned(), count, properties: Vec::new() });
            }
            ["property", rest @ ..] => {
                let property = property(rest).ok_or_else(no_sense)?;
                let element = header.elements.last_mut().filter(|element| element.properties.len() < PROPERTIES_MAX);
                element.ok_or_else(no_sense)?.properties.push(property);
            }
            _ => {}
        }
        if lines.number() > HEADER_LINES_MAX {
            break;
        }
    }
    Err(broken("its header does not end"))
}

fn property(words: &[&str]) -> Option<Property> {
    match words {
        ["list", count, kind, name] => {
            let count = number(count).filter(|count| !count.float)?;
            Some(Property { name: (*name).to_owned(), count: Some(count), kind: number(kind)? })
        }
        [kind, name] => Some(Property { name: (*name).to_owned(), count: None, kind: number(kind)? }),
        _ => None,
    }
}

fn number(name: &str) -> Option<Number> {
    let (bytes, signed, float) = match name {
        "char" | "int8" => (1, true, false),
        "uchar" | "uint8" => (1, false, false),
        "short" | "int16" => (2, true, false),
        "ushort" | "uint16" => (2, false, false),
        "int" | "int32" => (4, true, false),
        "uint" | "uint32" => (4, false, false),
        "float" | "float32" => (4, true, true),
        "double" | "float64" => (8, true, true),
        _ => return None,
    };
    Some(Number { bytes, signed, float })
}

/// The numbers of the body, one after the other.
struct Values<R> {
    source: R,
    encoding: Encoding,
    /// Of the line at hand, last first.
    words: Vec<f64>,
}

impl<R: BufRead> Values<R> {
    fn next(&mut self, kind: Number) -> Result<f64, Trouble> {
        if self.encoding == Encoding::Text {
            return self.word();
        }
        let mut bytes = [0; 8];
        let own = &mut bytes[..kind.bytes];
        self.source.read_exact(own).map_err(cut_off)?;
        if self.encoding == Encoding::Big {
            own.reverse();
        }
        let whole = u64::from_le_bytes(bytes);
        Ok(match (kind.float, kind.bytes, kind.signed) {
            (true, 4, _) => f64::from(f32::from_bits(whole as u32)),
            (true, ..) => f64::from_bits(whole),
            (_, 1, true) => f64::from(whole as i8),
            (_, 2, true) => f64::from(whole as i16),
            (_, 4, true) => f64::from(whole as i32),
            _ => whole as f64,
        })
    }

    fn word(&mut self) -> Result<f64, Trouble> {
        while self.words.is_empty() {
            let mut lines = Lines::new(&mut self.source);
            let Some(line) = lines.next()? else { return Err(broken("it ends before its last number")) };
            self.words.extend(line.split_ascii_whitespace().rev().map(|word| word.parse().unwrap_or(f64::NAN)));
        }
        Ok(self.words.pop().unwrap_or(f64::NAN))
    }

    fn list_count(&mut self, count: Number) -> Result<u64, Trouble> {
        let count = self.next(count)?;
        if (0.0..=CORNERS_MAX as f64).contains(&count) { Ok(count as u64) } else { Err(broken(format!("a list has {count} entries"))) }
    }
}

fn vertices<R: BufRead>(element: &Element, values: &mut Values<R>, gather: &mut Gather) -> Result<(), Trouble> {
    const WANTED: [&str; 6] = ["x", "y", "z", "red", "green", "blue"];
    let slots: Vec<Option<usize>> =
        element.properties.iter().map(|property| WANTED.iter().position(|name| property.name == *name)).collect();
    if (0..3).any(|axis| !slots.contains(&Some(axis))) {
        return Err(broken("its vertices have no x, y and z"));
    }
    let coloured = (3..6).all(|part| slots.contains(&Some(part)));
    for number in 0..element.count {
        let mut found = [0.0; 6];
        for (property, slot) in element.properties.iter().zip(&slots) {
            let value = one_or_list(property, values)?;
            if let Some(slot) = slot {
                found[*slot] = value;
            }
        }
        gather.vertex([found[0], found[1], found[2]])?;
        if number == 0 {
            gather.part("", coloured.then(|| [found[3], found[4], found[5]].map(|part| part.clamp(0.0, 255.0) as u8)));
        }
    }
    Ok(())
}

fn one_or_list<R: BufRead>(property: &Property, values: &mut Values<R>) -> Result<f64, Trouble> {
    let Some(count) = property.count else { return values.next(property.kind) };
    for _ in 0..values.list_count(count)? {
        values.next(property.kind)?;
    }
    Ok(0.0)
}

fn faces<R: BufRead>(element: &Element, values: &mut Values<R>, gather: &mut Gather) -> Result<(), Trouble> {
    let mut corners = Vec::new();
    // Without properties nothing is read, however many there are.
    let count = if element.properties.is_empty() { 0 } else { element.count };
    for _ in 0..count {
        for property in &element.properties {
            let is_corners = matches!(property.name.as_str(), "vertex_indices" | "vertex_index");
            let Some(count) = property.count.filter(|_| is_corners) else {
                one_or_list(property, values)?;
                continue;
            };
            corners.clear();
            for _ in 0..values.list_count(count)? {
                let corner = values.next(property.kind)?;
                if corner.is_nan() || corner < 0.0 {
                    return Err(broken(format!("a triangle names corner {corner}")));
                }
                corners.push(corner as u64);
            }
            gather.polygon(&corners)?;
        }
    }
    Ok(())
}

fn pass<R: BufRead>(element: &Element, values: &mut Values<R>) -> Result<(), Trouble> {
    if element.properties.is_empty() {
        return Ok(());
    }
    for _ in 0..element.count {
        element.properties.iter().try_for_each(|property| one_or_list(property, values).map(drop))?;
    }
    Ok(())
}
