//! What scanners write beside their volumes: the voxel size that slices lose, and how the scan was made.

mod compound;
mod described;
mod ini;
mod nikon;
mod phoenix;
pub(crate) mod aim;
mod rx_solutions;
pub(crate) mod scanco;
mod skyscan;
mod vgstudio;
pub(crate) mod zeiss;

use std::path::{Path, PathBuf};

use super::Opened;
use crate::header::plausible_um;
use crate::trouble::file_name;
use crate::{About, Asks, ElementType, Found, Header, Shape, Trouble};

/// Longest file that is read, and how many of them beside one volume.
const TEXT_MAX_BYTES: u64 = 4 << 20;
const FILES_MAX: usize = 50;
/// Voxel sizes that differ by less than this part say the same.
const SAME_PART: f64 = 1e-3;

/// What one file beside a volume tells.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) file: String,
    /// z, y, x.
    pub(crate) voxel_size_um: Option<[f64; 3]>,
    /// The voxel size that it names cannot be true, and was left out.
    untrue: bool,
    /// How the voxels lie in the raw file beside it.
    pub(crate) raw: Option<RawTold>,
    /// Width of the slices it is about.
    pub(crate) slice_width: Option<usize>,
    pub(crate) found: Found,
    /// What it says and leaves open, to follow its name.
    pub(crate) warning: Option<String>,
}

/// What somebody else says about a raw file, as far as it is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RawTold {
    pub(crate) shape: Option<Shape>,
    pub(crate) element: Option<ElementType>,
    pub(crate) big_endian: bool,
    pub(crate) offset: u64,
    /// The raw file it names, without its folders.
    pub(crate) data_file: Option<String>,
}

/// How many of [`KINDS`] are scanners' own.
const SCANNERS: usize = 7;

type Parse = fn(&str) -> Option<Told>;

/// What such files are called; what describes voxels best comes first.
const KINDS: [(&str, Parse); 10] = [
    (".vgi", vgstudio::parse),
    (".pcr", phoenix::parse),
    (".xtekct", nikon::parse),
    (".xtekvolume", nikon::parse),
    (".pca", phoenix::parse),
    (".log", skyscan::parse),
    ("unireconstruction.xml", rx_solutions::parse),
    (".json", described::parse_json),
    (".info", described::parse_info),
    (".dat", described::parse_dat),
];

/// Whether a file of this name (in lower case) may say something about voxels beside it.
pub(crate) fn is_called(name: &str) -> bool {
    !name.starts_with('.') && kind_of(name).is_some()
}

fn kind_of(name: &str) -> Option<usize> {
    KINDS.iter().position(|(ending, _)| name.ends_with(ending))
}

/// The name before its first dot, without case.
fn stem(name: &str) -> String {
    name.split('.').next().unwrap_or(name).to_lowercase()
}

/// Whose files count although they are called otherwise.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strangers {
    None,
    /// A scanner's file that is the only one of its kind: slices seldom keep the name of the scan.
    OnlyScanners,
    /// All, for those that name the file they are about.
    All,
}

/// What stands beside files of that name in a folder: first what is called most like them, then the best kind.
fn beside(folder: &Path, name: &str, strangers: Strangers) -> Vec<Told> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<(bool, usize, usize, PathBuf)> = Vec::new();
    let own = stem(name);
    for entry in entries.flatten().take(super::limit::SLICES) {
        let path = entry.path();
        let other = file_name(&path).to_lowercase();
        let small = || std::fs::metadata(&path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= TEXT_MAX_BYTES);
        if let Some(kind) = kind_of(&other).filter(|_| is_called(&other) && other != name.to_lowercase() && small()) {
            let other = stem(&other);
            let stranger = !related(&other, &own);
            // scan1 is related to scan10, but scan10 itself is nearer. Strangers are all equally far.
            let distance = if stranger { 0 } else { other.len().abs_diff(own.len()) };
            found.push((stranger, distance, kind, path));
        }
    }
    found.sort();
    let alone = |kind: usize| kind < SCANNERS && found.iter().filter(|(_, _, other, _)| *other == kind).count() == 1;
    let meant = |stranger: bool, kind: usize| match strangers {
        Strangers::None => !stranger,
        Strangers::OnlyScanners => !stranger || alone(kind),
        Strangers::All => true,
    };
    let meant = found.iter().filter(|(stranger, _, kind, _)| meant(*stranger, *kind)).take(FILES_MAX);
    meant.filter_map(|(_, _, kind, path)| read(path, KINDS[*kind].1)).collect()
}

