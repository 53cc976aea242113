//! JPEG lossless (ITU-T T.81, process 14): Huffman-coded differences to a prediction from the neighbours.

use super::frame::{Frame, Scan};
use super::huffman::{Bits, Table, Wrong};

/// Reads one scan into the planes of its components, whose rows are as wide as the picture; returns how many bytes that took.
pub(super) fn scan<'s>(
    frame: &Frame,
    scan: &Scan,
    restart: usize,
    data: &[u8],
    table: impl Fn(usize) -> Option<&'s Table>,
    planes: &mut [Vec<u16>],
) -> Result<usize, String> {
    let (predictor, point) = (scan.from, scan.now);
    if !(1..=7).contains(&predictor) || point >= frame.precision {
        return Err("the JPEG scan header is damaged".into());
    }
    let [across, down] = frame.unit();
    if frame.components.iter().any(|component| [component.across, component.down] != [across, down]) {
        return Err("its lossless JPEG has colours that are coarser than its brightness, which is not read".into());
    }
    let mut parts = Vec::new();
    for part in &scan.parts {
        parts.push((part.component, table(part.first).ok_or("the JPEG scan names a table that is not there")?));
    }
    let mut bits = Bits::of(data);
    let start = 1 << (frame.precision - point - 1);
    let width = frame.width;
    // After a restart the next row is predicted like the first one.
    let mut fresh = Some(0);
    for row in 0..frame.height {
        let placed = |wrong: Wrong| format!("{wrong}, in row {row} of {}", frame.height);
        for column in 0..width {
            let number = row * width + column;
            if restart > 0 && number > 0 && number.is_multiple_of(restart) {
                bits.restart(number / restart - 1).map_err(placed)?;
                fresh = Some(number);
            }
            for &(component, table) in &parts {
                let values = &mut planes[component];
                let difference = bits.difference(table).map_err(placed)?;
                let predicted = match fresh {
                    Some(first) if number == first => start,
                    Some(first) if row == first / width => {
                        if column == 0 {
                            start
                        } else {
                            i32::from(values[number - 1])
                        }
                    }
                    _ if column == 0 => i32::from(values[number - width]),
                    _ => predict(predictor, values[number - 1], values[number - width], values[number - width - 1]),
                };
                values[number] = (predicted + difference) as u16;
            }
        }
    }
    for &(component, _) in parts.iter().filter(|_| point > 0) {
        planes[component].iter_mut().for_each(|value| *value <<= point);
    }
    Ok(bits.end()?)
}

#[inline(always)]
fn predict(predictor: usize, left: u16, above: u16, corner: u16) -> i32 {
    let [left, above, corner] = [left, above, corner].map(i32::from);
    match predictor {
        1 => left,
        2 => above,
        3 => corner,
        4 => left + above - corner,
        5 => left + ((above - corner) >> 1),
        6 => above + ((left - corner) >> 1),
        _ => (left + above) >> 1,
    }
}
