//! What the files of a record leave open, and what its owners say about it.

use record::question::{Answers, Choice, Question, RawVoxels};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An open question about the files. Its answer is sent to `/api/v1/records/{id}/answers`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QuestionView {
    /// `source`, `dataset`, `series`, `time`, `colour`, `channel` or `raw`.
    pub topic: String,
    /// The field of the answers that answers it: `source`, `dataset`, `channel` or `raw`.
    pub field: String,
    pub says: String,
    /// The file or folder it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    pub choices: Vec<ChoiceView>,
    /// How many further answers there are.
    #[serde(default)]
    pub more: u64,
    /// What is taken until it is answered; absent when nothing is made before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<String>,
    /// What the name of a raw file suggests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<RawVoxelsShape>)]
    pub suggested: Option<RawVoxels>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChoiceView {
    pub answer: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
    /// Sizes of its axes, slowest first.
    #[serde(default)]
    pub shape: Vec<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element_type: Option<String>,
}

/// What the owners say about files that leave it open. What is left out is taken back.
#[derive(ToSchema)]
#[schema(as = Answers)]
pub struct AnswersShape {
    /// The file or folder that is the volume, relative to the deposit; `.` for its top folder.
    pub source: Option<String>,
    /// Which dataset, series or time inside: `/entry/data`, `/entry/data[3]`, `A/0,t=0,c=1`.
    pub dataset: Option<String>,
    /// Which channel, counted from 0.
    pub channel: Option<u32>,
    pub raw: Option<RawVoxelsShape>,
    /// Whether the voxels are labels and no grey values; left out, their file, name and values decide.
    pub labels: Option<bool>,
    /// No volume is to be made; the files are kept and released as they are.
    pub no_volume: Option<bool>,
}

/// How voxels lie in a file without a header.
#[derive(ToSchema)]
#[schema(as = RawVoxels)]
pub struct RawVoxelsShape {
    /// Voxels along z, y, x.
    pub shape: Vec<u64>,
    /// `uint8`, `uint16`, `float32`, …
    pub element_type: String,
    pub big_endian: Option<bool>,
    /// Bytes before the first voxel.
    pub offset_bytes: Option<u64>,
}

impl From<&Question> for QuestionView {
    fn from(question: &Question) -> Self {
        use record::question::Slot;
        let field = match question.topic.slot() {
            Slot::Source => "source",
            Slot::Dataset => "dataset",
            Slot::Channel => "channel",
            Slot::Raw => "raw",
        };
        Self {
            topic: question.topic.name().to_owned(),
            field: field.to_owned(),
            says: question.topic.obstacle().says.to_owned(),
            file: question.file.clone(),
            choices: question.choices.iter().map(ChoiceView::from).collect(),
            more: question.more,
            taken: question.taken.clone(),
            suggested: question.suggested.clone(),
        }
    }
}

impl From<&Choice> for ChoiceView {
    fn from(choice: &Choice) -> Self {
        let Choice { answer, says, shape, element_type } = choice.clone();
        Self { answer, says, shape, element_type }
    }
}

/// Those who may see the inside of a record see its answers; absent when nothing was said.
pub(crate) fn shown(answers: &Answers) -> Option<Answers> {
    (!answers.is_empty()).then(|| answers.clone())
}
