//! NIfTI-1, NIfTI-2 and their ancestor Analyze 7.5: a header of 348 or 540 bytes, and voxels behind it or in a second file.
//!
//! Written after the official header files nifti1.h and nifti2.h and the Analyze 7.5 format description.

mod fields;

use std::path::{Path, PathBuf};

use super::stored::{Packed, Source, Stored};
use super::{Asked, Format, Opened, Role, check_shape, companion, only, samples};
use crate::element::byte_count;
use crate::header::{believed_um, in_um};
use crate::trouble::file_name;
use crate::{ElementType, Found, HeadFacts, Header, Orientation, Shape, Trouble};
use fields::{Fields, Kind};

pub(crate) static FORMAT: Format = Format {
    name: "NIfTI",
    endings: &[".nii", ".nii.gz", ".hdr", ".hdr.gz"],
    role: Role::Volume,
    recognises: fields::recognises,
    open: |paths, asked| open_packed(&Packed::of(only(&paths)?)?, asked),
    head_facts,
};

/// NIFTI_INTENT_LABEL: values are indexes of a list of names.
const INTENT_LABEL: i64 = 1002;
/// The longest header there is.
const HEAD_BYTES: u64 = 540;

struct Nifti {
    fields: Fields,
    /// As many times as wide as there are values in a voxel.
    shape: Shape,
    values: usize,
    element: ElementType,
    /// Volumes beyond the first three axes.
    volumes: u64,
    voxel_size_um: Option<[f64; 3]>,
    orientation: Option<Orientation>,
    found: Found,
    warnings: Vec<String>,
}

fn parse(head: &[u8]) -> Result<Nifti, Trouble> {
    let fields = Fields::parse(head).ok_or_else(|| Trouble::new("the NIfTI header is cut off", "Upload the file again"))?;
    let (element, values) = element_of(fields.datatype)?;
    if values > 1 && matches!(fields.kind, Kind::Analyze) {
        let what = "its voxels are colours, and programs differ in how these follow each other in Analyze files";
        return Err(Trouble::new(what, "Save it as NIfTI"));
    }
    let axes = fields.dim[0].clamp(0, 7) as usize;
    // Axes that the header does not count have the length one.
    let length = |axis: usize| if axis <= axes { fields.dim[axis] } else { 1 };
    if (1..=7).any(|axis| length(axis) < 0) {
        return Err(Trouble::new("the NIfTI header claims a negative size", "The header is damaged; save the file again"));
    }
    let mut shape = check_shape([length(3), length(2), length(1)].map(|size| size as u64), element.bytes() * values)?;
    shape[2] *= values;
    let volumes = (4..=7).map(|axis| length(axis).max(1) as u64).try_fold(1u64, u64::checked_mul);
    let volumes = volumes.ok_or_else(|| Trouble::new("its header claims more volumes than can be true", "Save the file again"))?;
    let mut warnings = Vec::new();
    let unit = unit(&fields, &mut warnings);
    let voxel_size_um = unit.and_then(|unit| {
        let size = [fields.pixdim[3], fields.pixdim[2], fields.pixdim[1]].map(|size| fields.rounded(in_um(size.abs(), unit)));
        let size = if axes < 3 && size[0] == 0.0 { [size[1], size[1], size[2]] } else { size };
        believed_um(size, &mut warnings)
    });
    let orientation = orientation(&fields, unit, &mut warnings);
    let found = found(&fields, &mut warnings);
    Ok(Nifti { shape, values, element, volumes, voxel_size_um, orientation, found, warnings, fields })
}

/// The type of a value, and how many of them a voxel holds.
fn element_of(datatype: i64) -> Result<(ElementType, usize), Trouble> {
    let other = |name: &str| {
        let hint = "Save it as one of the whole or floating-point types";
        ElementType::from_name(name).ok_or_else(|| Trouble::new(format!("its voxels are of type {name}, which is not read"), hint))
    };
    let one = |element: ElementType| Ok((element, 1));
    match datatype {
        2 => one(ElementType::U8),
        4 => one(ElementType::I16),
        8 => one(ElementType::I32),
        16 => one(ElementType::F32),
        64 => one(ElementType::F64),
        256 => one(ElementType::I8),
        512 => one(ElementType::U16),
        768 => one(ElementType::U32),
        1024 => other("int64").and_then(one),
        1280 => other("uint64").and_then(one),
        128 => Ok((ElementType::U8, 3)),
        2304 => Ok((ElementType::U8, 4)),
        32 | 1792 | 2048 => Err(Trouble::new("its voxels are complex numbers", "Save the amplitude or the phase as a volume")),
        other => Err(Trouble::new(format!("its voxel type (NIfTI datatype {other}) is not read"), "Save it as integers or floats")),
    }
}

/// Micrometres in the unit of the header.
fn unit(fields: &Fields, warnings: &mut Vec<String>) -> Option<f64> {
    match (&fields.kind, fields.space_unit) {
        (_, 1) => Some(1e6),
        (_, 2) => Some(1e3),
        (_, 3) => Some(1.0),
        (Kind::Analyze, _) if fields.pixdim[1..4].iter().any(|&size| size != 1.0) => Some(1e3),
        _ => {
            let [x, y, z] = [1, 2, 3].map(|axis| fields.rounded(fields.pixdim[axis]));
            warnings.push(format!("The file says {z} × {y} × {x} for a voxel (z, y, x) but not in which unit."));
            None
        }
    }
}

