//! Surfaces out of volumes: a synchronous library that knows no network, clock or environment.
//!
//! [`make`] goes through an OME-Zarr volume (or any file that `volume` reads) a few planes at a time and gives closed,
//! oriented 2-manifold surfaces with shared vertices; [`write()`] makes files of them for screen and printer. Lengths are
//! micrometres, places are x, y, z.

mod cells;
mod check;
mod crossings;
mod deviation;
mod edges;
mod kernel;
mod labels;
pub mod limit;
mod make;
mod measure;
mod parts;
mod portrait;
mod print;
mod read;
mod reduce;
mod remarks;
mod remesh;
mod simplify;
mod smooth;
mod surface;
mod sweep;
mod table;
mod voxel;
mod write;

pub use check::{Check, Repaired, repair, size_um, topology_as_stl};
pub use deviation::{Deviation, Places};
pub use labels::labels;
pub use make::{Level, Made, PartFacts, SurfaceOptions, make, make_stl};
pub use measure::{Measure, Topology, normals};
pub use parts::{Keep, Kept, count as count_pieces, keep};
pub use portrait::{Portrait, portrait};
pub use print::{BED_MM, Base, Kit, KitOptions, KitTexts, Language, PrintReport, SIZE_MM, Sliced, Slicer, print_kit};
pub use read::{Foreign, is_model_name, read};
pub use reduce::reduce;
pub use remarks::missed;
pub use simplify::{simplify, simplify_any};
pub use smooth::smooth;
pub use surface::{Part, Surface};
pub use sweep::{Body, Watch};
pub use volume::Material;
pub use write::{About, ModelFormat, StlStream, write, write_plain_glb};
