//! Goes through a volume from the first plane to the last, a few planes in memory at a time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use volume::{Buffer, Stack, Trouble, typed, with_element};

use crate::kernel::{Counted, Growing, Kernel, Slab};
use crate::limit;
use crate::surface::Surface;
use crate::voxel::{Inside, Voxel};
use crate::write::StlStream;

/// What is to be the body.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Body {
    /// Voxels at or above a grey value.
    From(f64),
    /// Voxels of exactly this value.
    Label(f64),
    /// Voxels that have a label, whichever.
    AnyLabel,
}

/// Below it stands what has no label.
const FIRST_LABEL: f64 = 1.0;

impl Body {
    /// Grey value, or label.
    pub(crate) fn level(self) -> f64 {
        match self {
            Self::From(level) | Self::Label(level) => level,
            Self::AnyLabel => FIRST_LABEL,
        }
    }
}

/// Who is told, and who may stop it.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    pub progress: &'a (dyn Fn(u64, u64) + Sync),
    pub stop: &'a AtomicBool,
}

impl Watch<'_> {
    pub(crate) fn check(&self) -> Result<(), Trouble> {
        if self.stop.load(Ordering::Relaxed) { Err(Trouble::new("stopped before the end", "Start it again")) } else { Ok(()) }
    }
}

/// How long the two halves of the work took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Took {
    pub(crate) reading: Duration,
    pub(crate) surface: Duration,
}

/// The surface of a body, in micrometres. `stream` gets its triangles while it grows.
pub(crate) fn surface(
    stack: &Stack<'_>,
    body: Body,
    watch: Watch<'_>,
    mut stream: Option<&mut StlStream>,
) -> Result<(Surface, Took), Trouble> {
    let mut growing = Growing::default();
    let mut streamed = 0;
    let mut making = Duration::ZERO;
    let mut took = with_element!(stack.element, T => sweep::<T>(stack, body, watch, |kernel, slab, inside, counted| {
        if growing.triangles.len() + counted.adds.triangles > limit::TRIANGLES_MAX {
            return Err(too_many());
        }
        let began = Instant::now();
        let before = growing.triangles.len();
        kernel.make(slab, inside, counted, &mut growing);
        making += began.elapsed();
        if let Some(stream) = stream.as_deref_mut() {
            // The newest triangles have corners that come with the next slab.
            stream.add(&growing.positions, &growing.triangles[streamed..before])?;
            streamed = before;
        }
        Ok(())
    }))?;
    if let Some(stream) = stream {
        stream.add(&growing.positions, &growing.triangles[streamed..])?;
    }
    took.surface += making;
    Ok((Surface { positions: growing.positions, triangles: growing.triangles }, took))
}

/// How many triangles that surface has, without making it.
pub(crate) fn count(stack: &Stack<'_>, body: Body, watch: Watch<'_>) -> Result<usize, Trouble> {
    let mut triangles = 0;
    with_element!(stack.element, T => sweep::<T>(stack, body, watch, |_, _, _, counted| {
        triangles += counted.adds.triangles;
        Ok(())
    }))?;
    Ok(triangles)
}

fn too_many() -> Trouble {
    Trouble::new(
        format!("the surface has more than {} million triangles", limit::TRIANGLES_MAX / 1_000_000),
        "Say how many you want (--triangles), or choose another level",
    )
}

fn inside<T: Voxel>(body: Body) -> Result<Inside<T>, Trouble> {
    match body {
        Body::From(level) => {
            let least = T::least_at(level).ok_or_else(|| nothing_inside(level))?;
            Ok(Inside::From { level, least })
        }
        Body::AnyLabel => T::least_at(FIRST_LABEL).map(Inside::AnyLabel).ok_or_else(|| nothing_inside(FIRST_LABEL)),
        Body::Label(label) => {
            let own = T::least_at(label).filter(|own| own.value() == label);
            own.map(Inside::Label)
                .ok_or_else(|| Trouble::new(format!("no voxel of this type can be {label}"), "Choose a label that occurs"))
        }
    }
}

pub(crate) fn nothing_inside(level: f64) -> Trouble {
    Trouble::new(format!("no voxel reaches the level {level}"), "Choose a level between the least and the greatest grey value")
}

