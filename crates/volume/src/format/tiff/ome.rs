//! OME-XML inside a TIFF file: how many planes along which axis, and in which page of which file each of them lies.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use quick_xml::events::{BytesStart, Event};

use super::super::limit;
use super::describe::Described;
use crate::Trouble;
use crate::header::{believed_um, clean_text, in_um, unit_um};

/// The first image of the document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ome {
    /// Sizes along Z, C, T; C counts samples of a pixel too.
    pub(crate) sizes: [usize; 3],
    /// "ZCT" and the like: the axis that changes quickest comes first.
    order: Vec<usize>,
    blocks: Vec<Block>,
    pub(crate) channel_names: Vec<String>,
    samples_per_channel: usize,
    /// The file that holds the real document, when this one says so.
    pub(crate) elsewhere: Option<String>,
}

/// A run of planes that follow each other in one file.
#[derive(Debug, Clone, Default)]
struct Block {
    page: usize,
    /// First plane along Z, C, T.
    first: [usize; 3],
    count: Option<usize>,
    file: Option<Arc<str>>,
}

/// Planes that all blocks together may name; a block that does not say its number runs on to the last one.
const STEPS_MAX: usize = 100 * limit::TIFF_PAGES;
/// Nobody images more channels than this and leaves them without a name.
const CHANNELS_BELIEVED: usize = 7;

/// Where a plane lies: the name of its file, when it is said, and the number of the page.
pub(crate) type Place = (Option<Arc<str>>, usize);

fn attribute(element: &BytesStart<'_>, key: &str) -> Option<String> {
    let found = element.try_get_attribute(key).ok().flatten()?;
    Some(
        found
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_or_else(|_| String::from_utf8_lossy(&found.value).into_owned(), |text| text.into_owned()),
    )
}

fn number(element: &BytesStart<'_>, key: &str) -> Option<usize> {
    attribute(element, key)?.trim().parse().ok()
}

/// Reads the first image of the document; the rest of OME-XML may be anything.
pub(crate) fn read(text: &str, described: &mut Described) -> Ome {
    described.format = "OME-TIFF";
    let mut ome = Ome { samples_per_channel: 1, ..Ome::default() };
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut images, mut in_uuid) = (0, false);
    let mut told = Told::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(element) | Event::Empty(element)) => {
                let name = element.local_name();
                images += usize::from(name.as_ref() == b"Image");
                told.begin(name.as_ref(), images);
                if images <= 1 {
                    in_uuid = name.as_ref() == b"UUID";
                    ome.take(name.as_ref(), &element, described);
                }
            }
            Ok(Event::Text(_)) if in_uuid => in_uuid = false,
            Ok(Event::Text(text)) => told.text(&String::from_utf8_lossy(&text), described),
            Ok(Event::End(element)) => told.end(element.local_name().as_ref()),
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    ome.take_channels_for_slices(described);
    if images > 1 {
        described.warnings.push(format!("The file holds {images} images; the first is read."));
    }
    ome
}

/// Elements of the first image whose text is told. Descriptions of people and instruments are none of them.
#[derive(Default)]
struct Told {
    in_image: bool,
    element: Option<&'static str>,
}

impl Told {
    fn begin(&mut self, name: &[u8], images: usize) {
        match name {
            b"Image" => self.in_image = images == 1,
            b"Pixels" | b"StructuredAnnotations" | b"ROI" => self.in_image = false,
            b"AcquisitionDate" | b"AcquiredDate" if self.in_image => self.element = Some("date"),
            b"Description" if self.in_image => self.element = Some("description"),
            _ => self.element = None,
        }
    }

    fn text(&mut self, text: &str, described: &mut Described) {
        let text = clean_text(&quick_xml::escape::unescape(text).unwrap_or(text.into()));
        match self.element.take() {
            Some("date") => described.found.date = text.or(described.found.date.take()),
            Some(_) => described.found.description = text.or(described.found.description.take()),
            None => {}
        }
    }

    fn end(&mut self, name: &[u8]) {
        self.element = None;
        self.in_image &= name != b"Image";
    }
}

