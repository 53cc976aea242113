//! Brings the database to this program's version: numbered texts, each applied once, all in one transaction.

use crate::{
    catalogue::Engine,
    fault::{Fault, Tried},
};
use sqlx::{AnyConnection, AssertSqlSafe, Row};

const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_first.sql"),
    include_str!("../migrations/0002_versions.sql"),
    include_str!("../migrations/0003_parts.sql"),
    include_str!("../migrations/0004_doi_ledger.sql"),
    include_str!("../migrations/0005_publications.sql"),
    include_str!("../migrations/0006_roll.sql"),
    include_str!("../migrations/0007_usage.sql"),
    include_str!("../migrations/0008_named_dois.sql"),
    include_str!("../migrations/0009_print_requests.sql"),
    include_str!("../migrations/0010_print_request_model.sql"),
    include_str!("../migrations/0011_followers.sql"),
];

/// What the tables are brought to.
pub(crate) const VERSION: i64 = MIGRATIONS.len() as i64;

/// All tables, in an order in which no row refers to one of a later table. One that was made anew keeps its place.
pub(crate) fn tables() -> Vec<String> {
    let mut tables: Vec<String> = Vec::new();
    for words in MIGRATIONS.iter().map(|text| text.split_whitespace().collect::<Vec<_>>()) {
        for three in words.windows(3).filter(|three| three[..2] == ["CREATE", "TABLE"]) {
            if !tables.iter().any(|known| known == three[2]) {
                tables.push(three[2].to_owned());
            }
        }
    }
    tables
}

/// Any number will do; it only has to be the same in every process of this program.
const LOCK: &str = "SELECT pg_advisory_xact_lock(5320260011)";

pub(crate) async fn migrate(connection: &mut AnyConnection, engine: Engine) -> Result<(), Fault> {
    if engine == Engine::Postgres {
        sqlx::raw_sql(LOCK).execute(&mut *connection).await.tried("wait for another process that migrates")?;
    }
    let table = "CREATE TABLE IF NOT EXISTS schema_migration (version BIGINT PRIMARY KEY)";
    sqlx::raw_sql(table).execute(&mut *connection).await.tried("prepare its migration")?;
    let applied = applied(connection).await?;
    if applied > VERSION {
        let what = format!("it was written by a newer program than this one, which knows versions up to {VERSION}");
        return Err(Fault::Inconsistent { table: "schema_migration", row: applied.to_string(), what });
    }
    for (version, text) in (1i64..).zip(MIGRATIONS).filter(|(version, _)| *version > applied) {
        sqlx::raw_sql(AssertSqlSafe(in_dialect(text, engine))).execute(&mut *connection).await.tried("bring its tables to this version")?;
        sqlx::query("INSERT INTO schema_migration (version) VALUES ($1)")
            .bind(version)
            .execute(&mut *connection)
            .await
            .tried("note its version")?;
    }
    Ok(())
}

/// The version that the tables have.
pub(crate) async fn applied(connection: &mut AnyConnection) -> Result<i64, Fault> {
    let rows =
        sqlx::query("SELECT version FROM schema_migration ORDER BY version").fetch_all(&mut *connection).await.tried("tell its version")?;
    rows.last().map_or(Ok(0), |row| row.try_get::<i64, _>("version")).tried("tell its version")
}

/// The two places where no common words exist.
fn in_dialect(text: &str, engine: Engine) -> String {
    let (serial, bytewise) = match engine {
        Engine::Sqlite => ("INTEGER PRIMARY KEY AUTOINCREMENT", "TEXT"),
        Engine::Postgres => ("BIGSERIAL PRIMARY KEY", "TEXT COLLATE \"C\""),
    };
    text.replace("{serial}", serial).replace("{bytewise}", bytewise)
}
