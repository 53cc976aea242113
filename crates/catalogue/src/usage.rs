//! Counts of views and downloads.

use crate::{
    catalogue::{Catalogue, Change},
    fault::{Fault, Tried},
    sql::{Reading, bigint, row_limit},
};
use ::record::{
    id::RecordId,
    usage::{Asker, Counted, Measure},
};

impl Catalogue {
    /// All counts of a record, the oldest month first.
    pub async fn usage_of(&self, record: &RecordId) -> Result<Vec<Counted>, Fault> {
        let select =
            "SELECT record, month, measure, asker, times, uniques FROM usage WHERE record = $1 ORDER BY month, measure, asker LIMIT $2";
        let query = sqlx::query(select).bind(record.as_str().to_owned()).bind(row_limit(u32::MAX));
        let rows = query.fetch_all(&mut *self.reader().await?).await.tried("read a record's counts")?;
        let counted = |row| {
            let reading = Reading::of(row, "usage", "record");
            let (measure, asker) = (reading.text("measure")?, reading.text("asker")?);
            Ok(Counted {
                record: reading.parsed("record")?,
                month: reading.text("month")?,
                measure: Measure::parse(&measure).ok_or_else(|| reading.wrong("measure", format!("“{measure}” is none")))?,
                asker: Asker::parse(&asker).ok_or_else(|| reading.wrong("asker", format!("“{asker}” is none")))?,
                times: reading.count("times")?,
                uniques: reading.count("uniques")?,
            })
        };
        rows.iter().map(counted).collect()
    }
}

impl Change {
    /// Adds to what was counted before. Records that the world does not know are passed over.
    pub async fn add_usage(&mut self, counted: &Counted) -> Result<(), Fault> {
        let upsert = "INSERT INTO usage (record, month, measure, asker, times, uniques)
            SELECT id, $1, $2, $3, $4, $5 FROM record WHERE id = $6 AND state IN ('registered', 'released', 'published')
            ON CONFLICT (record, month, measure, asker)
            DO UPDATE SET times = usage.times + excluded.times, uniques = usage.uniques + excluded.uniques";
        let query = sqlx::query(upsert)
            .bind(counted.month.clone())
            .bind(counted.measure.name())
            .bind(counted.asker.name())
            .bind(bigint("usage", &counted.record, counted.times)?)
            .bind(bigint("usage", &counted.record, counted.uniques)?)
            .bind(counted.record.as_str().to_owned());
        query.execute(self.connection()).await.tried("count views and downloads").map(|_| ())
    }
}
