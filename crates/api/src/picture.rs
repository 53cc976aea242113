//! How the owners want their record to be seen.

use utoipa::ToSchema;

/// Everything may be absent and is then as usual.
#[derive(ToSchema)]
#[schema(as = PictureChoice)]
pub struct PictureChoiceShape {
    /// `bone`, `soft-tissue`, `foam`, `metal`, `cryo-em`, `glow` or `radiograph`; found from kind and grey values when absent.
    #[schema(example = "bone")]
    pub look: Option<String>,
    /// Where the eye stands around the axis of the slices: -90 is the front, 0 the right; -122 is usual.
    #[schema(minimum = -360, maximum = 360)]
    pub azimuth_deg: Option<f64>,
    /// How high the eye stands above the horizon; 24 is usual.
    #[schema(minimum = -89, maximum = 89)]
    pub elevation_deg: Option<f64>,
    /// 1 fills the picture; larger comes nearer.
    #[schema(minimum = 0.25, maximum = 8)]
    pub zoom: Option<f64>,
    /// `dark`, `black` or `white`.
    pub ground: Option<String>,
}
