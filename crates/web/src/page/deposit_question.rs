//! What the files leave open, asked on the draft's page with the real choices, and the answers taken. Works without script.

use super::{obstacle_words, record_id, see_other};
use crate::{
    display,
    door::Door,
    language::Language,
    refusal::Refused,
    session::{Fields, Guest},
    words::Words,
};
use archive::{Refusal, sight::At};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::post,
};
use record::{
    Record,
    access::Aspect,
    question::{Answers, Choice, ELEMENT_TYPES, Question, RawVoxels, Slot, Topic},
};

/// More choices than these are a list to unfold.
const CARDS_MAX: usize = 12;

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/deposit/{id}/answers", post(answer))
}

pub(super) struct QuestionView {
    pub(super) asks: &'static str,
    pub(super) file: String,
    /// The field of the form that is sent.
    pub(super) name: &'static str,
    pub(super) choices: Vec<ChoiceView>,
    pub(super) as_list: bool,
    pub(super) may_write: bool,
    pub(super) raw: Option<RawView>,
}

pub(super) struct ChoiceView {
    pub(super) answer: String,
    pub(super) label: String,
    pub(super) says: String,
    pub(super) chosen: bool,
}

/// What the fields for raw voxels hold.
pub(super) struct RawView {
    pub(super) shape: [String; 3],
    pub(super) types: Vec<TypeView>,
    pub(super) big_endian: bool,
    pub(super) offset_bytes: u64,
}

pub(super) struct TypeView {
    pub(super) name: &'static str,
    pub(super) chosen: bool,
}

/// One answer that was given.
pub(super) struct AnswerLine {
    pub(super) label: &'static str,
    pub(super) value: String,
}

/// All that the page says about it.
pub(super) struct Asking {
    pub(super) questions: Vec<QuestionView>,
    /// Nothing is made before one of them is answered.
    pub(super) must_answer: bool,
    pub(super) answers: Vec<AnswerLine>,
    /// Whether it can be said that the voxels are labels, and what was said.
    pub(super) labels: Option<LabelsView>,
}

/// The choices whether voxels are labels.
pub(super) struct LabelsView {
    pub(super) choices: [LabelsChoice; 3],
}

pub(super) struct LabelsChoice {
    pub(super) value: &'static str,
    pub(super) label: &'static str,
    pub(super) chosen: bool,
}

impl Asking {
    pub(super) fn of(record: &Record, words: &'static Words, language: Language) -> Self {
        let asked = if record.answers.no_volume { &[][..] } else { &record.questions };
        Self {
            questions: asked.iter().map(|question| view(question, words, language)).collect(),
            must_answer: record.open_questions().next().is_some(),
            answers: answers(record, words, language),
            labels: labels(record, words),
        }
    }
}

/// Asked of nobody, so it stands by itself, once something tells that there are voxels.
fn labels(record: &Record, words: &'static Words) -> Option<LabelsView> {
    let has_voxels = record.metadata.acquisition.shape.is_some() && record.kind.has_volume() && record.state.takes_files();
    let said = record.answers.labels;
    let choice = |value, label, means| LabelsChoice { value, label, chosen: said == means };
    let choices =
        [choice("", words.labels_by_itself, None), choice("no", words.labels_no, Some(false)), choice("yes", words.labels_yes, Some(true))];
    (has_voxels && !record.answers.no_volume).then_some(LabelsView { choices })
}

fn view(question: &Question, words: &'static Words, language: Language) -> QuestionView {
    let choice = |choice: &Choice| ChoiceView {
        label: if choice.answer == "." { words.question_top_folder.to_owned() } else { choice.answer.clone() },
        says: details(choice, language),
        chosen: question.taken.as_ref() == Some(&choice.answer),
        answer: choice.answer.clone(),
    };
    QuestionView {
        asks: obstacle_words(&question.topic.obstacle(), language),
        file: question.file.clone().unwrap_or_default(),
        name: match question.topic.slot() {
            Slot::Source => "source",
            Slot::Dataset => "dataset",
            Slot::Channel => "channel",
            Slot::Raw => "raw",
        },
        choices: question.choices.iter().map(choice).collect(),
        as_list: question.choices.len() > CARDS_MAX,
        may_write: question.more > 0,
        raw: (question.topic == Topic::Raw).then(|| raw_view(question.suggested.as_ref())),
    }
}

/// Shape, type, and what else distinguishes it.
fn details(choice: &Choice, language: Language) -> String {
    let shape: Vec<String> = choice.shape.iter().map(|edge| display::number(*edge, language)).collect();
    let shape = Some(shape.join(" × ")).filter(|shape| !shape.is_empty());
    shape.into_iter().chain(choice.element_type.clone()).chain(choice.says.clone()).collect::<Vec<_>>().join(" · ")
}

fn raw_view(suggested: Option<&RawVoxels>) -> RawView {
    let kind = suggested.map_or("uint16", |raw| raw.element_type.as_str());
    RawView {
        shape: suggested.map_or_else(Default::default, |raw| raw.shape.map(|edge| edge.to_string())),
        types: ELEMENT_TYPES.iter().map(|name| TypeView { name, chosen: *name == kind }).collect(),
        big_endian: suggested.is_some_and(|raw| raw.big_endian),
        offset_bytes: suggested.map_or(0, |raw| raw.offset_bytes),
    }
}

