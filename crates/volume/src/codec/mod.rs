//! Packings that several places share: our own volumes, and the formats of others that use the same ones.

pub(crate) mod blosc;
pub(crate) mod blosc2;
pub(crate) mod blosc_pack;
mod blosclz;
mod lanes;
mod look;
pub(crate) mod lz4;
pub(crate) mod shuffle;
mod sixteen;
#[cfg(target_arch = "x86_64")]
mod thirty_two;

use std::cell::RefCell;

/// What is wrong with packed bytes; whoever knows the file adds its name and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken(pub(crate) String);

impl Broken {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl std::fmt::Display for Broken {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

/// Expands to exactly as many bytes as `out` has.
pub(crate) fn zstd_into(packed: &[u8], out: &mut [u8]) -> Result<(), Broken> {
    thread_local! {
        static DECOMPRESSOR: RefCell<Option<zstd::bulk::Decompressor<'static>>> = const { RefCell::new(None) };
    }
    let broken = |error: std::io::Error| Broken(format!("zstd data do not expand ({error})"));
    let written = DECOMPRESSOR.with_borrow_mut(|kept| {
        let decompressor = match kept {
            Some(decompressor) => decompressor,
            None => kept.insert(zstd::bulk::Decompressor::new().map_err(broken)?),
        };
        decompressor.decompress_to_buffer(packed, out).map_err(broken)
    })?;
    check_length(written, out.len())
}

/// Expands a zlib stream to exactly as many bytes as `out` has.
pub(crate) fn zlib_into(packed: &[u8], out: &mut [u8]) -> Result<(), Broken> {
    let mut expander = flate2::Decompress::new(true);
    let status = expander
        .decompress(packed, out, flate2::FlushDecompress::Finish)
        .map_err(|error| Broken(format!("zlib data do not expand ({error})")))?;
    if status != flate2::Status::StreamEnd {
        return Err(Broken::new("zlib data do not end where they should"));
    }
    check_length(expander.total_out() as usize, out.len())
}

fn check_length(found: usize, expected: usize) -> Result<(), Broken> {
    if found == expected { Ok(()) } else { Err(Broken(format!("packed data expand to {found} bytes instead of {expected}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by c-blosc (numcodecs 0.16) of `(numpy.arange(1024) // 64).astype("u2")`: BloscLZ, LZ4 and zlib with shuffled
    /// bytes, zstd with shuffled bits, BloscLZ without shuffling.
    #[rustfmt::skip]
    const CONTAINERS: [&str; 5] = [
        "0201010200080000000800009100000014000000660000002300000000e03203010001e03500010102e03500010203e03500010304e03500010405e0\
         3500010506e03500010607e03500010708e03500010809e0350001090ae03500010a0be03500010b0ce03500010c0de03500010d0ee03500010e0fe0\
         3300020f0f0f0f0000002300000000e0fffffff30302000000",
        "0201210200080000000800008000000014000000560000001f0001002c1f0101002c1f0201002c1f0301002c1f0401002c1f0501002c1f0601002c1f\
         0701002c1f0801002c1f0901002c1f0a01002c1f0b01002c1f0c01002c1f0d01002c1f0e01002c1f0f010027500f0f0f0f0f0e0000001f000100ffff\
         ffea500000000000",
        "02016102000800000008000059000000140000002c000000785ea5c10701c020000020ffe6efdfd610400826a284322aa8a2863ef4a38e069a68a18d\
         0ebae801d53a1e0111000000785e63601805a360148c54000004000001",
        "02019402000800000008000044000000140000002c00000028b52ffd600007150100380000ffffffff000ca030f9802379fcfd296d5c0fd30d23db48\
         eb47ac33ed867119",
        "0201000200080000000800008800000014000000360000002300000000e07203010001e07501010002e07501010003e07501010004e07501010005e0\
         7501010006e07501010007e0730102000700360000002308000800e07203010009e0750101000ae0750101000be0750101000ce0750101000de07501\
         01000ee0750101000fe0730102000f00",
    ];

    #[test]
    fn containers_of_c_blosc_expand() {
        let plain: Vec<u8> = (0..1_024u16).flat_map(|value| (value / 64).to_le_bytes()).collect();
        for container in CONTAINERS {
            let packed: Vec<u8> = (0..container.len() / 2).map(|at| u8::from_str_radix(&container[2 * at..][..2], 16).unwrap()).collect();
            assert_eq!(blosc::expand(&packed, 2_048).unwrap(), plain, "{container}");
            for cut in 0..packed.len() {
                assert!(blosc::expand(&packed[..cut], 2_048).is_err());
            }
        }
    }
}
