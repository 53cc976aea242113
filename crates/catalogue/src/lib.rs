//! What the archive remembers: the only crate that knows SQL, for SQLite and PostgreSQL alike.
//!
//! Reads are methods of [`Catalogue`]; writes are methods of [`Change`], one transaction that is rolled back when it is
//! dropped. One file per noun. No clock and no randomness: both are handed in.
//!
//! On SQLite there is one writer at a time: never open a second [`Change`], and never call [`Catalogue::claim`] or
//! [`Catalogue::renew`], while the same task holds one. Where several changes run at once (PostgreSQL), touch the record
//! first and [`Change::append`] events last, so that locks are taken in one order.

mod catalogue;
mod fault;
mod migration;
mod sql;

mod record;
mod version;
mod file;
mod folder;
mod upload;
mod account;
mod session;
mod token;
mod link;
mod job;
mod job_list;
mod event;
mod roll;
mod usage;
mod derivative;
mod harvest;
mod tie;
mod mail;
mod ledger;
mod print_request;
mod follower;
mod setting;
mod backup;

#[cfg(test)]
mod plan;

pub use self::{
    backup::{BackupFault, Manifest},
    catalogue::{Catalogue, Change},
    fault::Fault,
    folder::{Folder, FolderPage},
    harvest::{HarvestedItem, ItemStanding},
    job::{Claimed, Lane},
    link::{Link, LinkPurpose},
    mail::Mail,
    record::Stored,
    roll::{RollLine, RollMark, RollWish},
    session::Session,
    version::FileDifference,
};

/// sha256 of a secret that only its holder knows.
pub type SecretHash = [u8; 32];
