//! A number that changes when what is said changes; for telling whether there is news, never for proving anything.

use serde::Serialize;

/// FNV-1a over the value as JSON.
pub fn digest_of(value: &impl Serialize) -> i64 {
    let text = serde_json::to_string(value).unwrap_or_default();
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash.cast_signed()
}