/// Calls `each` with every slab in turn, while the next one is read. Neighbouring slabs share a plane, so that nothing is missing
/// between them. What it took includes counting, but not what `each` does.
fn sweep<T: Voxel>(
    stack: &Stack<'_>,
    body: Body,
    watch: Watch<'_>,
    mut each: impl FnMut(&Kernel, &Slab<'_, T>, &Inside<T>, &Counted) -> Result<(), Trouble> + Send,
) -> Result<Took, Trouble> {
    let [depth, height, width] = stack.shape;
    let area = height * width;
    let plane = area * size_of::<T>();
    let inside = inside::<T>(body)?;
    let [scale, origin] = [stack.size, stack.centre].map(|[z, y, x]| [x as f32, y as f32, z as f32]);
    let kernel = Kernel::new(stack.shape, scale, origin);
    let together = slab_planes(plane, stack.planes_together(), depth)?;
    // The plane that is shared with the slab before stands in front.
    let mut here = Buffer::zeroed((together + 1) * plane);
    let mut ahead = (together < depth && plane <= limit::PLANE_BYTES_AHEAD_MAX).then(|| Buffer::zeroed((together + 1) * plane));
    let read = |first: usize, into: &mut Buffer| {
        let began = Instant::now();
        let planes = together.min(depth - first);
        stack.read(first, &mut into.bytes_mut()[plane..(1 + planes) * plane]).map(|()| began.elapsed())
    };
    let mut took = Took { reading: read(0, &mut here)?, ..Took::default() };
    for first in (0..depth).step_by(together) {
        watch.check()?;
        let end = (first + together).min(depth);
        let (planes, kept) = (end - first, usize::from(first > 0));
        let mut work = |voxels: &[T], surface: &mut Duration| {
            let began = Instant::now();
            // Voxel plane z has the padded number z + 1.
            let last = if end == depth { depth + 1 } else { end };
            let voxels = &voxels[(1 - kept) * area..(1 + planes) * area];
            let slab = Slab { voxels, first: first + 1 - kept, planes: first..=last };
            let counted = kernel.count(&slab, &inside);
            *surface += began.elapsed();
            each(&kernel, &slab, &inside, &counted)
        };
        let shared = planes * plane..(planes + 1) * plane;
        match &mut ahead {
            _ if end == depth => work(&typed::<T>(here.bytes()), &mut took.surface)?,
            Some(ahead) => {
                let (reading, surface) = (&mut took.reading, &mut took.surface);
                let (done, worked) = rayon::join(|| read(end, ahead), || work(&typed::<T>(here.bytes()), surface));
                worked?;
                *reading += done?;
                ahead.bytes_mut()[..plane].copy_from_slice(&here.bytes()[shared]);
                std::mem::swap(&mut here, ahead);
            }
            None => {
                work(&typed::<T>(here.bytes()), &mut took.surface)?;
                here.bytes_mut().copy_within(shared, 0);
                took.reading += read(end, &mut here)?;
            }
        }
        (watch.progress)(end as u64 * plane as u64, depth as u64 * plane as u64);
    }
    Ok(took)
}

/// Planes that are worked on together: whole rows of chunks (`chunk` planes deep) where memory allows.
fn slab_planes(plane_bytes: usize, chunk: usize, depth: usize) -> Result<usize, Trouble> {
    if plane_bytes > limit::PLANE_BYTES_MAX {
        return Err(Trouble::new(
            format!("one plane of it has {} GiB, and the limit is {}", plane_bytes >> 30, limit::PLANE_BYTES_MAX >> 30),
            "Cut out the part that you need, or ask for fewer triangles so that a coarser level serves",
        ));
    }
    let most = (limit::SLAB_BYTES / plane_bytes.max(1)).max(1);
    let whole = if chunk * plane_bytes <= limit::SLAB_BYTES_MAX { most.div_ceil(chunk) * chunk } else { most };
    Ok(whole.min(depth).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_that_are_read_together_keep_to_the_limit() {
        let planes = |bytes: usize, chunk: usize| slab_planes(bytes, chunk, 500).map_err(|trouble| trouble.to_string());
        assert_eq!(planes(1 << 20, 1), Ok(16));
        assert_eq!(planes(1 << 20, 64), Ok(64), "whole chunks");
        assert_eq!(planes(2 << 20, 64), Ok(64));
        assert_eq!(planes(4 << 20, 64), Ok(64));
        assert_eq!(planes(6 << 20, 64), Ok(2), "whole chunks would be too many");
        assert_eq!(planes(32 << 20, 1), Ok(1));
        assert_eq!(planes(1 << 10, 1), Ok(500), "all");
        assert_eq!(planes(3 << 30, 1), Ok(1));
        assert!(planes(5 << 30, 1).unwrap_err().contains("one plane of it has 5 GiB, and the limit is 4"));
    }
}
