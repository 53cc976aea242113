//! The whole catalogue as one file, and back. The file holds lines of JSON: a head, then each table with its columns and
//! rows, then how many rows there were and the sha256 of everything before. It is the same from either database and goes
//! back into either, so it also moves a catalogue from one to the other.

use crate::{
    catalogue::{Catalogue, Change, Engine},
    fault::{Fault, Tried},
    migration,
};
use ::record::{file::Sha256, instant::Instant};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Digest;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row, any::AnyRow};
use std::io::{self, BufRead, Read, Write};

#[derive(Debug, thiserror::Error)]
pub enum BackupFault {
    #[error(transparent)]
    Catalogue(#[from] Fault),
    #[error("could not {attempted} the backup: {source}")]
    File { attempted: &'static str, source: io::Error },
    #[error("this is no whole backup of a catalogue ({why}); nothing was restored")]
    NotWhole { why: String },
    #[error(
        "the backup was made by a program whose tables have version {found}, this one's have {ours}; restore it with a program of that version, then migrate"
    )]
    OtherVersion { found: i64, ours: i64 },
    #[error("the tables of the catalogue have version {found}, this program's have {ours}; back up with the program of that version")]
    OtherTables { found: i64, ours: i64 },
    #[error("the catalogue is not empty: its table {table} has rows already; restore into a new database, before the first start")]
    NotEmpty { table: String },
}

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this format.
    pub science3d_backup: u32,
    /// The version of the tables.
    pub schema: i64,
    pub program: String,
    pub made_at: Instant,
}

#[derive(Debug, Serialize, Deserialize)]
struct Table {
    table: String,
    columns: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct End {
    rows: u64,
    sha256: Sha256,
}

const FORMAT: u32 = 1;
/// No row comes near it; a file that is no backup must not fill the memory.
const LINE_BYTES_MAX: u64 = 64 << 20;

/// The two types that our tables know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
}

struct Column {
    name: String,
    kind: Kind,
}

