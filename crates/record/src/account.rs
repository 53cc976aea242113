//! Who signs in, and with what right.

use crate::{
    id::{AccountId, TokenId},
    instant::Instant,
    team::Email,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    pub id: AccountId,
    pub email: Email,
    /// As it stands in author lists: `Family, Given`.
    pub name: String,
    pub rank: Rank,
    pub created_at: Instant,
}

/// Each rank may do all that the one before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rank {
    Depositor,
    Curator,
    Administrator,
}

impl Rank {
    pub fn name(self) -> &'static str {
        match self {
            Rank::Depositor => "depositor",
            Rank::Curator => "curator",
            Rank::Administrator => "administrator",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        [Rank::Depositor, Rank::Curator, Rank::Administrator].into_iter().find(|rank| rank.name() == name)
    }
}

/// A personal API token; its secret is shown once and kept only as a hash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApiToken {
    pub id: TokenId,
    pub account: AccountId,
    pub name: String,
    pub scope: Scope,
    pub created_at: Instant,
    pub expires_at: Instant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Instant>,
}

/// Each scope may do all that the one before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// See what the account sees.
    Read,
    /// Create drafts, upload, change, register.
    Deposit,
    /// Release, publish, withdraw, manage the team.
    Release,
}

impl Scope {
    pub const ALL: [Scope; 3] = [Scope::Read, Scope::Deposit, Scope::Release];

    pub fn name(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Deposit => "deposit",
            Scope::Release => "release",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}
