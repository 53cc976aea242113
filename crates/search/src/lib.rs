//! The only crate that knows the search index. It holds public metadata alone, is fed from the event
//! log and can be thrown away at any time. Read the modules in this order: what goes in, what is
//! asked, what comes out, and how the answer is found.

pub mod entry;
pub mod facet;
pub mod fault;
pub mod hits;
pub mod index;
pub mod query;
pub mod range;

mod answer;
mod columns;
mod disk;
mod docset;
mod schema;
mod segment;
mod snippet;
mod text;
mod words;

pub use entry::Entry;
pub use facet::Facet;
pub use fault::Fault;
pub use hits::{FacetCounts, Hit, Hits};
pub use index::{Change, Index, Opened};
pub use query::{Query, Sort};
