//! What a letter carries beside its words, and the language it speaks.

use crate::team::Email;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Heads of a letter beside sender, recipient and subject.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct LetterHeads {
    /// Whom an answer goes to, where that is not the sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Correspondent>,
    /// The address at which one POST ends letters of this kind (RFC 8058).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsubscribe: Option<String>,
}

/// For those who read the outbox; how a letter really says it is the postman's matter.
impl fmt::Display for LetterHeads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Correspondent { name, email }) = &self.reply_to {
            writeln!(f, "Reply-To: {name} <{email}>")?;
        }
        match &self.unsubscribe {
            Some(address) => writeln!(f, "List-Unsubscribe: <{address}>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click"),
            None => Ok(()),
        }
    }
}

/// Somebody who writes, with or without an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Correspondent {
    pub name: String,
    pub email: Email,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterLanguage {
    English,
    German,
}

impl LetterLanguage {
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }
}

impl FromStr for LetterLanguage {
    type Err = &'static str;
    fn from_str(code: &str) -> Result<Self, Self::Err> {
        match code {
            "en" => Ok(Self::English),
            "de" => Ok(Self::German),
            _ => Err("letters are written in en or de"),
        }
    }
}
