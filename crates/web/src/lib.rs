//! The HTTP door and its templates. It decides quickly, never computes, and sees neither voxels nor SQL:
//! every fact comes from `archive`, asked with the visitor in hand.

mod api;
mod assets;
mod base64;
pub mod data;
mod display;
mod door;
mod form;
mod feeds;
mod front;
mod language;
mod listener;
mod live;
mod lookup;
mod machines;
mod oai;
mod page;
mod refusal;
mod schema;
mod session;
mod sitemap;
mod tally;
mod whole_body;
mod words;

pub use door::{Door, router, threshold};
pub use front::Front;
pub use listener::serve;
