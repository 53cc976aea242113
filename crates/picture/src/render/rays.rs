//! Rays before and while they are under way, eight of them side by side.

use super::blocks::STEP;
use super::lanes::{Floats, LANES, Three};

/// A ray that has come to matter. `step` is its direction in voxels.
pub(crate) struct Arrival {
    pub(crate) number: u32,
    pub(crate) direction: [f32; 3],
    pub(crate) step: [f32; 3],
    pub(crate) inverse: [f32; 3],
    pub(crate) distance: f32,
    pub(crate) leave: f32,
    /// The axis whose face it enters by, if matter begins there; less than nought when it leapt.
    pub(crate) face: f32,
}

/// Rays under way, one in each lane.
pub(crate) struct Lanes {
    pub(crate) number: [Option<u32>; LANES],
    pub(crate) direction: [[f32; LANES]; 3],
    pub(crate) step: [[f32; LANES]; 3],
    pub(crate) inverse: [[f32; LANES]; 3],
    pub(crate) distance: [f32; LANES],
    pub(crate) leave: [f32; LANES],
    pub(crate) face: [f32; LANES],
    /// The value behind, less than nought when it is not known, and what [`Reading`] says of it.
    pub(crate) value: [f32; LANES],
    pub(crate) area: [f32; LANES],
    /// How long the step from there was.
    pub(crate) stride: [f32; LANES],
    /// Matter that is not lit yet: its optical depth, where it lies and what it is, weighted by that, and how long it has gone on.
    pub(crate) depth: [f32; LANES],
    pub(crate) far: [f32; LANES],
    pub(crate) grey: [f32; LANES],
    pub(crate) length: [f32; LANES],
    pub(crate) hidden: [f32; LANES],
    pub(crate) count: [f32; LANES],
}

impl Lanes {
    pub(crate) fn idle() -> Self {
        let (none, three) = ([0.0; LANES], [[0.0; LANES]; 3]);
        Self {
            number: [None; LANES],
            direction: three,
            step: three,
            inverse: three,
            distance: none,
            leave: [-1.0; LANES],
            face: none,
            value: none,
            area: none,
            stride: none,
            depth: none,
            far: none,
            grey: none,
            length: none,
            hidden: none,
            count: none,
        }
    }

    pub(crate) fn take(&mut self, lane: usize, arrival: Option<&Arrival>) {
        self.number[lane] = arrival.map(|arrival| arrival.number);
        let Some(arrival) = arrival else {
            (self.leave[lane], self.depth[lane]) = (-1.0, 0.0);
            return;
        };
        for axis in 0..3 {
            self.direction[axis][lane] = arrival.direction[axis];
            self.step[axis][lane] = arrival.step[axis];
            self.inverse[axis][lane] = arrival.inverse[axis];
        }
        self.distance[lane] = arrival.distance;
        self.leave[lane] = arrival.leave;
        self.face[lane] = arrival.face;
        // Nothing is in front of the volume; behind a leap the value is asked anew.
        self.value[lane] = if arrival.face < 0.0 { -1.0 } else { 0.0 };
        self.stride[lane] = STEP;
        for sum in [&mut self.area, &mut self.depth, &mut self.far, &mut self.grey, &mut self.length, &mut self.hidden, &mut self.count] {
            sum[lane] = 0.0;
        }
    }
}

#[inline(always)]
pub(crate) fn three<F: Floats>(lanes: &[[f32; LANES]; 3]) -> Three<F> {
    [F::of(&lanes[0]), F::of(&lanes[1]), F::of(&lanes[2])]
}

#[inline(always)]
pub(crate) fn side_by_side<F: Floats>(three: Three<F>) -> [[f32; LANES]; 3] {
    [three[0].lanes(), three[1].lanes(), three[2].lanes()]
}
