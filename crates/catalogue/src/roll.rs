//! The roll: all records that the world has been told of, in the order in which that happened, for catalogues that read us.
//! It is a reader of the event log, so an entry is written only after the change that it tells of was committed.

use crate::{
    catalogue::{Catalogue, Change},
    fault::{Fault, Tried},
    record::{self, Stored},
    sql::{Reading, row_limit},
};
use ::record::{id::RecordId, instant::Instant};
use sqlx::any::AnyRow;

/// Its place in the event log, among the readers.
const READER: &str = "roll";

/// One line of the roll, with the record as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct RollLine {
    pub position: i64,
    /// When what we say of it last changed, in full seconds.
    pub told_at: Instant,
    pub sets: Vec<String>,
    pub stored: Stored,
}

/// Which lines are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RollWish {
    /// Only lines behind this position.
    pub after: i64,
    pub from: Option<Instant>,
    pub until: Option<Instant>,
    pub set: Option<String>,
}

/// What is kept of an entry beside the record itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollMark {
    pub told_at: Instant,
    /// Of everything that is told, so that a change nobody can see is none.
    pub digest: i64,
    pub sets: Vec<String>,
}

macro_rules! select_lines {
    ($rest:literal) => {
        concat!(
            "SELECT roll.position, roll.told_at, roll.sets, record.id, record.doc, record.files, record.bytes, record.unfinished_uploads
             FROM roll JOIN record ON record.id = roll.record ",
            $rest
        )
    };
}

/// Times in whole milliseconds; sets stand between blanks.
pub(crate) const ROLL_PAGE: &str = select_lines!(
    // The plus keeps planners from sorting by time: a part of a list must cost its own length.
    "WHERE roll.position > $1 AND +roll.told_at >= $2 AND +roll.told_at <= $3 AND roll.sets LIKE $4 ORDER BY roll.position LIMIT $5"
);

pub(crate) const ROLL_LATEST: &str = select_lines!("WHERE roll.sets LIKE $1 ORDER BY roll.told_at DESC, roll.position DESC LIMIT $2");

fn read(row: &AnyRow) -> Result<RollLine, Fault> {
    let reading = Reading::of(row, "roll", "position");
    Ok(RollLine {
        position: reading.number("position")?,
        told_at: reading.instant("told_at")?,
        sets: words(&reading.text("sets")?),
        stored: record::read(row)?,
    })
}

fn words(sets: &str) -> Vec<String> {
    sets.split_whitespace().map(str::to_owned).collect()
}

impl RollWish {
    fn bounds(&self) -> (i64, i64, String) {
        let pattern = self.set.as_ref().map_or_else(|| "%".to_owned(), |set| format!("% {} %", set.replace(['%', '_', ' '], "")));
        (self.from.map_or(i64::MIN, |from| from.0), self.until.map_or(i64::MAX, |until| until.0), pattern)
    }
}

impl Catalogue {
    /// In the order of positions.
    pub async fn roll_page(&self, wish: &RollWish, limit: u32) -> Result<Vec<RollLine>, Fault> {
        let (from, until, pattern) = wish.bounds();
        let query = sqlx::query(ROLL_PAGE).bind(wish.after).bind(from).bind(until).bind(pattern).bind(row_limit(limit));
        query.fetch_all(&mut *self.reader().await?).await.tried("read the roll")?.iter().map(read).collect()
    }

    /// The lines that changed last, the newest first.
    pub async fn roll_latest(&self, set: Option<&str>, limit: u32) -> Result<Vec<RollLine>, Fault> {
        let (_, _, pattern) = RollWish { set: set.map(str::to_owned), ..RollWish::default() }.bounds();
        let query = sqlx::query(ROLL_LATEST).bind(pattern).bind(row_limit(limit));
        query.fetch_all(&mut *self.reader().await?).await.tried("read the end of the roll")?.iter().map(read).collect()
    }

    /// How many lines a wish has in all.
    pub async fn roll_count(&self, wish: &RollWish) -> Result<u64, Fault> {
        let (from, until, pattern) = wish.bounds();
        let count = "SELECT COUNT(*) AS lines FROM roll WHERE position > $1 AND told_at >= $2 AND told_at <= $3 AND sets LIKE $4";
        let query = sqlx::query(count).bind(wish.after).bind(from).bind(until).bind(pattern);
        let row = query.fetch_one(&mut *self.reader().await?).await.tried("count the roll")?;
        Reading::of(&row, "roll", "lines").count("lines")
    }