/// The affine of the header as unit vectors; the sform before the qform, as the standard asks.
fn orientation(fields: &Fields, unit: Option<f64>, warnings: &mut Vec<String>) -> Option<Orientation> {
    let affine = fields.affine()?;
    let column = |axis: usize| affine.map(|row| row[axis]);
    let length = |axis: usize| column(axis).iter().map(|part| part * part).sum::<f64>().sqrt();
    if (0..3).any(|axis| (length(axis) - fields.pixdim[axis + 1].abs()).abs() > 1e-3 * length(axis)) {
        warnings.push("The affine and the voxel size of the header differ; the voxel size is taken from pixdim.".into());
    }
    let origin = unit.map(|unit| affine.map(|row| fields.rounded(row[3] * unit)));
    Orientation::new("right-anterior-superior", [column(2), column(1), column(0)], origin)
}

fn found(fields: &Fields, warnings: &mut Vec<String>) -> Found {
    let mut found = Found { description: fields.description.clone(), ..Found::default() };
    found.labels = (fields.intent == INTENT_LABEL).then(|| format!("NIfTI intent code {INTENT_LABEL}"));
    let (slope, intercept) = (fields.slope, fields.intercept);
    if slope.is_finite() && intercept.is_finite() && slope != 0.0 && (slope, intercept) != (1.0, 0.0) {
        let (slope, intercept) = (fields.rounded(slope), fields.rounded(intercept));
        found.other.insert("rescale slope".into(), slope.to_string());
        found.other.insert("rescale intercept".into(), intercept.to_string());
        warnings.push(format!("Voxels are kept as stored; the quantity they stand for is {slope} × value + {intercept}."));
    }
    if let Some(space) = fields.space_name() {
        found.other.insert("coordinate space".into(), space.into());
    }
    found
}

pub(crate) fn open_packed(packed: &Packed, asked: &Asked) -> Result<Opened, Trouble> {
    let path = &packed.path;
    let head = packed.head(HEAD_BYTES)?;
    let nifti = parse(&head).map_err(|trouble| trouble.in_file(path))?;
    let chosen = companion::chosen_volume(nifti.volumes, asked).map_err(|trouble| trouble.in_file(path))?;
    let voxels = if nifti.fields.in_one_file { packed.clone() } else { Packed::of(&image_beside(path)?)? };
    let too_far = || Trouble::new("the header says that the voxels begin behind the end of the file", "Save the file again").in_file(path);
    let volume_bytes = byte_count(nifti.shape, nifti.element).ok_or_else(too_far)?;
    let at = chosen.checked_mul(volume_bytes).and_then(|skip| skip.checked_add(nifti.fields.voxels_at)).ok_or_else(too_far)?;
    let stored = Stored {
        shape: nifti.shape,
        element: nifti.element,
        big_endian: nifti.fields.big_endian,
        encoding: voxels.encoding,
        parts: vec![voxels.part(at, nifti.shape[0])],
    };
    let Source { planes, mut bytes_in, scratch_bytes } = stored.open()?;
    let mut files = vec![file_name(path)];
    if voxels.path != *path {
        files.push(file_name(&voxels.path));
        bytes_in += packed.length;
    }
    let header = Header {
        format: packed.name_of(nifti.fields.kind.name()),
        shape: nifti.shape,
        element: nifti.element,
        voxel_size_um: nifti.voxel_size_um,
        orientation: nifti.orientation,
        found: nifti.found,
        warnings: nifti.warnings,
        files,
    };
    samples::one_of(Opened { header, planes, bytes_in, scratch_bytes }, nifti.values, true, asked).map_err(|trouble| trouble.in_file(path))
}

/// The voxels of a header that has none: the same name with .img.
fn image_beside(path: &Path) -> Result<PathBuf, Trouble> {
    let name = file_name(path);
    let lower = name.to_lowercase();
    let stem = [".hdr.gz", ".hdr"].iter().find_map(|ending| lower.strip_suffix(ending)).map_or(name.len(), str::len);
    let stem = name.get(..stem).unwrap_or(&name);
    let candidates = [".img", ".img.gz", ".IMG", ".Img"].map(|ending| path.with_file_name(format!("{stem}{ending}")));
    let there = candidates.iter().find(|candidate| candidate.is_file());
    there.cloned().ok_or_else(|| {
        Trouble::new(format!("its voxels lie in {stem}.img, which is not beside it"), "Upload that file too, into the same folder")
            .in_file(path)
    })
}

fn head_facts(head: &[u8], _length: u64) -> Option<HeadFacts> {
    let nifti = parse(head).ok()?;
    Some(HeadFacts {
        format: nifti.fields.kind.name().into(),
        width: Some(nifti.shape[2] / nifti.values),
        height: Some(nifti.shape[1]),
        depth: Some(nifti.shape[0]),
        element: Some(nifti.element),
        voxel_size_um: nifti.voxel_size_um,
        found: nifti.found,
        warnings: nifti.warnings,
        asks: samples::choose(nifti.values, true, None).err().and_then(|trouble| trouble.asks),
    })
}
