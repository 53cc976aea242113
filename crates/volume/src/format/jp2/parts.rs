//! What a JPEG 2000 codestream makes its decoder hold before a single voxel is expanded (ITU-T T.800, annexes A and B): some hundred
//! bytes can claim more tiles, precincts and code-blocks than any memory has, and leave most of the tiles out.

use super::{bytes_at, number_at};

const START_OF_DATA: u64 = 0xff93;
const TILE_PART: u64 = 0xff90;
const END: u64 = 0xffd9;
const STYLE: u64 = 0xff52;
const STYLE_OF_COMPONENT: u64 = 0xff53;

/// Tiles are counted with 16 bits.
const TILES_MAX: u64 = 65_535;
/// Bytes that the decoder holds for a tile, for each component of it, and for each precinct, code-block and layer of the tile at work.
const TILE_BYTES: u64 = 200;
const COMPONENT_BYTES: u64 = 700;
const PRECINCT_BYTES: u64 = 120;
const BLOCK_BYTES: u64 = 250;
const LAYER_BYTES: u64 = 24;
/// Room for them: so much for each sample, which is part of what a picture is told to take, and a little that is always there.
const BYTES_PER_SAMPLE: u64 = 4;
const BYTES_FREE: u64 = 8 << 20;

/// The worst of what all markers say about how tiles are divided.
struct Style {
    layers: u64,
    /// How often a tile is halved.
    levels: u32,
    /// Shortest sides along x and y, as powers of two.
    block: [u32; 2],
    precinct: [u32; 2],
}

impl Style {
    fn new() -> Self {
        Self { layers: 1, levels: 0, block: [10; 2], precinct: [15; 2] }
    }

    /// Takes what a segment says in so many bytes from its style on; `said` are those behind it.
    fn take(&mut self, style: u8, said: &[u8]) {
        let &[levels, width, height, _, _, ref precincts @ ..] = said else { return };
        self.levels = self.levels.max(u32::from(levels).min(32));
        for (side, said) in self.block.iter_mut().zip([width, height]) {
            *side = (*side).min(u32::from(said & 15) + 2);
        }
        for &both in precincts.iter().filter(|_| style & 1 != 0) {
            let [width, height] = &mut self.precinct;
            (*width, *height) = ((*width).min(u32::from(both & 15)), (*height).min(u32::from(both >> 4)));
        }
    }

    /// Bytes for the parts of one component of a tile.
    fn held_bytes(&self, tile: [u64; 2]) -> u64 {
        // Level 0 is the picture halved most often; each other one consists of three bands half its size.
        let level = |level: u32| {
            let (bands, halved, cut) = if level == 0 { (1, self.levels, 0) } else { (3, self.levels - level + 1, 1) };
            let touched = |axis: usize, side: u32| (((tile[axis] >> halved) + 1) >> side) + 2;
            let both = |side: [u32; 2]| touched(0, side[0]).saturating_mul(touched(1, side[1]));
            let precinct = self.precinct.map(|side| side.saturating_sub(cut));
            let block = [0, 1].map(|axis| self.block[axis].min(precinct[axis]));
            let blocks = both(block).saturating_mul(BLOCK_BYTES + LAYER_BYTES * self.layers);
            both(precinct).saturating_mul(PRECINCT_BYTES).saturating_add(blocks).saturating_mul(bands)
        };
        (0..=self.levels).map(level).fold(0, u64::saturating_add)
    }
}

/// Refuses a codestream that lacks tiles, or claims more parts than so many samples are worth.
pub(super) fn check(stream: &[u8], components: usize, samples: u64) -> Result<(), String> {
    let [far, length, first] = [8, 24, 32].map(|at| [at, at + 4].map(|at| number_at(stream, at, 4)));
    let along = |axis: usize| {
        let (far, length, first) = (far[axis]?, length[axis]?, first[axis]?);
        Some(far.saturating_sub(first).checked_next_multiple_of(length)? / length)
    };
    let tiles = along(0).zip(along(1)).map(|(across, down)| across.saturating_mul(down));
    let tiles = tiles.filter(|tiles| (1..=TILES_MAX).contains(tiles)).ok_or("it has no tiles, or too many")?;
    let mut is_there = vec![false; tiles as usize];
    let style = walk(stream, components, &mut is_there)?;
    let tile = [0, 1].map(|axis| far[axis].unwrap_or(0).min(length[axis].unwrap_or(0)));
    let components = components as u64;
    let held = components.saturating_mul(style.held_bytes(tile)).saturating_add(tiles * (TILE_BYTES + components * COMPONENT_BYTES));
    if held > BYTES_FREE + BYTES_PER_SAMPLE.saturating_mul(samples) {
        return Err("it is divided into too many parts".into());
    }
    match is_there.iter().filter(|&&is_there| !is_there).count() {
        0 => Ok(()),
        missing => Err(format!("{missing} of its {tiles} tiles are missing")),
    }
}

/// Goes through the segments of all headers and marks the tiles that are there.
fn walk(stream: &[u8], components: usize, is_there: &mut [bool]) -> Result<Style, String> {
    let mut style = Style::new();
    let (mut at, mut next_part) = (2, None);
    while let Some(marker) = number_at(stream, at, 2).filter(|&marker| marker != END) {
        // Behind the marker and its length.
        let body = at + 4;
        let length = number_at(stream, at + 2, 2).unwrap_or(0) as usize;
        match marker {
            START_OF_DATA => match next_part {
                Some(next) if next > at => {
                    at = next;
                    continue;
                }
                _ => break,
            },
            TILE_PART => {
                let tile = number_at(stream, body, 2).and_then(|tile| is_there.get_mut(tile as usize));
                *tile.ok_or("it has a tile too many")? = true;
                // The last one may leave out how long it is.
                let part = number_at(stream, body + 2, 4).filter(|&part| part > 0);
                next_part = part.and_then(|part| at.checked_add(part as usize));
            }
            STYLE => {
                style.layers = style.layers.max(number_at(stream, body + 2, 2).unwrap_or(0));
                style.take(stream.get(body).copied().unwrap_or(0), bytes_at(stream, body + 5, length.saturating_sub(7)));
            }
            STYLE_OF_COMPONENT => {
                let behind = body + if components < 257 { 1 } else { 2 };
                let left = length.saturating_sub(behind + 1 - at - 2);
                style.take(stream.get(behind).copied().unwrap_or(0), bytes_at(stream, behind + 1, left));
            }
            _ => {}
        }
        at += 2 + length;
    }
    Ok(style)
}
