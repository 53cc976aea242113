//! Who stands at the door, and with what right.

use crate::{Refusal, refusal::said};
use record::{
    access::Viewer,
    account::{Account, Rank, Scope},
    id::{AccountId, RecordId},
    record::Record,
    team::Role,
};

#[derive(Debug, Clone)]
pub struct Visitor {
    pub account: Option<Account>,
    /// What the token allows; a session allows everything.
    pub scope: Scope,
    /// Set while the visitor holds a reviewer link to this record.
    pub reviewer_of: Option<RecordId>,
}

impl Visitor {
    pub fn anyone() -> Self {
        Self { account: None, scope: Scope::Read, reviewer_of: None }
    }
    pub fn person(account: Account) -> Self {
        Self { account: Some(account), scope: Scope::Release, reviewer_of: None }
    }

    /// The relation of this visitor to this record; the only place where it is decided.
    pub fn viewer_of(&self, record: &Record) -> Viewer {
        if let Some(account) = &self.account {
            match record.role_of(&account.email) {
                Some(Role::Owner) => return Viewer::Owner,
                Some(Role::Collaborator) => return Viewer::Collaborator,
                None if account.rank >= Rank::Curator => return Viewer::Curator,
                None => {}
            }
        }
        if self.reviewer_of.as_ref() == Some(&record.id) { Viewer::Reviewer } else { Viewer::Anyone }
    }

    pub fn signed_in(&self) -> Result<&Account, Refusal> {
        self.account.as_ref().ok_or(Refusal::SignInNeeded)
    }
    pub fn account_id(&self) -> Option<&AccountId> {
        self.account.as_ref().map(|account| &account.id)
    }
    pub fn needs(&self, scope: Scope) -> Result<&Account, Refusal> {
        let account = self.signed_in()?;
        if self.scope < scope {
            let (needed, given) = (scope.name(), self.scope.name());
            let what = said(
                "scope-too-small",
                format!("This needs a token with the scope “{needed}”; yours has “{given}”."),
                format!("Dafür braucht es einen Schlüssel mit dem Umfang „{needed}“; Ihrer hat „{given}“."),
            );
            return Err(Refusal::Forbidden { what });
        }
        Ok(account)
    }
    pub fn administrator(&self) -> Result<&Account, Refusal> {
        let account = self.needs(Scope::Release)?;
        if account.rank == Rank::Administrator { Ok(account) } else { Err(Refusal::NotFound) }
    }
}
