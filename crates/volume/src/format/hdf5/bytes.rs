//! Numbers out of metadata blocks, each read checked; and the checksum that newer blocks carry.

use crate::Trouble;

/// What every damaged structure says; `what` names it and, where it helps, its address.
pub(super) fn damaged(what: impl std::fmt::Display) -> Trouble {
    Trouble::new(format!("its HDF5 structure is damaged: {what}"), "The file was cut off or is damaged; upload it again")
}

/// What the format allows and this reader does not know.
pub(super) fn unread(what: impl std::fmt::Display, hint: &str) -> Trouble {
    Trouble::new(what.to_string(), hint)
}

/// How wide addresses and lengths are in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Widths {
    pub(super) offset: usize,
    pub(super) length: usize,
}

/// Reads one block from front to back.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    what: &'static str,
    widths: Widths,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8], what: &'static str, widths: Widths) -> Self {
        Self { bytes, at: 0, what, widths }
    }

    pub(super) fn widths(&self) -> Widths {
        self.widths
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Trouble> {
        let end = self.at.checked_add(count).filter(|&end| end <= self.bytes.len());
        let Some(end) = end else { return Err(damaged(format!("{} ends too early", self.what))) };
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    pub(super) fn skip(&mut self, count: usize) -> Result<(), Trouble> {
        self.take(count).map(|_| ())
    }

    pub(super) fn rest(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        self.at = self.bytes.len();
        rest
    }

    /// A little-endian number of up to eight bytes.
    pub(super) fn uint(&mut self, count: usize) -> Result<u64, Trouble> {
        let taken = self.take(count)?;
        if count > 8 {
            return Err(damaged(format!("{} holds a number of {count} bytes", self.what)));
        }
        let mut word = [0; 8];
        word[..count].copy_from_slice(taken);
        Ok(u64::from_le_bytes(word))
    }

    pub(super) fn u8(&mut self) -> Result<u8, Trouble> {
        self.uint(1).map(|number| number as u8)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Trouble> {
        self.uint(2).map(|number| number as u16)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Trouble> {
        self.uint(4).map(|number| number as u32)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Trouble> {
        self.uint(8)
    }

    /// An address; nothing when it is the one that stands for “nowhere”.
    pub(super) fn address(&mut self) -> Result<Option<u64>, Trouble> {
        let width = self.widths.offset;
        let number = self.uint(width)?;
        let nowhere = if width == 8 { u64::MAX } else { (1 << (8 * width)) - 1 };
        Ok((number != nowhere).then_some(number))
    }

    pub(super) fn length(&mut self) -> Result<u64, Trouble> {
        self.uint(self.widths.length)
    }

    pub(super) fn signature(&mut self, expected: &[u8; 4]) -> Result<(), Trouble> {
        if self.take(4)? != expected {
            return Err(damaged(format!("{} does not begin with {}", self.what, String::from_utf8_lossy(expected))));
        }
        Ok(())
    }

    /// Checks a version that only may be one of these.
    pub(super) fn version(&mut self, known: &[u8]) -> Result<u8, Trouble> {
        let version = self.u8()?;
        if !known.contains(&version) {
            return Err(damaged(format!("{} claims version {version}", self.what)));
        }
        Ok(version)
    }
}

/// Text up to its first NUL.
pub(super) fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

/// A block whose last four bytes are the checksum of all before them.
pub(super) fn check_sum<'a>(block: &'a [u8], what: &'static str) -> Result<&'a [u8], Trouble> {
    let Some((body, sum)) = block.split_last_chunk::<4>() else { return Err(damaged(format!("{what} is too short"))) };
    if sums_matter() && lookup3(body) != u32::from_le_bytes(*sum) {
        return Err(damaged(format!("the checksum of {what} is wrong")));
    }
    Ok(body)
}

/// Fuzzing and the tests of damaged files look away, to see what lies behind the checksums.
fn sums_matter() -> bool {
    #[cfg(test)]
    if super::hostile::SUMS_IGNORED.get() {
        return false;
    }
    !cfg!(fuzzing)
}

/// Bob Jenkins' lookup3 (`hashlittle`, initial value 0), the checksum of HDF5 metadata.
pub(super) fn lookup3(bytes: &[u8]) -> u32 {
    let mut state = [0xdead_beef_u32.wrapping_add(bytes.len() as u32); 3];
    let mut rest = bytes;
    while rest.len() > 12 {
        add(&mut state, &rest[..12]);
        mix(&mut state);
        rest = &rest[12..];
    }
    if rest.is_empty() {
        return state[2];
    }
    let mut last = [0; 12];
    last[..rest.len()].copy_from_slice(rest);
    add(&mut state, &last);
    let [mut a, mut b, mut c] = state;
    c = (c ^ b).wrapping_sub(b.rotate_left(14));
    a = (a ^ c).wrapping_sub(c.rotate_left(11));
    b = (b ^ a).wrapping_sub(a.rotate_left(25));
    c = (c ^ b).wrapping_sub(b.rotate_left(16));
    a = (a ^ c).wrapping_sub(c.rotate_left(4));
    b = (b ^ a).wrapping_sub(a.rotate_left(14));
    (c ^ b).wrapping_sub(b.rotate_left(24))
}

fn add(state: &mut [u32; 3], twelve: &[u8]) {
    for (word, bytes) in state.iter_mut().zip(twelve.chunks_exact(4)) {
        *word = word.wrapping_add(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
    }
}

fn mix(state: &mut [u32; 3]) {
    let [mut a, mut b, mut c] = *state;
    a = a.wrapping_sub(c) ^ c.rotate_left(4);
    c = c.wrapping_add(b);
    b = b.wrapping_sub(a) ^ a.rotate_left(6);
    a = a.wrapping_add(c);
    c = c.wrapping_sub(b) ^ b.rotate_left(8);
    b = b.wrapping_add(a);
    a = a.wrapping_sub(c) ^ c.rotate_left(16);
    c = c.wrapping_add(b);
    b = b.wrapping_sub(a) ^ a.rotate_left(19);
    a = a.wrapping_add(c);
    c = c.wrapping_sub(b) ^ b.rotate_left(4);
    b = b.wrapping_add(a);
    *state = [a, b, c];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_its_author() {
        // From the self-test of lookup3.c.
        assert_eq!(lookup3(b""), 0xdead_beef);
        assert_eq!(lookup3(b"Four score and seven years ago"), 0x1777_0551);
    }

    #[test]
    fn reads_beyond_the_end_are_refused() {
        let mut cursor = Cursor::new(&[1, 2, 3], "a block", Widths { offset: 8, length: 8 });
        assert_eq!(cursor.u16().unwrap(), 513);
        assert!(cursor.u16().is_err());
        assert!(cursor.take(usize::MAX).is_err());
        assert_eq!(cursor.left(), 1);
        let all_ones = [0xff; 4];
        assert_eq!(Cursor::new(&all_ones, "a block", Widths { offset: 4, length: 4 }).address().unwrap(), None);
    }
}
