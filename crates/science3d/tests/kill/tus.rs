//! The words of an upload, for tests that speak with the real program.

/// What `Upload-Metadata` says of a file.
pub(crate) fn metadata(record: &str, path: &str) -> String {
    format!("record {},path {}", base64(record), base64(path))
}

fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut coded = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for position in 0..4 {
            coded.push(if position <= three.len() { LETTERS[(bits >> (18 - 6 * position) & 63) as usize] as char } else { '=' });
        }
    }
    coded
}
