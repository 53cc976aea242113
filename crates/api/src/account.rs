//! Who one is, and the tokens one made.

use record::account::{Account, ApiToken, Scope};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MeView {
    pub email: String,
    /// `Family, Given`.
    pub name: String,
    /// `depositor`, `curator` or `administrator`.
    pub rank: String,
    /// What this token may do: `read`, `deposit` or `release`.
    pub scope: String,
}

impl MeView {
    pub fn new(account: &Account, scope: Scope) -> Self {
        Self {
            email: account.email.to_string(),
            name: account.name.clone(),
            rank: account.rank.name().to_owned(),
            scope: scope.name().to_owned(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TokenView {
    pub id: String,
    pub name: String,
    pub scope: String,
    #[schema(format = DateTime)]
    pub created_at: String,
    #[schema(format = DateTime)]
    pub expires_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub last_used_at: Option<String>,
}

impl From<&ApiToken> for TokenView {
    fn from(token: &ApiToken) -> Self {
        Self {
            id: token.id.to_string(),
            name: token.name.clone(),
            scope: token.scope.name().to_owned(),
            created_at: token.created_at.to_string(),
            expires_at: token.expires_at.to_string(),
            last_used_at: token.last_used_at.map(|instant| instant.to_string()),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    /// What it is for, in your words.
    pub name: String,
    /// `read`, `deposit` or `release`; each may do all that the one before it may.
    pub scope: String,
    /// How many days it is good for.
    pub days: u32,
}

/// The only time that the secret is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewToken {
    pub token: TokenView,
    /// Send it as `Authorization: Bearer`.
    pub secret: String,
}
