//! The bytes of a ZIP around its files: stored, never compressed, with names in UTF-8, in ZIP64 form exactly where
//! a number does not fit otherwise. Every length is known before the first byte is written.

use record::instant::Instant;

const LOCAL_BYTES: u64 = 30;
const CENTRAL_BYTES: u64 = 46;
const END_BYTES: u64 = 22;
const END_64_BYTES: u64 = 56 + 20;
const SMALL_MAX: u64 = 0xFFFF_FFFE;
const COUNT_SMALL_MAX: u64 = 0xFFFE;
/// Bit 11: the name is UTF-8.
const FLAGS: u16 = 1 << 11;

/// One file of the ZIP, without its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub(crate) name: &'a str,
    pub(crate) bytes: u64,
    pub(crate) crc32: u32,
    pub(crate) added_at: Instant,
}

impl Entry<'_> {
    fn is_big(&self) -> bool {
        self.bytes > SMALL_MAX
    }

    pub(crate) fn local_bytes(&self) -> u64 {
        LOCAL_BYTES + self.name.len() as u64 + if self.is_big() { 20 } else { 0 }
    }

    pub(crate) fn write_local(&self, out: &mut Vec<u8>) {
        let big = self.is_big();
        put32(out, 0x0403_4B50);
        put16(out, if big { 45 } else { 20 });
        self.write_shared(out);
        put16(out, if big { 20 } else { 0 });
        out.extend_from_slice(self.name.as_bytes());
        if big {
            put16(out, 1);
            put16(out, 16);
            put64(out, self.bytes);
            put64(out, self.bytes);
        }
    }

    /// Flags, method, time, sum, sizes and the length of the name: the same in both headers.
    fn write_shared(&self, out: &mut Vec<u8>) {
        let (date, time) = dos_time(self.added_at);
        let size = if self.is_big() { u32::MAX } else { self.bytes as u32 };
        put16(out, FLAGS);
        put16(out, 0);
        put16(out, time);
        put16(out, date);
        put32(out, self.crc32);
        put32(out, size);
        put32(out, size);
        // A path has at most 1024 bytes, and ten more stand before it.
        put16(out, self.name.len() as u16);
    }

    fn extra_numbers(&self, offset: u64) -> u64 {
        (if self.is_big() { 2 } else { 0 }) + u64::from(offset > SMALL_MAX)
    }

    pub(crate) fn central_bytes(&self, offset: u64) -> u64 {
        let numbers = self.extra_numbers(offset);
        CENTRAL_BYTES + self.name.len() as u64 + if numbers > 0 { 4 + 8 * numbers } else { 0 }
    }

    /// `offset` is where the local header stands.
    pub(crate) fn write_central(&self, offset: u64, out: &mut Vec<u8>) {
        let numbers = self.extra_numbers(offset);
        put32(out, 0x0201_4B50);
        put16(out, 3 << 8 | 45);
        put16(out, if numbers > 0 { 45 } else { 20 });
        self.write_shared(out);
        put16(out, if numbers > 0 { 4 + 8 * numbers as u16 } else { 0 });
        put16(out, 0);
        put16(out, 0);
        put16(out, 0);
        put32(out, 0o100_644 << 16);
        put32(out, if offset > SMALL_MAX { u32::MAX } else { offset as u32 });
        out.extend_from_slice(self.name.as_bytes());
        if numbers > 0 {
            put16(out, 1);
            put16(out, 8 * numbers as u16);
            if self.is_big() {
                put64(out, self.bytes);
                put64(out, self.bytes);
            }
            if offset > SMALL_MAX {
                put64(out, offset);
            }
        }
    }
}

/// What closes the ZIP.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    pub(crate) entries: u64,
    pub(crate) central_offset: u64,
    pub(crate) central_bytes: u64,
}

impl End {
    fn is_big(&self) -> bool {
        self.entries > COUNT_SMALL_MAX || self.central_offset > SMALL_MAX || self.central_bytes > SMALL_MAX
    }

    pub(crate) fn bytes(&self) -> u64 {
        END_BYTES + if self.is_big() { END_64_BYTES } else { 0 }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        if self.is_big() {
            put32(out, 0x0606_4B50);
            put64(out, 44);
            put16(out, 3 << 8 | 45);
            put16(out, 45);
            put32(out, 0);
            put32(out, 0);
            put64(out, self.entries);
            put64(out, self.entries);
            put64(out, self.central_bytes);
            put64(out, self.central_offset);
            put32(out, 0x0706_4B50);
            put32(out, 0);
            put64(out, self.central_offset + self.central_bytes);
            put32(out, 1);
        }
        let entries = if self.entries > COUNT_SMALL_MAX { u16::MAX } else { self.entries as u16 };
        let small = |number: u64| if number > SMALL_MAX { u32::MAX } else { number as u32 };
        put32(out, 0x0605_4B50);
        put16(out, 0);
        put16(out, 0);
        put16(out, entries);
        put16(out, entries);
        put32(out, small(self.central_bytes));
        put32(out, small(self.central_offset));
        put16(out, 0);
    }
}

fn put16(out: &mut Vec<u8>, number: u16) {
    out.extend_from_slice(&number.to_le_bytes());
}
fn put32(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_le_bytes());
}
fn put64(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

/// Date and time as DOS wrote them, in UTC: years from 1980, two seconds exact.
fn dos_time(instant: Instant) -> (u16, u16) {
    let moment = time::OffsetDateTime::from_unix_timestamp(instant.0.div_euclid(1000)).unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    if !(1980..=2107).contains(&moment.year()) {
        return (1 << 5 | 1, 0);
    }
    let date = (moment.year() - 1980) as u16 * 512 + u16::from(u8::from(moment.month())) * 32 + u16::from(moment.day());
    (date, u16::from(moment.hour()) * 2048 + u16::from(moment.minute()) * 32 + u16::from(moment.second() / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_is_as_long_as_announced_on_both_sides_of_each_border() {
        for bytes in [0, 1, SMALL_MAX, SMALL_MAX + 1, u64::MAX / 2] {
            for offset in [0, SMALL_MAX, SMALL_MAX + 1, u64::MAX / 2] {
                let entry = Entry { name: "7h3k9x2q4/Käfer.tif", bytes, crc32: 7, added_at: Instant(1_795_452_480_123) };
                let (mut local, mut central) = (Vec::new(), Vec::new());
                entry.write_local(&mut local);
                entry.write_central(offset, &mut central);
                assert_eq!((local.len() as u64, central.len() as u64), (entry.local_bytes(), entry.central_bytes(offset)));
            }
        }
        for entries in [0, COUNT_SMALL_MAX, COUNT_SMALL_MAX + 1] {
            for offset in [0, SMALL_MAX, SMALL_MAX + 1] {
                let (end, mut out) = (End { entries, central_offset: offset, central_bytes: 5 }, Vec::new());
                end.write(&mut out);
                assert_eq!(out.len() as u64, end.bytes());
            }
        }
    }

    #[test]
    fn a_time_is_written_as_dos_did() {
        let (date, time) = dos_time(Instant(1_795_452_480_123));
        assert_eq!((date >> 9, date >> 5 & 15, date & 31), (46, 11, 23));
        assert_eq!((time >> 11, time >> 5 & 63, time & 31), (16, 48, 0));
        assert_eq!(dos_time(Instant(0)), (33, 0));
    }
}