impl Catalogue {
    /// Writes everything as it stands at one moment, whoever writes meanwhile. Returns the number of rows.
    pub async fn back_up(&self, out: &mut (impl Write + Send), made_at: Instant) -> Result<u64, BackupFault> {
        let mut out = Summed { inner: out, sha: sha2::Sha256::new() };
        let program = env!("CARGO_PKG_VERSION").to_owned();
        out.line(&Manifest { science3d_backup: FORMAT, schema: migration::VERSION, program, made_at })?;
        let begin = match self.engine() {
            Engine::Sqlite => "BEGIN",
            Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        let mut reader = self.reader().await?;
        let mut moment = reader.begin_with(begin).await.tried("begin to read everything")?;
        let found = migration::applied(&mut moment).await?;
        if found != migration::VERSION {
            return Err(BackupFault::OtherTables { found, ours: migration::VERSION });
        }
        let mut rows = 0;
        for table in migration::tables() {
            let columns = columns_of(&mut moment, self.engine(), &table).await?;
            let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
            let select = format!("SELECT {} FROM {table}", names.join(", "));
            out.line(&Table { table: table.clone(), columns: names })?;
            let mut found = sqlx::query(AssertSqlSafe(select)).fetch(&mut *moment);
            while let Some(row) = found.try_next().await.tried("read everything")? {
                out.line(&written(&row, &columns).tried("read everything")?)?;
                rows += 1;
            }
        }
        let sha256 = Sha256(out.sha.clone().finalize().into());
        out.line(&End { rows, sha256 })?;
        out.inner.flush().map_err(|source| BackupFault::File { attempted: "write", source })?;
        Ok(rows)
    }

    /// Brings everything back into an empty catalogue, or changes nothing. Returns what the backup says of itself and how
    /// many rows came.
    pub async fn restore(&self, input: &mut (impl BufRead + Send)) -> Result<(Manifest, u64), BackupFault> {
        let mut lines = Lines { input, sha: sha2::Sha256::new(), before_last: sha2::Sha256::new() };
        let not_whole = |why: String| BackupFault::NotWhole { why };
        let head = lines.next()?.ok_or_else(|| not_whole("it is empty".to_owned()))?;
        let manifest: Manifest =
            serde_json::from_value(head).map_err(|_| not_whole("its first line is not that of a backup".to_owned()))?;
        if manifest.science3d_backup != FORMAT {
            return Err(not_whole(format!("its format {} is unknown", manifest.science3d_backup)));
        }
        if manifest.schema != migration::VERSION {
            return Err(BackupFault::OtherVersion { found: manifest.schema, ours: migration::VERSION });
        }
        let mut change = self.change().await?;
        be_empty(&mut change).await?;
        let mut insert: Option<Insert> = None;
        let mut rows = 0;
        while let Some(line) = lines.next()? {
            match (line, &insert) {
                (Value::Array(values), Some(insert)) => {
                    insert.run(&mut change, values).await?;
                    rows += 1;
                }
                (other, _) if other.get("table").is_some() => {
                    let table = serde_json::from_value(other).map_err(|fault| not_whole(fault.to_string()))?;
                    insert = Some(Insert::of(&mut change, table).await?);
                }
                (other, _) => {
                    let end: End = serde_json::from_value(other).map_err(|fault| not_whole(fault.to_string()))?;
                    if end.rows != rows || end.sha256 != lines.sum_before_last() || lines.next()?.is_some() {
                        return Err(not_whole("its checksum or its end is not what it should be".to_owned()));
                    }
                    count_on(&mut change).await?;
                    change.commit().await?;
                    return Ok((manifest, rows));
                }
            }
        }
        Err(not_whole("its end is missing".to_owned()))
    }
}

/// Only what every new catalogue holds may be there, and it makes room.
async fn be_empty(change: &mut Change) -> Result<(), BackupFault> {
    for table in migration::tables() {
        let condition = if table == "event_counter" { " WHERE last > 0" } else { "" };
        let look = format!("SELECT 1 AS one FROM {table}{condition} LIMIT 1");
        let found = sqlx::query(AssertSqlSafe(look)).fetch_optional(change.connection()).await.tried("look whether it is empty")?;
        if found.is_some() {
            return Err(BackupFault::NotEmpty { table });
        }
    }
    sqlx::query("DELETE FROM event_counter").execute(change.connection()).await.tried("make room")?;
    Ok(())
}

/// PostgreSQL counts keys apart from the rows; SQLite looks at them.
async fn count_on(change: &mut Change) -> Result<(), Fault> {
    if change.engine == Engine::Sqlite {
        return Ok(());
    }
    let counted = "SELECT table_name::text AS name, column_name::text AS counted FROM information_schema.columns \
                   WHERE table_schema = current_schema() AND column_default LIKE 'nextval(%'";
    for row in sqlx::query(counted).fetch_all(change.connection()).await.tried("find its counters")? {
        let (table, column): (String, String) =
            (row.try_get("name").tried("find its counters")?, row.try_get("counted").tried("find its counters")?);
        let next = format!("(SELECT COALESCE(MAX({column}), 0) + 1 FROM {table})");
        let set = format!("SELECT setval(pg_get_serial_sequence('{table}', '{column}'), {next}, false) AS next");
        sqlx::query(AssertSqlSafe(set)).fetch_one(change.connection()).await.tried("set its counters")?;
    }
    Ok(())
}

async fn columns_of(connection: &mut AnyConnection, engine: Engine, table: &str) -> Result<Vec<Column>, Fault> {
    let ask = match engine {
        Engine::Sqlite => "SELECT name, type AS kind FROM pragma_table_info($1) ORDER BY cid",
        Engine::Postgres => {
            "SELECT column_name::text AS name, data_type::text AS kind FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position"
        }
    };
    let rows = sqlx::query(ask).bind(table.to_owned()).fetch_all(connection).await.tried("tell its columns")?;
    let mut columns = Vec::with_capacity(rows.len());
    for row in rows {
        let (name, kind): (String, String) =
            (row.try_get("name").tried("tell its columns")?, row.try_get("kind").tried("tell its columns")?);
        let kind = match kind.to_ascii_lowercase().as_str() {
            "text" => Kind::Text,
            "bigint" | "integer" => Kind::Number,
            other => {
                let what = format!("the column {name} has the type {other}, which a backup cannot hold");
                return Err(Fault::Inconsistent { table: "schema_migration", row: table.to_owned(), what });
            }
        };
        columns.push(Column { name, kind });
    }
    Ok(columns)
}

fn written(row: &AnyRow, columns: &[Column]) -> Result<Vec<Value>, sqlx::Error> {
    let value = |(place, column): (usize, &Column)| {
        Ok(match column.kind {
            Kind::Text => row.try_get::<Option<String>, _>(place)?.map_or(Value::Null, Value::from),
            Kind::Number => row.try_get::<Option<i64>, _>(place)?.map_or(Value::Null, Value::from),
        })
    };
    columns.iter().enumerate().map(value).collect()
}

/// How rows of one table are put in.
struct Insert {
    table: String,
    statement: String,
    columns: Vec<Column>,
}

impl Insert {
    async fn of(change: &mut Change, said: Table) -> Result<Self, BackupFault> {
        let not_whole = |what: &str| BackupFault::NotWhole { why: format!("{what} {}", said.table) };
        // Names reach SQL only when they are those of our own tables.
        if !migration::tables().contains(&said.table) {
            return Err(not_whole("it names the unknown table"));
        }
        let engine = change.engine;
        let mut known = columns_of(change.connection(), engine, &said.table).await?;
        let mut columns = Vec::with_capacity(said.columns.len());
        for name in &said.columns {
            let place = known.iter().position(|column| column.name == *name);
            columns.push(known.swap_remove(place.ok_or_else(|| not_whole("it has an unknown column in table"))?));
        }
        if !known.is_empty() {
            return Err(not_whole("it lacks a column of table"));
        }
        let holders: Vec<String> = (1..=columns.len()).map(|number| format!("${number}")).collect();
        let statement = format!("INSERT INTO {} ({}) VALUES ({})", said.table, said.columns.join(", "), holders.join(", "));
        Ok(Self { table: said.table, statement, columns })
    }

