//! The numbers of a NIfTI or Analyze header, in either byte order.

use crate::header::clean_text;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Nifti1,
    Nifti2,
    Analyze,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Nifti1 => "NIfTI-1",
            Self::Nifti2 => "NIfTI-2",
            Self::Analyze => "Analyze 7.5",
        }
    }
}

/// What the three headers have in common; lengths in the unit of the file.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub(super) kind: Kind,
    pub(super) big_endian: bool,
    /// Whether the voxels follow in the same file.
    pub(super) in_one_file: bool,
    /// Number of axes, then their lengths: x, y, z, t, …
    pub(super) dim: [i64; 8],
    pub(super) datatype: i64,
    /// The handedness of the qform, then the sizes along x, y, z, t, …
    pub(super) pixdim: [f64; 8],
    pub(super) voxels_at: u64,
    pub(super) slope: f64,
    pub(super) intercept: f64,
    /// 1 metre, 2 millimetre, 3 micrometre, else unknown.
    pub(super) space_unit: i64,
    pub(super) description: Option<String>,
    /// What the values stand for.
    pub(super) intent: i64,
    qform: i64,
    sform: i64,
    quaternion: [f64; 3],
    offset: [f64; 3],
    rows: [[f64; 4]; 3],
}

const BYTES_1: usize = 348;
const BYTES_2: usize = 540;

pub(super) fn recognises(head: &[u8]) -> bool {
    kind_of(head).is_some()
}

fn kind_of(head: &[u8]) -> Option<(Kind, bool)> {
    let size = <[u8; 4]>::try_from(head.get(..4)?).ok()?;
    let size_is = |bytes: usize| match bytes as u32 {
        bytes if bytes == u32::from_le_bytes(size) => Some(false),
        bytes if bytes == u32::from_be_bytes(size) => Some(true),
        _ => None,
    };
    if matches!(head.get(4..8), Some(b"n+2\0" | b"ni2\0")) {
        return Some((Kind::Nifti2, size_is(BYTES_2)?));
    }
    let big_endian = size_is(BYTES_1)?;
    match head.get(344..348)? {
        b"n+1\0" | b"ni1\0" => Some((Kind::Nifti1, big_endian)),
        _ => {
            // Analyze has no magic bytes; size, number of axes and type must all make sense.
            let reader = Reader { head, big_endian };
            let sound = (1..=7).contains(&reader.int(40, 2)) && matches!(reader.int(70, 2), 2 | 4 | 8 | 16 | 32 | 64 | 128);
            sound.then_some((Kind::Analyze, big_endian))
        }
    }
}

/// Reads numbers inside a header whose length was checked before.
struct Reader<'a> {
    head: &'a [u8],
    big_endian: bool,
}

impl Reader<'_> {
    fn bytes<const N: usize>(&self, at: usize, count: usize) -> [u8; N] {
        let mut word = [0; N];
        if let Some(bytes) = self.head.get(at..at + count) {
            word[..count].copy_from_slice(bytes);
            if self.big_endian {
                word[..count].reverse();
            }
        }
        word
    }

    /// A signed number of `count` bytes.
    fn int(&self, at: usize, count: usize) -> i64 {
        let shift = 64 - 8 * count as u32;
        (i64::from_le_bytes(self.bytes::<8>(at, count)) << shift) >> shift
    }

    /// A floating-point number of four or eight bytes.
    fn float(&self, at: usize, count: usize) -> f64 {
        match count {
            4 => f64::from(f32::from_le_bytes(self.bytes::<4>(at, 4))),
            _ => f64::from_le_bytes(self.bytes::<8>(at, 8)),
        }
    }

    fn floats<const N: usize>(&self, at: usize, count: usize) -> [f64; N] {
        std::array::from_fn(|index| self.float(at + index * count, count))
    }

    fn text(&self, at: usize, count: usize) -> Option<String> {
        let bytes = self.head.get(at..at + count)?;
        let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(count);
        clean_text(&String::from_utf8_lossy(&bytes[..end]))
    }
}

impl Fields {
    pub(super) fn parse(head: &[u8]) -> Option<Self> {
        let (kind, big_endian) = kind_of(head)?;
        let reader = Reader { head, big_endian };
        match kind {
            Kind::Nifti2 if head.len() < BYTES_2 => None,
            Kind::Nifti2 => Some(Self::version_2(&reader)),
            Kind::Nifti1 => Some(Self::version_1(&reader)),
            Kind::Analyze => Some(Self::analyze(&reader)),
        }
    }

    fn version_1(reader: &Reader<'_>) -> Self {
        let in_one_file = reader.head.get(344..348) == Some(b"n+1\0");
        Self {
            kind: Kind::Nifti1,
            big_endian: reader.big_endian,
            in_one_file,
            dim: std::array::from_fn(|index| reader.int(40 + 2 * index, 2)),
            datatype: reader.int(70, 2),
            pixdim: reader.floats(76, 4),
            voxels_at: begin(reader.float(108, 4), in_one_file, 352),
            slope: reader.float(112, 4),
            intercept: reader.float(116, 4),
            space_unit: i64::from(reader.head[123] & 7),
            description: reader.text(148, 80),
            intent: reader.int(68, 2),
            qform: reader.int(252, 2),
            sform: reader.int(254, 2),
            quaternion: reader.floats(256, 4),
            offset: reader.floats(268, 4),
            rows: [reader.floats(280, 4), reader.floats(296, 4), reader.floats(312, 4)],
        }
    }

