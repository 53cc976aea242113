//! Writing to the authors of a public record. The letter goes to its owners by mail, an answer goes to whoever wrote, and the
//! owners' addresses are shown to nobody.

use crate::{
    Archive, Refusal, Visitor, letter,
    refusal::{hint, said},
};
use record::{
    access::Aspect,
    id::RecordId,
    job::Job,
    letter::{Correspondent, LetterHeads},
    team::Email,
};
use std::net::IpAddr;

/// Longest name and longest message.
pub const NAME_CHARS_MAX: usize = 100;
pub const MESSAGE_CHARS_MAX: usize = 4_000;
/// Owners who get the letter.
const OWNERS_MAX: usize = 10;

/// What somebody writes to the authors.
#[derive(Debug, Clone)]
pub struct LetterToAuthors {
    pub name: String,
    pub email: Email,
    pub message: String,
}

impl Archive {
    pub async fn write_to_authors(&self, id: &RecordId, written: &LetterToAuthors, from: IpAddr) -> Result<(), Refusal> {
        let record = self.see(&Visitor::anyone(), id, Aspect::Metadata).await?.record;
        let (writer, message) = checked(written)?;
        let now = self.now();
        self.inner.attempts.admit(&[format!("letter from {from}")], now, self.limits().letters_to_authors_max)?;
        self.inner.attempts.admit(&[format!("letter by {}", writer.email)], now, self.limits().letters_to_authors_max)?;
        self.inner.attempts.admit(&[format!("letter to {id}")], now, self.limits().letters_per_record_max)?;
        let words = letter::to_authors(&self.place_of_letters(), &record, &writer, &message);
        let heads = Some(LetterHeads { reply_to: Some(writer), unsubscribe: None });
        let mut change = self.catalogue().change().await?;
        for owner in record.owners().take(OWNERS_MAX) {
            let (subject, text) = (words.subject.clone(), words.text.clone());
            change.enqueue(&Job::SendMail { to: owner.to_string(), subject, text, heads: heads.clone() }, now, now).await?;
        }
        self.commit(change, &[]).await
    }
}

/// A name on one line, a message without letters that only machines read.
fn checked(written: &LetterToAuthors) -> Result<(Correspondent, String), Refusal> {
    let name = written.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(Refusal::invalid(
            "name",
            said("writer-nameless", "Say who writes, in at most 100 letters.", "Sagen Sie, wer schreibt, in höchstens 100 Zeichen."),
            hint("Your name, on one line.", "Ihr Name, in einer Zeile."),
        ));
    }
    let message: String = written.message.trim().chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t')).collect();
    if message.is_empty() || message.chars().count() > MESSAGE_CHARS_MAX {
        return Err(Refusal::invalid(
            "message",
            said("message-missing", "A message has 1 to 4000 letters.", "Eine Nachricht hat 1 bis 4000 Zeichen."),
            hint("Say what you would like to know.", "Sagen Sie, was Sie wissen möchten."),
        ));
    }
    Ok((Correspondent { name: name.to_owned(), email: written.email.clone() }, message))
}
