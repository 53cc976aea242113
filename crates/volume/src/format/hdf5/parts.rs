//! Frames that a detector wrote into several datasets: `data_000001`, `data_000002`, … of one group, as a rule links to files of
//! their own. Together they are one volume; where one of them is missing there is none.
//! Source: Dectris's description of the files that its Eiger detectors write.

use super::dataset::describe;
use super::datatype::Datatype;
use super::group::{Link, Target};
use super::object::Object;
use super::survey::{Survey, attribute};
use super::tree::{Place, Tree};
use crate::Trouble;

/// Datasets that one volume may be made of.
const PARTS_MAX: usize = 100_000;
/// Digits of the number in such a name.
const DIGITS: usize = 6;

/// One of the datasets.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) path: String,
    pub(super) place: Place,
    pub(super) frames: u64,
}

/// All of them, in order.
pub(super) struct Parts {
    /// The group that they are links of.
    pub(super) group: String,
    pub(super) parts: Vec<Part>,
    /// Of all together.
    pub(super) shape: Vec<u64>,
    pub(super) datatype: Datatype,
}

/// The one group of the file, a plot or an entry, whose links are numbered so.
pub(super) fn find(tree: &Tree, survey: &Survey) -> Result<Option<Parts>, Trouble> {
    let mut found = None;
    for group in survey.of_class("NXdata").chain(survey.of_class("NXentry")) {
        let Some(parts) = of_group(tree, &group.path)? else { continue };
        if found.replace(parts).is_some() {
            // Which of them is meant nobody knows: they are listed with all others.
            return Ok(None);
        }
    }
    Ok(found)
}

/// The parts that the links of this group are; nothing where it holds none, or says itself what it is about.
pub(super) fn of_group(tree: &Tree, path: &str) -> Result<Option<Parts>, Trouble> {
    let place = tree.find(&tree.master, path)?;
    let Some(links) = tree.links(&place.file, place.address)? else { return Ok(None) };
    let mut numbered: Vec<(u64, &Link)> = links.iter().filter_map(|link| Some((number_of(&link.name)?, link))).collect();
    numbered.sort_by_key(|(number, _)| *number);
    let is_alone = matches!(&numbered[..], [] | [(_, Link { target: Target::Hard(_), .. })]);
    let signal = attribute(&place, "signal").and_then(|signal| signal.text().map(str::to_owned));
    let has_signal = signal.is_some_and(|name| number_of(&name).is_none() && links.iter().any(|link| link.name == name));
    if is_alone || has_signal || links.iter().any(|link| link.name == "data") {
        return Ok(None);
    }
    if numbered.len() > PARTS_MAX {
        return Err(Trouble::new(format!("{path} holds more than {PARTS_MAX} parts"), "Divide it").in_file(&tree.master.path));
    }
    let mut all: Option<Parts> = None;
    for (_, link) in &numbered {
        let place = tree.follow(&place, link, &mut 32)?;
        let path_here = format!("{path}/{}", link.name);
        let Some((space, datatype)) = describe(&place.file, &Object::read(&place.file, place.address)?)? else { return Ok(None) };
        let &[frames, height, width] = &space.shape[..] else { return Ok(None) };
        let part = Part { path: path_here, place, frames };
        match &mut all {
            None => all = Some(Parts { group: path.into(), shape: vec![frames, height, width], parts: vec![part], datatype }),
            Some(all) => all.add(part, [height, width], &datatype)?,
        }
    }
    if let Some(pair) = numbered.windows(2).find(|pair| pair[1].0 != pair[0].0 + 1) {
        let what = format!("frames are missing: behind {} of {path} comes {}", pair[0].1.name, pair[1].1.name);
        return Err(Trouble::new(what, "Save the scan again, or choose one part with --dataset").in_file(&tree.master.path));
    }
    Ok(all)
}

impl Parts {
    fn add(&mut self, part: Part, sizes: [u64; 2], datatype: &Datatype) -> Result<(), Trouble> {
        if self.shape[1..] != sizes || self.datatype != *datatype {
            let [height, width] = sizes;
            let what = format!(
                "{} holds frames of {height} × {width} {}, the first part {} × {} {}",
                part.path,
                datatype.name(),
                self.shape[1],
                self.shape[2],
                self.datatype.name()
            );
            let hint = format!("Choose one part, such as --dataset {}", part.path);
            return Err(Trouble::new(what, hint).in_file(&part.place.file.path));
        }
        self.shape[0] = self.shape[0].saturating_add(part.frames);
        self.parts.push(part);
        Ok(())
    }
}

/// The number in `data_000001`.
fn number_of(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("data_")?;
    (digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_digit())).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_a_number() {
        assert_eq!(["data_000001", "data_123456"].map(number_of), [Some(1), Some(123_456)]);
        assert_eq!(["data_001", "data_0000001", "data", "data_", "data_00000x", "DATA_000001"].map(number_of), [None; 6]);
    }
}
