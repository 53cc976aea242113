//! Nouns and rules of the catalogue. Pure: no input or output, no clock, no SQL, no HTTP;
//! time, randomness and configuration are handed in. Read the modules in this order.

pub mod id;
pub mod instant;
pub mod kind;
pub mod term;
pub mod metadata;
pub mod sample;
pub mod acquisition;
pub mod agent;
pub mod funding;
pub mod identifier;
pub mod field;
pub mod licence;
pub mod technique;
pub mod tie;
pub mod panet;
pub mod relation;
pub mod doi;
pub mod version;
pub mod state;
pub mod team;
pub mod account;
pub mod upload;
pub mod usage;
pub mod file;
pub mod harvest;
pub mod derivative;
pub mod record;
pub mod readiness;
pub mod access;
pub mod event;
pub mod job;
pub mod ledger;
pub mod limits;

pub use record::Record;
