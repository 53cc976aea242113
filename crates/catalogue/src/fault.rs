//! What can go wrong between the archive and its memory.

use record::file::FilePath;

#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("the database could not {attempted}: {source}. Check that it is running, reachable and has free space")]
    Unavailable {
        attempted: &'static str,
        #[source]
        source: sqlx::Error,
    },
    /// A row that this program cannot have written, or a value that no row can hold.
    #[error(
        "the database holds something unexpected in table {table}, row {row}: {what}. Restore it from a backup, or run `science3d rebuild`"
    )]
    Inconsistent { table: &'static str, row: String, what: String },
    #[error("somebody else changed this meanwhile; read it again and repeat the change")]
    Conflict,
    /// On some computers the two would overwrite each other.
    #[error(
        "“{existing}” is there already under a name that differs only in capital letters or in the form of accents; rename one of them"
    )]
    Collision { existing: FilePath },
}

/// SQLSTATEs that mean: two changes met, and this one gave way.
const GAVE_WAY: [&str; 3] = ["40001", "40P01", "55P03"];

impl Fault {
    pub(crate) fn from_sql(attempted: &'static str, source: sqlx::Error) -> Self {
        let met = source.as_database_error().is_some_and(|error| {
            error.is_unique_violation()
                || error.is_foreign_key_violation()
                || error.code().is_some_and(|code| GAVE_WAY.contains(&code.as_ref()))
        });
        if met { Self::Conflict } else { Self::Unavailable { attempted, source } }
    }
}

/// Says what was attempted when a statement failed: `.tried("store the record")`.
pub(crate) trait Tried<T> {
    fn tried(self, attempted: &'static str) -> Result<T, Fault>;
}

impl<T> Tried<T> for Result<T, sqlx::Error> {
    fn tried(self, attempted: &'static str) -> Result<T, Fault> {
        self.map_err(|source| Fault::from_sql(attempted, source))
    }
}