    async fn run(&self, change: &mut Change, values: Vec<Value>) -> Result<(), BackupFault> {
        let not_whole = || BackupFault::NotWhole { why: format!("a row of table {} does not fit", self.table) };
        if values.len() != self.columns.len() {
            return Err(not_whole());
        }
        let mut query = sqlx::query(AssertSqlSafe(self.statement.clone()));
        for (value, column) in values.into_iter().zip(&self.columns) {
            query = match (column.kind, value) {
                (Kind::Text, Value::Null) => query.bind(None::<String>),
                (Kind::Text, Value::String(text)) => query.bind(text),
                (Kind::Number, Value::Null) => query.bind(None::<i64>),
                (Kind::Number, Value::Number(number)) => query.bind(number.as_i64().ok_or_else(not_whole)?),
                _ => return Err(not_whole()),
            };
        }
        query.execute(change.connection()).await.tried("put rows back")?;
        Ok(())
    }
}

struct Summed<'a, W> {
    inner: &'a mut W,
    sha: sha2::Sha256,
}

impl<W: Write> Summed<'_, W> {
    fn line(&mut self, what: &impl Serialize) -> Result<(), BackupFault> {
        let file = |source| BackupFault::File { attempted: "write", source };
        let mut line = serde_json::to_vec(what).map_err(|fault| file(fault.into()))?;
        line.push(b'\n');
        self.sha.update(&line);
        self.inner.write_all(&line).map_err(file)
    }
}

struct Lines<'a, R> {
    input: &'a mut R,
    sha: sha2::Sha256,
    before_last: sha2::Sha256,
}

impl<R: BufRead> Lines<'_, R> {
    fn next(&mut self) -> Result<Option<Value>, BackupFault> {
        let mut line = Vec::new();
        let read = (&mut *self.input).take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
        if read.map_err(|source| BackupFault::File { attempted: "read", source })? == 0 {
            return Ok(None);
        }
        self.before_last = self.sha.clone();
        self.sha.update(&line);
        let value = serde_json::from_slice(&line).map_err(|fault| BackupFault::NotWhole { why: format!("a line is not JSON: {fault}") })?;
        Ok(Some(value))
    }

    /// Of everything before the line that was read last.
    fn sum_before_last(&self) -> Sha256 {
        Sha256(self.before_last.clone().finalize().into())
    }
}
