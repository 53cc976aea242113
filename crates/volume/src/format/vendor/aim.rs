//! `.aim` of Scanco's evaluation programs: lengths of the parts, a structure, a log in lines, then the voxels.
//! Source: the layout of versions 2.0 and 3.0 as ITK's Scanco module and VTK's reader know it. Numbers are little-endian; of
//! version 2.0 the sizes of voxels are floats as a VAX wrote them.

use std::path::PathBuf;

use crate::format::contiguous::read_at;
use crate::format::stored::{Encoding, Part, Source, Stored};
use crate::format::{Asked, Format, Opened, Role, check_shape, only, open_with_length};
use crate::header::{believed_um, clean_text};
use crate::trouble::file_name;
use crate::{ElementType, Found, HeadFacts, Header, Shape, Trouble};

pub(crate) static FORMAT: Format =
    Format { name: "Scanco AIM", endings: &[".aim"], role: Role::Volume, recognises: |head| Version::of(head).is_some(), open, head_facts };

/// Bytes of everything before the voxels; the log of a long evaluation has some ten thousand.
const HEADER_BYTES_MAX: u64 = 4 << 20;
/// Lines of the log whose values are taken over, and what they are called here.
const TAKEN: [(&str, &str, f64); 7] = [
    ("Energy [V]", "source_voltage_kv", 1e-3),
    ("Intensity [uA]", "source_current_ua", 1.0),
    ("No. projections per 180", "projections_per_180", 1.0),
    ("Integration time [us]", "exposure_s", 1e-6),
    ("Mu_Scaling", "mu_scaling", 1.0),
    ("Density: slope", "density_slope", 1.0),
    ("Density: intercept", "density_intercept", 1.0),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    Two,
    Three,
}

impl Version {
    fn of(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"AIMDATA_V030   \0") {
            return Some(Self::Three);
        }
        // The older one has no mark but the lengths of its first two parts.
        let lengths = [20u32.to_le_bytes(), 140u32.to_le_bytes()].concat();
        head.starts_with(&lengths).then_some(Self::Two)
    }

    /// Bytes before the lengths of the parts.
    const fn mark_bytes(self) -> usize {
        match self {
            Self::Two => 0,
            Self::Three => 16,
        }
    }

    /// Bytes of a number.
    const fn word_bytes(self) -> usize {
        match self {
            Self::Two => 4,
            Self::Three => 8,
        }
    }

    /// Where in the structure its type of voxels stands; its position, size and others follow in threes.
    const fn kind_at(self) -> usize {
        match self {
            Self::Two => 20,
            Self::Three => 12,
        }
    }
}

/// How the voxels are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    Plain,
    /// Runs, behind a number that says how long they are.
    Runs(Encoding),
}

struct Aim {
    version: Version,
    shape: Shape,
    element: ElementType,
    packing: Packing,
    /// As it stands there.
    voxel_size_um: [f64; 3],
    log_at: u64,
    voxels_at: u64,
}

impl Aim {
    fn believed_um(&self, warnings: &mut Vec<String>) -> Option<[f64; 3]> {
        if self.voxel_size_um == [0.0; 3] { None } else { believed_um(self.voxel_size_um, warnings) }
    }
}

fn cut_off() -> Trouble {
    Trouble::new("its header is cut off", "Upload it again")
}

/// Whole numbers of the header, by where they stand.
struct Words<'a> {
    head: &'a [u8],
    bytes: usize,
}

impl Words<'_> {
    fn unsigned(&self, at: usize) -> Result<u64, Trouble> {
        let bytes = self.head.get(at..at + self.bytes).ok_or_else(cut_off)?;
        Ok(bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)))
    }

    fn four(&self, at: usize) -> Result<[u8; 4], Trouble> {
        self.head.get(at..).and_then(<[u8]>::first_chunk).copied().ok_or_else(cut_off)
    }
}

