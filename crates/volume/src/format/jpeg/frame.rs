//! What stands in front of the coded data of a JPEG picture: its size, its components, and which of them a scan brings.

use super::huffman::{Bits, Wrong};

/// How the samples are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Process {
    /// Blocks of cosines, each whole, one after the other.
    Sequential,
    /// Blocks of cosines, in several passes that each make them more exact.
    Progressive,
    /// Differences to a prediction from the neighbours.
    Lossless,
}

/// What the frame header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The byte after 0xff, which names the process.
    pub(super) marker: u8,
    pub(crate) precision: u32,
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) components: Vec<Component>,
}

/// One kind of sample, such as brightness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Component {
    pub(super) name: u8,
    /// Blocks that lie beside and below each other in one unit of the picture.
    pub(super) across: usize,
    pub(super) down: usize,
    /// Which table of quantums it uses.
    pub(super) quantums: usize,
    /// Its own samples, fewer than the picture's where it is coarser.
    pub(super) width: usize,
    pub(super) height: usize,
}

/// The byte behind 0xff with which a frame header begins.
pub(super) fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

impl Frame {
    pub(super) fn read(marker: u8, body: &[u8]) -> Result<Self, String> {
        let &[precision, h1, h0, w1, w0, count, ref parts @ ..] = body else { return Err("the JPEG frame header is cut off".into()) };
        let (height, width) = (usize::from(u16::from_be_bytes([h1, h0])), usize::from(u16::from_be_bytes([w1, w0])));
        if width == 0 || height == 0 || !(1..=4).contains(&count) {
            return Err(format!("its JPEG stream is {width} × {height} pixels of {count} components large"));
        }
        let parts = parts.get(..3 * usize::from(count)).ok_or("the JPEG frame header is cut off")?;
        let component = |part: &[u8]| {
            // One component alone lies block after block, whatever is said of its unit.
            let (across, down) = if count == 1 { (1, 1) } else { (usize::from(part[1] >> 4), usize::from(part[1] & 15)) };
            Component { name: part[0], across, down, quantums: usize::from(part[2]), width, height }
        };
        let mut components: Vec<Component> = parts.chunks_exact(3).map(component).collect();
        let sides = || components.iter().flat_map(|component| [component.across, component.down]);
        if sides().any(|side| !(1..=4).contains(&side)) {
            return Err("the JPEG frame header says that its components lie in no unit".into());
        }
        let [across, down] = unit(&components);
        for component in &mut components {
            component.width = (width * component.across).div_ceil(across);
            component.height = (height * component.down).div_ceil(down);
        }
        Ok(Self { marker, precision: u32::from(precision), height, width, components })
    }

    /// The process, unless it is one that is not read.
    pub(crate) fn process(&self) -> Result<Process, String> {
        match (self.marker, self.precision) {
            (0xc0 | 0xc1, 8 | 12) => Ok(Process::Sequential),
            (0xc2, 8 | 12) => Ok(Process::Progressive),
            (0xc3, 2..=16) => Ok(Process::Lossless),
            (0xc9..=0xcf, _) => Err("arithmetic JPEG".into()),
            (0xc5..=0xc7, _) => Err("hierarchical JPEG".into()),
            (_, bits) => Err(format!("JPEG of {bits} bits")),
        }
    }

    /// Blocks of the largest component in one unit, across and down.
    pub(super) fn unit(&self) -> [usize; 2] {
        unit(&self.components)
    }

    /// Units of the picture, across and down, with eight samples to the side of a block.
    pub(super) fn units(&self) -> [usize; 2] {
        let [across, down] = self.unit();
        [self.width.div_ceil(8 * across), self.height.div_ceil(8 * down)]
    }

    /// Blocks that a component fills, also those beyond its edges.
    pub(super) fn blocks(&self, component: &Component) -> [usize; 2] {
        let [across, down] = self.units();
        [across * component.across, down * component.down]
    }
}

