//! What one DICOM file says about its image and where that lies.

use std::path::{Path, PathBuf};

use super::beginning;
use super::elements::{self, Elements, PixelData, Spelling};
use super::syntax::{self, Packing};
use super::tags;
use crate::format::{check_shape, limit, open_with_length};
use crate::{ElementType, Shape, Trouble};

/// A slope and an intercept from stored values to the quantity they stand for.
pub(super) type Rescale = (f64, f64);

/// One file with pixels.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    pub(super) series: String,
    pub(super) series_number: Option<String>,
    pub(super) modality: Option<String>,
    pub(super) number: Option<i64>,
    /// Frames, rows, columns.
    pub(super) shape: Shape,
    pub(super) element: ElementType,
    pub(super) layout: Layout,
    pub(super) frames: Vec<Frame>,
    /// Rows, columns; millimetres.
    pub(super) pixel_spacing: Option<[f64; 2]>,
    /// How far along the body a slice lies, for those that say no more; millimetres.
    pub(super) location: Option<f64>,
    pub(super) slice_spacing: Option<f64>,
    pub(super) slice_thickness: Option<f64>,
    pub(super) rescale_type: Option<String>,
    pub(super) inverted: bool,
    pub(super) personal: bool,
    pub(super) elements: Elements,
}

/// How the pixels of a file are written down.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) spelling: Spelling,
    /// Where the elements behind the first group begin; deflated ones are counted from there.
    pub(super) body_at: u64,
    pub(super) packing: Packing,
    pub(super) pixels: PixelData,
    pub(super) bits_allocated: u16,
    pub(super) bits_stored: u16,
    /// Whether the stored bits are the lowest ones, as they nearly always are.
    pub(super) stored_lowest: bool,
    pub(super) signed: bool,
}

/// Where one frame lies in the patient; millimetres.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Frame {
    pub(super) position: Option<[f64; 3]>,
    /// Unit vectors along a row (x grows) and along a column (y grows).
    pub(super) orientation: Option<[[f64; 3]; 2]>,
    pub(super) rescale: Option<Rescale>,
}

fn refuse(what: impl Into<String>) -> Trouble {
    Trouble::new(what, "Export the series as uncompressed grey values, or as TIFF")
}

/// What a file is to a series.
pub(super) enum Reading {
    Image(Box<Instance>),
    /// A report, a directory, a presentation: nothing to see.
    NoImage {
        directory: Option<Vec<String>>,
    },
    /// Not DICOM at all.
    Foreign,
}

pub(super) fn read(path: &Path) -> Result<Reading, Trouble> {
    let (file, length) = open_with_length(path)?;
    let mut head = vec![0; beginning::HEAD_BYTES.min(length as usize)];
    crate::format::contiguous::read_at(&file, 0, &mut head).map_err(|error| Trouble::io("reading", path, &error))?;
    let Some(at) = beginning::elements_at(&head) else { return Ok(Reading::Foreign) };
    let parsed = elements::parse(file, at, syntax::spelling).map_err(|error| Trouble::io("reading the DICOM elements", path, &error))?;
    let records = parsed.elements.items(tags::DIRECTORY_RECORDS);
    if !records.is_empty() {
        let files = records.iter().filter_map(|record| record.text(tags::REFERENCED_FILE)).map(|name| name.replace('\\', "/"));
        return Ok(Reading::NoImage { directory: Some(files.collect()) });
    }
    let Some(pixels) = parsed.pixels else { return Ok(Reading::NoImage { directory: None }) };
    let packing =
        syntax::packing(&parsed.transfer_syntax).map_err(|name| refuse(format!("its pixels are packed as {name}, which is not read")));
    let elements = parsed.elements;
    let instance = packing.and_then(|packing| {
        let layout = Layout { body_at: parsed.body_at, ..layout(&elements, parsed.spelling, packing, pixels)? };
        build(path, length, layout, parsed.personal, elements)
    });
    Ok(Reading::Image(Box::new(instance.map_err(|trouble| trouble.in_file(path))?)))
}

