//! One answer of an OAI-PMH server, read into items; the metadata in it are read by the field map.

use super::{fields::FieldMap, node::Node};
use record::{
    doi::Prefix,
    harvest::{Content, Format, Item},
};

/// A page of records, and where to go on.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    pub items: Vec<Item>,
    pub token: Option<String>,
}

/// What else a server may say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer<T> {
    Said(T),
    /// `noRecordsMatch`: all is well and nothing has changed.
    Nothing,
    /// `badResumptionToken`: it has forgotten where we were.
    TokenForgotten,
}

const TOKEN_BYTES_MAX: usize = 4096;
const IDENTIFIER_CHARS_MAX: usize = 400;
const WORDS_CHARS_MAX: usize = 300;

/// How foreign records become ours.
pub(super) struct Reading<'a> {
    pub(super) fields: &'a FieldMap,
    pub(super) format: Format,
    pub(super) ours: &'a Prefix,
}

pub(super) fn page(text: &str, reading: &Reading<'_>) -> Result<Answer<Page>, String> {
    let root = Node::parse(text)?;
    let list = match answer(&root, "ListRecords")? {
        Answer::Said(list) => list,
        Answer::Nothing => return Ok(Answer::Nothing),
        Answer::TokenForgotten => return Ok(Answer::TokenForgotten),
    };
    let items = list.named("record").filter_map(|record| item(record, reading)).collect();
    let token = Some(list.words_of("resumptionToken")).filter(|token| !token.is_empty());
    if token.is_some_and(|token| token.len() > TOKEN_BYTES_MAX) {
        return Err(format!("its resumption token is longer than {TOKEN_BYTES_MAX} bytes"));
    }
    Ok(Answer::Said(Page { items, token: token.map(str::to_owned) }))
}

/// Whether it takes seconds in dates, or only days.
pub(super) fn granularity_has_seconds(text: &str) -> Result<bool, String> {
    let root = Node::parse(text)?;
    match answer(&root, "Identify")? {
        Answer::Said(identify) => Ok(identify.words_of("granularity").contains("ss")),
        _ => Err("it does not say who it is".to_owned()),
    }
}

fn answer<'a>(root: &'a Node, verb: &str) -> Result<Answer<&'a Node>, String> {
    if root.name != "OAI-PMH" {
        return Err(format!("it answered with “{}” instead of OAI-PMH; check the address", shortened(&root.name)));
    }
    if let Some(error) = root.child("error") {
        return match error.attribute("code") {
            Some("noRecordsMatch") => Ok(Answer::Nothing),
            Some("badResumptionToken") => Ok(Answer::TokenForgotten),
            code => Err(format!("it says “{}: {}”", shortened(code.unwrap_or("error")), shortened(error.text.trim()))),
        };
    }
    root.child(verb).map(Answer::Said).ok_or_else(|| format!("its answer holds no {verb}"))
}

/// `None`: without an identifier nobody could ever say that it changed or went away.
fn item(record: &Node, reading: &Reading<'_>) -> Option<Item> {
    let header = record.child("header")?;
    let identifier: String = header.words_of("identifier").chars().take(IDENTIFIER_CHARS_MAX).collect();
    if identifier.is_empty() {
        return None;
    }
    if header.attribute("status") == Some("deleted") {
        return Some(Item { identifier, content: Content::Deleted });
    }
    let content = match record.child("metadata").and_then(|metadata| metadata.children.first()) {
        Some(described) => reading.fields.read(reading.format, described, reading.ours),
        None => Content::Unusable("It has no metadata.".to_owned()),
    };
    Some(Item { identifier, content })
}

pub(super) fn shortened(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(WORDS_CHARS_MAX).collect()
}
