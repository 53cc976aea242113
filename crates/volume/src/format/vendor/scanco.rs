//! `.isq` of Scanco scanners: a header of 512 bytes or more, then little-endian 16-bit slices.
//! Source: the header as Scanco published it and ITK, BoneJ and Fiji read it.

use std::path::PathBuf;

use crate::element::byte_count;
use crate::format::contiguous::{Contiguous, check_length, read_at};
use crate::format::{Asked, Format, Opened, Role, check_shape, only, open_with_length};
use crate::header::believed_um;
use crate::trouble::file_name;
use crate::{ElementType, Found, HeadFacts, Header, Shape, Trouble};

pub(crate) static FORMAT: Format = Format {
    name: "Scanco ISQ",
    endings: &[".isq"],
    role: Role::Volume,
    recognises: |head| head.starts_with(b"CTDATA-HEADER_V1"),
    open,
    head_facts,
};

const HEADER_BYTES: usize = 512;
/// Blocks of 512 bytes before the voxels.
const BLOCKS_MAX: u64 = 1 << 20;
/// The name of the patient, as in living people scanned for their bones; it is looked at only to warn and never taken over.
const PATIENT_NAME: std::ops::Range<usize> = 128..168;

struct Isq {
    shape: Shape,
    voxels_at: u64,
    voxel_size_um: Option<[f64; 3]>,
    found: Found,
    warnings: Vec<String>,
}

fn parse(head: &[u8]) -> Result<Isq, Trouble> {
    let head = head.get(..HEADER_BYTES).ok_or_else(|| Trouble::new("its header is cut off", "Upload it again"))?;
    let word = |at: usize| i32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let size = |at: usize| u64::try_from(word(at)).unwrap_or(0);
    let kind = word(16);
    if kind != 3 {
        return Err(Trouble::new(format!("it holds data of type {kind}, not a reconstructed volume"), "Export the volume as ISQ"));
    }
    let shape = check_shape([size(52), size(48), size(44)], 2)?;
    let blocks = u64::try_from(word(508)).ok().filter(|&blocks| blocks < BLOCKS_MAX);
    let blocks = blocks.ok_or_else(|| Trouble::new("its header says that the voxels begin nowhere", "Upload it again"))?;
    // The header gives the length of the whole volume in micrometres.
    let sizes = [(64, 0), (60, 1), (56, 2)].map(|(at, axis)| f64::from(word(at)) / shape[axis] as f64);
    let mut found = Found { instrument: Some("Scanco µCT".into()), ..Found::default() };
    let mut add = |name: &str, value: f64| {
        if value > 0.0 {
            found.other.insert(name.into(), value.to_string());
        }
    };
    add("source_voltage_kv", f64::from(word(168)) / 1_000.0);
    add("source_current_ua", f64::from(word(172)));
    add("projections", f64::from(word(96)));
    add("exposure_s", f64::from(word(108)) / 1e6);
    add("mu_scaling", f64::from(word(88)));
    let mut warnings = Vec::new();
    let voxel_size_um = if sizes == [0.0; 3] { None } else { believed_um(sizes, &mut warnings) };
    if head[PATIENT_NAME].iter().any(|&byte| !matches!(byte, 0 | b' ')) {
        warnings.push(
            "The ISQ file has a field for the patient's name that is filled. Nothing of it is taken over, \
             but originals are published as they are: make sure that the file is anonymous."
                .into(),
        );
    }
    Ok(Isq { shape, voxels_at: (blocks + 1) * 512, voxel_size_um, found, warnings })
}

fn open(paths: Vec<PathBuf>, _asked: &Asked) -> Result<Opened, Trouble> {
    let path = only(&paths)?;
    let (file, length) = open_with_length(path)?;
    let mut head = vec![0; HEADER_BYTES.min(length as usize)];
    read_at(&file, 0, &mut head).map_err(|error| Trouble::io("reading", path, &error))?;
    let isq = parse(&head).map_err(|trouble| trouble.in_file(path))?;
    check_length(path, length, isq.voxels_at, byte_count(isq.shape, ElementType::I16))?;
    let header = Header {
        format: FORMAT.name.into(),
        shape: isq.shape,
        element: ElementType::I16,
        voxel_size_um: isq.voxel_size_um,
        orientation: None,
        found: isq.found,
        warnings: isq.warnings,
        files: vec![file_name(path)],
    };
    let planes = Contiguous {
        path: path.into(),
        file,
        offset: isq.voxels_at,
        plane_bytes: isq.shape[1] * isq.shape[2] * 2,
        element: ElementType::I16,
        big_endian: false,
    };
    Ok(Opened { header, planes: Box::new(planes), bytes_in: length, scratch_bytes: 0 })
}

fn head_facts(head: &[u8], _length: u64) -> Option<HeadFacts> {
    let isq = parse(head).ok()?;
    Some(HeadFacts {
        format: FORMAT.name.into(),
        width: Some(isq.shape[2]),
        height: Some(isq.shape[1]),
        depth: Some(isq.shape[0]),
        element: Some(ElementType::I16),
        voxel_size_um: isq.voxel_size_um,
        found: isq.found,
        warnings: isq.warnings,
        asks: None,
    })
}