fn unit(components: &[Component]) -> [usize; 2] {
    let most = |side: fn(&Component) -> usize| components.iter().map(side).max().unwrap_or(1);
    [most(|component| component.across), most(|component| component.down)]
}

/// What one scan brings.
#[derive(Debug, Clone)]
pub(super) struct Scan {
    pub(super) parts: Vec<Part>,
    /// The first and the last coefficient; in a lossless stream the first is the predictor.
    pub(super) from: usize,
    pub(super) to: usize,
    /// Bits below which the coefficients were known before, and below which they are now.
    pub(super) before: u32,
    pub(super) now: u32,
}

/// One component of a scan and the numbers of its tables.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) component: usize,
    pub(super) first: usize,
    pub(super) others: usize,
}

impl Scan {
    pub(super) fn read(frame: &Frame, body: &[u8]) -> Result<Self, String> {
        let cut_off = "the JPEG scan header is cut off";
        let (&count, rest) = body.split_first().ok_or(cut_off)?;
        let (named, rest) = rest.split_at_checked(2 * usize::from(count)).ok_or(cut_off)?;
        let &[from, to, bits, ..] = rest else { return Err(cut_off.into()) };
        let mut parts: Vec<Part> = Vec::new();
        for pair in named.chunks_exact(2) {
            let component = frame.components.iter().position(|component| component.name == pair[0]);
            let component = component.ok_or("the JPEG scan header names a component that is not there")?;
            if parts.iter().any(|part| part.component == component) {
                return Err("the JPEG scan header names a component twice".into());
            }
            parts.push(Part { component, first: usize::from(pair[1] >> 4), others: usize::from(pair[1] & 15) });
        }
        if parts.is_empty() {
            return Err("the JPEG scan header names no component".into());
        }
        let scan = Self { parts, from: usize::from(from), to: usize::from(to), before: u32::from(bits >> 4), now: u32::from(bits & 15) };
        Ok(scan)
    }

    /// Hands the blocks to `taker` in the order in which they are coded; returns how many bytes that took.
    pub(super) fn walk(&self, frame: &Frame, restart: usize, data: &[u8], taker: &mut impl Blocks) -> Result<usize, String> {
        let mut bits = Bits::of(data);
        let [across, down] = match self.parts[..] {
            // Alone, a component lies block after block, and none beyond its edges.
            [part] => {
                let component = &frame.components[part.component];
                [component.width.div_ceil(8), component.height.div_ceil(8)]
            }
            _ => frame.units(),
        };
        let units: Vec<[usize; 2]> = match self.parts[..] {
            [_] => vec![[1, 1]],
            _ => self.parts.iter().map(|part| &frame.components[part.component]).map(|part| [part.across, part.down]).collect(),
        };
        let mut until_restart = restart;
        let mut restarts = 0;
        for row in 0..down {
            for column in 0..across {
                let placed = |wrong: Wrong| format!("{wrong}, at {row} of {down} rows of blocks");
                if restart > 0 {
                    if until_restart == 0 {
                        bits.restart(restarts).map_err(placed)?;
                        taker.restart();
                        (restarts, until_restart) = (restarts + 1, restart);
                    }
                    until_restart -= 1;
                }
                for (part, &[wide, high]) in units.iter().enumerate() {
                    for (below, beside) in (0..high).flat_map(|below| (0..wide).map(move |beside| (below, beside))) {
                        taker.block(&mut bits, part, row * high + below, column * wide + beside).map_err(placed)?;
                    }
                }
            }
        }
        Ok(bits.end()?)
    }
}

/// What blocks are handed to.
pub(super) trait Blocks {
    /// Reads the next block, which belongs to this part of the scan.
    fn block(&mut self, bits: &mut Bits<'_>, part: usize, row: usize, column: usize) -> Result<(), Wrong>;

    /// What follows is coded as if nothing had been before.
    fn restart(&mut self);
}
