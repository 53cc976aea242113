//! BigDataViewer's HDF5: `/tTTTTT/sSS/L/cells` for each time, setup and level. The size of a voxel stands in the XML file of the
//! same name beside it, how much coarser a level is in `/sSS/resolutions`.
//! Source: BigDataViewer's description of its formats, and what npy2bdv writes.

use quick_xml::events::Event;

use super::{Said, number_behind, value};
use crate::format::hdf5::attribute::Value;
use crate::format::hdf5::choice::Choice;
use crate::format::hdf5::survey::{Data, Survey};
use crate::format::hdf5::tree::Tree;
use crate::header::{told_um, unit_um};
use crate::{About, Asks, Offer, Trouble};

/// An XML file beside it that is larger is not read.
const XML_BYTES_MAX: u64 = 16 << 20;
/// Parts of that file that are looked at.
const PARTS_MAX: usize = 1_000_000;

/// Time, setup and level.
fn numbers(path: &str) -> Option<[u64; 3]> {
    let mut parts = path.strip_prefix('/')?.split('/');
    let numbers = [number_behind(parts.next()?, "t")?, number_behind(parts.next()?, "s")?, number_behind(parts.next()?, "")?];
    (parts.next() == Some("cells") && parts.next().is_none()).then_some(numbers)
}

fn setup(number: u64) -> String {
    format!("/s{number:02}")
}

pub(super) fn is_volume(tree: &Tree, path: &str, rank: usize) -> bool {
    rank == 3 && numbers(path).is_some_and(|[_, number, _]| tree.find(&tree.master, &format!("{}/resolutions", setup(number))).is_ok())
}

pub(super) fn said(tree: &Tree, choice: &Choice) -> Said {
    let mut said = Said::default();
    let Some([_, number, level]) = numbers(&choice.path) else { return said };
    let xml = tree.master.path.with_extension("xml");
    let xml = xml.file_name().and_then(|name| tree.path_beside(name.to_str()?));
    let Some((size, unit)) = xml.and_then(|xml| voxel_size(&xml, number)) else {
        said.warnings.push("Its voxel size stands in the .xml file of the same name, which is not beside it or does not say it.".into());
        return said;
    };
    let factors = match value(tree, &format!("{}/resolutions", setup(number))) {
        Some(Value::Numbers(factors)) => factors.chunks_exact(3).nth(level as usize).and_then(|row| row.first_chunk().copied()),
        _ => None,
    };
    let Some(factors): Option<[f64; 3]> = factors else { return said };
    let size = [2, 1, 0].map(|axis: usize| size[axis] * factors[axis]);
    said.voxel_size_um = told_um(size, unit_um(&unit), &mut said.warnings);
    said.size_from = Some(format!("voxelSize of setup {number} in the .xml file beside it"));
    said
}

/// x, y, z and their unit, as the file beside it says for a setup.
fn voxel_size(xml: &std::path::Path, wanted: u64) -> Option<([f64; 3], String)> {
    let length = std::fs::metadata(xml).ok()?.len();
    let text = if length <= XML_BYTES_MAX { std::fs::read_to_string(xml).ok()? } else { return None };
    size_in(&text, wanted)
}

fn size_in(text: &str, wanted: u64) -> Option<([f64; 3], String)> {
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut within, mut said) = (Vec::<Vec<u8>>::new(), String::new());
    let (mut number, mut size, mut unit) = (None, None, None);
    for _ in 0..PARTS_MAX {
        match reader.read_event().ok()? {
            Event::Start(element) => {
                within.push(element.local_name().as_ref().to_vec());
                said.clear();
            }
            Event::Text(text) => said.push_str(&text.decode().ok()?),
            Event::End(_) => {
                let place: Vec<&[u8]> = within.iter().rev().take(3).map(Vec::as_slice).collect();
                match place[..] {
                    [b"id", b"ViewSetup", ..] => number = said.trim().parse().ok(),
                    [b"size", b"voxelSize", b"ViewSetup"] => {
                        let parts: Option<Vec<f64>> = said.split_whitespace().map(|part| part.parse().ok()).collect();
                        size = <[f64; 3]>::try_from(parts?).ok();
                    }
                    [b"unit", b"voxelSize", b"ViewSetup"] => unit = Some(said.trim().to_owned()),
                    [b"ViewSetup", ..] => {
                        if number == Some(wanted) {
                            return Some((size?, unit?));
                        }
                        (number, size, unit) = (None, None, None);
                    }
                    _ => {}
                }
                within.pop();
                said.clear();
            }
            Event::Eof => return None,
            _ => {}
        }
    }
    None
}

/// The finest level of the one time and setup.
pub(super) fn preferred(tree: &Tree, survey: &Survey) -> Result<Option<String>, Trouble> {
    let is_finest =
        |data: &&Data| numbers(&data.path).is_some_and(|[.., level]| level == 0) && is_volume(tree, &data.path, data.shape.len());
    let all: Vec<&Data> = survey.datasets.iter().filter(is_finest).collect();
    match &all[..] {
        [] => Ok(None),
        [one] => Ok(Some(one.path.clone())),
        [first, ..] => {
            let offers = all.iter().map(|data| Offer { shape: data.shape.clone(), ..Offer::named(&data.path) });
            let asks = Asks::one_of(About::Dataset, offers, all.len());
            let what = format!("it holds {} views (times and setups)", all.len());
            let hint = format!("Choose one of them, such as --dataset {}", first.path);
            Err(Trouble::new(what, hint).in_file(&tree.master.path).asking(asks))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = "<SpimData><SequenceDescription><ViewSetups><ViewSetup><id>0</id><size>8 7 6</size><voxelSize><unit>um</unit>\
        <size>0.3 0.4 1.5</size></voxelSize></ViewSetup><ViewSetup><id>1</id><voxelSize><unit>nm</unit><size>1 2 3</size></voxelSize>\
        </ViewSetup><ViewSetup><id>2</id></ViewSetup></ViewSetups></SequenceDescription></SpimData>";

    #[test]
    fn each_setup_has_its_own_voxels() {
        assert_eq!(size_in(XML, 0), Some(([0.3, 0.4, 1.5], "um".into())));
        assert_eq!(size_in(XML, 1), Some(([1.0, 2.0, 3.0], "nm".into())));
        assert_eq!(size_in(XML, 2), None);
        assert_eq!(size_in(XML, 3), None);
        for end in 0..XML.len() {
            let _ = size_in(&XML[..end], 1);
        }
    }

    #[test]
    fn paths_are_understood() {
        assert_eq!(numbers("/t00003/s01/2/cells"), Some([3, 1, 2]));
        for path in ["/t00003/s01/cells", "/t/s01/2/cells", "/s01/2/cells", "/t00003/s01/2/cells/more"] {
            assert_eq!(numbers(path), None, "{path}");
        }
    }
}