    pub async fn roll_line(&self, record: &RecordId) -> Result<Option<RollLine>, Fault> {
        let query = sqlx::query(select_lines!("WHERE roll.record = $1")).bind(record.as_str().to_owned());
        query.fetch_optional(&mut *self.reader().await?).await.tried("find a record on the roll")?.as_ref().map(read).transpose()
    }

    /// How far the roll has followed the event log.
    pub async fn roll_position(&self) -> Result<i64, Fault> {
        self.position(READER).await
    }

    /// The oldest time on the roll, while it has a line.
    pub async fn roll_begins(&self) -> Result<Option<Instant>, Fault> {
        let query = sqlx::query("SELECT told_at FROM roll ORDER BY told_at LIMIT 1");
        let row = query.fetch_optional(&mut *self.reader().await?).await.tried("find the oldest line of the roll")?;
        row.map(|row| Reading::of(&row, "roll", "told_at").instant("told_at")).transpose()
    }

    /// All sets that occur, in their order.
    pub async fn roll_sets(&self) -> Result<Vec<String>, Fault> {
        let rows = sqlx::query("SELECT DISTINCT sets FROM roll").fetch_all(&mut *self.reader().await?).await.tried("list the sets")?;
        let mut sets = std::collections::BTreeSet::new();
        for row in &rows {
            sets.extend(words(&Reading::of(row, "roll", "sets").text("sets")?));
        }
        Ok(sets.into_iter().collect())
    }

    /// The positions at which pages of this length begin after their first, so that a list can be split: every `length`-th one.
    pub async fn roll_steps(&self, length: u32) -> Result<Vec<i64>, Fault> {
        let steps = "SELECT position FROM (SELECT position, ROW_NUMBER() OVER (ORDER BY position) AS number FROM roll) AS numbered
            WHERE number % $1 = 0 ORDER BY position LIMIT $2";
        let query = sqlx::query(steps).bind(i64::from(length.max(1))).bind(row_limit(u32::MAX));
        let rows = query.fetch_all(&mut *self.reader().await?).await.tried("split the roll")?;
        rows.iter().map(|row| Reading::of(row, "roll", "position").number("position")).collect()
    }
}

impl Change {
    /// How far the roll has followed the event log. Keeps other processes from writing it until this change is over.
    pub async fn lock_roll(&mut self) -> Result<i64, Fault> {
        let begin = sqlx::query("INSERT INTO reader_position (reader, sequence) VALUES ($1, 0) ON CONFLICT (reader) DO NOTHING");
        begin.bind(READER).execute(self.connection()).await.tried("begin the roll")?;
        let lock = sqlx::query("UPDATE reader_position SET sequence = sequence WHERE reader = $1 RETURNING reader, sequence");
        let row = lock.bind(READER).fetch_one(self.connection()).await.tried("lock the roll")?;
        Reading::of(&row, "reader_position", "reader").number("sequence")
    }

    pub async fn roll_followed(&mut self, sequence: i64) -> Result<(), Fault> {
        self.set_position(READER, sequence).await
    }

    pub async fn roll_mark(&mut self, record: &RecordId) -> Result<Option<RollMark>, Fault> {
        let query = sqlx::query("SELECT record, told_at, digest, sets FROM roll WHERE record = $1").bind(record.as_str().to_owned());
        let row = query.fetch_optional(self.connection()).await.tried("find a record on the roll")?;
        row.map(|row| {
            let reading = Reading::of(&row, "roll", "record");
            Ok(RollMark { told_at: reading.instant("told_at")?, digest: reading.number("digest")?, sets: words(&reading.text("sets")?) })
        })
        .transpose()
    }

    /// Writes the record at the end of the roll, or what is said of it where it stands already.
    pub async fn put_on_roll(&mut self, record: &RecordId, mark: &RollMark) -> Result<(), Fault> {
        let upsert = "INSERT INTO roll (position, record, told_at, digest, sets)
            SELECT COALESCE(MAX(position), 0) + 1, $1, $2, $3, $4 FROM roll WHERE true
            ON CONFLICT (record) DO UPDATE SET told_at = excluded.told_at, digest = excluded.digest, sets = excluded.sets";
        let query = sqlx::query(upsert).bind(record.as_str().to_owned()).bind(mark.told_at.0).bind(mark.digest);
        let query = query.bind(format!(" {} ", mark.sets.join(" ")));
        query.execute(self.connection()).await.tried("write the roll").map(|_| ())
    }
}