impl Ome {
    fn take(&mut self, name: &[u8], element: &BytesStart<'_>, described: &mut Described) {
        match name {
            b"Image" => {
                let name = attribute(element, "Name").as_deref().and_then(clean_text);
                described.found.other.extend(name.clone().map(|name| ("image_name".to_owned(), name)));
                // A description of its own follows, where there is one.
                described.found.description = name;
            }
            b"Objective" => {
                let of = |key: &str| attribute(element, key).as_deref().and_then(clean_text);
                let power = of("NominalMagnification").map(|power| format!("{power}×"));
                let words: Vec<String> =
                    [of("Model"), power, of("LensNA").map(|aperture| format!("NA {aperture}"))].into_iter().flatten().collect();
                described.found.other.extend(clean_text(&words.join(", ")).map(|words| ("objective".to_owned(), words)));
            }
            b"Plane" => {
                let unit = match attribute(element, "ExposureTimeUnit").as_deref() {
                    None | Some("s") => Some(1.0),
                    Some("ms") => Some(1_000.0),
                    Some("µs" | "us") => Some(1_000_000.0),
                    Some(_) => None,
                };
                let time = attribute(element, "ExposureTime").and_then(|time| time.trim().parse::<f64>().ok()).zip(unit);
                if let Some((time, unit)) = time.filter(|(time, _)| *time > 0.0 && time.is_finite()) {
                    described.found.other.entry("exposure_s".into()).or_insert_with(|| (time / unit).to_string());
                }
            }
            b"Microscope" => described.found.instrument = attribute(element, "Model").as_deref().and_then(clean_text),
            b"BinaryOnly" => self.elsewhere = attribute(element, "MetadataFile"),
            b"Pixels" => self.pixels(element, described),
            b"Channel" if (self.channel_names.len() as u64) < limit::CHANNELS => {
                self.samples_per_channel = number(element, "SamplesPerPixel").unwrap_or(1).max(1);
                self.channel_names.push(attribute(element, "Name").as_deref().and_then(clean_text).unwrap_or_default());
            }
            b"TiffData" if self.blocks.len() < limit::TIFF_PAGES => {
                let page = number(element, "IFD");
                let first = ["FirstZ", "FirstC", "FirstT"].map(|key| number(element, key).unwrap_or(0));
                let count = number(element, "PlaneCount").or(page.map(|_| 1));
                self.blocks.push(Block { page: page.unwrap_or(0), first, count, file: None });
            }
            b"UUID" => {
                if let Some(block) = self.blocks.last_mut() {
                    block.file = attribute(element, "FileName").map(Into::into);
                }
            }
            _ => {}
        }
    }

    fn pixels(&mut self, element: &BytesStart<'_>, described: &mut Described) {
        self.sizes = ["SizeZ", "SizeC", "SizeT"].map(|key| number(element, key).unwrap_or(1).max(1));
        let order = attribute(element, "DimensionOrder").unwrap_or_default();
        self.order = order.chars().filter_map(|axis| "ZCT".find(axis)).collect();
        let size = |axis: &str| -> Option<f64> {
            let number: f64 = attribute(element, &format!("PhysicalSize{axis}"))?.trim().parse().ok()?;
            let unit = attribute(element, &format!("PhysicalSize{axis}Unit"));
            Some(in_um(number, unit.map_or(Some(1.0), |unit| unit_um(&unit))?))
        };
        if let (Some(y), Some(x)) = (size("Y"), size("X")) {
            let z = size("Z");
            if z.is_none() && self.sizes[0] > 1 {
                described.warnings.push("The file does not say the distance of slices; it is taken as equal to the pixel size.".into());
            }
            described.voxel_size_um = believed_um([z.unwrap_or(x), y, x], &mut described.warnings);
        }
    }

    /// A volume written without the names of its axes comes out as many nameless channels of one slice.
    fn take_channels_for_slices(&mut self, described: &mut Described) {
        let [slices, channels, times] = self.sizes;
        let nameless = self.channel_names.iter().all(String::is_empty);
        if channels > CHANNELS_BELIEVED && slices == 1 && times == 1 && nameless && self.samples_per_channel == 1 {
            self.sizes = [channels, 1, 1];
            self.order = vec![0, 1, 2];
            self.blocks.iter_mut().for_each(|block| block.first.swap(0, 1));
            described.warnings.push(format!("OME-XML calls the {channels} pictures channels; they are taken as slices, please check."));
        }
    }

    /// One name for each channel, as they are counted over planes and samples.
    pub(crate) fn channels(&self) -> Vec<String> {
        let name = |number: usize| {
            let name = self.channel_names.get(number / self.samples_per_channel).filter(|name| !name.is_empty());
            name.cloned().unwrap_or_else(|| format!("channel {number}"))
        };
        (0..self.sizes[1].min(limit::CHANNELS as usize)).map(name).collect()
    }

