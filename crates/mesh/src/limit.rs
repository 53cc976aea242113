//! A limit on everything, in one place with its reason.

/// Most triangles of one surface: 50 million take 600 MB as numbers and 2.5 GB as an STL file; no program shows more.
pub const TRIANGLES_MAX: usize = 50_000_000;
/// Voxel planes that are in memory at a time, in bytes.
pub(crate) const SLAB_BYTES: usize = 96 << 20;
/// One plane of voxels: two are in memory at a time, however large they are.
pub(crate) const PLANE_BYTES_MAX: usize = 4 << 30;
/// Levels or labels of which surfaces are made together.
pub const PARTS_MAX: usize = 64;
/// Rounds of smoothing.
pub const SMOOTH_MAX: u32 = 200;
/// A level of the pyramid is fine enough when its surface has this many times the wanted triangles.
pub(crate) const FINER: usize = 4;
