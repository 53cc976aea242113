//! What the files of a record leave open, so that nobody guesses: asked on its page and in the API, answered by its owners.
//! Questions and answers name files and what is inside of them, so they are no metadata: only the team sees them.

use crate::readiness::Obstacle;
use serde::{Deserialize, Serialize};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// Which of several files and folders is the volume; the largest is taken until it is answered.
    Source,
    /// Which of several datasets, images or files inside.
    Dataset,
    /// Which of several series of slices.
    Series,
    /// Which of several volumes that differ in time or another further axis.
    Time,
    /// Whether an axis of three or four is colour.
    Colour,
    /// Which of several channels.
    Channel,
    /// Shape, type and byte order of voxels without a header.
    Raw,
}

/// The field of [`Answers`] that a topic is answered in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    Source,
    Dataset,
    Channel,
    Raw,
}

impl Topic {
    pub fn name(self) -> &'static str {
        match self {
            Topic::Source => "source",
            Topic::Dataset => "dataset",
            Topic::Series => "series",
            Topic::Time => "time",
            Topic::Colour => "colour",
            Topic::Channel => "channel",
            Topic::Raw => "raw",
        }
    }

    pub fn slot(self) -> Slot {
        match self {
            Topic::Source => Slot::Source,
            Topic::Dataset | Topic::Series | Topic::Time | Topic::Colour => Slot::Dataset,
            Topic::Channel => Slot::Channel,
            Topic::Raw => Slot::Raw,
        }
    }

    /// The question in words, as page, readiness, API and command line ask it.
    pub fn obstacle(self) -> Obstacle {
        let (code, says, says_de) = match self {
            Topic::Source => ("source-open", "Say which of the files is the volume.", "Sagen Sie, welche der Dateien das Volumen ist."),
            Topic::Dataset => (
                "dataset-open",
                "Choose which of the datasets in the file is the volume.",
                "Wählen Sie, welcher Datensatz in der Datei das Volumen ist.",
            ),
            Topic::Series => (
                "series-open",
                "Choose which of the series of slices is the volume.",
                "Wählen Sie, welche der Schichtserien das Volumen ist.",
            ),
            Topic::Time => (
                "time-open",
                "Choose which of the volumes in the file is meant: it has more than three axes.",
                "Wählen Sie, welches Volumen in der Datei gemeint ist: Sie hat mehr als drei Achsen.",
            ),
            Topic::Colour => (
                "colour-open",
                "Say what the short axis is: colour, or a thin volume.",
                "Sagen Sie, was die kurze Achse ist: Farbe oder ein dünnes Volumen.",
            ),
            Topic::Channel => {
                ("channel-open", "Choose which of the channels is the volume.", "Wählen Sie, welcher der Kanäle das Volumen ist.")
            }
            Topic::Raw => (
                "raw-open",
                "Say what the raw file holds: shape, type and byte order.",
                "Sagen Sie, was die Rohdatei enthält: Größe, Typ und Bytefolge.",
            ),
        };
        Obstacle { code, field: "question", says, says_de }
    }
}

/// One open question about the files of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub topic: Topic,
    /// The file or folder it is about, as its owner knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// Answers beyond the listed ones, which have to be written.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: u64,
    /// What is taken as long as nobody answers; then it stands in nobody's way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<String>,
    /// What the name of a raw file suggests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggested: Option<RawVoxels>,
}

/// One possible answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// As it goes into [`Answers`].
    pub answer: String,
    /// What it is, where its name says too little.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
    /// Sizes of its axes, slowest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shape: Vec<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element_type: Option<String>,
}

/// What the owners say about files that leave it open. Everything may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answers {
    /// The file or folder that is the volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Which dataset, series or time inside: `/entry/data`, `/entry/data[3]`, `A/0,t=0,c=1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// Which channel, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<u32>,
    /// How voxels without a header lie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<RawVoxels>,
    /// Whether the voxels are labels and no grey values; nobody need say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<bool>,
    /// No volume is to be made; the files are kept and released as they are.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_volume: bool,
}

/// How voxels lie in a file without a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawVoxels {
    /// Voxels along z, y, x.
    pub shape: [u64; 3],
    /// `uint8`, `uint16`, `float32`, …
    pub element_type: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub big_endian: bool,
    /// Bytes before the first voxel.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub offset_bytes: u64,
}

/// The types of voxels that can be said.
pub const ELEMENT_TYPES: [&str; 10] = ["uint8", "uint16", "float32", "int16", "int8", "uint32", "int32", "uint64", "int64", "float64"];
/// Longest path or name in an answer.
const TEXT_BYTES_MAX: usize = 4096;

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Answers {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub fn has(&self, topic: Topic) -> bool {
        match topic.slot() {
            Slot::Source => self.source.is_some(),
            Slot::Dataset => self.dataset.is_some(),
            Slot::Channel => self.channel.is_some(),
            Slot::Raw => self.raw.is_some(),
        }
    }

    /// The field that cannot be, if there is one, and what is wrong with it in English and German.
    pub fn fault(&self) -> Option<(&'static str, &'static str, &'static str)> {
        let too_long = |text: &Option<String>| text.as_ref().is_some_and(|text| text.len() > TEXT_BYTES_MAX || text.contains('\0'));
        if too_long(&self.source) || too_long(&self.dataset) {
            return Some(("dataset", "The answer is too long.", "Die Antwort ist zu lang."));
        }
        let raw = self.raw.as_ref()?;
        if raw.shape.contains(&0) || raw.shape.iter().try_fold(1_u64, |product, &edge| product.checked_mul(edge)).is_none() {
            return Some(("shape", "The shape must be three numbers above zero.", "Die Größe muss aus drei Zahlen über null bestehen."));
        }
        (!ELEMENT_TYPES.contains(&raw.element_type.as_str())).then_some((
            "element_type",
            "The type of voxels is none of those that can be read.",
            "Der Typ der Voxel ist keiner von denen, die gelesen werden.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_cannot_be_is_named() {
        let raw = |shape, element_type: &str| Answers {
            raw: Some(RawVoxels { shape, element_type: element_type.into(), big_endian: false, offset_bytes: 0 }),
            ..Answers::default()
        };
        assert_eq!(raw([3, 2, 1], "uint16").fault(), None);
        assert_eq!(raw([3, 0, 1], "uint16").fault().unwrap().0, "shape");
        assert_eq!(raw([u64::MAX, 2, 2], "uint16").fault().unwrap().0, "shape");
        assert_eq!(raw([3, 2, 1], "complex64").fault().unwrap().0, "element_type");
        assert!(serde_json::from_str::<Answers>(r#"{"datset":"x"}"#).is_err());
    }

    #[test]
    fn every_topic_is_a_question_of_its_own() {
        let topics = [Topic::Source, Topic::Dataset, Topic::Series, Topic::Time, Topic::Colour, Topic::Channel, Topic::Raw];
        let codes: std::collections::BTreeSet<&str> = topics.iter().map(|topic| topic.obstacle().code).collect();
        assert_eq!(codes.len(), topics.len());
        assert!(topics.iter().all(|topic| topic.obstacle().code == format!("{}-open", topic.name())));
    }
}
