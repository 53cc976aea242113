//! What people look at: slices as small images, and a volume drawn as if it stood in the light.
//!
//! Synchronous and pure: volumes in, bytes of PNG, WebP or JPEG out, the same for any number of threads.

mod encode;
mod label;
mod preview;
mod render;
mod slice;

pub use encode::{Format, Format as ImageFormat, Image, encode};
pub use preview::{NamedPicture, preview_set};
pub use render::{Background, Camera, Palette, RenderOptions, Transfer, render};
pub use slice::{percentile_window, slice_image, slice_image_within, windowed};
