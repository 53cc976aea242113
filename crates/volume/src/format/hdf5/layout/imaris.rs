//! Imaris 5.5 (.ims): `/DataSet/ResolutionLevel R/TimePoint T/Channel C/Data`, filled up to whole chunks; sizes and extent stand
//! in `/DataSetInfo/Image` as arrays of single characters.
//! Source: the file format description that Bitplane published, and what imaris-ims-file-reader takes from such a file.

use super::{Said, attribute_of, number_behind};
use crate::format::channel;
use crate::format::hdf5::attribute::Value;
use crate::format::hdf5::choice::Choice;
use crate::format::hdf5::survey::{Data, Survey};
use crate::format::hdf5::tree::Tree;
use crate::header::{clean_text, told_um, unit_um};
use crate::{About, Asks, Offer, Trouble};

const IMAGE: &str = "/DataSetInfo/Image";

/// Resolution level, time and channel.
fn numbers(path: &str) -> Option<[u64; 3]> {
    let mut parts = path.strip_prefix("/DataSet/")?.split('/');
    let numbers = [
        number_behind(parts.next()?, "ResolutionLevel ")?,
        number_behind(parts.next()?, "TimePoint ")?,
        number_behind(parts.next()?, "Channel ")?,
    ];
    (parts.next() == Some("Data") && parts.next().is_none()).then_some(numbers)
}

pub(super) fn is_volume(path: &str, rank: usize) -> bool {
    rank == 3 && numbers(path).is_some()
}

/// An attribute that is spelt with one element for each character.
fn spelt(tree: &Tree, path: &str, name: &str) -> Option<String> {
    match attribute_of(tree, path, name)? {
        // Spaces lost their only character when text was trimmed.
        Value::Text(letters) if letters.len() > 1 => {
            clean_text(&letters.iter().map(|letter| if letter.is_empty() { " " } else { letter }).collect::<String>())
        }
        Value::Text(texts) => clean_text(texts.first()?),
        Value::Numbers(numbers) => Some(numbers.first()?.to_string()),
    }
}

fn number(tree: &Tree, path: &str, name: &str) -> Option<f64> {
    spelt(tree, path, name)?.parse().ok().filter(|number: &f64| number.is_finite())
}

pub(super) fn true_sizes(tree: &Tree, path: &str, stored: &[u64]) -> Option<Vec<u64>> {
    let channel = path.strip_suffix("/Data")?;
    let is_finest = numbers(path)?[0] == 0;
    let size = |axis: &str, stored: u64| {
        let said = number(tree, channel, &format!("ImageSize{axis}"));
        let said = said.or_else(|| number(tree, IMAGE, axis).filter(|_| is_finest))?;
        let size = said as u64;
        (size as f64 == said && (1..=stored).contains(&size)).then_some(size)
    };
    let &[z, y, x] = stored else { return None };
    Some(vec![size("Z", z)?, size("Y", y)?, size("X", x)?])
}

pub(super) fn said(tree: &Tree, choice: &Choice) -> Said {
    let mut said = Said::default();
    let text = |name: &str| spelt(tree, IMAGE, name).filter(|text| !text.starts_with("(no "));
    said.found.description = text("Description").or_else(|| text("Name"));
    said.found.date = text("RecordingDate");
    said.found.software = spelt(tree, "/DataSetInfo/Imaris", "Version").map(|version| format!("Imaris {version}"));
    if choice.true_sizes.is_none() {
        said.warnings.push("It does not say how many of the stored voxels are the image, so all of them are shown.".into());
        return said;
    }
    let &[z, y, x] = choice.sizes() else { return said };
    let size = |axis: usize, count: u64| {
        let extent = number(tree, IMAGE, &format!("ExtMax{axis}"))? - number(tree, IMAGE, &format!("ExtMin{axis}"))?;
        let size = extent / count as f64;
        // Six digits of an extent, in text.
        Some(format!("{size:.7e}").parse().unwrap_or(size))
    };
    if let (Some(z), Some(y), Some(x)) = (size(2, z), size(1, y), size(0, x)) {
        let unit = spelt(tree, IMAGE, "Unit").and_then(|unit| unit_um(&unit));
        said.voxel_size_um = told_um([z, y, x], unit, &mut said.warnings);
        said.size_from = Some(format!("ExtMin, ExtMax and Unit of {IMAGE}"));
    }
    said
}

/// The finest level of the one time and channel.
pub(super) fn preferred(tree: &Tree, survey: &Survey, channel: Option<usize>) -> Result<Option<String>, Trouble> {
    let mut all: Vec<([u64; 3], &Data)> = survey
        .datasets
        .iter()
        .filter_map(|data| Some((numbers(&data.path)?, data)))
        .filter(|([level, ..], data)| *level == 0 && data.shape.len() == 3)
        .collect();
    all.sort_by_key(|(numbers, _)| *numbers);
    let mut channels: Vec<u64> = all.iter().map(|([.., channel], _)| *channel).collect();
    channels.sort_unstable();
    channels.dedup();
    if channels.is_empty() {
        return Ok(None);
    }
    let name = |number: &u64| {
        spelt(tree, &format!("/DataSetInfo/Channel {number}"), "Name").map_or_else(|| number.to_string(), |name| format!("({name})"))
    };
    let names: Vec<String> = channels.iter().map(name).collect();
    let chosen = channel::choose(&format!("it holds {} channels", names.len()), &names, channel)
        .map_err(|trouble| trouble.in_file(&tree.master.path))?;
    all.retain(|([.., number], _)| channels.get(chosen) == Some(number));
    match &all[..] {
        [(_, one)] => Ok(Some(one.path.clone())),
        [(_, first), ..] => {
            let offers = all.iter().map(|(_, data)| Offer { shape: data.shape.clone(), ..Offer::named(&data.path) });
            let asks = Asks::one_of(About::Time, offers, all.len());
            let what = format!("it holds {} times", all.len());
            let hint = format!("Choose one of them, such as --dataset '{}'", first.path);
            Err(Trouble::new(what, hint).in_file(&tree.master.path).asking(asks))
        }
        [] => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_understood() {
        assert_eq!(numbers("/DataSet/ResolutionLevel 0/TimePoint 12/Channel 3/Data"), Some([0, 12, 3]));
        for path in [
            "/DataSet/ResolutionLevel 0/TimePoint 1/Channel 3/Histogram",
            "/DataSet/ResolutionLevel 0/TimePoint 1/Channel 3/Data/more",
            "/DataSet/ResolutionLevel x/TimePoint 1/Channel 3/Data",
            "/DataSet/TimePoint 1/Channel 3/Data",
            "/Data",
        ] {
            assert_eq!(numbers(path), None, "{path}");
        }
    }
}
