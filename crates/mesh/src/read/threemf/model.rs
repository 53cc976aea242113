//! One model file of a 3MF package, read as a stream.

use std::collections::HashMap;
use std::io::Read;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use volume::Trouble;

use super::rationed::Rationed;
use crate::limit;
use crate::read::gltf::Placement;
use crate::read::{broken, too_large};

pub(super) struct Model {
    /// Micrometres of its unit.
    pub(super) um: f64,
    pub(super) objects: HashMap<u32, Object>,
    pub(super) items: Vec<Item>,
}

pub(super) struct Object {
    pub(super) look: Look,
    pub(super) content: Content,
}

pub(super) enum Content {
    /// `runs` are triangles of one material that follow each other; none where they are more than a model may have parts.
    Mesh {
        places: Vec<[f32; 3]>,
        triangles: Vec<[u32; 3]>,
        runs: Option<Vec<Run>>,
    },
    Components(Vec<Item>),
}

/// What a part is called and how it is painted.
#[derive(Debug, Clone, Default)]
pub(super) struct Look {
    pub(super) name: String,
    pub(super) colour: Option<[u8; 3]>,
}

pub(super) struct Run {
    material: (u32, u32),
    pub(super) look: Look,
    pub(super) first_triangle: usize,
}

/// An object at a place.
#[derive(Clone)]
pub(super) struct Item {
    pub(super) object: u32,
    /// The model file it stands in, when it is another.
    pub(super) path: Option<String>,
    pub(super) placement: Placement,
}

struct Reading<'a> {
    model: Model,
    /// The object at hand, and the material of triangles that name none.
    open: Option<(u32, Object)>,
    material: (u32, u32),
    /// Materials by resource and place in it.
    looks: HashMap<(u32, u32), Look>,
    materials: Option<(u32, u32)>,
    count: &'a mut Count,
}

/// What all models of a package have together.
#[derive(Default)]
pub(super) struct Count {
    triangles: usize,
    vertices: usize,
    /// Objects at their places: components and things to build.
    items: usize,
}

impl Count {
    fn item(&mut self) -> Result<(), Trouble> {
        self.items += 1;
        if self.items > limit::NODES_MAX {
            return Err(broken(format!("it puts more than {} objects at their places", limit::NODES_MAX)));
        }
        Ok(())
    }
}

pub(super) fn read(source: impl Read, bytes: u64, count: &mut Count) -> Result<Model, Trouble> {
    let mut reader = Reader::from_reader(Rationed::new(source, bytes));
    reader.config_mut().check_end_names = false;
    let model = Model { um: 1e3, objects: HashMap::new(), items: Vec::new() };
    let mut reading = Reading { model, open: None, material: (0, 0), looks: HashMap::new(), materials: None, count };
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        reader.get_mut().begin_piece();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) => reading.begins(&element)?,
            Ok(Event::Empty(element)) => {
                reading.begins(&element)?;
                reading.ends(element.local_name().as_ref())?;
            }
            Ok(Event::End(element)) => reading.ends(element.local_name().as_ref())?,
            Ok(Event::Eof) => return Ok(reading.model),
            Ok(_) => {}
            Err(error) => return Err(broken(format!("its XML makes no sense ({error})"))),
        }
    }
}

/// The attribute of that name, whatever stands before the colon.
fn text(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let found = attributes.with_checks(false).flatten().find(|attribute| attribute.key.local_name().as_ref() == name.as_bytes())?;
    Some(String::from_utf8_lossy(&found.value).chars().take(200).collect())
}

fn number<T: std::str::FromStr>(element: &BytesStart<'_>, name: &str) -> Result<T, Trouble> {
    let found = text(element, name);
    let parsed = found.as_deref().and_then(|found| found.trim().parse().ok());
    parsed.ok_or_else(|| broken(format!("“{name}” is {} in its XML", found.map_or("missing".into(), |found| format!("“{found}”")))))
}

