//! Nouns and rules of the catalogue. Pure: no input or output, no clock, no SQL, no HTTP;
//! time, randomness and configuration are handed in. Read the modules in this order.

pub mod access;
pub mod account;
pub mod agent;
pub mod derivative;
pub mod doi;
pub mod event;
pub mod file;
pub mod id;
pub mod instant;
pub mod job;
pub mod kind;
pub mod licence;
pub mod limits;
pub mod metadata;
pub mod readiness;
pub mod record;
pub mod relation;
pub mod state;
pub mod team;
pub mod technique;
pub mod upload;
pub mod version;

pub use record::Record;
