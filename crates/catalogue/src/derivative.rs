//! What was made from originals, by record, name and version.

use crate::{
    catalogue::{Catalogue, Change},
    fault::{Fault, Tried},
    sql::{Reading, row_limit, to_json},
};
use ::record::{derivative::Derivative, id::RecordId, version::Version};
use sqlx::{AnyConnection, any::AnyRow};

fn read(row: &AnyRow) -> Result<Derivative, Fault> {
    Reading::of(row, "derivative", "name").json("doc")
}

async fn of_record(connection: &mut AnyConnection, record: &RecordId) -> Result<Vec<Derivative>, Fault> {
    let query = sqlx::query("SELECT name, doc FROM derivative WHERE record = $1 ORDER BY name, version LIMIT $2")
        .bind(record.as_str().to_owned())
        .bind(row_limit(u32::MAX));
    query.fetch_all(connection).await.tried("list a record's derivatives")?.iter().map(read).collect()
}

impl Catalogue {
    /// By name, older versions first.
    pub async fn derivatives(&self, record: &RecordId) -> Result<Vec<Derivative>, Fault> {
        of_record(&mut *self.reader().await?, record).await
    }

    pub async fn derivative(&self, record: &RecordId, version: Version, name: &str) -> Result<Option<Derivative>, Fault> {
        let select = "SELECT name, doc FROM derivative WHERE record = $1 AND name = $2 AND version = $3";
        let query = sqlx::query(select).bind(record.as_str().to_owned()).bind(name.to_owned()).bind(i64::from(version.0));
        query.fetch_optional(&mut *self.reader().await?).await.tried("find a derivative")?.as_ref().map(read).transpose()
    }
}

impl Change {
    pub async fn derivatives(&mut self, record: &RecordId) -> Result<Vec<Derivative>, Fault> {
        of_record(self.connection(), record).await
    }

    /// Replaces the one of the same name and version. [`Fault::Conflict`] when the record is gone.
    pub async fn put_derivative(&mut self, record: &RecordId, derivative: &Derivative) -> Result<(), Fault> {
        let upsert = "INSERT INTO derivative (record, name, version, kind, doc) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (record, name, version) DO UPDATE SET kind = excluded.kind, doc = excluded.doc";
        let query = sqlx::query(upsert)
            .bind(record.as_str().to_owned())
            .bind(derivative.name.clone())
            .bind(i64::from(derivative.version.0))
            .bind(derivative.kind.name())
            .bind(to_json("derivative", &derivative.name, derivative)?);
        query.execute(self.connection()).await.tried("store a derivative").map(|_| ())
    }

    pub async fn delete_derivative(&mut self, record: &RecordId, version: Version, name: &str) -> Result<(), Fault> {
        let delete = "DELETE FROM derivative WHERE record = $1 AND name = $2 AND version = $3";
        let query = sqlx::query(delete).bind(record.as_str().to_owned()).bind(name.to_owned()).bind(i64::from(version.0));
        query.execute(self.connection()).await.tried("forget a derivative").map(|_| ())
    }

    pub async fn delete_derivatives(&mut self, record: &RecordId) -> Result<(), Fault> {
        let delete = sqlx::query("DELETE FROM derivative WHERE record = $1").bind(record.as_str().to_owned());
        delete.execute(self.connection()).await.tried("forget a record's derivatives").map(|_| ())
    }
}
