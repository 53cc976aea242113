//! Who follows a record, or everything that opens, by mail; and how far the event log was read for them.

use crate::{
    catalogue::{Catalogue, Change},
    fault::{Fault, Tried},
    sql::{Reading, row_limit, to_json},
};
use ::record::{
    follower::{Follower, Follows},
    id::RecordId,
    instant::Instant,
    team::Email,
};
use sqlx::any::AnyRow;
use std::collections::BTreeSet;

/// Its place in the event log, among the readers. It is there once somebody follows something.
const READER: &str = "followers";

macro_rules! select_follower {
    ($rest:literal) => {
        concat!("SELECT id, email, secret, language, doc, asked_at, confirmed_at FROM follower ", $rest)
    };
}

macro_rules! due_later {
    ($whose:literal) => {
        concat!(
            "UPDATE follower SET due_at = CASE WHEN told_at + $1 > $2 THEN told_at + $1 ELSE $2 END
             WHERE confirmed_at IS NOT NULL AND due_at IS NULL AND ",
            $whose
        )
    };
}

pub(crate) const DUE: &str = select_follower!("WHERE due_at <= $1 ORDER BY due_at LIMIT $2");

fn read(row: &AnyRow) -> Result<Follower, Fault> {
    let reading = Reading::of(row, "follower", "id");
    Ok(Follower {
        id: reading.number("id")?,
        email: reading.parsed("email")?,
        secret: reading.text("secret")?,
        language: reading.parsed("language")?,
        follows: reading.json("doc")?,
        asked_at: reading.instant("asked_at")?,
        confirmed_at: reading.maybe_number("confirmed_at")?.map(Instant),
    })
}

fn name_of(record: Option<&RecordId>) -> String {
    record.map(|record| record.as_str().to_owned()).unwrap_or_default()
}

impl Catalogue {
    pub async fn follower(&self, secret: &str) -> Result<Option<Follower>, Fault> {
        let query = sqlx::query(select_follower!("WHERE secret = $1")).bind(secret.to_owned());
        query.fetch_optional(&mut *self.reader().await?).await.tried("find a follower")?.as_ref().map(read).transpose()
    }

    /// How far the event log was read for followers; `None` while there never was one.
    pub async fn followers_position(&self) -> Result<Option<i64>, Fault> {
        let query = sqlx::query("SELECT reader, sequence FROM reader_position WHERE reader = $1").bind(READER);
        let row = query.fetch_optional(&mut *self.reader().await?).await.tried("find the followers' place in the event log")?;
        row.map(|row| Reading::of(&row, "reader_position", "reader").number("sequence")).transpose()
    }
}

impl Change {
    pub async fn follower(&mut self, secret: &str) -> Result<Option<Follower>, Fault> {
        let query = sqlx::query(select_follower!("WHERE secret = $1")).bind(secret.to_owned());
        query.fetch_optional(self.connection()).await.tried("find a follower")?.as_ref().map(read).transpose()
    }

    /// The one following of this address and this record; without a record, that of everything.
    pub async fn following(&mut self, email: &Email, record: Option<&RecordId>) -> Result<Option<Follower>, Fault> {
        let query = sqlx::query(select_follower!("WHERE email = $1 AND COALESCE(record, '') = $2"));
        let query = query.bind(email.as_str().to_owned()).bind(name_of(record));
        query.fetch_optional(self.connection()).await.tried("find a follower")?.as_ref().map(read).transpose()
    }

    /// How many followings of this address wait for its confirmation.
    pub async fn count_unconfirmed(&mut self, email: &Email) -> Result<u64, Fault> {
        let count = sqlx::query("SELECT COUNT(*) AS waiting FROM follower WHERE email = $1 AND confirmed_at IS NULL");
        let row = count.bind(email.as_str().to_owned()).fetch_one(self.connection()).await.tried("count unconfirmed followings")?;
        Reading::of(&row, "follower", "waiting").count("waiting")
    }

    /// Its id counts for nothing. False: another request made the same following a moment ago.
    pub async fn insert_follower(&mut self, follower: &Follower) -> Result<bool, Fault> {
        let insert = "INSERT INTO follower (email, record, secret, language, doc, asked_at, told_at)
            VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT DO NOTHING";
        let query = sqlx::query(insert)
            .bind(follower.email.as_str().to_owned())
            .bind(follower.follows.record().map(|record| record.as_str().to_owned()))
            .bind(follower.secret.clone())
            .bind(follower.language.code())
            .bind(to_json("follower", "new", &follower.follows)?)
            .bind(follower.asked_at.0);
        Ok(query.execute(self.connection()).await.tried("keep a follower")?.rows_affected() > 0)
    }

    pub async fn follower_asked_again(&mut self, follower: &Follower) -> Result<(), Fault> {
        let update = sqlx::query("UPDATE follower SET asked_at = $1, language = $2 WHERE id = $3");
        let update = update.bind(follower.asked_at.0).bind(follower.language.code()).bind(follower.id);
        update.execute(self.connection()).await.tried("note that a follower was asked").map(|_| ())
    }