fn parse(head: &[u8]) -> Result<Aim, Trouble> {
    let version = Version::of(head).ok_or_else(|| Trouble::new("it does not begin like a Scanco AIM", "Upload it again"))?;
    let words = Words { head, bytes: version.word_bytes() };
    let lengths_at = version.mark_bytes();
    let length = |number: usize| words.unsigned(lengths_at + number * words.bytes);
    let (lengths, structure, log) = (length(0)?, length(1)?, length(2)?);
    let structure_at = (lengths_at as u64).saturating_add(lengths);
    let log_at = structure_at.saturating_add(structure);
    let voxels_at = log_at.saturating_add(log);
    if voxels_at > HEADER_BYTES_MAX {
        return Err(Trouble::new(format!("it claims a header of {voxels_at} bytes"), "It is damaged; upload it again"));
    }
    let kind_at = structure_at as usize + version.kind_at();
    let (element, packing) = element_of(u32::from_le_bytes(words.four(kind_at)?))?;
    // The position in the scan, then the size; each is x, y, z.
    let size_at = kind_at + 4 + 3 * words.bytes;
    let [x, y, z] = [0, 1, 2].map(|axis| words.unsigned(size_at + axis * words.bytes));
    let shape = check_shape([z?, y?, x?], element.bytes())?;
    let voxel_at = kind_at + 4 + 21 * words.bytes;
    let mut voxel_size_um = [0.0; 3];
    for (axis, size) in voxel_size_um.iter_mut().rev().enumerate() {
        let at = voxel_at + axis * words.bytes;
        *size = match version {
            Version::Two => 1_000.0 * f64::from(float_of_a_vax(words.four(at)?)),
            Version::Three => words.unsigned(at)? as f64 / 1_000.0,
        };
    }
    Ok(Aim { version, shape, element, packing, voxel_size_um, log_at, voxels_at })
}

/// A VAX wrote the two halves of a float in the other order, and counted its exponent from two more.
fn float_of_a_vax(bytes: [u8; 4]) -> f32 {
    f32::from_bits(u32::from_be_bytes([bytes[1], bytes[0], bytes[3], bytes[2]])) / 4.0
}

fn element_of(kind: u32) -> Result<(ElementType, Packing), Trouble> {
    let hint = "Save it uncompressed, as 8- or 16-bit voxels, or as ISQ or TIFF";
    Ok(match kind {
        0x0001_0001 => (ElementType::I8, Packing::Plain),
        0x000d_0001 | 0x0016_0001 => (ElementType::U8, Packing::Plain),
        0x0002_0002 => (ElementType::I16, Packing::Plain),
        0x0017_0002 => (ElementType::U16, Packing::Plain),
        0x0003_0004 => (ElementType::I32, Packing::Plain),
        0x001a_0004 => (ElementType::F32, Packing::Plain),
        0x0015_0001 => (ElementType::I8, Packing::Runs(Encoding::TwoValues)),
        0x0008_0002 => (ElementType::I8, Packing::Runs(Encoding::CountedBytes)),
        0x0006_0001 => return Err(Trouble::new("its voxels are packed as single bits, which is not read", hint)),
        0x0006_0003 | 0x0012_0003 => return Err(Trouble::new("its voxels are vectors", "A volume has one value for each voxel")),
        kind => return Err(Trouble::new(format!("it holds data of the unknown type {kind:#010x}"), hint)),
    })
}