fn layout(elements: &Elements, spelling: Spelling, packing: Packing, pixels: PixelData) -> Result<Layout, Trouble> {
    if packing != Packing::Native && pixels.length.is_some() {
        return Err(refuse("its pixels are not packed as its transfer syntax says"));
    }
    if packing == Packing::Native && pixels.length.is_none() {
        return Err(refuse("its pixels are packed, and its transfer syntax says that they are not"));
    }
    if elements.short(tags::SAMPLES).unwrap_or(1) != 1 {
        return Err(refuse("it is a colour picture"));
    }
    let photometric = elements.text(tags::PHOTOMETRIC).unwrap_or_default();
    if photometric == "PALETTE COLOR" {
        return Err(refuse("it is a colour picture with a palette"));
    }
    let whole = if pixels.tag == tags::DOUBLE_PIXELS { 64 } else { 32 };
    let bits_allocated = if pixels.tag == tags::PIXEL_DATA { elements.short(tags::BITS_ALLOCATED).unwrap_or(16) } else { whole };
    let bits_stored = elements.short(tags::BITS_STORED).filter(|&bits| bits > 0 && bits <= bits_allocated).unwrap_or(bits_allocated);
    let stored_lowest = elements.short(tags::HIGH_BIT).is_none_or(|bit| u32::from(bit) + 1 == u32::from(bits_stored));
    let signed = elements.short(tags::SIGNED) == Some(1);
    Ok(Layout { spelling, body_at: 0, packing, pixels, bits_allocated, bits_stored, stored_lowest, signed })
}

impl Layout {
    fn element(&self) -> Result<ElementType, Trouble> {
        Ok(match (self.pixels.tag, self.bits_allocated, self.signed) {
            (tags::FLOAT_PIXELS, ..) => ElementType::F32,
            (tags::DOUBLE_PIXELS, ..) => ElementType::F64,
            (_, 1, _) if self.packing == Packing::Native => ElementType::U8,
            (_, 8, false) => ElementType::U8,
            (_, 8, true) => ElementType::I8,
            (_, 16, false) => ElementType::U16,
            (_, 16, true) => ElementType::I16,
            (_, 32, false) => ElementType::U32,
            (_, 32, true) => ElementType::I32,
            (_, bits, _) => return Err(refuse(format!("its pixels have {bits} bits"))),
        })
    }
}

/// Whether so many pixels can lie in a file of so many bytes; asked before anything is made for each frame.
fn check_pixels(layout: &Layout, [frames, rows, columns]: Shape, bytes: u64) -> Result<(), Trouble> {
    if layout.spelling.deflated && frames > 1 {
        return Err(refuse(format!("its {frames} frames are deflated in one piece, which would be expanded anew for each of them")));
    }
    let behind = bytes.saturating_sub(layout.pixels.at);
    let there = match layout.pixels.length {
        // Every frame has a fragment of its own, and that a head of eight bytes.
        None => return if frames as u64 > behind / 8 { Err(too_many_pixels()) } else { Ok(()) },
        Some(length) if layout.spelling.deflated => length.min(bytes.saturating_mul(limit::DEFLATE_RATIO)),
        Some(length) => length.min(behind),
    };
    let bits = (frames as u64).checked_mul((rows * columns) as u64).and_then(|pixels| pixels.checked_mul(u64::from(layout.bits_allocated)));
    if bits.is_none_or(|bits| bits.div_ceil(8) > there) { Err(too_many_pixels()) } else { Ok(()) }
}

fn too_many_pixels() -> Trouble {
    Trouble::new("the header promises more pixels than the file holds", "The file was cut off or is damaged; upload it again")
}