    pub async fn confirm_follower(&mut self, id: i64, follows: &Follows, at: Instant) -> Result<(), Fault> {
        let update = sqlx::query("UPDATE follower SET confirmed_at = $1, doc = $2, due_at = NULL WHERE id = $3");
        let update = update.bind(at.0).bind(to_json("follower", id, follows)?).bind(id);
        update.execute(self.connection()).await.tried("confirm a follower").map(|_| ())
    }

    pub async fn delete_follower(&mut self, secret: &str) -> Result<bool, Fault> {
        let delete = sqlx::query("DELETE FROM follower WHERE secret = $1").bind(secret.to_owned());
        Ok(delete.execute(self.connection()).await.tried("remove a follower")?.rows_affected() > 0)
    }

    /// Of those who were asked before this time.
    pub async fn delete_unconfirmed_followers(&mut self, before: Instant) -> Result<u64, Fault> {
        let delete = sqlx::query("DELETE FROM follower WHERE confirmed_at IS NULL AND asked_at < $1").bind(before.0);
        Ok(delete.execute(self.connection()).await.tried("remove unconfirmed followings")?.rows_affected())
    }

    /// How far the event log was read for followers; it is read from its present end on when this is the first time.
    /// Keeps others from reading it, and from writing letters, until this change is over.
    pub async fn lock_followers(&mut self) -> Result<i64, Fault> {
        let begin = "INSERT INTO reader_position (reader, sequence) SELECT $1, last FROM event_counter WHERE id = 1 ON CONFLICT (reader) DO NOTHING";
        sqlx::query(begin).bind(READER).execute(self.connection()).await.tried("begin to read for followers")?;
        let lock = sqlx::query("UPDATE reader_position SET sequence = sequence WHERE reader = $1 RETURNING reader, sequence");
        let row = lock.bind(READER).fetch_one(self.connection()).await.tried("lock the followers")?;
        Reading::of(&row, "reader_position", "reader").number("sequence")
    }

    pub async fn followers_read_up_to(&mut self, sequence: i64) -> Result<(), Fault> {
        self.set_position(READER, sequence).await
    }

    /// There is something to write to those who follow this record, at this time, or earlier if there was already.
    pub async fn record_followers_due(&mut self, record: &RecordId, at: Instant) -> Result<(), Fault> {
        let update = "UPDATE follower SET due_at = $1 WHERE record = $2 AND confirmed_at IS NOT NULL AND (due_at IS NULL OR due_at > $1)";
        let query = sqlx::query(update).bind(at.0).bind(record.as_str().to_owned());
        query.execute(self.connection()).await.tried("note news for followers").map(|_| ())
    }

    /// The same, for what can wait: not before so many milliseconds after the last letter.
    pub async fn record_followers_due_later(&mut self, record: &RecordId, at: Instant, rest_ms: i64) -> Result<(), Fault> {
        let update = due_later!("record = $3");
        let query = sqlx::query(update).bind(rest_ms).bind(at.0).bind(record.as_str().to_owned());
        query.execute(self.connection()).await.tried("note news for followers").map(|_| ())
    }

    /// The same, to those who follow everything.
    pub async fn release_followers_due_later(&mut self, at: Instant, rest_ms: i64) -> Result<(), Fault> {
        let query = sqlx::query(due_later!("record IS NULL")).bind(rest_ms).bind(at.0);
        query.execute(self.connection()).await.tried("note news for followers").map(|_| ())
    }

    /// Who is to be written to, the longest waiting first.
    pub async fn due_followers(&mut self, now: Instant, limit: u32) -> Result<Vec<Follower>, Fault> {
        let query = sqlx::query(DUE).bind(now.0).bind(row_limit(limit));
        query.fetch_all(self.connection()).await.tried("list the followers to be written to")?.iter().map(read).collect()
    }

    pub async fn next_follower_due(&mut self) -> Result<Option<Instant>, Fault> {
        let row =
            sqlx::query("SELECT MIN(due_at) AS next FROM follower").fetch_one(self.connection()).await.tried("find the next letter")?;
        Ok(Reading::of(&row, "follower", "next").maybe_number("next")?.map(Instant))
    }

    /// What this follower knows now; `written_at` when a letter said it.
    pub async fn follower_told(&mut self, id: i64, follows: &Follows, written_at: Option<Instant>) -> Result<(), Fault> {
        let update = sqlx::query("UPDATE follower SET doc = $1, due_at = NULL, told_at = COALESCE($2, told_at) WHERE id = $3");
        let update = update.bind(to_json("follower", id, follows)?).bind(written_at.map(|at| at.0)).bind(id);
        update.execute(self.connection()).await.tried("note what a follower was told").map(|_| ())
    }

    /// The records that this address follows by themselves.
    pub async fn records_followed_by(&mut self, email: &Email) -> Result<BTreeSet<RecordId>, Fault> {
        let select = "SELECT record FROM follower WHERE email = $1 AND record IS NOT NULL AND confirmed_at IS NOT NULL LIMIT $2";
        let query = sqlx::query(select).bind(email.as_str().to_owned()).bind(row_limit(u32::MAX));
        let rows = query.fetch_all(self.connection()).await.tried("list what is followed")?;
        rows.iter().map(|row| Reading::of(row, "follower", "record").parsed("record")).collect()
    }
}
