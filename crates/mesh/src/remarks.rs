//! What whoever asked for a surface has to know besides its numbers: a coarser level, a missed number of triangles, a mere block.

use volume::Material;

use crate::make::{Level, Made, PartFacts, SurfaceOptions};

/// A body that fills this part of the whole block, or more, shows nothing but the block.
const BLOCK: f64 = 0.999;

pub(crate) fn of(material: &Material, options: &SurfaceOptions, made: &Made) -> Vec<String> {
    let level = coarser_level(material, options, made.pyramid_level);
    let left = made.facts.iter().map(|part| part.triangles).sum();
    let blocks = made.facts.iter().filter(|part| is_block(material, made.pyramid_level, part)).map(|part| block(material, options, part));
    level.into_iter().chain(blocks).chain(options.triangles.and_then(|wanted| missed(wanted, left))).collect()
}

/// That a number of triangles was not reached.
pub fn missed(wanted: usize, left: u64) -> Option<String> {
    (left > wanted as u64).then(|| {
        format!("{left} triangles are left, and {wanted} were asked for: to take more away would tear the surface or join its pieces.")
    })
}

fn coarser_level(material: &Material, options: &SurfaceOptions, level: usize) -> Option<String> {
    if level == 0 {
        return None;
    }
    let times = material.shape(0).into_iter().zip(material.shape(level)).map(|(fine, coarse)| (fine as f64 / coarse as f64).round());
    let deviation = if options.triangles.is_some() || options.smooth > 0 { "; deviations are from the surface of that level" } else { "" };
    Some(format!(
        "The surface was made of level {level} of the pyramid, whose voxels are up to {} times as long as those of the volume: \
        what is finer is not in it{deviation}. Ask for more triangles for a finer level.",
        times.fold(1.0, f64::max)
    ))
}

/// Whether the body fills the volume from border to border.
fn is_block(material: &Material, level: usize, part: &PartFacts) -> bool {
    let um = material.voxel_size_um().unwrap_or([1.0; 3]);
    let sides: [f64; 3] = std::array::from_fn(|axis| material.shape(0)[axis] as f64 * um[axis]);
    let [z, y, x] = std::array::from_fn(|axis| sides[axis] / material.shape(level)[axis] as f64);
    let [depth, height, width] = sides;
    // The twelve edges of the block are cut at half a voxel.
    let edges = (width * y * z + height * x * z + depth * x * y) * 0.5;
    part.measure.volume_um3 >= BLOCK * (depth * height * width - edges)
}

fn block(material: &Material, options: &SurfaceOptions, part: &PartFacts) -> String {
    let range = match options.level {
        Level::Values(_) => material.statistics().ok().map(|found| format!(" Grey values go from {} to {}.", found.min, found.max)),
        Level::Otsu | Level::Labels(_) | Level::AnyLabel => None,
    };
    format!(
        "All voxels, or nearly all, belong to the body at {}: its surface is that of the whole block.{}",
        part.level,
        range.unwrap_or_default()
    )
}