fn build(path: &Path, bytes: u64, layout: Layout, personal: bool, mut elements: Elements) -> Result<Instance, Trouble> {
    let element = layout.element()?;
    let frames = match elements.decimal(tags::FRAMES) {
        Some(count) if count < 1.0 || count > limit::SLICES as f64 => return Err(refuse(format!("it claims {count} frames"))),
        Some(count) => count as u64,
        None => 1,
    };
    let (rows, columns) = (elements.short(tags::ROWS).unwrap_or(0), elements.short(tags::COLUMNS).unwrap_or(0));
    let shape = check_shape([frames, u64::from(rows), u64::from(columns)], element.bytes())?;
    check_pixels(&layout, shape, bytes)?;
    let shared = elements.items(tags::SHARED_GROUPS).first();
    let each = elements.items(tags::FRAME_GROUPS);
    let measures = [shared, each.first()].into_iter().flatten().find_map(|groups| groups.items(tags::PIXEL_MEASURES).first());
    let number = |tag: u32| elements.decimal(tag).or_else(|| measures?.decimal(tag)).map(f64::abs).filter(|size| *size > 0.0);
    let spacing = elements.decimals(tags::PIXEL_SPACING).or_else(|| measures?.decimals(tags::PIXEL_SPACING));
    let whole = frame_of(&elements, shared);
    let offsets = elements.decimals(tags::FRAME_OFFSETS).unwrap_or_default();
    let frames = (0..shape[0])
        .map(|index| match each.get(index) {
            Some(groups) => frame_in_groups(groups, &whole),
            None if shape[0] > 1 => moved(&whole, offsets.get(index).copied()),
            None => whole.clone(),
        })
        .collect();
    let (slice_spacing, slice_thickness) = (number(tags::SLICE_SPACING), number(tags::SLICE_THICKNESS));
    elements.forget_sequences();
    Ok(Instance {
        path: path.into(),
        bytes,
        series: elements.text(tags::SERIES).unwrap_or_default(),
        series_number: elements.text(tags::SERIES_NUMBER),
        modality: elements.text(tags::MODALITY),
        number: elements.text(tags::INSTANCE_NUMBER).and_then(|number| number.parse().ok()),
        shape,
        element,
        layout,
        frames,
        pixel_spacing: spacing.and_then(|spacing| Some([*spacing.first()?, *spacing.get(1)?])),
        location: elements.decimal(tags::LOCATION),
        slice_spacing,
        slice_thickness,
        rescale_type: elements.text(tags::RESCALE_TYPE),
        inverted: elements.text(tags::PHOTOMETRIC).as_deref() == Some("MONOCHROME1"),
        personal,
        elements,
    })
}

fn position(elements: &Elements) -> Option<[f64; 3]> {
    elements.decimals(tags::POSITION)?.try_into().ok()
}

fn orientation(elements: &Elements) -> Option<[[f64; 3]; 2]> {
    let [a, b, c, d, e, f] = elements.decimals(tags::ORIENTATION)?[..] else { return None };
    Some([[a, b, c], [d, e, f]])
}

fn rescale(elements: &Elements) -> Option<Rescale> {
    Some((elements.decimal(tags::RESCALE_SLOPE)?, elements.decimal(tags::RESCALE_INTERCEPT).unwrap_or(0.0)))
}

/// What holds for the whole file: its own elements, or the groups that its frames share.
fn frame_of(elements: &Elements, shared: Option<&Elements>) -> Frame {
    let plain = Frame { position: position(elements), orientation: orientation(elements), rescale: rescale(elements) };
    shared.map_or(plain.clone(), |groups| frame_in_groups(groups, &plain))
}

/// What the groups of one frame say, and otherwise what holds for all.
fn frame_in_groups(groups: &Elements, whole: &Frame) -> Frame {
    let first = |tag: u32| groups.items(tag).first();
    Frame {
        position: first(tags::PLANE_POSITION).and_then(position).or(whole.position),
        orientation: first(tags::PLANE_ORIENTATION).and_then(orientation).or(whole.orientation),
        rescale: first(tags::VALUE_TRANSFORMATION).and_then(rescale).or(whole.rescale),
    }
}

/// A frame that lies so far along the normal; without an offset nobody knows where it lies.
fn moved(whole: &Frame, offset: Option<f64>) -> Frame {
    let along = |offset: f64| {
        let (position, normal) = (whole.position?, super::series::normal(&whole.orientation?));
        Some(std::array::from_fn(|axis| position[axis] + offset * normal[axis]))
    };
    Frame { position: offset.and_then(along), ..whole.clone() }
}
