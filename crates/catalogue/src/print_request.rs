//! Prints that schools ask for.

use crate::{
    catalogue::{Catalogue, Change},
    fault::{Fault, Tried},
    sql::{Reading, row_limit},
};
use ::record::{
    id::RecordId,
    instant::Instant,
    print_request::{PrintRequest, PrintStanding, PrintWish},
    version::Version,
};
use sqlx::any::AnyRow;

macro_rules! select_print_request {
    ($rest:literal) => {
        concat!(
            "SELECT id, record, version, model, name, school, email, size_mm, message, standing, asked_at, changed_at FROM print_request ",
            $rest
        )
    };
}

fn read(row: &AnyRow) -> Result<PrintRequest, Fault> {
    let reading = Reading::of(row, "print_request", "id");
    Ok(PrintRequest {
        id: reading.number("id")?,
        record: reading.parsed("record")?,
        version: Version(reading.count("version")?),
        wish: PrintWish {
            model: reading.text("model")?,
            name: reading.text("name")?,
            school: reading.text("school")?,
            email: reading.parsed("email")?,
            size_mm: reading.count("size_mm")?,
            message: reading.text("message")?,
        },
        standing: reading.parsed("standing")?,
        asked_at: reading.instant("asked_at")?,
        changed_at: reading.instant("changed_at")?,
    })
}

impl Catalogue {
    /// The newest first.
    pub async fn print_requests(&self, limit: u32) -> Result<Vec<PrintRequest>, Fault> {
        let query = sqlx::query(select_print_request!("ORDER BY id DESC LIMIT $1")).bind(row_limit(limit));
        query.fetch_all(&mut *self.reader().await?).await.tried("list the prints asked for")?.iter().map(read).collect()
    }
}

impl Change {
    pub async fn print_request(&mut self, id: i64) -> Result<Option<PrintRequest>, Fault> {
        let query = sqlx::query(select_print_request!("WHERE id = $1")).bind(id);
        query.fetch_optional(self.connection()).await.tried("find a print asked for")?.as_ref().map(read).transpose()
    }

    /// How many nobody has answered yet.
    pub async fn count_unanswered_prints(&mut self) -> Result<u64, Fault> {
        let query = sqlx::query("SELECT COUNT(*) AS unanswered FROM print_request WHERE standing = 'asked'");
        let row = query.fetch_one(self.connection()).await.tried("count the prints asked for")?;
        Reading::of(&row, "print_request", "unanswered").count("unanswered")
    }

    pub async fn insert_print_request(&mut self, record: &RecordId, version: Version, wish: &PrintWish, at: Instant) -> Result<(), Fault> {
        let insert = sqlx::query(
            "INSERT INTO print_request (record, version, name, school, email, size_mm, message, standing, asked_at, changed_at, model)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'asked', $8, $8, $9)",
        )
        .bind(record.as_str().to_owned())
        .bind(i64::from(version.0))
        .bind(wish.name.clone())
        .bind(wish.school.clone())
        .bind(wish.email.to_string())
        .bind(i64::from(wish.size_mm))
        .bind(wish.message.clone())
        .bind(at.0)
        .bind(wish.model.clone());
        insert.execute(self.connection()).await.tried("keep a print asked for").map(|_| ())
    }

    pub async fn set_print_standing(&mut self, id: i64, standing: PrintStanding, at: Instant) -> Result<(), Fault> {
        let update = sqlx::query("UPDATE print_request SET standing = $1, changed_at = $2 WHERE id = $3")
            .bind(standing.name().to_owned())
            .bind(at.0)
            .bind(id);
        update.execute(self.connection()).await.tried("note how far a print is").map(|_| ())
    }

    pub async fn delete_print_request(&mut self, id: i64) -> Result<bool, Fault> {
        let delete = sqlx::query("DELETE FROM print_request WHERE id = $1").bind(id);
        Ok(delete.execute(self.connection()).await.tried("delete a print asked for")?.rows_affected() > 0)
    }

    /// Of those that ended long ago; nobody needs the addresses any more.
    pub async fn delete_ended_prints(&mut self, before: Instant) -> Result<u64, Fault> {
        let delete = sqlx::query("DELETE FROM print_request WHERE standing IN ('sent', 'declined') AND changed_at < $1").bind(before.0);
        Ok(delete.execute(self.connection()).await.tried("remove prints that ended")?.rows_affected())
    }
}
