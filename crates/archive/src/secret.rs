//! Secrets: made here, shown once, kept only as a hash.

use crate::Refusal;
use sha2::{Digest, Sha256};

/// 160 random bits in Crockford's base 32.
pub fn fresh(prefix: &str) -> Result<String, Refusal> {
    let bytes = random::<32>()?;
    let letters: String = bytes.iter().map(|byte| char::from(b"0123456789abcdefghjkmnpqrstvwxyz"[usize::from(byte & 31)])).collect();
    Ok(format!("{prefix}{letters}"))
}

pub fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], Refusal> {
    let mut bytes = [0u8; LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| Refusal::Unavailable(format!("no random numbers: {error}")))?;
    Ok(bytes)
}

/// What is stored of a secret that carries its own entropy; a plain hash suffices.
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
