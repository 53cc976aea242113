//! What people look at: slices as small images, and a volume drawn as if it stood in the light.
//!
//! Synchronous and pure: volumes in, bytes of PNG, WebP or JPEG out, the same for any number of threads.

mod caption;
mod encode;
mod film;
mod label;
mod look;
mod movie;
mod preset;
mod preview;
mod render;
mod slice;

pub use caption::{Corner, scale_bar};
pub use encode::{Format, Format as ImageFormat, Image, encode, encode_small};
pub use film::{Caption, FilmOptions, Filmed, Path, Watch, fly_through, ink, turntable};
pub use look::{CoarsePlane, NAMES as LOOK_NAMES, across, sharp};
pub use movie::{FRAMES_MAX, MOVIE_SIDE_MAX, Movie};
pub use preset::Preset;
pub use preview::{NamedPicture, Sitting, preview_set, try_out};
pub use render::{Camera, Finish, Ground, Point, RenderOptions, SIDE_MAX, Scene, ScenePlan, Transfer, on_threads, voxels_for};
pub use slice::{percentile_window, slice_image, slice_image_within, windowed};
