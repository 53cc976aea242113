//! Reading other people's publication databases by OAI-PMH: politely, in small pages, and believing nothing. A server
//! may fail, stall, send endless pages, bombs or nonsense; the harvest then ends with a sentence for the operator.

mod client;
mod dublin_core;
mod fields;
mod marc;
mod node;
mod pieces;
mod response;

pub use client::{Ask, Asked, HarvestFault, Harvester, Identity, read_page};
pub use fields::{BUILT_IN, FieldMap, FieldMapFault};
pub use response::Page;

/// Elements whose content is one value, whatever markup is inside.
fn holds_words(name: &str) -> bool {
    name == "subfield" || dublin_core::is_element(name) || matches!(name, "b" | "i" | "em" | "strong" | "sub" | "sup")
}
