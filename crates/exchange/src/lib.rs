//! The only crate that speaks to other institutions. Mapping between a record and foreign words is
//! pure; the thin clients that carry the words stand beside it.

pub mod citation;
pub mod citation_style;
pub mod content_negotiation;
pub mod contents;
pub mod croissant;
pub mod datacite;
pub mod harvest;
pub mod dublin_core;
pub mod feed;
pub mod mail;
pub mod marc;
pub mod oai_provider;
pub mod place;
pub mod registrar;
pub mod ro_crate;
pub mod schema_org;
pub mod works;

mod datacite_client;
mod datacite_dates;
mod datacite_difference;
mod datacite_items;
mod datacite_json;
mod datacite_xml;
mod ro_crate_surroundings;
mod schema_org_science;
mod xml;

pub use content_negotiation::Export;
pub use contents::{Contents, ListedFile};
pub use mail::{Letter, MailFault, Postman, Sent};
pub use place::Place;
pub use registrar::{DoiDocument, DoiPage, DoiSeen, Registrar, RegistrarFault};
