//! BMP series, as older CT scanners write them: 1 to 8 bits with a table, 24 and 32 bits of colour, no compression.

use super::picture::{self, Kind, Picture};
use super::tiff::sample::Stored;
use super::{Format, Role};
use crate::{ElementType, Trouble};

pub(crate) static FORMAT: Format = Format {
    name: "BMP",
    endings: &[".bmp", ".dib"],
    role: Role::Picture,
    // Two letters are little: the size of the second header and its one plane belong to it.
    recognises: |head| head.starts_with(b"BM") && head.get(15..18) == Some(&[0, 0, 0]) && matches!(head.get(14), Some(12 | 40..=124)),
    open: |paths, asked| picture::open(&KIND, paths, asked),
    head_facts: |head, _| picture::head_facts(&KIND, head),
};

static KIND: Kind = Kind { name: "BMP", head_bytes: HEAD_BYTES, look, decode };

/// Both headers and the table of 256 colours.
const HEAD_BYTES: u64 = 14 + 124 + 12 + 4 * 256;

struct Layout {
    width: usize,
    height: usize,
    top_first: bool,
    bits: usize,
    data_at: usize,
    /// The table of colours holds grey values that are equal to their places.
    grey_table: bool,
}

impl Layout {
    fn read(head: &[u8]) -> Result<Self, Trouble> {
        let cut_off = || Trouble::new("its BMP header is not complete", "The file was cut off; upload it again");
        let short = |at: usize| head.get(at..at + 2).map(|two| u16::from_le_bytes([two[0], two[1]])).ok_or_else(cut_off);
        let long = |at: usize| -> Result<u32, Trouble> { Ok(u32::from(short(at)?) | u32::from(short(at + 2)?) << 16) };
        let header = long(14)? as usize;
        let (width, height, bits, compression, entry) = if header == 12 {
            (i32::from(short(18)?), i32::from(short(20)?), short(24)?, 0, 3)
        } else {
            (long(18)? as i32, long(22)? as i32, short(28)?, long(30)?, 4)
        };
        match (compression, bits) {
            (0, 1 | 4 | 8 | 24 | 32) | (3, 32) => {}
            (1 | 2, _) => return Err(refuse("it is compressed as runs".into())),
            (code, bits) => return Err(refuse(format!("it has {bits} bits with the compression {code}"))),
        }
        // Red, green and blue where they lie in any other bitmap; the alpha is what is left.
        if compression == 3 && [long(54)?, long(58)?, long(62)?] != [0x00ff_0000, 0xff00, 0xff] {
            return Err(refuse("its colours lie in an unusual order".into()));
        }
        let table = 14 + header;
        let entries = head.get(table..table + entry * 256).unwrap_or_default();
        let grey_table = bits == 8
            && entries.len() == entry * 256
            && entries.chunks_exact(entry).enumerate().all(|(place, colour)| colour[..3].iter().all(|&value| usize::from(value) == place));
        Ok(Self {
            width: usize::try_from(width).map_err(|_| refuse(format!("it is {width} pixels wide")))?,
            height: height.unsigned_abs() as usize,
            top_first: height < 0,
            bits: usize::from(bits),
            data_at: long(10)? as usize,
            grey_table,
        })
    }
}

fn refuse(what: String) -> Trouble {
    Trouble::new(format!("{what}, which is not read"), "Save it as TIFF or PNG")
}

fn look(head: &[u8]) -> Result<Picture, Trouble> {
    let layout = Layout::read(head)?;
    let mut warnings = Vec::new();
    if layout.bits <= 8 && !layout.grey_table {
        warnings.push("The pictures have a colour table; the values are its indices.".into());
    }
    let channels: &[&str] = match layout.bits {
        24 => &["red", "green", "blue"],
        32 => &["red", "green", "blue", "alpha"],
        _ => &["grey"],
    };
    let channels = channels.iter().map(|name| (*name).into()).collect();
    Ok(Picture { width: layout.width, height: layout.height, element: ElementType::U8, channels, warnings })
}

fn decode(bytes: &[u8], picture: &Picture) -> Result<Vec<u8>, Trouble> {
    let layout = Layout::read(bytes)?;
    let cut_off = || Trouble::new("the BMP file is shorter than its pixels", "The file was cut off; upload it again");
    if (layout.width, layout.height) != (picture.width, picture.height) {
        return Err(cut_off());
    }
    // Rows are padded to four bytes.
    let row_bytes = (layout.width * layout.bits).div_ceil(32) * 4;
    let data = bytes.get(layout.data_at..).filter(|data| data.len() >= row_bytes * layout.height).ok_or_else(cut_off)?;
    let across = layout.width * picture.channels.len();
    let mut out = vec![0; across * layout.height];
    for (y, out) in out.chunks_exact_mut(across).enumerate() {
        let place = if layout.top_first { y } else { layout.height - 1 - y };
        let row = &data[place * row_bytes..][..row_bytes];
        match layout.bits {
            8 => out.copy_from_slice(&row[..across]),
            24 | 32 => {
                out.copy_from_slice(&row[..across]);
                // Blue comes first in the file.
                out.chunks_exact_mut(layout.bits / 8).for_each(|pixel| pixel.swap(0, 2));
            }
            bits => Stored::Packed { bits, signed: false }.spread(ElementType::U8, row, out),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {

    #[test]
    fn colours_in_another_order_are_not_taken_for_the_usual_one() {
        let look = |masks: [u32; 3]| {
            let words = [40, 2, 1, 32 << 16 | 1, 3, 0, 0, 0, 0, 0];
            let head: Vec<u8> = words.into_iter().chain(masks).flat_map(u32::to_le_bytes).collect();
            super::look(&[&b"BM\0\0\0\0\0\0\0\0\x42\0\0\0"[..], &head, &[0; 8]].concat())
        };
        assert_eq!(look([0x00ff_0000, 0xff00, 0xff]).unwrap().channels.len(), 4);
        assert!(look([0xff, 0xff00, 0x00ff_0000]).unwrap_err().what.contains("unusual order"));
    }
}
