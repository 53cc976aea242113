//! MetaImage (.mha, .mhd), the format of ITK: lines `Key = Value`, the last of which says where the voxels lie.
//!
//! Written after the MetaIO documentation of ITK. Lengths are millimetres there unless the file says otherwise.

mod fields;

use std::path::Path;

use super::stored::{Encoding, Part, Source, Stored};
use super::{Asked, Format, Opened, Role, companion, only, open_with_length, samples};
use crate::element::byte_count;
use crate::trouble::file_name;
use crate::{HeadFacts, Header, Trouble};
use fields::{Data, MetaImage};

pub(crate) static FORMAT: Format = Format {
    name: "MetaImage",
    endings: &[".mha", ".mhd"],
    role: Role::Volume,
    recognises: fields::recognises,
    open: |paths, asked| open(only(&paths)?, asked),
    head_facts,
};

/// A header longer than this is not one; lists of many files are long.
const HEADER_MAX: u64 = 16 << 20;

fn refuse(what: impl Into<String>) -> Trouble {
    Trouble::new(what, "Save it as a MetaImage with three axes and one value a voxel")
}

fn open(path: &Path, asked: &Asked) -> Result<Opened, Trouble> {
    let trouble = |error: std::io::Error| Trouble::io("reading", path, &error);
    let (file, length) = open_with_length(path)?;
    let mut head = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(file, HEADER_MAX), &mut head).map_err(trouble)?;
    let image = fields::parse(&head).map_err(|trouble| trouble.in_file(path))?;
    let volume = companion::chosen_volume(image.volumes, asked).map_err(|trouble| trouble.in_file(path))?;
    let stored = stored(path, &image, volume).map_err(|trouble| trouble.in_file(path))?;
    let local = matches!(image.data, Data::Local(_));
    let files = if local { vec![file_name(path)] } else { companion::names(path, &stored.parts) };
    let Source { planes, bytes_in, scratch_bytes } = stored.open()?;
    let header = Header {
        format: "MetaImage".into(),
        shape: image.shape,
        element: image.element,
        voxel_size_um: image.voxel_size_um,
        orientation: image.orientation,
        found: image.found,
        warnings: image.warnings,
        files,
    };
    let opened = Opened { header, planes, bytes_in: if local { bytes_in } else { bytes_in + length }, scratch_bytes };
    samples::one_of(opened, image.values, samples::may_be_colour(image.element), asked).map_err(|trouble| trouble.in_file(path))
}

fn stored(path: &Path, image: &MetaImage, volume: u64) -> Result<Stored, Trouble> {
    let depth = image.shape[0];
    let (mut parts, volume, volumes_each) = match &image.data {
        Data::Local(at) => (vec![Part::whole(path, *at, depth)], volume, image.volumes),
        Data::Files(names) if names.len() == 1 => {
            (vec![Part::whole(&companion::beside(path, &names[0])?, 0, depth)], volume, image.volumes)
        }
        Data::Files(names) => {
            let planes = companion::planes_each(path, names.len(), depth.saturating_mul(image.volumes as usize))?;
            if depth % planes != 0 {
                return Err(refuse("one of its files holds parts of several volumes"));
            }
            let files = depth / planes;
            let of_volume = names.iter().skip(volume as usize * files).take(files);
            let part = |name: &String| Ok(Part::whole(&companion::beside(path, name)?, 0, planes));
            (of_volume.map(part).collect::<Result<_, Trouble>>()?, 0, 1)
        }
    };
    let encoding = match (image.binary, image.compressed, parts.first()) {
        (false, ..) => Encoding::Ascii,
        (true, true, Some(part)) if begins_with_gzip(part)? => Encoding::Gzip,
        (true, true, _) => Encoding::Zlib,
        (true, false, _) => Encoding::Raw,
    };
    let too_many = || refuse("it promises more bytes than any file can hold");
    for part in &mut parts {
        let volume_bytes = byte_count([part.planes, image.shape[1], image.shape[2]], image.element).ok_or_else(too_many)?;
        match (image.header_bytes, encoding) {
            (0.., _) => part.offset = part.offset.checked_add(image.header_bytes as u64).ok_or_else(too_many)?,
            (_, Encoding::Raw) => {
                let (_, length) = open_with_length(&part.path)?;
                let all = volume_bytes.checked_mul(volumes_each).ok_or_else(too_many)?;
                part.offset = length.checked_sub(all).ok_or_else(|| refuse("the file is shorter than its voxels").in_file(&part.path))?;
            }
            _ => return Err(refuse("it counts from the end of compressed data")),
        }
        part.skip = volume.checked_mul(volume_bytes).ok_or_else(too_many)?;
    }
    Ok(Stored { shape: image.shape, element: image.element, big_endian: image.big_endian, encoding, parts })
}

/// Old programs wrote gzip where new ones write a bare zlib stream.
fn begins_with_gzip(part: &Part) -> Result<bool, Trouble> {
    let (file, _) = open_with_length(&part.path)?;
    let mut magic = [0; 2];
    Ok(super::contiguous::read_at(&file, part.offset, &mut magic).is_ok() && magic == [0x1f, 0x8b])
}

fn head_facts(head: &[u8], _length: u64) -> Option<HeadFacts> {
    let image = fields::parse(head).ok()?;
    Some(HeadFacts {
        format: "MetaImage".into(),
        width: Some(image.shape[2] / image.values),
        height: Some(image.shape[1]),
        depth: Some(image.shape[0]),
        element: Some(image.element),
        voxel_size_um: image.voxel_size_um,
        found: image.found,
        warnings: image.warnings,
        asks: samples::choose(image.values, samples::may_be_colour(image.element), None).err().and_then(|trouble| trouble.asks),
    })
}
