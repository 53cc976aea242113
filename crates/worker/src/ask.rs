//! What the files leave open becomes a question to their owners, and their answer what the reader is told.

use crate::choose::{Choice, Rival};
use record::question::{self, Answers, Question, RawVoxels, Topic};
use volume::{About, Asked, Asks, ElementType, RawShape};

/// What the owners said, as far as it is about these files.
pub(crate) fn answered(answers: &Answers, choice: &Choice) -> Asked {
    told(answers, choice.is_raw)
}

/// Shape and type are told of files without a header only.
pub(crate) fn told(answers: &Answers, is_raw: bool) -> Asked {
    let raw = answers.raw.as_ref().filter(|_| is_raw).and_then(|raw| {
        let [z, y, x] = raw.shape;
        let shape = [z.try_into().ok()?, y.try_into().ok()?, x.try_into().ok()?];
        let element = ElementType::from_name(&raw.element_type)?;
        Some(RawShape { shape, element, big_endian: raw.big_endian, offset: raw.offset_bytes })
    });
    Asked { raw, dataset: answers.dataset.clone(), channel: answers.channel.map(|channel| channel as usize), ..Asked::default() }
}

/// Which of several files and folders is the volume; the first of them is taken meanwhile.
pub(crate) fn which_files(choice: &Choice) -> Option<Question> {
    let taken = choice.rivals.first()?.name.clone();
    let choices = choice.rivals.iter().map(|rival| question::Choice {
        says: Some(in_words(rival)),
        ..question::Choice { answer: rival.name.clone(), ..Default::default() }
    });
    Some(Question { topic: Topic::Source, file: None, choices: choices.collect(), more: 0, taken: Some(taken), suggested: None })
}

/// In signs that every language has.
fn in_words(rival: &Rival) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    let (mut size, mut unit) = (rival.bytes as f64 / 1e3, 0);
    while size >= 1e3 && unit + 1 < UNITS.len() {
        (size, unit) = (size / 1e3, unit + 1);
    }
    let digits = if size < 10.0 { 1 } else { 0 };
    let files = if rival.files > 1 { format!("{} × ", rival.files) } else { String::new() };
    format!("{files}{:.digits$} {}", if rival.files > 1 { size / rival.files as f64 } else { size }, UNITS[unit])
}

/// What the reader asks.
pub(crate) fn question(asks: &Asks, file: Option<&str>) -> Question {
    let (topic, suggested) = match &asks.about {
        About::Dataset => (Topic::Dataset, None),
        About::Series => (Topic::Series, None),
        About::Time => (Topic::Time, None),
        About::Colour => (Topic::Colour, None),
        About::Channel => (Topic::Channel, None),
        About::Raw { suggested, .. } => (Topic::Raw, suggested.as_ref().map(voxels)),
    };
    let choice = |offer: &volume::Offer| question::Choice {
        answer: offer.answer.clone(),
        says: offer.says.clone(),
        shape: offer.shape.clone(),
        element_type: offer.element.clone(),
    };
    Question {
        topic,
        file: file.map(str::to_owned),
        choices: asks.offers.iter().map(choice).collect(),
        more: asks.more as u64,
        taken: None,
        suggested,
    }
}

fn voxels(raw: &RawShape) -> RawVoxels {
    RawVoxels {
        shape: raw.shape.map(|edge| edge as u64),
        element_type: raw.element.name().to_owned(),
        big_endian: raw.big_endian,
        offset_bytes: raw.offset,
    }
}