/// What was answered so far.
fn answers(record: &Record, words: &'static Words, language: Language) -> Vec<AnswerLine> {
    let Answers { source, dataset, channel, raw, labels, no_volume } = &record.answers;
    if *no_volume {
        return vec![AnswerLine { label: "", value: words.answer_no_volume.to_owned() }];
    }
    let raw_in_words = |raw: &RawVoxels| {
        let order = if raw.big_endian { words.raw_big } else { words.raw_little };
        format!("{} · {} · {order}", display::shape(raw.shape, language), raw.element_type)
    };
    let lines = [
        (words.answer_source, source.clone()),
        (words.answer_dataset, dataset.clone()),
        (words.answer_channel, channel.map(|channel| channel.to_string())),
        (words.answer_raw, raw.as_ref().map(raw_in_words)),
        (words.answer_labels, labels.map(|labels| if labels { words.labels_yes } else { words.labels_no }.to_owned())),
    ];
    lines.into_iter().filter_map(|(label, value)| Some(AnswerLine { label, value: value? })).collect()
}

/// What is sent replaces only what is answered by it; the two buttons beside it mean all.
async fn answer(State(door): State<Door>, guest: Guest, Path(id): Path<String>, fields: Fields) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    let sight = door.archive.see(&guest.visitor, At::working(&id), Aspect::Change).await?;
    let answers = if fields.get("again").is_some() {
        Answers::default()
    } else if fields.get("no_volume").is_some() {
        Answers { no_volume: true, ..sight.record.answers }
    } else {
        answered(sight.record.answers, &fields, Words::of(guest.language))?
    };
    door.archive.answer(&guest.visitor, &id, answers).await?;
    Ok(see_other(&format!("/deposit/{id}?saved=1#question")))
}

fn answered(before: Answers, fields: &Fields, words: &'static Words) -> Result<Answers, Refused> {
    let mut answers = Answers { no_volume: false, ..before };
    // What was written goes before what was chosen.
    let said = |written: &str, chosen: &str| {
        [written, chosen].into_iter().map(|name| fields.text(name).trim().to_owned()).find(|text| !text.is_empty())
    };
    if let Some(source) = said("source_written", "source") {
        // What is said beside it is about the file that is taken so far; of another one it is asked again.
        if source != fields.text("source_taken") {
            return Ok(Answers { source: Some(source), ..Answers::default() });
        }
        answers.source = Some(source);
    }
    if fields.get("labels").is_some() {
        answers.labels = match fields.text("labels") {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
    }
    answers.dataset = said("dataset_written", "dataset").or(answers.dataset);
    if let Some(channel) = said("channel_written", "channel") {
        let number = channel.parse().map_err(|_| Refused(Refusal::invalid("channel", words.channel_fault, words.go_back)))?;
        answers.channel = Some(number);
    }
    if fields.get("raw_z").is_some() {
        answers.raw = Some(raw(fields, words)?);
    }
    Ok(answers)
}

fn raw(fields: &Fields, words: &'static Words) -> Result<RawVoxels, Refused> {
    let edge = |name: &str| fields.text(name).trim().parse::<u64>().ok().filter(|edge| *edge > 0);
    let (Some(z), Some(y), Some(x)) = (edge("raw_z"), edge("raw_y"), edge("raw_x")) else {
        return Err(Refused(Refusal::invalid("raw", words.raw_fault, words.go_back)));
    };
    let offset = fields.text("raw_offset").trim();
    let offset_bytes = if offset.is_empty() { Ok(0) } else { offset.parse() };
    Ok(RawVoxels {
        shape: [z, y, x],
        element_type: fields.text("raw_type").to_owned(),
        big_endian: fields.text("raw_order") == "big",
        offset_bytes: offset_bytes.map_err(|_| Refused(Refusal::invalid("raw", words.offset_fault, words.go_back)))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn sent(pairs: &[(&str, &str)]) -> Fields {
        Fields(Arc::new(pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()))
    }

    #[test]
    fn an_answer_leaves_the_others_and_the_written_goes_before_the_chosen() {
        let words = Words::of(Language::German);
        let before = Answers { source: Some("scan".into()), no_volume: true, ..Answers::default() };
        let now = answered(before, &sent(&[("dataset", "/a"), ("dataset_written", " /b[7] ")]), words).unwrap();
        assert_eq!((now.source.as_deref(), now.dataset.as_deref(), now.no_volume), (Some("scan"), Some("/b[7]"), false));
        let now = answered(Answers::default(), &sent(&[("channel", "2")]), words).unwrap();
        assert_eq!(now.channel, Some(2));
        let numbers = [("raw_z", "3"), ("raw_y", "4"), ("raw_x", "5"), ("raw_type", "uint8"), ("raw_order", "big"), ("raw_offset", "")];
        let now = answered(Answers::default(), &sent(&numbers), words).unwrap();
        assert_eq!(now.raw, Some(RawVoxels { shape: [3, 4, 5], element_type: "uint8".into(), big_endian: true, offset_bytes: 0 }));
        for (text, means) in [("yes", Some(true)), ("no", Some(false)), ("", None)] {
            let before = Answers { channel: Some(1), labels: Some(true), ..Answers::default() };
            let now = answered(before, &sent(&[("labels", text)]), words).unwrap();
            assert_eq!((now.labels, now.channel), (means, Some(1)));
        }
        let other = [("source", "b.raw"), ("source_taken", "a.raw"), ("raw_z", ""), ("dataset", "/of/a")];
        let now = answered(Answers { channel: Some(1), ..Answers::default() }, &sent(&other), words).unwrap();
        assert_eq!(now, Answers { source: Some("b.raw".into()), ..Answers::default() }, "nothing that was said of a.raw");
        let same = [("source", "a.h5"), ("source_taken", "a.h5"), ("dataset", "/a")];
        assert_eq!(answered(Answers::default(), &sent(&same), words).unwrap().dataset.as_deref(), Some("/a"));
        assert!(answered(Answers::default(), &sent(&[("raw_z", "3"), ("raw_y", "0"), ("raw_x", "5")]), words).is_err());
        assert!(answered(Answers::default(), &sent(&[("channel", "red")]), words).is_err());
    }
}
