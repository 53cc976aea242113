//! Small things that must outlive a restart and have no table of their own: secrets and counters.

use crate::{
    catalogue::{Catalogue, Change},
    fault::{Fault, Tried},
    sql::Reading,
};
use sqlx::AnyConnection;

async fn find(connection: &mut AnyConnection, name: &str) -> Result<Option<String>, Fault> {
    let query = sqlx::query("SELECT name, value FROM setting WHERE name = $1").bind(name.to_owned());
    let row = query.fetch_optional(connection).await.tried("read a setting")?;
    row.map(|row| Reading::of(&row, "setting", "name").text("value")).transpose()
}

impl Catalogue {
    pub async fn setting(&self, name: &str) -> Result<Option<String>, Fault> {
        find(&mut *self.reader().await?, name).await
    }
}

impl Change {
    pub async fn setting(&mut self, name: &str) -> Result<Option<String>, Fault> {
        find(self.connection(), name).await
    }

    pub async fn set_setting(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        let upsert = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        let query = sqlx::query(upsert).bind(name.to_owned()).bind(value.to_owned());
        query.execute(self.connection()).await.tried("store a setting").map(|_| ())
    }
}
