//! The pixels of DICOM files, slice by slice in the order of the series.

use std::fs::File;
use std::io::{BufReader, Read};
use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::elements::Input;
use super::instance::{Instance, Layout};
use super::series::Slice;
use super::syntax::Packing;
use super::{jpeg_ls, rle, tags};
use crate::element::swap_bytes;
use crate::format::contiguous::read_at;
use crate::format::jp2;
use crate::format::jpeg::{self, Decoded};
use crate::format::{Planes, limit};
use crate::{ElementType, ONE_AT_A_TIME, Shape, Trouble};

/// Bytes of one packed frame; more than the frame itself has never been seen.
const FRAGMENT_MAX: u64 = 1 << 30;
/// Fragments of one file.
const FRAGMENTS_MAX: usize = 1 << 20;

pub(super) struct Slices {
    pub(super) instances: Vec<Instance>,
    pub(super) slices: Vec<Slice>,
    /// Fragments of each frame: place and length; empty for pixels that are not packed.
    pub(super) fragments: Vec<Vec<Vec<(u64, u32)>>>,
    /// Rows and columns.
    pub(super) plane: [usize; 2],
    pub(super) element: ElementType,
}

fn damaged(what: impl Into<String>) -> Trouble {
    Trouble::new(what, "The file was cut off or is damaged; upload it again")
}

impl Slices {
    /// Checks that the packed pixels of all files are there.
    pub(super) fn new(instances: Vec<Instance>, slices: Vec<Slice>) -> Result<Self, Trouble> {
        let shape = instances[0].shape;
        let fragments = instances.par_iter().map(|instance| find_fragments(instance).map_err(|trouble| trouble.in_file(&instance.path)));
        let fragments = fragments.collect::<Result<Vec<_>, Trouble>>()?;
        Ok(Self { plane: [shape[1], shape[2]], element: instances[0].element, instances, slices, fragments })
    }

    pub(super) fn depth(&self) -> usize {
        self.slices.len()
    }

    fn plane_bytes(&self) -> usize {
        self.plane[0] * self.plane[1] * self.element.bytes()
    }

    fn slice(&self, slice: Slice, out: &mut [u8]) -> Result<(), Trouble> {
        let instance = &self.instances[slice.file];
        let told = |trouble: Trouble| trouble.in_file(&instance.path);
        let file = File::open(&instance.path).map_err(|error| Trouble::io("opening", &instance.path, &error))?;
        match instance.layout.packing {
            Packing::Native => native(instance, &file, slice.frame, out).map_err(|error| Trouble::io("reading", &instance.path, &error)),
            _ => packed(&instance.layout, &file, &self.fragments[slice.file][slice.frame], self.plane, out).map_err(told),
        }?;
        if matches!(instance.layout.packing, Packing::Native | Packing::Runs) {
            settle_unused_bits(&instance.layout, out);
        }
        Ok(())
    }
}

