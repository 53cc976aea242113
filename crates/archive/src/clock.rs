//! The time, handed in: the real one in the program, one to move by hand in tests.

use record::instant::Instant;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Clone)]
pub enum Clock {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    pub fn manual(start: Instant) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(start.0)))
    }

    pub fn now(&self) -> Instant {
        match self {
            Clock::System => Instant(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)),
            Clock::Manual(milliseconds) => Instant(milliseconds.load(Ordering::SeqCst)),
        }
    }

    /// Only a manual clock moves.
    pub fn advance_seconds(&self, seconds: i64) {
        if let Clock::Manual(milliseconds) = self {
            milliseconds.fetch_add(seconds * 1000, Ordering::SeqCst);
        }
    }
}
