//! Pictures become a movie: H.264 in an MP4 whose index stands in front, as every browser plays it.

use muxide::api::{Metadata, Muxer, MuxerBuilder, VideoCodec};
use openh264::OpenH264API;
use openh264::encoder::{
    BitRate, Complexity, Encoder, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, Profile, QpRange, RateControlMode, UsageType,
    VuiConfig,
};
use openh264::formats::YUVSlices;
use openh264_sys2::{ENCODER_OPTION_TRACE_LEVEL, WELS_LOG_QUIET};
use rayon::prelude::*;
use volume::Trouble;

use crate::encode::Image;

/// Frames of a movie at most.
pub const FRAMES_MAX: usize = 3_600;
/// Pixels of a frame at most, and both sides are even.
pub const MOVIE_SIDE_MAX: usize = 1_920;
/// Bits that a pixel may take in each frame, on average.
const BITS_PER_PIXEL: f32 = 0.22;
/// A frame that stands alone at least so often, for jumping about.
const SECONDS_BETWEEN_KEYS: f32 = 2.0;

/// Takes frames one by one.
pub struct Movie {
    encoder: Encoder,
    muxer: Muxer<Vec<u8>>,
    width: usize,
    height: usize,
    frames_per_second: u32,
    frames: usize,
    planes: Planes,
}

struct Planes {
    luma: Vec<u8>,
    blue: Vec<u8>,
    red: Vec<u8>,
}

impl Movie {
    pub fn new(width: usize, height: usize, frames_per_second: u32, title: &str) -> Result<Self, Trouble> {
        let fits = |side: usize| side >= 16 && side <= MOVIE_SIDE_MAX && side.is_multiple_of(2);
        if !fits(width) || !fits(height) || !(1..=60).contains(&frames_per_second) {
            return Err(Trouble::new(
                format!("a movie of {width} × {height} pixels at {frames_per_second} pictures a second cannot be made"),
                format!("Ask for even sides of at most {MOVIE_SIDE_MAX} pixels and at most 60 pictures a second"),
            ));
        }
        let rate = frames_per_second as f32;
        let bits = (width * height) as f32 * rate * BITS_PER_PIXEL;
        let config = EncoderConfig::new()
            .usage_type(UsageType::CameraVideoRealTime)
            .profile(Profile::High)
            .complexity(Complexity::Medium)
            .rate_control_mode(RateControlMode::Quality)
            .bitrate(BitRate::from_bps(bits as u32))
            .qp(QpRange::new(16, 34))
            .max_frame_rate(FrameRate::from_hz(rate))
            .intra_frame_period(IntraFramePeriod::from_num_frames((rate * SECONDS_BETWEEN_KEYS) as u32))
            .skip_frames(false)
            .scene_change_detect(false)
            .background_detection(false)
            .num_threads(1)
            .vui(VuiConfig::bt709());
        let mut encoder =
            Encoder::with_api_config(OpenH264API::from_source(), config).map_err(|error| failed("starting the encoder", &error))?;
        keep_quiet(&mut encoder);
        let metadata = Metadata::new().with_title(title);
        let builder = MuxerBuilder::new(Vec::new()).video(VideoCodec::H264, width as u32, height as u32, f64::from(rate));
        let muxer = builder.with_metadata(metadata).with_fast_start(true).build().map_err(|error| failed("starting the file", &error))?;
        let quarter = width * height / 4;
        let planes = Planes { luma: vec![0; width * height], blue: vec![0; quarter], red: vec![0; quarter] };
        Ok(Self { encoder, muxer, width, height, frames_per_second, frames: 0, planes })
    }

    pub fn add(&mut self, image: &Image) -> Result<(), Trouble> {
        if [image.width, image.height, image.channels] != [self.width, self.height, 3] || self.frames >= FRAMES_MAX {
            return Err(Trouble::new(
                format!(
                    "picture {} of {} × {} does not fit into a movie of {} × {}",
                    self.frames, image.width, image.height, self.width, self.height
                ),
                format!("Give pictures of one size, at most {FRAMES_MAX}"),
            ));
        }
        self.planes.take(image);
        let Planes { luma, blue, red } = &self.planes;
        let source = YUVSlices::new((luma, blue, red), (self.width, self.height), (self.width, self.width / 2, self.width / 2));
        let coded = self.encoder.encode(&source).map_err(|error| failed("encoding a picture", &error))?;
        let is_key = matches!(coded.frame_type(), FrameType::IDR | FrameType::I);
        let seconds = self.frames as f64 / f64::from(self.frames_per_second);
        self.muxer.write_video(seconds, &coded.to_vec(), is_key).map_err(|error| failed("writing a picture", &error))?;
        self.frames += 1;
        Ok(())
    }

    pub fn seconds(&self) -> f64 {
        self.frames as f64 / f64::from(self.frames_per_second)
    }

    /// The whole file.
    pub fn finish(mut self) -> Result<Vec<u8>, Trouble> {
        if self.frames == 0 {
            return Err(Trouble::new("a movie without pictures cannot be made", "Ask for at least one"));
        }
        self.muxer.finish_in_place().map_err(|error| failed("finishing the file", &error))?;
        Ok(self.muxer.into_writer())
    }
}

/// The encoder's own words go to standard error, those about its settings before it has read that it should keep them to itself. So it
/// is told first; it takes this one option before it is set up.
fn keep_quiet(encoder: &mut Encoder) {
    let mut level = WELS_LOG_QUIET;
    // SAFETY: the option takes a number of this type by pointer and copies it; nothing that the wrapper relies on is touched. That it
    // would not be taken changes no picture.
    unsafe { encoder.raw_api().set_option(ENCODER_OPTION_TRACE_LEVEL, (&raw mut level).cast()) };
}

fn failed(what: &str, error: &dyn std::fmt::Display) -> Trouble {
    Trouble::new(format!("{what} of a movie failed ({error})"), "Try again, with a smaller size")
}

impl Planes {
    /// BT.709 with the narrow range that players expect; colours at half the resolution.
    fn take(&mut self, image: &Image) {
        let width = image.width;
        let rows = image.pixels.par_chunks_exact(width * 6);
        let luma = self.luma.par_chunks_exact_mut(width * 2);
        let half = width / 2;
        let colours = self.blue.par_chunks_exact_mut(half).zip(self.red.par_chunks_exact_mut(half));
        rows.zip(luma).zip(colours).for_each(|((rows, luma), (blue, red))| {
            for (pixel, luma) in rows.chunks_exact(3).zip(luma.iter_mut()) {
                let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(i32::from);
                *luma = ((11_966 * r + 40_254 * g + 4_064 * b + (16 << 16) + (1 << 15)) >> 16) as u8;
            }
            for x in 0..half {
                let sum = |channel: usize| {
                    let at = |row: usize, column: usize| i32::from(rows[(row * width + 2 * x + column) * 3 + channel]);
                    at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)
                };
                let [r, g, b] = [sum(0), sum(1), sum(2)];
                blue[x] = ((-6_596 * r - 22_189 * g + 28_784 * b + (128 << 18) + (1 << 17)) >> 18) as u8;
                red[x] = ((28_784 * r - 26_145 * g - 2_639 * b + (128 << 18) + (1 << 17)) >> 18) as u8;
            }
        });
    }
}