impl Planes for Slices {
    fn read(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble> {
        let failed = AtomicBool::new(false);
        let planes = out.par_chunks_mut(self.plane_bytes()).enumerate().with_max_len(ONE_AT_A_TIME);
        planes.try_for_each(|(index, plane)| {
            if failed.load(std::sync::atomic::Ordering::Relaxed) {
                return Ok(());
            }
            self.slice(self.slices[first + index], plane).inspect_err(|_| failed.store(true, std::sync::atomic::Ordering::Relaxed))
        })
    }
}

/// Where the fragments of each frame lie; nothing for pixels that are not packed.
fn find_fragments(instance: &Instance) -> Result<Vec<Vec<(u64, u32)>>, Trouble> {
    if instance.layout.pixels.length.is_some() {
        return Ok(Vec::new());
    }
    let file = File::open(&instance.path).map_err(|error| Trouble::io("opening", &instance.path, &error))?;
    fragments(&instance.layout, &file, instance.bytes, instance.shape[0])
}

/// Walks through the items: first a table of offsets, then the fragments.
fn fragments(layout: &Layout, file: &File, length: u64, frames: usize) -> Result<Vec<Vec<(u64, u32)>>, Trouble> {
    let cut_off = || damaged("its packed pixels are cut off");
    let mut at = layout.pixels.at;
    let mut all = Vec::new();
    let mut offsets: Option<Vec<u64>> = None;
    loop {
        let mut head = [0; 8];
        read_at(file, at, &mut head).map_err(|_| cut_off())?;
        // Packed pixels are always little-endian.
        let group = u32::from(u16::from_le_bytes([head[0], head[1]])) << 16;
        let tag = group | u32::from(u16::from_le_bytes([head[2], head[3]]));
        let bytes = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        at += 8;
        if tag == tags::SEQUENCE_END {
            break;
        }
        let end = at.checked_add(u64::from(bytes)).filter(|&end| end <= length && tag == tags::ITEM).ok_or_else(cut_off)?;
        if offsets.is_none() {
            if u64::from(bytes) > 4 * limit::SLICES as u64 {
                return Err(damaged("its table of frames is longer than can be true"));
            }
            let mut table = vec![0; bytes as usize];
            read_at(file, at, &mut table).map_err(|_| cut_off())?;
            offsets = Some(table.chunks_exact(4).map(|word| u64::from(u32::from_le_bytes([word[0], word[1], word[2], word[3]]))).collect());
        } else {
            all.push((at, bytes));
        }
        if all.len() > FRAGMENTS_MAX {
            return Err(damaged("its pixels lie in more fragments than can be true"));
        }
        at = end;
    }
    by_frame(all, &offsets.unwrap_or_default(), frames)
}

/// One frame takes all fragments, or each takes one, or the table says where each begins.
fn by_frame(all: Vec<(u64, u32)>, offsets: &[u64], frames: usize) -> Result<Vec<Vec<(u64, u32)>>, Trouble> {
    if frames == 1 && !all.is_empty() {
        return Ok(vec![all]);
    }
    if all.len() == frames {
        return Ok(all.into_iter().map(|fragment| vec![fragment]).collect());
    }
    let Some(&(first, _)) = all.first().filter(|_| offsets.len() == frames) else {
        return Err(damaged(format!("its {frames} frames cannot be found in {} fragments", all.len())));
    };
    let mut grouped = vec![Vec::new(); frames];
    for fragment in all {
        // Offsets count from the header of the first fragment.
        let place = fragment.0 - first;
        let frame = offsets.partition_point(|&offset| offset <= place);
        grouped[frame.clamp(1, frames) - 1].push(fragment);
    }
    Ok(grouped)
}

/// Pixels as they are: at their place in the file, or in what it expands to.
fn native(instance: &Instance, file: &File, frame: usize, out: &mut [u8]) -> std::io::Result<()> {
    let layout = &instance.layout;
    if layout.bits_allocated == 1 {
        return single_bits(instance, file, frame, out);
    }
    let before = frame as u64 * out.len() as u64;
    if layout.spelling.deflated {
        let mut inflated = inflate(file, layout.body_at)?;
        inflated.skip(layout.pixels.at + before)?;
        inflated.read_exact(out)?;
    } else {
        read_at(file, layout.pixels.at + before, out)?;
    }
    if layout.spelling.big_endian {
        // Bytes that the file calls words are turned in pairs.
        let word = if layout.bits_allocated == 8 && layout.pixels.words { 2 } else { instance.element.bytes() };
        swap_bytes(out, word);
    }
    Ok(())
}

fn inflate(file: &File, body_at: u64) -> std::io::Result<Input> {
    use std::io::{Seek, SeekFrom};
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(body_at))?;
    Ok(Input::Inflated(Box::new(flate2::bufread::DeflateDecoder::new(BufReader::new(file)))))
}

/// Bits above the stored ones are no part of a value (PS3.5 section 8.1.1): they repeat the sign, or are cleared of what else, such as
/// overlays, was put there.
fn settle_unused_bits(layout: &Layout, out: &mut [u8]) {
    let unused = u32::from(layout.bits_allocated - layout.bits_stored);
    if unused == 0 || !layout.stored_lowest || layout.pixels.tag != tags::PIXEL_DATA {
        return;
    }
    let bytes = usize::from(layout.bits_allocated / 8);
    let above = 32 - u32::from(layout.bits_allocated) + unused;
    for value in out.chunks_exact_mut(bytes) {
        let mut word = [0; 4];
        word[..bytes].copy_from_slice(value);
        let stored = u32::from_le_bytes(word) << above;
        let settled = if layout.signed { (stored as i32 >> above) as u32 } else { stored >> above };
        value.copy_from_slice(&settled.to_le_bytes()[..bytes]);
    }
}

