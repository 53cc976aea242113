//! Where voxel planes come from: one level of an OME-Zarr volume, or any file that is read.

use std::path::{Path, PathBuf};

use crate::zarr::Volume;
use crate::{Asked, ElementType, Header, PlaneReader, Shape, Statistics, Trouble};

/// Bytes of one box that is read from a volume at once.
const BOX_BYTES: usize = 16 << 20;
/// Voxels of the coarse level from which statistics are taken where none are stored.
const STATISTICS_EDGE: usize = 256;

/// What surfaces and pictures are made of.
pub enum Material {
    Volume(Box<Volume>),
    /// A file or folder of slices, read plane by plane; and what was said beside it.
    Planes {
        path: PathBuf,
        asked: Asked,
        header: Box<Header>,
    },
}

impl Material {
    /// An OME-Zarr folder, or any file or folder that `inspect` knows.
    pub fn open(path: &Path, asked: &Asked) -> Result<Self, Trouble> {
        if path.join("zarr.json").is_file() {
            return Volume::open(path).map(|volume| Self::Volume(Box::new(volume)));
        }
        let reader = PlaneReader::open(path, asked)?;
        Ok(Self::Planes { path: path.into(), asked: asked.clone(), header: Box::new(reader.header().clone()) })
    }

    pub fn element(&self) -> ElementType {
        match self {
            Self::Volume(volume) => volume.element,
            Self::Planes { header, .. } => header.element,
        }
    }

    /// Names of the files that hold its voxels, where it is no volume of ours.
    pub fn files(&self) -> &[String] {
        match self {
            Self::Volume(_) => &[],
            Self::Planes { header, .. } => &header.files,
        }
    }

    pub fn levels(&self) -> usize {
        match self {
            Self::Volume(volume) => volume.levels().len(),
            Self::Planes { .. } => 1,
        }
    }

    pub fn shape(&self, level: usize) -> Shape {
        match self {
            Self::Volume(volume) => volume.levels()[level].shape,
            Self::Planes { header, .. } => header.shape,
        }
    }

    /// Of level 0 in micrometres, z, y, x; nothing when nobody knows it.
    pub fn voxel_size_um(&self) -> Option<[f64; 3]> {
        match self {
            Self::Volume(volume) => volume.voxel_size_um,
            Self::Planes { header, .. } => header.voxel_size_um,
        }
    }

    /// The same with a voxel size, z, y, x, of somebody who knows better.
    pub fn with_voxel_size_um(mut self, size_um: [f64; 3]) -> Self {
        match &mut self {
            Self::Volume(volume) => volume.voxel_size_um = Some(size_um),
            Self::Planes { header, .. } => header.voxel_size_um = Some(size_um),
        }
        self
    }

    /// Whether voxels are names of things and no grey values; few files say it.
    pub fn is_label(&self) -> bool {
        match self {
            Self::Volume(volume) => volume.label,
            Self::Planes { header, .. } => header.found.labels.is_some(),
        }
    }

    pub fn statistics(&self) -> Result<Statistics, Trouble> {
        match self {
            Self::Volume(volume) => match &volume.statistics {
                Some(statistics) => Ok(statistics.clone()),
                None => {
                    let level = volume.level_within(STATISTICS_EDGE);
                    let [depth, height, width] = volume.levels()[level].shape;
                    Ok(Statistics::of(&volume.read_box(level, 0..depth, 0..height, 0..width)?))
                }
            },
            Self::Planes { path, asked, .. } => PlaneReader::open(path, asked)?.into_statistics(),
        }
    }

    /// Opens the planes of one level.
    pub fn stack(&self, level: usize) -> Result<Stack<'_>, Trouble> {
        let from = match self {
            Self::Volume(volume) => From::Level(volume, level),
            Self::Planes { path, asked, .. } => From::Planes(Box::new(PlaneReader::open(path, asked)?)),
        };
        let shape = self.shape(level);
        // Unknown sizes count as one micrometre, and whoever asked is told.
        let finest = self.voxel_size_um().unwrap_or([1.0; 3]);
        let halvings: [f64; 3] = match self {
            Self::Volume(volume) => volume.factor(level),
            Self::Planes { .. } => [1.0; 3],
        };
        let size: [f64; 3] = std::array::from_fn(|axis| finest[axis] * halvings[axis]);
        let centre: [f64; 3] = std::array::from_fn(|axis| (halvings[axis] - 1.0) / 2.0 * finest[axis]);
        Ok(Stack { from, shape, element: self.element(), size, centre })
    }
}

enum From<'a> {
    Level(&'a Volume, usize),
    Planes(Box<PlaneReader>),
}

/// Planes of voxels, to be read in rising order, each once.
pub struct Stack<'a> {
    from: From<'a>,
    pub shape: Shape,
    pub element: ElementType,
    /// Size of a voxel and place of the first one's centre, in micrometres, z, y, x.
    pub size: [f64; 3],
    pub centre: [f64; 3],
}

impl Stack<'_> {
    /// So many planes from a multiple of it on are decoded together; whoever reads fewer has them decoded again.
    pub fn planes_together(&self) -> usize {
        match &self.from {
            From::Planes(_) => 1,
            From::Level(volume, level) => volume.levels()[*level].chunk()[0],
        }
    }

    pub fn read(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble> {
        let [_, height, width] = self.shape;
        let (row, planes) = (width * self.element.bytes(), out.len() / (height * width * self.element.bytes()));
        match &self.from {
            From::Planes(reader) => reader.read(first, out),
            From::Level(volume, level) => {
                // Boxes whose rows are cut at multiples of 64, as chunks are.
                let rows = (BOX_BYTES / (planes * row).max(1) / 64 * 64).clamp(64, height.max(64));
                for top in (0..height).step_by(rows) {
                    let bottom = (top + rows).min(height);
                    let voxels = volume.read_box(*level, first..first + planes, top..bottom, 0..width)?;
                    let bytes = (bottom - top) * row;
                    for (plane, from) in out.chunks_exact_mut(height * row).zip(voxels.bytes.chunks_exact(bytes)) {
                        plane[top * row..top * row + bytes].copy_from_slice(from);
                    }
                }
                Ok(())
            }
        }
    }
}
