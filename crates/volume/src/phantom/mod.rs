//! Volumes that nobody scanned: synthetic bodies whose truth is known, made to be looked at and to test against.
//!
//! Every voxel follows from its place and the seed alone, so the same volume comes out on any number of threads.

mod bone;
mod composite;
mod foam;
mod noise;
mod sandstone;
mod seed;
mod shell;

use std::fs::File;
use std::io::Write;
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::cut::StackPage;
use crate::{ElementType, Shape, Trouble};

/// Grey value of air.
pub(crate) const AIR: f32 = 7_000.0;
/// Grey value of a body whose attenuation is 1.
pub(crate) const SOLID: f32 = 40_000.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phantom {
    CoiledShell,
    TrabecularBone,
    OpenCellFoam,
    PorousSandstone,
    FibreComposite,
    SeedWithEmbryo,
}

/// What looks through the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Probe {
    XRay,
    Neutron,
}

/// What is true of a phantom by construction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Known {
    pub title: &'static str,
    /// Edge of the field of view in micrometres, along the shortest axis.
    pub extent_um: f64,
    /// Grey value half-way between air and body for x-rays.
    pub threshold: u16,
    /// Share of all voxels above the threshold, seed 1, and how far other seeds may be from it.
    pub solid_share: f64,
    pub solid_share_tolerance: f64,
    pub whorls: Option<f64>,
    pub septa: Option<u32>,
    pub yarns: Option<u32>,
    pub fibres_per_yarn: Option<u32>,
    /// Pore space of the sandstone inside its plug.
    pub porosity: Option<f64>,
    pub cotyledons: Option<u32>,
}

/// A row of attenuation values: the one thing each phantom has to know.
pub(crate) trait Body: Send + Sync {
    /// Fills `out` with attenuation along x at the height `z` and depth `y`; coordinates run from −1 to 1.
    fn row(&self, z: f32, y: f32, grid: &Grid, out: &mut [f32]);
}

/// Where voxels lie: the shortest axis runs from −1 to 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    size: Shape,
    /// Edge of a voxel.
    pub(crate) step: f32,
}

impl Grid {
    fn new(size: Shape) -> Self {
        let shortest = size.iter().copied().min().unwrap_or(1).max(1);
        Self { size, step: 2.0 / shortest as f32 }
    }

    pub(crate) fn at(&self, axis: usize, index: usize) -> f32 {
        (index as f32 + 0.5 - self.size[axis] as f32 * 0.5) * self.step
    }

    /// How much of a voxel lies inside a surface at signed distance `distance`: the soft edge of a real scan.
    pub(crate) fn inside(&self, distance: f32) -> f32 {
        let part = (0.5 - distance / (2.4 * self.step)).clamp(0.0, 1.0);
        part * part * (3.0 - 2.0 * part)
    }
}

impl Phantom {
    pub const ALL: [Phantom; 6] =
        [Self::CoiledShell, Self::TrabecularBone, Self::OpenCellFoam, Self::PorousSandstone, Self::FibreComposite, Self::SeedWithEmbryo];

