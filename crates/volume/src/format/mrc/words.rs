//! Numbers of an MRC header in its own byte order.

/// Reads inside a header; what lies behind its end is zero.
pub(super) struct Words<'a> {
    pub(super) head: &'a [u8],
    pub(super) big_endian: bool,
}

impl Words<'_> {
    fn raw<const N: usize>(&self, at: usize) -> [u8; N] {
        let mut word = [0; N];
        if let Some(bytes) = self.head.get(at..at + N) {
            word.copy_from_slice(bytes);
        }
        if self.big_endian {
            word.reverse();
        }
        word
    }

    pub(super) fn short(&self, at: usize) -> i16 {
        i16::from_le_bytes(self.raw(at))
    }

    pub(super) fn int(&self, at: usize) -> i32 {
        i32::from_le_bytes(self.raw(at))
    }

    pub(super) fn float(&self, at: usize) -> f64 {
        f64::from(f32::from_le_bytes(self.raw(at)))
    }

    pub(super) fn double(&self, at: usize) -> f64 {
        f64::from_le_bytes(self.raw(at))
    }
}