/// `bone_rec` is about `bone_rec0042`, and `bone` about `bone_rec`.
fn related(one: &str, other: &str) -> bool {
    !one.is_empty() && !other.is_empty() && (one.starts_with(other) || other.starts_with(one))
}

fn read(path: &Path, parse: Parse) -> Option<Told> {
    let bytes = std::fs::read(path).ok()?;
    let text = match bytes.strip_prefix(b"\xff\xfe") {
        Some(wide) => {
            wide.chunks_exact(2).map(|pair| char::from_u32(u32::from(u16::from_le_bytes([pair[0], pair[1]]))).unwrap_or(' ')).collect()
        }
        None => String::from_utf8_lossy(&bytes).into_owned(),
    };
    let mut told = parse(text.trim_start_matches('\u{feff}'))?;
    told.file = file_name(path);
    let plausible = |size: &[f64; 3]| size.iter().all(|&axis| plausible_um(axis));
    told.untrue = told.voxel_size_um.as_ref().is_some_and(|size| !plausible(size));
    told.voxel_size_um = told.voxel_size_um.filter(plausible);
    Some(told)
}

/// The voxels that a description is about, where somebody opens that instead: `a.vgi` names `a.vol`.
pub(crate) fn voxels_of(path: &Path) -> Result<Option<PathBuf>, Trouble> {
    let name = file_name(path).to_lowercase();
    let small = std::fs::metadata(path).is_ok_and(|metadata| metadata.len() <= TEXT_MAX_BYTES);
    let Some(kind) = kind_of(&name).filter(|_| small) else { return Ok(None) };
    let Some(raw) = read(path, KINDS[kind].1).and_then(|told| told.raw) else { return Ok(None) };
    if let Some(data) = raw.data_file {
        return super::companion::beside(path, &data).map(Some);
    }
    let called = |ending: &str| path.with_extension(ending);
    Ok(["vol", "raw", "bin", "img"].into_iter().map(called).find(|data| data.is_file()))
}

/// Adds to an opened volume what stands beside it. For slices the folder above is looked into as well.
pub(crate) fn complete(mut opened: Opened, folder: &Path, slices: bool) -> Opened {
    let name = opened.header.files.first().cloned().unwrap_or_default();
    let strangers = if slices { Strangers::OnlyScanners } else { Strangers::None };
    let mut told = beside(folder, &name, strangers);
    if slices && let Some(above) = folder.parent() {
        told.extend(beside(above, &name, strangers));
    }
    told.iter().for_each(|told| apply(&mut opened.header, told));
    let open = told.iter().filter_map(|told| Some(format!("{} {}", told.file, told.warning.as_ref()?)));
    opened.header.warnings.extend(open);
    agree(&mut opened.header, &told);
    opened
}

