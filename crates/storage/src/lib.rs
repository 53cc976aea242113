//! The only crate that knows where bytes live: on a local disk or in an S3 bucket.
//!
//! Originals and metadata lie in OCFL objects ([`ocfl`]), readable without this program. What the worker makes lies
//! beside them under keys that hold record, version and recipe ([`key`]) and is never overwritten. What is still
//! arriving lies in [`staging`], always on a local disk. Whatever a call acknowledged is durable.

mod blob;
mod bucket;
mod fault;
mod key;
mod local;
pub mod ocfl;
mod open_files;
mod shelf;
pub mod staging;
mod store;
mod tree;

pub use blob::Blob;
pub use bucket::S3Options;
pub use fault::Fault;
pub use key::Key;
pub use ocfl::{
    Committed, Entry, Next, Source,
    inventory::Inventory,
    verify::{Damage, Found},
};
pub use shelf::Listed;
pub use staging::{AppendFault, Appended, Staged, Staging, Sums};
pub use store::Store;
pub use tree::Tree;
