//! The only crate that speaks to other institutions. Mapping between a record and foreign words is
//! pure; the thin clients that carry the words stand beside it.

pub mod citation;
pub mod content_negotiation;
pub mod datacite;
pub mod harvest;
pub mod mail;
pub mod place;
pub mod registrar;
pub mod schema_org;
pub mod works;

mod datacite_client;
mod datacite_difference;
mod datacite_xml;
mod xml;

pub use content_negotiation::Export;
pub use mail::{Letter, MailFault, Postman, Sent};
pub use place::Place;
pub use registrar::{DoiDocument, DoiPage, DoiSeen, Registrar, RegistrarFault};