impl Reading<'_> {
    fn begins(&mut self, element: &BytesStart<'_>) -> Result<(), Trouble> {
        match element.local_name().as_ref() {
            b"vertex" => self.vertex(element),
            b"triangle" => self.triangle(element),
            b"model" => {
                self.model.um = match text(element, "unit").as_deref() {
                    Some("micron") => 1.0,
                    Some("centimeter") => 1e4,
                    Some("inch") => 25_400.0,
                    Some("foot") => 304_800.0,
                    Some("meter") => 1e6,
                    _ => 1e3,
                };
                Ok(())
            }
            b"object" => self.object(element),
            b"component" => {
                self.count.item()?;
                let item = item(element)?;
                if let Some((_, object)) = &mut self.open {
                    match &mut object.content {
                        Content::Components(components) => components.push(item),
                        Content::Mesh { places, .. } if places.is_empty() => object.content = Content::Components(vec![item]),
                        Content::Mesh { .. } => {}
                    }
                }
                Ok(())
            }
            b"item" => {
                self.count.item()?;
                self.model.items.push(item(element)?);
                Ok(())
            }
            b"basematerials" | b"colorgroup" => {
                self.materials = Some((number(element, "id")?, 0));
                Ok(())
            }
            b"base" | b"color" => {
                self.material(element);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn vertex(&mut self, element: &BytesStart<'_>) -> Result<(), Trouble> {
        let Some((_, Object { content: Content::Mesh { places, .. }, .. })) = &mut self.open else { return Ok(()) };
        self.count.vertices += 1;
        if self.count.vertices > limit::VERTICES_MAX {
            return Err(broken(format!("it has more than {} corners", limit::VERTICES_MAX)));
        }
        let mut place = [f32::NAN; 3];
        for attribute in element.attributes().with_checks(false).flatten() {
            if let [axis @ b'x'..=b'z'] = attribute.key.as_ref() {
                let parsed = std::str::from_utf8(&attribute.value).ok().and_then(|text| text.trim().parse().ok());
                place[usize::from(axis - b'x')] = parsed.unwrap_or(f32::NAN);
            }
        }
        places.push(place);
        Ok(())
    }

    fn triangle(&mut self, element: &BytesStart<'_>) -> Result<(), Trouble> {
        let Some((_, Object { content: Content::Mesh { triangles, places, runs }, .. })) = &mut self.open else { return Ok(()) };
        self.count.triangles += 1;
        if self.count.triangles > limit::TRIANGLES_MAX {
            return Err(too_large(format!("it has more than {} triangles", limit::TRIANGLES_MAX)));
        }
        let (mut corners, mut material) = ([u32::MAX; 3], self.material);
        for attribute in element.attributes().with_checks(false).flatten() {
            let parsed = || std::str::from_utf8(&attribute.value).ok().and_then(|text| text.trim().parse().ok());
            match attribute.key.as_ref() {
                [b'v', corner @ b'1'..=b'3'] => corners[usize::from(corner - b'1')] = parsed().unwrap_or(u32::MAX),
                b"pid" => material.0 = parsed().unwrap_or(material.0),
                b"p1" => material.1 = parsed().unwrap_or(material.1),
                _ => {}
            }
        }
        if let Some(wrong) = corners.iter().find(|&&corner| corner as usize >= places.len()) {
            return Err(broken(format!("a triangle names corner {wrong}, and its object has {} (counted from 0)", places.len())));
        }
        if runs.as_ref().is_some_and(|runs| runs.last().is_none_or(|last| last.material != material)) {
            if runs.as_ref().is_some_and(|runs| runs.len() >= limit::PARTS_MAX) {
                *runs = None;
            } else if let Some(runs) = runs {
                let look = self.looks.get(&material).cloned().unwrap_or_default();
                runs.push(Run { material, look, first_triangle: triangles.len() });
            }
        }
        triangles.push(corners);
        Ok(())
    }

    fn object(&mut self, element: &BytesStart<'_>) -> Result<(), Trouble> {
        if self.model.objects.len() >= limit::THREEMF_OBJECTS_MAX {
            return Err(broken(format!("it has more than {} objects", limit::THREEMF_OBJECTS_MAX)));
        }
        self.material = (number(element, "pid").unwrap_or(0), number(element, "pindex").unwrap_or(0));
        let colour = self.looks.get(&self.material).and_then(|look| look.colour);
        let object = Object {
            look: Look { name: text(element, "name").unwrap_or_default(), colour },
            content: Content::Mesh { places: Vec::new(), triangles: Vec::new(), runs: Some(Vec::new()) },
        };
        self.open = Some((number(element, "id")?, object));
        Ok(())
    }

    fn material(&mut self, element: &BytesStart<'_>) {
        let Some((group, place)) = &mut self.materials else { return };
        let found = text(element, "displaycolor").or_else(|| text(element, "color"));
        let look = Look { name: text(element, "name").unwrap_or_default(), colour: found.as_deref().and_then(colour) };
        if self.looks.len() < limit::NODES_MAX {
            self.looks.insert((*group, *place), look);
        }
        *place = place.saturating_add(1);
    }

    fn ends(&mut self, name: &[u8]) -> Result<(), Trouble> {
        match name {
            b"object" => {
                if let Some((id, object)) = self.open.take() {
                    self.model.objects.insert(id, object);
                }
            }
            b"basematerials" | b"colorgroup" => self.materials = None,
            _ => {}
        }
        Ok(())
    }
}

fn item(element: &BytesStart<'_>) -> Result<Item, Trouble> {
    let placement = match text(element, "transform") {
        None => Placement::NONE,
        Some(text) => {
            let numbers: Vec<f64> = text.split_ascii_whitespace().map(|word| word.parse().unwrap_or(f64::NAN)).collect();
            let numbers: [f64; 12] = numbers.try_into().map_err(|_| broken("a transform in its XML has no twelve numbers"))?;
            // Rows there are columns here, and the last row is the shift.
            Placement(std::array::from_fn(|row| std::array::from_fn(|column| numbers[column * 3 + row])))
        }
    };
    Ok(Item { object: number(element, "objectid")?, path: text(element, "path"), placement })
}

/// `#RRGGBB` or `#RRGGBBAA`.
fn colour(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').filter(|digits| digits.is_ascii() && digits.len() >= 6)?;
    let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}
