//! Goes through a volume from the first plane to the last, a few planes in memory at a time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use volume::{Buffer, Stack, Trouble, typed, with_element};

use crate::kernel::{Counted, Growing, Kernel, Slab};
use crate::limit;
use crate::surface::Surface;
use crate::voxel::{Inside, Voxel};

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

/// The surface of a body, in micrometres.
pub(crate) fn surface(stack: &Stack<'_>, body: Body, watch: Watch<'_>) -> Result<(Surface, Took), Trouble> {
    let mut growing = Growing::default();
    let took = with_element!(stack.element, T => sweep::<T>(stack, body, watch, |kernel, slab, inside, counted| {
        if growing.triangles.len() + counted.adds.triangles > limit::TRIANGLES_MAX {
            return Err(too_many());
        }
        kernel.make(slab, inside, counted, &mut growing);
        Ok(())
    }))?;
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

/// Calls `each` with every slab in turn. Neighbouring slabs share a plane, so that nothing is missing between them.
fn sweep<T: Voxel>(
    stack: &Stack<'_>,
    body: Body,
    watch: Watch<'_>,
    mut each: impl FnMut(&Kernel, &Slab<'_, T>, &Inside<T>, &Counted) -> Result<(), Trouble>,
) -> Result<Took, Trouble> {
    let [depth, height, width] = stack.shape;
    let area = height * width;
    let plane = area * size_of::<T>();
    let inside = inside::<T>(body)?;
    let [scale, origin] = [stack.size, stack.centre].map(|[z, y, x]| [x as f32, y as f32, z as f32]);
    let kernel = Kernel::new(stack.shape, scale, origin);
    let together = slab_planes(plane, depth)?;
    let mut buffer = Buffer::zeroed((together + 1) * plane);
    let mut took = Took::default();
    let mut kept = 0;
    for first in (0..depth).step_by(together) {
        watch.check()?;
        let more = together.min(depth - first);
        let began = Instant::now();
        stack.read(first, &mut buffer.bytes_mut()[kept * plane..(kept + more) * plane])?;
        took.reading += began.elapsed();
        let began = Instant::now();
        let end = if first + more == depth { depth + 1 } else { first + more };
        // Voxel plane z has the padded number z + 1.
        let slab = Slab { voxels: &typed::<T>(buffer.bytes())[..(kept + more) * area], first: first + 1 - kept, planes: first..=end };
        let counted = kernel.count(&slab, &inside);
        each(&kernel, &slab, &inside, &counted)?;
        took.surface += began.elapsed();
        buffer.bytes_mut().copy_within((kept + more - 1) * plane..(kept + more) * plane, 0);
        kept = 1;
        (watch.progress)((first + more) as u64 * plane as u64, depth as u64 * plane as u64);
    }
    Ok(took)
}

/// Planes that are read together: whole rows of chunks where memory allows.
fn slab_planes(plane_bytes: usize, depth: usize) -> Result<usize, Trouble> {
    if plane_bytes > limit::PLANE_BYTES_MAX {
        return Err(Trouble::new(
            format!("one plane of it has {} GiB, and the limit is {}", plane_bytes >> 30, limit::PLANE_BYTES_MAX >> 30),
            "Cut out the part that you need, or ask for fewer triangles so that a coarser level serves",
        ));
    }
    let most = (limit::SLAB_BYTES / plane_bytes.max(1)).max(1);
    let whole = if most >= 64 { most / 64 * 64 } else { most };
    Ok(whole.min(depth).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_that_are_read_together_keep_to_the_limit() {
        let planes = |bytes: usize, depth: usize| slab_planes(bytes, depth).map_err(|trouble| trouble.to_string());
        assert_eq!(planes(1 << 20, 500), Ok(64));
        assert_eq!(planes(1 << 20, 7), Ok(7));
        assert_eq!(planes(32 << 20, 500), Ok(3));
        assert_eq!(planes(3 << 30, 500), Ok(1));
        assert!(planes(5 << 30, 500).unwrap_err().contains("one plane of it has 5 GiB, and the limit is 4"));
    }
}
