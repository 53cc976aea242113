//! A school asks for a print of a model; the operator answers with a printer.

use crate::{
    id::RecordId,
    instant::Instant,
    print_kit::{KitBase, KitWish},
    team::Email,
    version::Version,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Longest text in a field, and longest message.
pub const FIELD_CHARS_MAX: usize = 200;
pub const MESSAGE_CHARS_MAX: usize = 2_000;
/// Longest side of a print that may be asked for.
pub const SIZE_MM: std::ops::RangeInclusive<u32> = 20..=300;

/// What is asked for, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintWish {
    /// The model, by its name without ending; empty in requests of earlier programs.
    pub model: String,
    pub name: String,
    pub school: String,
    pub email: Email,
    pub size_mm: u32,
    pub message: String,
}

impl PrintWish {
    /// The kit that shows that this model may be printed at all, where it is known which model is meant.
    pub fn usual_kit(&self) -> Option<String> {
        let usual = KitWish { size_mm: KitWish::USUAL_MM, ..self.kit() };
        (!self.model.is_empty()).then(|| usual.file_name())
    }

    /// The kit from which it would be printed.
    pub fn kit(&self) -> KitWish {
        let model = if self.model.is_empty() { "surface".to_owned() } else { self.model.clone() };
        KitWish { model, size_mm: self.size_mm, base: KitBase::default(), halves: true }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintRequest {
    pub id: i64,
    pub record: RecordId,
    pub version: Version,
    pub wish: PrintWish,
    pub standing: PrintStanding,
    pub asked_at: Instant,
    pub changed_at: Instant,
}

/// How far the print is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PrintStanding {
    Asked,
    Accepted,
    Printed,
    Sent,
    Declined,
}

impl PrintStanding {
    pub const ALL: [Self; 5] = [Self::Asked, Self::Accepted, Self::Printed, Self::Sent, Self::Declined];

    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Accepted => "accepted",
            Self::Printed => "printed",
            Self::Sent => "sent",
            Self::Declined => "declined",
        }
    }

    /// What an operator may make of it: forwards, or declined as long as it has not been sent.
    pub fn may_become(self) -> &'static [Self] {
        match self {
            Self::Asked => &[Self::Accepted, Self::Declined],
            Self::Accepted => &[Self::Printed, Self::Declined],
            Self::Printed => &[Self::Sent, Self::Declined],
            Self::Sent | Self::Declined => &[],
        }
    }
}

impl fmt::Display for PrintStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[derive(Debug, thiserror::Error)]
#[error("“{0}” is no standing of a print; known are asked, accepted, printed, sent, declined")]
pub struct UnknownStanding(String);

impl FromStr for PrintStanding {
    type Err = UnknownStanding;
    fn from_str(text: &str) -> Result<Self, UnknownStanding> {
        Self::ALL.into_iter().find(|standing| standing.name() == text).ok_or_else(|| UnknownStanding(text.chars().take(64).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_print_goes_forwards_and_ends() {
        for standing in PrintStanding::ALL {
            assert_eq!(standing.name().parse::<PrintStanding>().unwrap(), standing);
            assert!(!standing.may_become().contains(&standing) && !standing.may_become().contains(&PrintStanding::Asked));
        }
        assert!(PrintStanding::Sent.may_become().is_empty());
        assert!("lost".parse::<PrintStanding>().is_err());
    }
}
