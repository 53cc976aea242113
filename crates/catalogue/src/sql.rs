//! Between rows and nouns: every value read from a row is checked, every document written can be read again.

use crate::fault::Fault;
use record::instant::Instant;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{
    Decode, Row, Type,
    any::{Any, AnyRow},
};
use std::{fmt::Display, str::FromStr};

/// A row, with the names that a complaint about it needs.
pub(crate) struct Reading<'r> {
    row: &'r AnyRow,
    table: &'static str,
    key: &'static str,
}

impl<'r> Reading<'r> {
    pub(crate) fn of(row: &'r AnyRow, table: &'static str, key: &'static str) -> Self {
        Self { row, table, key }
    }

    pub(crate) fn wrong(&self, column: &str, what: impl Display) -> Fault {
        let row =
            self.row.try_get::<String, _>(self.key).or_else(|_| self.row.try_get::<i64, _>(self.key).map(|number| number.to_string()));
        Fault::Inconsistent { table: self.table, row: row.unwrap_or_else(|_| "?".to_owned()), what: format!("{column}: {what}") }
    }

    fn get<T: Decode<'r, Any> + Type<Any>>(&self, column: &'static str) -> Result<T, Fault> {
        self.row.try_get(column).map_err(|error| self.wrong(column, error))
    }

    pub(crate) fn text(&self, column: &'static str) -> Result<String, Fault> {
        self.get(column)
    }
    pub(crate) fn maybe_text(&self, column: &'static str) -> Result<Option<String>, Fault> {
        self.get(column)
    }
    pub(crate) fn number(&self, column: &'static str) -> Result<i64, Fault> {
        self.get(column)
    }
    pub(crate) fn maybe_number(&self, column: &'static str) -> Result<Option<i64>, Fault> {
        self.get(column)
    }
    pub(crate) fn instant(&self, column: &'static str) -> Result<Instant, Fault> {
        self.number(column).map(Instant)
    }

    pub(crate) fn count<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T, Fault> {
        let number = self.number(column)?;
        T::try_from(number).map_err(|_| self.wrong(column, format!("{number} is out of range")))
    }

    pub(crate) fn parsed<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<T, Fault> {
        self.text(column)?.parse().map_err(|error| self.wrong(column, error))
    }
    pub(crate) fn maybe_parsed<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<Option<T>, Fault> {
        self.maybe_text(column)?.map(|text| text.parse().map_err(|error| self.wrong(column, error))).transpose()
    }

    pub(crate) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, Fault> {
        serde_json::from_str(&self.text(column)?).map_err(|error| self.wrong(column, error))
    }
    pub(crate) fn maybe_json<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>, Fault> {
        self.maybe_text(column)?.map(|text| serde_json::from_str(&text).map_err(|error| self.wrong(column, error))).transpose()
    }
}

/// Writes a document only if it reads back: a NaN among the numbers would otherwise lock its row for ever.
pub(crate) fn to_json<T: Serialize + DeserializeOwned>(table: &'static str, row: impl Display, value: &T) -> Result<String, Fault> {
    let text = serde_json::to_string(value).and_then(|text| serde_json::from_str::<T>(&text).map(|_| text));
    text.map_err(|error| Fault::Inconsistent { table, row: row.to_string(), what: format!("it cannot be written down: {error}") })
}

pub(crate) fn bigint(table: &'static str, row: impl Display, number: u64) -> Result<i64, Fault> {
    i64::try_from(number).map_err(|_| Fault::Inconsistent {
        table,
        row: row.to_string(),
        what: format!("{number} is too large to be stored"),
    })
}

pub(crate) fn hex(hash: &crate::SecretHash) -> String {
    ::record::file::Sha256(*hash).to_string()
}

/// `$2, $3, $4` for first = 2, count = 3.
pub(crate) fn placeholders(first: usize, count: usize) -> String {
    (first..first + count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// How many values one statement lists at most.
pub(crate) const LISTED_MAX: usize = 200;

/// How many rows one call returns at most, whatever was asked for.
const ROWS_MAX: u32 = 10_000;

pub(crate) fn row_limit(limit: u32) -> i64 {
    i64::from(limit.min(ROWS_MAX))
}
