//! How the owners want the surface of their volume to be made.

use utoipa::ToSchema;

/// Everything may be absent and is then as usual.
#[derive(ToSchema)]
#[schema(as = SurfaceChoice)]
pub struct SurfaceChoiceShape {
    /// Grey values, at most 16: around everything at or above each of them a surface is made. Of a volume of labels, the labels that
    /// become bodies. When absent, Otsu's rule finds one grey value, and up to 16 labels each become a body, more of them one together.
    #[schema(example = json!([12000.0, 30500.0]))]
    pub levels: Option<Vec<f64>>,
    /// All labels of a volume of labels as one body.
    pub labels_together: Option<bool>,
    /// Rounds of smoothing; 8 is usual.
    #[schema(minimum = 0, maximum = 50)]
    pub smoothing: Option<u32>,
}
