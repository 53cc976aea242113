//! The DOI ledger: what the registrar was told, what it answered, and where it differs.

use crate::{
    catalogue::{Catalogue, Change},
    fault::{Fault, Tried},
    sql::{Reading, row_limit, to_json},
};
use ::record::{doi::Doi, id::RecordId, instant::Instant, ledger::LedgerLine};
use sqlx::{AnyConnection, any::AnyRow};
use std::collections::BTreeMap;

fn read(row: &AnyRow) -> Result<LedgerLine, Fault> {
    Reading::of(row, "doi_ledger", "doi").json("doc")
}

async fn find(connection: &mut AnyConnection, doi: &Doi) -> Result<Option<LedgerLine>, Fault> {
    let query = sqlx::query("SELECT doi, doc FROM doi_ledger WHERE doi = $1").bind(doi.as_str().to_owned());
    query.fetch_optional(connection).await.tried("find a DOI in the ledger")?.as_ref().map(read).transpose()
}

impl Catalogue {
    pub async fn ledger_line(&self, doi: &Doi) -> Result<Option<LedgerLine>, Fault> {
        find(&mut *self.reader().await?, doi).await
    }

    /// Of one record: the DOI of all its versions first.
    pub async fn ledger_of(&self, record: &RecordId) -> Result<Vec<LedgerLine>, Fault> {
        let query = sqlx::query("SELECT doi, doc FROM doi_ledger WHERE record = $1 ORDER BY LENGTH(doi), doi LIMIT $2");
        let query = query.bind(record.as_str().to_owned()).bind(row_limit(u32::MAX));
        query.fetch_all(&mut *self.reader().await?).await.tried("list a record's DOIs")?.iter().map(read).collect()
    }

    /// How many lines there are of each standing, and how many differ from the registrar.
    pub async fn ledger_counts(&self) -> Result<(BTreeMap<String, u64>, u64), Fault> {
        let select = "SELECT standing, CAST(COUNT(*) AS BIGINT) AS lines, CAST(SUM(differs) AS BIGINT) AS differing FROM doi_ledger GROUP BY standing";
        let rows = sqlx::query(select).fetch_all(&mut *self.reader().await?).await.tried("count the DOIs")?;
        let (mut counts, mut differing) = (BTreeMap::new(), 0);
        for row in &rows {
            let reading = Reading::of(row, "doi_ledger", "standing");
            counts.insert(reading.text("standing")?, reading.count("lines")?);
            differing += reading.count::<u64>("differing")?;
        }
        Ok((counts, differing))
    }

    /// The lines that somebody should look at, by their names.
    pub async fn ledger_troubles(&self, after: Option<&Doi>, limit: u32) -> Result<Vec<LedgerLine>, Fault> {
        let select = "SELECT doi, doc FROM doi_ledger WHERE doi > $1 AND (differs = 1 OR standing IN ('unanswered', 'refused')) ORDER BY doi LIMIT $2";
        let query = sqlx::query(select).bind(after.map_or("", Doi::as_str).to_owned()).bind(row_limit(limit));
        query.fetch_all(&mut *self.reader().await?).await.tried("list the DOIs in trouble")?.iter().map(read).collect()
    }

    /// Which of a record's DOIs the registrar was seen to have in the comparison that began then.
    pub async fn ledger_seen(&self, record: &RecordId, begun_at: Instant) -> Result<Vec<Doi>, Fault> {
        let query = sqlx::query("SELECT doi FROM doi_ledger WHERE record = $1 AND seen_at = $2");
        let rows = query.bind(record.as_str().to_owned()).bind(begun_at.0).fetch_all(&mut *self.reader().await?).await;
        rows.tried("list the DOIs that were seen")?.iter().map(|row| Reading::of(row, "doi_ledger", "doi").parsed("doi")).collect()
    }

    /// Records that a DOI was minted for here, by id.
    pub async fn records_with_doi_after(&self, after: Option<&RecordId>, limit: u32) -> Result<Vec<RecordId>, Fault> {
        let query = sqlx::query("SELECT id FROM record WHERE doi IS NOT NULL AND id > $1 ORDER BY id LIMIT $2");
        let query = query.bind(after.map_or("", RecordId::as_str).to_owned()).bind(row_limit(limit));
        let rows = query.fetch_all(&mut *self.reader().await?).await.tried("list the records that have a DOI")?;
        rows.iter().map(|row| Reading::of(row, "record", "id").parsed("id")).collect()
    }
}

impl Change {
    pub async fn ledger_line(&mut self, doi: &Doi) -> Result<Option<LedgerLine>, Fault> {
        find(self.connection(), doi).await
    }

    pub async fn put_ledger_line(&mut self, line: &LedgerLine) -> Result<(), Fault> {
        let upsert = "INSERT INTO doi_ledger (doi, record, standing, differs, doc) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (doi) DO UPDATE SET record = excluded.record, standing = excluded.standing, differs = excluded.differs, doc = excluded.doc";
        let query = sqlx::query(upsert)
            .bind(line.doi.as_str().to_owned())
            .bind(line.record.as_ref().map(|record| record.as_str().to_owned()))
            .bind(line.standing.name())
            .bind(i64::from(!line.differences.is_empty()))
            .bind(to_json("doi_ledger", &line.doi, line)?);
        query.execute(self.connection()).await.tried("write into the DOI ledger").map(|_| ())
    }

    /// The registrar has it, as the comparison that began then saw.
    pub async fn mark_ledger_line_seen(&mut self, doi: &Doi, begun_at: Instant) -> Result<(), Fault> {
        let update = sqlx::query("UPDATE doi_ledger SET seen_at = $1 WHERE doi = $2").bind(begun_at.0).bind(doi.as_str().to_owned());
        update.execute(self.connection()).await.tried("note that the registrar has a DOI").map(|_| ())
    }

    pub async fn delete_ledger_line(&mut self, doi: &Doi) -> Result<(), Fault> {
        let delete = sqlx::query("DELETE FROM doi_ledger WHERE doi = $1").bind(doi.as_str().to_owned());
        delete.execute(self.connection()).await.tried("strike a DOI from the ledger").map(|_| ())
    }

    /// Names that belong to no record here and that the registrar did not show any more.
    pub async fn forget_strangers_before(&mut self, begun_at: Instant) -> Result<(), Fault> {
        let delete = sqlx::query("DELETE FROM doi_ledger WHERE record IS NULL AND seen_at < $1").bind(begun_at.0);
        delete.execute(self.connection()).await.tried("strike DOIs that have gone from the ledger").map(|_| ())
    }
}
