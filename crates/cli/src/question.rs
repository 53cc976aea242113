//! What the files of a deposit leave open: the options that answer it, and the questions as they are printed.

use crate::voxels::{AskedOptions, LabelsOption};
use record::question::Answers;

/// Choices that are printed of one question.
const CHOICES_SHOWN_MAX: usize = 20;

/// What is said beside the files, where they leave it open.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct SaidOptions {
    /// Which of several files and folders is the volume, relative to PATH; . for its top folder
    #[arg(long, value_name = "PATH")]
    source: Option<String>,
    #[command(flatten)]
    asked: AskedOptions,
    #[command(flatten)]
    labels: LabelsOption,
    /// Keep the files as they are and make no volume of them
    #[arg(long)]
    no_volume: bool,
}

impl SaidOptions {
    pub(crate) fn answers(&self) -> anyhow::Result<Answers> {
        let (source, labels) = (self.source.clone(), self.labels.labels);
        Ok(Answers { source, labels, no_volume: self.no_volume, ..self.asked.answers()? })
    }
}

/// With the option that answers each, and the first choices.
pub(crate) fn print(questions: &[api::QuestionView]) {
    for question in questions {
        let file = question.file.as_ref().map_or(String::new(), |file| format!(" ({file})"));
        println!("{}{file}", question.says);
        if let Some(taken) = &question.taken {
            println!("  until then this is taken: {taken}");
        }
        if question.field == "raw" {
            println!("  --shape Z,Y,X --dtype TYPE [--endian big] [--skip BYTES]");
        }
        for choice in question.choices.iter().take(CHOICES_SHOWN_MAX) {
            let shape: Vec<String> = choice.shape.iter().map(u64::to_string).collect();
            let words = Some(shape.join(" × ")).filter(|shape| !shape.is_empty()).into_iter();
            let words: Vec<String> = words.chain(choice.element_type.clone()).chain(choice.says.clone()).collect();
            println!("  --{} '{}'  {}", question.field, choice.answer, words.join(", "));
        }
        let more = question.more + question.choices.len().saturating_sub(CHOICES_SHOWN_MAX) as u64;
        if more > 0 {
            println!("  and {more} more");
        }
    }
}
