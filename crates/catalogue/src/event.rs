//! The log of what happened, numbered in the order of commits, and how far each of its readers has come.

use crate::{
    catalogue::{Catalogue, Change},
    fault::{Fault, Tried},
    sql::{Reading, row_limit, to_json},
};
use ::record::{
    event::{Event, Happening},
    id::{AccountId, RecordId},
    instant::Instant,
};
use sqlx::any::AnyRow;

macro_rules! select_event {
    ($rest:literal) => {
        concat!("SELECT sequence, at, record, actor, doc FROM event ", $rest)
    };
}

/// The condition is that of the index, word by word.
pub(crate) const OPENINGS: &str =
    select_event!("WHERE what IN ('released', 'published') AND sequence > $1 AND sequence <= $2 ORDER BY sequence DESC LIMIT $3");

fn read(row: &AnyRow) -> Result<Event, Fault> {
    let reading = Reading::of(row, "event", "sequence");
    Ok(Event {
        sequence: reading.number("sequence")?,
        at: reading.instant("at")?,
        record: reading.parsed("record")?,
        actor: reading.maybe_parsed("actor")?,
        what: reading.json("doc")?,
    })
}

impl Catalogue {
    /// Oldest first; for readers of the log.
    pub async fn events_after(&self, sequence: i64, limit: u32) -> Result<Vec<Event>, Fault> {
        let query = sqlx::query(select_event!("WHERE sequence > $1 ORDER BY sequence LIMIT $2")).bind(sequence).bind(row_limit(limit));
        query.fetch_all(&mut *self.reader().await?).await.tried("read the event log")?.iter().map(read).collect()
    }

    /// What opened behind one event and up to another, the newest first.
    pub async fn openings(&self, after: i64, until: i64, limit: u32) -> Result<Vec<Event>, Fault> {
        let query = sqlx::query(OPENINGS).bind(after).bind(until).bind(row_limit(limit));
        query.fetch_all(&mut *self.reader().await?).await.tried("read what opened")?.iter().map(read).collect()
    }

    /// Newest first; for people.
    pub async fn events_of(&self, record: &RecordId, limit: u32) -> Result<Vec<Event>, Fault> {
        let query = sqlx::query(select_event!("WHERE record = $1 ORDER BY sequence DESC LIMIT $2"))
            .bind(record.as_str().to_owned())
            .bind(row_limit(limit));
        query.fetch_all(&mut *self.reader().await?).await.tried("read a record's events")?.iter().map(read).collect()
    }

    /// Zero while nothing has happened.
    pub async fn last_sequence(&self) -> Result<i64, Fault> {
        let query = sqlx::query("SELECT last FROM event_counter WHERE id = 1");
        let row = query.fetch_one(&mut *self.reader().await?).await.tried("read the end of the event log")?;
        Reading::of(&row, "event_counter", "last").number("last")
    }

    /// The last event that this reader has dealt with; zero for a new one.
    pub async fn position(&self, reader: &str) -> Result<i64, Fault> {
        let query = sqlx::query("SELECT sequence FROM reader_position WHERE reader = $1").bind(reader.to_owned());
        let row = query.fetch_optional(&mut *self.reader().await?).await.tried("find a reader's place in the event log")?;
        row.map_or(Ok(0), |row| Reading::of(&row, "reader_position", "sequence").number("sequence"))
    }
}

impl Change {
    /// Locks the end of the log until commit, so call it as late as you can. Returns the event's number.
    pub async fn append(&mut self, record: &RecordId, actor: Option<&AccountId>, what: &Happening, at: Instant) -> Result<i64, Fault> {
        let count = sqlx::query("UPDATE event_counter SET last = last + 1 WHERE id = 1 RETURNING last");
        let row = count.fetch_one(self.connection()).await.tried("lengthen the event log")?;
        let sequence = Reading::of(&row, "event_counter", "last").number("last")?;
        let insert = sqlx::query("INSERT INTO event (sequence, at, record, actor, what, doc) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(sequence)
            .bind(at.0)
            .bind(record.as_str().to_owned())
            .bind(actor.map(|actor| actor.as_str().to_owned()))
            .bind(what.name())
            .bind(to_json("event", sequence, what)?);
        insert.execute(self.connection()).await.tried("write into the event log")?;
        Ok(sequence)
    }

    pub async fn set_position(&mut self, reader: &str, sequence: i64) -> Result<(), Fault> {
        let upsert = "INSERT INTO reader_position (reader, sequence) VALUES ($1, $2) ON CONFLICT (reader) DO UPDATE SET sequence = excluded.sequence";
        let query = sqlx::query(upsert).bind(reader.to_owned()).bind(sequence);
        query.execute(self.connection()).await.tried("note a reader's place in the event log").map(|_| ())
    }
}
