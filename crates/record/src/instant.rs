//! A point in time, as milliseconds since 1970 UTC. The clock is handed in from outside.

use serde::{Deserialize, Serialize};
use std::fmt;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instant(pub i64);

impl Instant {
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let parsed = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        Some(Self((parsed.unix_timestamp_nanos() / 1_000_000) as i64))
    }
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }
    fn calendar(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
    pub fn year(self) -> i32 {
        self.calendar().year()
    }
    /// `2026-11-23`
    pub fn date(self) -> String {
        let day = self.calendar();
        format!("{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day())
    }
    /// `2026-11-23 16:48 UTC`
    pub fn minute(self) -> String {
        let moment = self.calendar();
        format!("{} {:02}:{:02} UTC", self.date(), moment.hour(), moment.minute())
    }
    /// `Mon, 23 Nov 2026 16:48:00 GMT`, as mail (RFC 5322) and HTTP (RFC 9110) write it.
    pub fn http_date(self) -> String {
        let moment = self.calendar();
        // Names of days and months are plain English words of three letters and more.
        let (weekday, month) = (moment.weekday().to_string(), moment.month().to_string());
        format!(
            "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
            &weekday[..3],
            moment.day(),
            &month[..3],
            moment.year(),
            moment.hour(),
            moment.minute(),
            moment.second()
        )
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = self.calendar();
        write!(f, "{}T{:02}:{:02}:{:02}.{:03}Z", self.date(), moment.hour(), moment.minute(), moment.second(), moment.millisecond())
    }
}

impl Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_rfc3339(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("“{text}” is not an RFC 3339 time such as 2026-11-23T16:48:00Z")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_and_read_back_to_the_millisecond() {
        let instant = Instant(1_795_452_480_123);
        assert_eq!(instant.to_string(), "2026-11-23T16:48:00.123Z");
        assert_eq!(Instant::from_rfc3339(&instant.to_string()), Some(instant));
        assert_eq!(Instant::from_rfc3339("2026-11-23T17:48:00.123+01:00"), Some(instant));
        assert_eq!(instant.minute(), "2026-11-23 16:48 UTC");
        assert_eq!(instant.http_date(), "Mon, 23 Nov 2026 16:48:00 GMT");
        assert_eq!(Instant(0).http_date(), "Thu, 01 Jan 1970 00:00:00 GMT");
    }
}