    pub const fn name(self) -> &'static str {
        match self {
            Self::CoiledShell => "coiled-shell",
            Self::TrabecularBone => "trabecular-bone",
            Self::OpenCellFoam => "open-cell-foam",
            Self::PorousSandstone => "porous-sandstone",
            Self::FibreComposite => "fibre-composite",
            Self::SeedWithEmbryo => "seed-with-embryo",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phantom| phantom.name() == name)
    }

    pub fn known(self) -> Known {
        let base = Known {
            title: self.name(),
            extent_um: 0.0,
            threshold: ((AIR + SOLID) / 2.0) as u16,
            solid_share: 0.0,
            solid_share_tolerance: 0.02,
            whorls: None,
            septa: None,
            yarns: None,
            fibres_per_yarn: None,
            porosity: None,
            cotyledons: None,
        };
        match self {
            Self::CoiledShell => shell::known(base),
            Self::TrabecularBone => bone::known(base),
            Self::OpenCellFoam => foam::known(base),
            Self::PorousSandstone => sandstone::known(base),
            Self::FibreComposite => composite::known(base),
            Self::SeedWithEmbryo => seed::known(base),
        }
    }

    /// Voxel size in micrometres, rounded to the nanometre.
    pub fn voxel_size_um(self, size: Shape) -> [f64; 3] {
        let shortest = size.iter().copied().min().unwrap_or(1).max(1);
        [(self.known().extent_um / shortest as f64 * 1e3).round() / 1e3; 3]
    }

    fn body(self, seed: u64, probe: Probe) -> Box<dyn Body> {
        match self {
            Self::CoiledShell => Box::new(shell::Shell::new(seed)),
            Self::TrabecularBone => Box::new(bone::Bone::new(seed)),
            Self::OpenCellFoam => Box::new(foam::Foam::new(seed)),
            Self::PorousSandstone => Box::new(sandstone::Sandstone::new(seed)),
            Self::FibreComposite => Box::new(composite::Composite::new(seed)),
            Self::SeedWithEmbryo => Box::new(seed::Seed::new(seed, probe)),
        }
    }

    /// One slice of the scan, row after row.
    pub fn slice(&self, size: Shape, seed: u64, probe: Probe, z: usize) -> Vec<u16> {
        Scene::new(*self, size, seed, probe).slice(z)
    }

    /// The whole scan, z slowest.
    pub fn volume(&self, size: Shape, seed: u64, probe: Probe) -> Vec<u16> {
        let scene = Scene::new(*self, size, seed, probe);
        (0..size[0]).into_par_iter().flat_map_iter(|z| scene.slice(z)).collect()
    }

    /// Writes slice_0000.tif … as a beamline would: 16 bit, no compression, voxel size inside. Returns the bytes written.
    pub fn write_tiff_stack(&self, folder: &Path, size: Shape, seed: u64, probe: Probe) -> Result<u64, Trouble> {
        if size.contains(&0) || size.iter().any(|&axis| axis > 4_096) {
            let hint = "Choose 1 to 4096 along each axis";
            return Err(Trouble::new(format!("a phantom of {size:?} voxels is not made"), hint));
        }
        std::fs::create_dir_all(folder).map_err(|error| Trouble::io("making the folder", folder, &error))?;
        let scene = Scene::new(*self, size, seed, probe);
        let voxel_size_um = self.voxel_size_um(size);
        let text = format!("ImageJ=1.53t\nunit=micron\nspacing={}\nmin=0\nmax=65535\n", voxel_size_um[0]);
        let (width, height, element) = (size[2], size[1], ElementType::U16);
        let page = StackPage { width, height, element, text: &text, voxel_size_um: Some(voxel_size_um) };
        (0..size[0])
            .into_par_iter()
            .map(|z| {
                let mut bytes = b"II*\0\x08\0\0\0".to_vec();
                page.write(&mut bytes, (8 + page.directory_bytes()) as u32, 0);
                bytes.extend(scene.slice(z).into_iter().flat_map(u16::to_le_bytes));
                let path = folder.join(format!("slice_{z:04}.tif"));
                let written = File::create(&path).and_then(|mut file| file.write_all(&bytes));
                written.map_err(|error| Trouble::io("writing", &path, &error))?;
                Ok(bytes.len() as u64)
            })
            .sum()
    }
}

/// A phantom ready to be cut into slices.
struct Scene {
    grid: Grid,
    seed: u64,
    noise: f32,
    body: Box<dyn Body>,
}

impl Scene {
    fn new(phantom: Phantom, size: Shape, seed: u64, probe: Probe) -> Self {
        // Neutrons are few: their pictures are noisier.
        let noise = if probe == Probe::Neutron { 1_100.0 } else { 650.0 };
        Self { grid: Grid::new(size), seed, noise, body: phantom.body(seed, probe) }
    }

    fn slice(&self, z: usize) -> Vec<u16> {
        let [_, height, width] = self.grid.size;
        let mut attenuation = vec![0.0; width];
        let mut slice = Vec::with_capacity(height * width);
        let at_z = self.grid.at(0, z);
        for y in 0..height {
            let at_y = self.grid.at(1, y);
            attenuation.fill(0.0);
            self.body.row(at_z, at_y, &self.grid, &mut attenuation);
            for (x, &value) in attenuation.iter().enumerate() {
                let at_x = self.grid.at(2, x);
                let radius = (at_x * at_x + at_y * at_y).sqrt();
                let grain = noise::gauss(self.seed, [z, y, x]) * self.noise * (1.15 - 0.25 * radius);
                let ring = noise::ring(self.seed, radius / self.grid.step) * 260.0;
                // A polychromatic beam is hardened in the middle of the body.
                let cupping = 1.0 - 0.03 * (1.0 - radius * radius).max(0.0);
                let grey = AIR + (SOLID - AIR) * value * cupping + grain + ring;
                slice.push(grey.clamp(0.0, 65_535.0) as u16);
            }
        }
        slice
    }
}
