//! The local outbox: mails as an installation without a mail server keeps them, for its administrator to read.

use crate::{
    catalogue::{Catalogue, Change},
    fault::{Fault, Tried},
    sql::{Reading, row_limit},
};
use ::record::{instant::Instant, letter::LetterHeads};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub id: i64,
    pub at: Instant,
    pub to: String,
    pub subject: String,
    pub text: String,
    /// A line each; empty where the letter carries nothing else.
    pub heads: String,
}

impl Catalogue {
    /// The newest first.
    pub async fn mails(&self, limit: u32) -> Result<Vec<Mail>, Fault> {
        let query =
            sqlx::query("SELECT id, at, recipient, subject, body, heads FROM mail ORDER BY id DESC LIMIT $1").bind(row_limit(limit));
        let rows = query.fetch_all(&mut *self.reader().await?).await.tried("list the mails")?;
        let read = |row| {
            let reading = Reading::of(row, "mail", "id");
            Ok(Mail {
                id: reading.number("id")?,
                at: reading.instant("at")?,
                to: reading.text("recipient")?,
                subject: reading.text("subject")?,
                text: reading.text("body")?,
                heads: reading.text("heads")?,
            })
        };
        rows.iter().map(read).collect()
    }
}

impl Change {
    pub async fn put_mail(&mut self, to: &str, subject: &str, text: &str, heads: &LetterHeads, at: Instant) -> Result<(), Fault> {
        let insert = sqlx::query("INSERT INTO mail (at, recipient, subject, body, heads) VALUES ($1, $2, $3, $4, $5)");
        let insert = insert.bind(at.0).bind(to.to_owned()).bind(subject.to_owned()).bind(text.to_owned()).bind(heads.to_string());
        insert.execute(self.connection()).await.tried("keep a mail").map(|_| ())
    }
}