/// Eight pixels in a byte, the lowest bit first; frames follow each other without a gap.
fn single_bits(instance: &Instance, file: &File, frame: usize, out: &mut [u8]) -> std::io::Result<()> {
    let first = frame as u64 * out.len() as u64;
    let shift = (first % 8) as usize;
    let mut bytes = vec![0; (out.len() + shift).div_ceil(8)];
    let from = instance.layout.pixels.at + first / 8;
    if instance.layout.spelling.deflated {
        let mut inflated = inflate(file, instance.layout.body_at)?;
        inflated.skip(from)?;
        inflated.read_exact(&mut bytes)?;
    } else {
        read_at(file, from, &mut bytes)?;
    }
    for (index, out) in out.iter_mut().enumerate() {
        let bit = index + shift;
        *out = bytes[bit / 8] >> (bit % 8) & 1;
    }
    Ok(())
}

/// One frame out of its fragments.
fn packed(layout: &Layout, file: &File, fragments: &[(u64, u32)], plane: [usize; 2], out: &mut [u8]) -> Result<(), Trouble> {
    let total: u64 = fragments.iter().map(|&(_, bytes)| u64::from(bytes)).sum();
    if total == 0 || total > FRAGMENT_MAX.min(4 * out.len() as u64 + (1 << 20)) {
        return Err(damaged(format!("one of its packed frames has {total} bytes")));
    }
    let mut bytes = vec![0; total as usize];
    let mut from = 0;
    for &(at, length) in fragments {
        let to = from + length as usize;
        read_at(file, at, &mut bytes[from..to]).map_err(|error| damaged(format!("reading its packed pixels failed ({error})")))?;
        from = to;
    }
    let value_bytes = out.len() / (plane[0] * plane[1]);
    let pixels = plane[0] * plane[1];
    let decoded = match layout.packing {
        Packing::Runs => return rle::decode(&bytes, value_bytes, out).map_err(damaged),
        Packing::JpegLs => jpeg_ls::decode(&bytes, pixels).map_err(damaged)?,
        Packing::Jpeg2000 => jp2::grey(&bytes, pixels)?,
        Packing::Jpeg => jpeg::grey(&bytes, pixels)?,
        Packing::Native => return Err(damaged("its pixels are not packed")),
    };
    put(layout, &decoded, plane, value_bytes, out)
}

/// Values of any precision as pixels; signed ones are told by their highest bit.
fn put(layout: &Layout, decoded: &Decoded, plane: [usize; 2], value_bytes: usize, out: &mut [u8]) -> Result<(), Trouble> {
    let [rows, columns] = plane;
    let too_wide = decoded.precision as usize > 8 * value_bytes;
    if (decoded.height, decoded.width) != (rows, columns) || too_wide {
        let Decoded { width, height, precision, .. } = decoded;
        return Err(damaged(format!("its packed frame has {width} × {height} pixels of {precision} bits, the header says otherwise")));
    }
    let unused = 16 - decoded.precision;
    for (&value, out) in decoded.values.iter().zip(out.chunks_exact_mut(value_bytes)) {
        let value = if layout.signed { ((value << unused) as i16 >> unused) as u16 } else { value };
        let bytes = value.to_le_bytes();
        match out {
            [low] => *low = bytes[0],
            [low, high, above @ ..] => {
                (*low, *high) = (bytes[0], bytes[1]);
                above.fill(if layout.signed && value >> 15 == 1 { 0xff } else { 0 });
            }
            [] => {}
        }
    }
    Ok(())
}

/// Memory beside the planes: a packed frame and its values for each thread.
pub(super) fn scratch_bytes(shape: Shape, element: ElementType) -> u64 {
    16 * (shape[1] * shape[2] * element.bytes()) as u64
}