    /// Names of the files in which planes are said to lie.
    pub(crate) fn files(&self) -> BTreeSet<&str> {
        self.blocks.iter().filter_map(|block| block.file.as_deref()).collect()
    }

    /// The page of every slice of one channel at one time, in order of z; `samples` are those of one pixel.
    pub(crate) fn slices(&self, channel: usize, samples: usize, time: Option<usize>) -> Result<Vec<Place>, Trouble> {
        let damaged = |what: String| Trouble::new(what, "Its OME-XML is damaged; save the file again");
        let [depth, channels, times] = [self.sizes[0], self.sizes[1].div_ceil(samples.max(1)), self.sizes[2]];
        let time = super::time::choose(times, time)?;
        let planes = depth.saturating_mul(channels).saturating_mul(times);
        if planes > limit::TIFF_PAGES {
            return Err(damaged(format!("its OME-XML claims {depth} slices of {channels} channels and {times} time steps")));
        }
        let mut order = self.order.clone();
        order.extend((0..3).filter(|axis| !self.order.contains(axis)));
        order.truncate(3);
        let lengths = [depth, channels, times];
        // By its block, so that no name is copied for each plane.
        let mut found: HashMap<[usize; 3], (&Block, usize)> = HashMap::new();
        let mut steps = 0;
        let whole = [Block::default()];
        let blocks = if self.blocks.is_empty() { &whole[..] } else { &self.blocks };
        for block in blocks {
            let mut at = block.first;
            for step in 0..block.count.unwrap_or(usize::MAX).min(planes) {
                if (0..3).any(|axis| at[axis] >= lengths[axis]) {
                    break;
                }
                steps += 1;
                if steps > STEPS_MAX {
                    return Err(damaged("its OME-XML names its slices again and again".into()));
                }
                found.insert(at, (block, block.page.saturating_add(step)));
                // One further in the order of the document, as one counts.
                for &axis in &order {
                    at[axis] += 1;
                    if at[axis] < lengths[axis] || axis == order[2] {
                        break;
                    }
                    at[axis] = 0;
                }
            }
        }
        (0..depth)
            .map(|z| {
                let place = found.remove(&[z, channel / samples.max(1), time]);
                let (block, page) = place.ok_or_else(|| damaged(format!("its OME-XML does not say where slice {z} lies")))?;
                Ok((block.file.clone(), page))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_the_image_was_taken_is_told_and_nobody_is_named() {
        let text = "<OME><Experimenter LastName=\"Muster\"/><Instrument ID=\"I:0\"><Microscope Model=\"Versa\"/>\
            <Objective Model=\"LFOV\" NominalMagnification=\"4\" LensNA=\"0.16\"/></Instrument><Image Name=\"scan 7\">\
            <AcquisitionDate>2024-05-03T10:11:12</AcquisitionDate><Description>Foot of a shrew &amp; more</Description>\
            <Pixels SizeZ=\"2\"><Plane ExposureTime=\"250\" ExposureTimeUnit=\"ms\"/><Plane ExposureTime=\"300\"/></Pixels></Image>\
            <StructuredAnnotations><Description>other</Description></StructuredAnnotations></OME>";
        let mut described = Described::default();
        read(text, &mut described);
        let found = described.found;
        assert_eq!(found.date.as_deref(), Some("2024-05-03T10:11:12"));
        assert!(found.description.as_deref().is_some_and(|words| words.starts_with("Foot of a shrew")), "{found:?}");
        let other: Vec<(&str, &str)> = found.other.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(other, [("exposure_s", "0.25"), ("image_name", "scan 7"), ("objective", "LFOV, 4×, NA 0.16")]);
        assert!(!format!("{found:?}").contains("Muster"));
    }

    #[test]
    fn blocks_that_name_everything_again_and_again_are_refused() {
        let slices = |blocks: usize, block: &str| {
            let text = format!("<OME><Image><Pixels SizeZ=\"50000\">{}</Pixels></Image></OME>", block.repeat(blocks));
            read(&text, &mut Described::default()).slices(0, 1, None)
        };
        assert!(slices(2_000, "<TiffData/>").unwrap_err().what.contains("again and again"));
        assert_eq!(slices(2, "<TiffData><UUID FileName=\"a.tif\"/></TiffData>").unwrap()[49_999], (Some("a.tif".into()), 49_999));
    }
}