/// What the log says: lines of a name and a value with two spaces or more between them.
fn read_log(log: &[u8], found: &mut Found, warnings: &mut Vec<String>) {
    found.instrument = Some("Scanco µCT".into());
    let log = String::from_utf8_lossy(log);
    for line in log.lines().filter(|line| !line.starts_with('!')) {
        let Some((name, value)) = line.trim_end_matches('\0').split_once("  ") else { continue };
        let Some(value) = clean_text(value) else { continue };
        let taken = TAKEN.iter().find(|(known, ..)| *known == name);
        let number = value.parse().ok().filter(|number: &f64| number.is_finite());
        match (name, taken, number) {
            (_, Some((_, word, factor)), Some(number)) => {
                // Round as the log is: 45000 V are 45 kV and not a shade less.
                let number = if *factor < 1.0 { number / (1.0 / factor).round() } else { number };
                found.other.insert((*word).into(), number.to_string());
            }
            ("Density: unit", ..) => _ = found.other.insert("density_unit".into(), value),
            ("Original Creation-Date", ..) => _ = found.other.insert("created".into(), value),
            // It is looked at only to warn and never taken over.
            ("Patient Name", ..) => warnings.push(
                "The log in the AIM file has a line for the patient's name that is filled. Nothing of it is taken over, \
                 but originals are published as they are: make sure that the file is anonymous."
                    .into(),
            ),
            _ => {}
        }
    }
}

fn open(paths: Vec<PathBuf>, _asked: &Asked) -> Result<Opened, Trouble> {
    let path = only(&paths)?;
    let (file, length) = open_with_length(path)?;
    let mut head = vec![0; HEADER_BYTES_MAX.min(length) as usize];
    read_at(&file, 0, &mut head).map_err(|error| Trouble::io("reading", path, &error))?;
    let aim = parse(&head).map_err(|trouble| trouble.in_file(path))?;
    let (mut found, mut warnings) = (Found::default(), Vec::new());
    let log = head.get(aim.log_at as usize..aim.voxels_at as usize).ok_or_else(|| cut_off().in_file(path))?;
    read_log(log, &mut found, &mut warnings);
    let mut part = Part::whole(path, aim.voxels_at, aim.shape[0]);
    let mut encoding = Encoding::Raw;
    if let Packing::Runs(runs) = aim.packing {
        let words = Words { head: &head, bytes: aim.version.word_bytes() };
        // The number counts itself.
        let counted = words.unsigned(aim.voxels_at as usize).map_err(|trouble| trouble.in_file(path))?;
        let runs_at = aim.voxels_at + words.bytes as u64;
        let bytes = counted.saturating_sub(words.bytes as u64);
        if runs_at.checked_add(bytes).is_none_or(|end| end > length) {
            let what = format!("its voxels are said to take {bytes} bytes, the file has {length}");
            return Err(Trouble::new(what, "The file was cut off; upload it again").in_file(path));
        }
        (part.offset, part.length, encoding) = (runs_at, Some(bytes), runs);
    }
    let stored = Stored { shape: aim.shape, element: aim.element, big_endian: false, encoding, parts: vec![part] };
    let Source { planes, scratch_bytes, .. } = stored.open()?;
    let header = Header {
        format: FORMAT.name.into(),
        shape: aim.shape,
        element: aim.element,
        voxel_size_um: aim.believed_um(&mut warnings),
        orientation: None,
        found,
        warnings,
        files: vec![file_name(path)],
    };
    Ok(Opened { header, planes, bytes_in: length, scratch_bytes })
}

fn head_facts(head: &[u8], _length: u64) -> Option<HeadFacts> {
    let bare = HeadFacts { format: FORMAT.name.into(), ..HeadFacts::default() };
    let Ok(aim) = parse(head) else { return Some(bare) };
    let (mut found, mut warnings) = (Found::default(), Vec::new());
    // As much of the log as has come, without a line that may be cut.
    let log = head.get(aim.log_at as usize..).unwrap_or_default();
    let log = &log[..log.len().min((aim.voxels_at - aim.log_at) as usize)];
    let whole = log.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
    read_log(&log[..whole], &mut found, &mut warnings);
    Some(HeadFacts {
        width: Some(aim.shape[2]),
        height: Some(aim.shape[1]),
        depth: Some(aim.shape[0]),
        element: Some(aim.element),
        voxel_size_um: aim.believed_um(&mut warnings),
        found,
        warnings,
        ..bare
    })
}