    fn version_2(reader: &Reader<'_>) -> Self {
        let in_one_file = reader.head.get(4..8) == Some(b"n+2\0");
        Self {
            kind: Kind::Nifti2,
            big_endian: reader.big_endian,
            in_one_file,
            dim: std::array::from_fn(|index| reader.int(16 + 8 * index, 8)),
            datatype: reader.int(12, 2),
            pixdim: reader.floats(104, 8),
            voxels_at: begin(reader.int(168, 8) as f64, in_one_file, 544),
            slope: reader.float(176, 8),
            intercept: reader.float(184, 8),
            space_unit: reader.int(500, 4) & 7,
            description: reader.text(240, 80),
            intent: reader.int(504, 4),
            qform: reader.int(344, 4),
            sform: reader.int(348, 4),
            quaternion: reader.floats(352, 8),
            offset: reader.floats(376, 8),
            rows: [reader.floats(400, 8), reader.floats(432, 8), reader.floats(464, 8)],
        }
    }

    /// Analyze knows no affine that programs agree on, and its texts may name a patient: only sizes and a scale are read.
    fn analyze(reader: &Reader<'_>) -> Self {
        let unit = reader.text(56, 4).and_then(|unit| crate::header::unit_um(&unit));
        Self {
            kind: Kind::Analyze,
            big_endian: reader.big_endian,
            in_one_file: false,
            dim: std::array::from_fn(|index| reader.int(40 + 2 * index, 2)),
            datatype: reader.int(70, 2),
            pixdim: reader.floats(76, 4),
            voxels_at: begin(reader.float(108, 4), false, 0),
            slope: reader.float(112, 4),
            intercept: 0.0,
            space_unit: match unit {
                Some(1e6) => 1,
                Some(1e3) => 2,
                Some(1.0) => 3,
                _ => 0,
            },
            description: None,
            intent: 0,
            qform: 0,
            sform: 0,
            quaternion: [0.0; 3],
            offset: [0.0; 3],
            rows: [[0.0; 4]; 3],
        }
    }

    /// Without the noise of the header's type: old headers hold 32-bit floats of seven digits.
    pub(super) fn rounded(&self, value: f64) -> f64 {
        let digits = if self.kind == Kind::Nifti2 { 12 } else { 6 };
        format!("{value:.digits$e}").parse().unwrap_or(value)
    }

    /// From voxel indexes x, y, z to the unit of the file, in three rows; nothing when the header gives none.
    pub(super) fn affine(&self) -> Option<[[f64; 4]; 3]> {
        if self.sform > 0 {
            return Some(self.rows);
        }
        (self.qform > 0).then(|| self.rotated())
    }

    /// The qform: a unit quaternion without its first part, the sizes, and a mirror along z when pixdim starts negative.
    fn rotated(&self) -> [[f64; 4]; 3] {
        let [b, c, d] = self.quaternion;
        let square = 1.0 - (b * b + c * c + d * d);
        // Rounding may push a rotation by half a turn over the edge; then the vector is made a unit vector.
        let (a, b, c, d) = if square < 1e-7 {
            let length = (b * b + c * c + d * d).sqrt();
            (0.0, b / length, c / length, d / length)
        } else {
            (square.sqrt(), b, c, d)
        };
        let rotation = [
            [a * a + b * b - c * c - d * d, 2.0 * (b * c - a * d), 2.0 * (b * d + a * c)],
            [2.0 * (b * c + a * d), a * a + c * c - b * b - d * d, 2.0 * (c * d - a * b)],
            [2.0 * (b * d - a * c), 2.0 * (c * d + a * b), a * a + d * d - c * c - b * b],
        ];
        let mirror = if self.pixdim[0] < 0.0 { -1.0 } else { 1.0 };
        let sizes = [self.pixdim[1], self.pixdim[2], self.pixdim[3] * mirror];
        std::array::from_fn(|row| [rotation[row][0] * sizes[0], rotation[row][1] * sizes[1], rotation[row][2] * sizes[2], self.offset[row]])
    }

    /// What the space of the affine is, in the words of the standard.
    pub(super) fn space_name(&self) -> Option<&'static str> {
        let code = if self.sform > 0 { self.sform } else { self.qform };
        match code {
            1 => Some("scanner"),
            2 => Some("aligned to another image"),
            3 => Some("Talairach"),
            4 => Some("MNI 152"),
            5 => Some("template"),
            _ => None,
        }
    }
}

/// Where the voxels begin; in one file never inside the header.
fn begin(said: f64, in_one_file: bool, least: u64) -> u64 {
    let said = if said.is_finite() && said > 0.0 { said as u64 } else { 0 };
    if in_one_file { said.max(least) } else { said }
}
