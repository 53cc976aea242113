//! The resumption token says everything itself, so nothing has to be remembered: it outlives a restart and works at every server
//! of a catalogue. Its place is a position on the roll, where each record has one for ever. It is not secret and gives no
//! right: every answer asks for the rights anew. The sum at its end tells a damaged token from a good one.

use super::{List, OaiError, Prefix};
use record::instant::Instant;

/// How long a token lasts.
pub const TOKEN_SECONDS: i64 = 24 * 3600;
const TOKEN_BYTES_MAX: usize = 400;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub list: List,
    /// The last position that was sent.
    pub after: i64,
    /// How many were sent before.
    pub cursor: u64,
    /// How many there were in all when the list began.
    pub size: u64,
    pub expires_at: Instant,
}

impl Token {
    pub fn written(&self) -> String {
        let time = |instant: Option<Instant>| instant.map_or_else(String::new, |instant| instant.0.div_euclid(1000).to_string());
        let set = self.list.set.as_deref().unwrap_or("");
        let text = format!(
            "{}!{}!{}!{set}!{}!{}!{}!{}",
            self.list.prefix.name(),
            time(self.list.from),
            time(self.list.until),
            self.after,
            self.cursor,
            self.size,
            time(Some(self.expires_at)),
        );
        format!("{text}!{:08x}", sum(&text))
    }

    pub fn read(text: &str, now: Instant) -> Result<Self, OaiError> {
        let token = Self::parsed(text).ok_or_else(|| {
            OaiError::BadResumptionToken("this token was not given by this repository, or lost a part of itself".to_owned())
        })?;
        if token.expires_at < now {
            return Err(OaiError::BadResumptionToken("this token lasted a day; please begin the list again".to_owned()));
        }
        Ok(token)
    }

    fn parsed(text: &str) -> Option<Self> {
        let (said, check) = text.rsplit_once('!').filter(|_| text.len() <= TOKEN_BYTES_MAX)?;
        if check.len() != 8 || u32::from_str_radix(check, 16).ok()? != sum(said) {
            return None;
        }
        let parts: Vec<&str> = said.split('!').collect();
        let [prefix, from, until, set, after, cursor, size, expires_at] = parts.try_into().ok()?;
        let list =
            List { prefix: Prefix::parse(prefix)?, from: time(from)?, until: time(until)?, set: (!set.is_empty()).then(|| set.to_owned()) };
        let token = Self {
            list,
            after: after.parse().ok()?,
            cursor: cursor.parse().ok()?,
            size: size.parse().ok()?,
            expires_at: time(expires_at)??,
        };
        Some(token)
    }
}

/// `None` is a fault, `Some(None)` is no time.
fn time(text: &str) -> Option<Option<Instant>> {
    if text.is_empty() {
        return Some(None);
    }
    let seconds: i64 = text.parse().ok()?;
    Some(Some(Instant(seconds.checked_mul(1000)?)))
}

/// FNV-1a.
fn sum(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written_for_a_day_and_not_when_damaged() {
        let now = Instant(1_795_452_480_000);
        let list = List { prefix: Prefix::OaiDc, from: Some(Instant(1000)), until: None, set: Some("facility-petra-iii".into()) };
        let token = Token { list, after: 7, cursor: 500, size: 1200, expires_at: now.plus_seconds(TOKEN_SECONDS) };
        let text = token.written();
        assert_eq!(Token::read(&text, now), Ok(token));
        assert!(Token::read(&text, now.plus_seconds(TOKEN_SECONDS + 1)).unwrap_err().to_string().contains("a day"));
        for (place, _) in text.char_indices() {
            let mut damaged = text.clone();
            damaged.replace_range(place..=place, "9");
            assert!(damaged == text || Token::read(&damaged, now).is_err(), "{damaged}");
            assert!(Token::read(&text[..place], now).is_err());
        }
        for nonsense in ["", "!", "!!!!!!!!", "oai_dc", &"9".repeat(1000), "ö!00000000"] {
            assert_eq!(Token::read(nonsense, now).unwrap_err().code(), "badResumptionToken");
        }
    }
}
