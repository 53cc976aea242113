//! The one error of this library: which file, what is wrong with it, and what its owner can do.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Asks, HeadFacts};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub struct Trouble {
    /// The file's name as its owner knows it (no folder of the server).
    pub file: Option<String>,
    /// What is wrong, without a full stop.
    pub what: String,
    /// What to do about it; may be empty.
    pub hint: String,
    /// What a person can answer so that it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asks: Option<Box<Asks>>,
    /// What could be read all the same: where pixels are missing, metadata need not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<Box<HeadFacts>>,
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(file) = &self.file {
            write!(out, "{file}: ")?;
        }
        out.write_str(&self.what)?;
        if !self.hint.is_empty() {
            write!(out, ". {}", self.hint)?;
        }
        Ok(())
    }
}

impl Trouble {
    pub fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { file: None, what: what.into(), hint: hint.into(), asks: None, known: None }
    }

    /// Of one key of a container.
    pub(crate) fn in_key(key: &str, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { file: Some(key.into()), ..Self::new(what, hint) }
    }

    /// The same with the answers that are possible.
    pub(crate) fn asking(self, asks: Asks) -> Self {
        Self { asks: Some(Box::new(asks)), ..self }
    }

    /// The same with what could be read, unless a deeper place has said it.
    pub(crate) fn knowing(mut self, facts: impl FnOnce() -> HeadFacts) -> Self {
        self.known.get_or_insert_with(|| Box::new(facts()));
        self
    }

    /// Names the file, unless a deeper place has named it already.
    pub(crate) fn in_file(mut self, path: &Path) -> Self {
        self.file.get_or_insert_with(|| file_name(path));
        self
    }

    /// Names what the key or the member lies in; without one it is the container itself that is meant.
    pub(crate) fn inside(mut self, container: &str) -> Self {
        self.file = Some(match self.file {
            Some(inner) if !inner.is_empty() => format!("{container}/{inner}"),
            _ => container.to_owned(),
        });
        self
    }

    pub(crate) fn io(what: &str, path: &Path, error: &std::io::Error) -> Self {
        let hint = match error.kind() {
            std::io::ErrorKind::NotFound => "Check its name; in a record, upload it again",
            std::io::ErrorKind::UnexpectedEof => "The file is shorter than it says; upload it again",
            std::io::ErrorKind::StorageFull => "The server's disk is full; tell its operator",
            std::io::ErrorKind::PermissionDenied => "The program may not open it; tell the operator",
            _ => "",
        };
        Self::new(format!("{what} failed ({error})"), hint).in_file(path)
    }

    pub(crate) fn stopped() -> Self {
        Self::new("stopped before the end", "Start it again")
    }
}

pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
