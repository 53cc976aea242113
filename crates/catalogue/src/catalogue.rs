//! Opening the database, and the one way to change it.

use crate::{
    fault::{Fault, Tried},
    migration,
};
use sqlx::{
    Any, AnyConnection, AnyPool, Executor, Transaction,
    any::{AnyConnectOptions, AnyPoolOptions},
    pool::PoolConnection,
};
use std::{
    fmt::Write,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

/// Which dialect is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// A handle to the database; cloning it is cheap.
#[derive(Clone)]
pub struct Catalogue {
    engine: Engine,
    readers: AnyPool,
    /// On SQLite a pool of one, whose queue is what makes writers take turns; on PostgreSQL the same pool as `readers`.
    writers: AnyPool,
    /// The folder of a catalogue that is meant to vanish; held until the last handle is gone.
    _scratch: Option<Arc<tempfile::TempDir>>,
}

/// One write transaction. Nothing of it is there before [`Change::commit`]; dropped, it never happened.
pub struct Change {
    pub(crate) engine: Engine,
    transaction: Transaction<'static, Any>,
}

const SQLITE_READERS: u32 = 8;
const POSTGRES_CONNECTIONS: u32 = 16;
const PATIENCE: Duration = Duration::from_secs(10);

/// What is acknowledged is on the disk (`synchronous = FULL`); readers never wait for the writer (`WAL`).
const SQLITE_WRITER: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";
const SQLITE_READER: &str = "PRAGMA busy_timeout = 10000; PRAGMA query_only = ON;";

impl Catalogue {
    /// Opens `sqlite:/path/file.db`, `sqlite::memory:` (a scratch file that vanishes with the last handle) or
    /// `postgres://…`, creates what is missing and brings it to this program's version.
    pub async fn open(url: &str) -> Result<Self, Fault> {
        sqlx::any::install_default_drivers();
        let catalogue = match url.strip_prefix("sqlite:") {
            Some(rest) => Self::open_sqlite(rest).await?,
            None => Self::open_postgres(url).await?,
        };
        let mut change = catalogue.change().await?;
        migration::migrate(change.connection(), catalogue.engine).await?;
        change.commit().await?;
        Ok(catalogue)
    }

    /// As [`Catalogue::open`], for reading only: nothing is created and the version stays as it is.
    pub async fn open_to_read(url: &str) -> Result<Self, Fault> {
        sqlx::any::install_default_drivers();
        let Some(rest) = url.strip_prefix("sqlite:") else { return Self::open_postgres(url).await };
        let (path, scratch) = sqlite_path(rest)?;
        // What a killed process left in the log is read too, and for that SQLite must be able to write.
        let readers = sqlite_pool(SQLITE_READERS, SQLITE_READER).connect_with(sqlite_options(&path, "rw")?);
        let readers = readers.await.tried("open its file for reading")?;
        Ok(Self { engine: Engine::Sqlite, writers: readers.clone(), readers, _scratch: scratch })
    }

    async fn open_sqlite(rest: &str) -> Result<Self, Fault> {
        let (path, scratch) = sqlite_path(rest)?;
        let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
        std::fs::create_dir_all(&folder).map_err(sqlx::Error::Io).tried("create the folder of its file")?;
        let options = sqlite_options(&path, "rwc")?;
        let writers = sqlite_pool(1, SQLITE_WRITER).connect_with(options.clone()).await.tried("open its file for writing")?;
        let readers = sqlite_pool(SQLITE_READERS, SQLITE_READER).connect_with(options).await.tried("open its file for reading")?;
        Ok(Self { engine: Engine::Sqlite, readers, writers, _scratch: scratch })
    }

    async fn open_postgres(url: &str) -> Result<Self, Fault> {
        let options = AnyConnectOptions::from_str(url).tried("understand its address")?;
        let pool = AnyPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).acquire_timeout(PATIENCE);
        let pool = pool.connect_with(options).await.tried("connect")?;
        Ok(Self { engine: Engine::Postgres, readers: pool.clone(), writers: pool, _scratch: None })
    }

    /// Begins a change. On SQLite it waits for its turn, at most ten seconds.
    pub async fn change(&self) -> Result<Change, Fault> {
        let begin = match self.engine {
            // Taking the write lock at once: a lock taken later could be refused after the first read.
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN",
        };
        let transaction = self.writers.begin_with(begin).await.tried("begin a change")?;
        Ok(Change { engine: self.engine, transaction })
    }

    pub async fn ping(&self) -> Result<(), Fault> {
        sqlx::query("SELECT 1 AS one").fetch_one(&self.readers).await.tried("answer")?;
        Ok(())
    }

    pub(crate) fn engine(&self) -> Engine {
        self.engine
    }

    pub(crate) async fn reader(&self) -> Result<PoolConnection<Any>, Fault> {
        self.readers.acquire().await.tried("answer in time")
    }
}

impl Change {
    /// After this returns, the change survives a power cut.
    pub async fn commit(self) -> Result<(), Fault> {
        self.transaction.commit().await.tried("commit a change")
    }

    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }
}

fn sqlite_pool(connections: u32, pragmas: &'static str) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_connect(move |connection, _| Box::pin(async move { connection.execute(sqlx::raw_sql(pragmas)).await.map(|_| ()) }))
}

/// Where the file is, and the folder that holds it when it is meant to vanish.
fn sqlite_path(rest: &str) -> Result<(PathBuf, Option<Arc<tempfile::TempDir>>), Fault> {
    let rest = rest.split('?').next().unwrap_or(rest);
    match rest.strip_prefix("//").unwrap_or(rest) {
        ":memory:" | "" => {
            let folder = tempfile::tempdir().map_err(sqlx::Error::Io).tried("make a scratch folder")?;
            Ok((folder.path().join("catalogue.db"), Some(Arc::new(folder))))
        }
        path => Ok((std::path::absolute(path).map_err(sqlx::Error::Io).tried("find its file")?, None)),
    }
}

fn sqlite_options(path: &Path, mode: &str) -> Result<AnyConnectOptions, Fault> {
    let mut url = "sqlite://".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => url.push(char::from(*byte)),
            other => {
                let _ = write!(url, "%{other:02X}"); // writing to a String cannot fail
            }
        }
    }
    url.push_str("?mode=");
    url.push_str(mode);
    AnyConnectOptions::from_str(&url).tried("understand the name of its file")
}