fn apply(header: &mut Header, told: &Told) {
    let (own, other) = (&mut header.found, &told.found);
    let slots = [
        (&mut own.sample, &other.sample),
        (&mut own.instrument, &other.instrument),
        (&mut own.facility, &other.facility),
        (&mut own.date, &other.date),
        (&mut own.software, &other.software),
        (&mut own.description, &other.description),
    ];
    for (slot, value) in slots {
        if slot.is_none() {
            slot.clone_from(value);
        }
    }
    own.energy_kev = own.energy_kev.or(other.energy_kev);
    for (name, value) in &other.other {
        own.other.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

fn same(one: [f64; 3], other: [f64; 3]) -> bool {
    one.iter().zip(other).all(|(one, other)| (one - other).abs() <= SAME_PART * one.abs().max(other.abs()))
}

fn in_words(size: [f64; 3]) -> String {
    if size[0] == size[1] && size[1] == size[2] {
        format!("{} µm", size[0])
    } else {
        format!("{} × {} × {} µm", size[0], size[1], size[2])
    }
}

/// The scanner knows the voxel size better than a program that only saved pictures; both are named when they differ.
fn agree(header: &mut Header, told: &[Told]) {
    let untrue = told.iter().filter(|told| told.untrue);
    header.warnings.extend(untrue.map(|told| format!("The voxel size in {} cannot be true, so it is left out.", told.file)));
    let mut sizes = told.iter().filter_map(|told| Some((told, told.voxel_size_um?)));
    let Some((best, size)) = sizes.next() else { return };
    for (other, other_size) in sizes.filter(|(_, other)| !same(*other, size)) {
        header.warnings.push(format!(
            "{} says {} for a voxel, {} says {}; the first is taken.",
            best.file,
            in_words(size),
            other.file,
            in_words(other_size)
        ));
    }
    if let Some(width) = best.slice_width.filter(|&width| width != header.shape[2]) {
        header.warnings.push(format!(
            "{} is about slices {width} pixels wide, these have {}; were they made smaller, its voxel size is wrong.",
            best.file, header.shape[2]
        ));
    }
    match header.voxel_size_um {
        Some(own) if !same(own, size) => header.warnings.push(format!(
            "{} says {} for a voxel, the volume itself {}; the scanner's file is taken.",
            best.file,
            in_words(size),
            in_words(own)
        )),
        Some(_) => return,
        // What the volume said without a unit is settled now.
        None => header.warnings.retain(|warning| !warning.contains("not in which unit")),
    }
    header.voxel_size_um = Some(size);
    header.found.other.insert("voxel_size_from".into(), best.file.clone());
}

/// The description of a raw file: shape and type, completed by its length where only the type is missing.
pub(crate) fn raw_shape(path: &Path, length: u64) -> Result<Option<crate::RawShape>, Trouble> {
    let name = file_name(path);
    let folder = path.parent().unwrap_or(Path::new(""));
    for told in beside(folder, &name, Strangers::All) {
        let Some(raw) = told.raw else { continue };
        let Some(shape) = raw.shape else { continue };
        let names_it = raw.data_file.as_ref().is_some_and(|data| data.eq_ignore_ascii_case(&name));
        if !names_it && !related(&stem(&told.file), &stem(&name)) {
            continue;
        }
        let voxels = shape.iter().try_fold(1_u64, |product, &axis| product.checked_mul(axis as u64)).filter(|&voxels| voxels > 0);
        let by_length =
            voxels.and_then(|voxels| match (length.saturating_sub(raw.offset) / voxels, length.saturating_sub(raw.offset) % voxels) {
                (4, 0) => Some(ElementType::F32),
                (2, 0) => Some(ElementType::U16),
                (1, 0) => Some(ElementType::U8),
                _ => None,
            });
        let element = raw.element.or(by_length).ok_or_else(|| {
            Trouble::new(
                format!(
                    "{} says {} × {} × {} voxels (z, y, x), which does not fit {length} bytes",
                    told.file, shape[0], shape[1], shape[2]
                ),
                "Give shape, element type and byte order",
            )
            .asking(Asks::one_of(About::Raw { suggested: None, bytes: length }, [], 0))
        })?;
        return Ok(Some(crate::RawShape { shape, element, big_endian: raw.big_endian, offset: raw.offset }));
    }
    Ok(None)
}

/// NumPy's, C's and VGStudio's names of voxel types.
pub(crate) fn element_named(name: &str) -> Option<ElementType> {
    let name = name.trim().to_lowercase();
    let name = name.trim_start_matches(['<', '>', '=', '|']);
    ElementType::from_name(name).or_else(|| {
        let bits = match name {
            "u1" | "uchar" | "byte" | "unsigned char" | "8bit" | "u8" => "uint8",
            "i1" | "char" | "signed char" | "i8" => "int8",
            "u2" | "ushort" | "unsigned short" | "16bit" | "u16" => "uint16",
            "i2" | "short" | "signed short" | "i16" => "int16",
            "u4" | "uint" | "unsigned int" | "u32" => "uint32",
            "i4" | "int" | "signed int" | "i32" => "int32",
            "f4" | "float" | "f32" | "single" | "real" => "float32",
            "f8" | "double" | "f64" => "float64",
            _ => return None,
        };
        ElementType::from_name(bits)
    })
}
