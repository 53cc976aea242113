//! Any tomogram in, one open volume out: a synchronous library that knows no network, clock or environment.
//!
//! [`inspect`] says what a file or folder holds, [`convert`] makes an OME-Zarr 0.5 volume of it in one pass with
//! bounded memory, [`zarr::Volume`] reads boxes back, [`slice`] and [`cut`] hand them on, and [`phantom`] makes
//! volumes whose truth is known. Axis order is z, y, x everywhere.

#[cfg(not(target_endian = "little"))]
compile_error!("voxel buffers are little-endian in memory; a big-endian host would need swapped copies");

/// Threads take large pieces of work one by one. Of several taken together, the last ones would be waited for.
pub(crate) const ONE_AT_A_TIME: usize = 1;

mod asks;
mod codec;
mod convert;
pub mod cut;
mod element;
pub mod format;
mod header;
mod overwrite;
pub mod pages;
pub mod phantom;
mod planes;
mod pyramid;
pub mod slice;
mod stack;
mod statistics;
mod trouble;
pub mod zarr;

pub use asks::{About, Asks, Offer};
pub use convert::{ConvertOptions, Converted, Known, Planned, Progress, convert, convert_ahead, convert_known, is_being_made, plan};
pub use element::{Buffer, ElementType, Plain, Shape, typed};
pub use format::archive_file::zip;
pub use format::dicom::is_bare_name;
pub use format::raw::RawShape;
pub use format::zarr::{called_container, marks_container};
pub use format::{
    Arriving, Asked, PICTURES_MIN, Role, companions, inspect, inspect_asked, inspect_head, may_refer_to_others, natural_order,
    read_through, role_of,
};
pub use header::{Found, HeadFacts, Header, Orientation};
pub use overwrite::refuse_to_overwrite;
pub use planes::PlaneReader;
pub use slice::Axis;
pub use stack::{Material, Stack};
pub use statistics::Statistics;
pub use trouble::Trouble;
