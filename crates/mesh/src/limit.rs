//! A limit on everything, in one place with its reason.

/// Most triangles of one surface: 50 million take 600 MB as numbers and 2.5 GB as an STL file; no program shows more.
pub const TRIANGLES_MAX: usize = 50_000_000;
/// Voxel planes of which the surface is made together, in bytes; as many are read meanwhile. They are gone through several times,
/// so both lie in the processor's last cache.
pub(crate) const SLAB_BYTES: usize = 16 << 20;
/// What they may have where chunks would be decoded several times otherwise.
pub(crate) const SLAB_BYTES_MAX: usize = 256 << 20;
/// One plane of voxels: two are in memory at a time, however large they are.
pub(crate) const PLANE_BYTES_MAX: usize = 4 << 30;
/// Four are in memory, two of them being read ahead, up to this size.
pub(crate) const PLANE_BYTES_AHEAD_MAX: usize = 512 << 20;
/// Levels or labels of which surfaces are made together.
pub const PARTS_MAX: usize = 64;
/// Rounds of smoothing.
pub const SMOOTH_MAX: u32 = 200;
/// A level of the pyramid is fine enough when its surface has this many times the wanted triangles.
pub(crate) const FINER: usize = 4;
/// Most corners of a model that is read: a soup of triangles without shared corners has three for each.
pub const VERTICES_MAX: usize = 3 * TRIANGLES_MAX;
/// Text of the description inside a GLB.
pub(crate) const GLTF_TEXT_BYTES_MAX: u64 = 16 << 20;
/// Bytes of triangles inside a GLB: they are in memory while it is read.
pub(crate) const GLB_BYTES_MAX: u64 = 3 << 30;
/// Nodes of a scene that are visited, and nodes within nodes.
pub(crate) const NODES_MAX: usize = 100_000;
pub(crate) const NODE_DEPTH_MAX: usize = 64;
/// Text of all models inside a 3MF, unpacked, and how many bytes may come out of one when it is more than the free amount.
pub(crate) const THREEMF_TEXT_BYTES_MAX: u64 = 8 << 30;
pub(crate) const THREEMF_RATIO_MAX: u64 = 200;
pub(crate) const THREEMF_RATIO_FREE_BYTES: u64 = 64 << 20;
/// Model files inside a 3MF, and its objects.
pub(crate) const THREEMF_MODELS_MAX: usize = 256;
pub(crate) const THREEMF_OBJECTS_MAX: usize = 10_000;
/// Longest piece of XML between two angle brackets.
pub(crate) const XML_PIECE_BYTES_MAX: u64 = 1 << 20;
/// Pairs of triangle and cube that a table of cubes holds: each triangle lies in one cube at least.
pub(crate) fn cell_pairs_max(triangles: usize) -> usize {
    triangles.saturating_mul(4).max(40_000_000)
}
/// Cells of the grid on which a surface is made anew: a byte each.
pub(crate) const CELLS_ANEW_MAX: usize = 64 << 20;
/// Triangles of a model that is searched for crossings and repaired, and pairs that are compared.
pub const REPAIRED_MAX: usize = 5_000_000;
pub(crate) const CROSSING_TRIANGLES_MAX: usize = 1_000_000;
pub(crate) const CROSSING_PAIRS_MAX: u64 = 200_000_000;
/// Triangles of pieces that touch, of which it is remembered how they meet: 80 MB.
pub(crate) const CROSSING_TOUCHES_MAX: usize = 4_000_000;
