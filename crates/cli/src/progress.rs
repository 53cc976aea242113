//! Shows on standard error how far a long step is: a bar on a terminal, a line now and then elsewhere.

use std::{
    io::{IsTerminal, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;

const BAR_WIDTH: usize = 30;

/// Counts bytes; the display reads it from time to time.
#[derive(Debug, Clone, Default)]
pub struct Counter {
    done: Arc<AtomicU64>,
}

impl Counter {
    pub fn add(&self, bytes: i64) {
        self.done.fetch_add(bytes as u64, Ordering::Relaxed);
    }
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }
}

/// Ends when dropped.
pub struct Display {
    task: JoinHandle<()>,
}

impl Display {
    pub fn start(counter: Counter, total: u64) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let task = tokio::spawn(async move {
            let began = Instant::now();
            let pause = if terminal { Duration::from_millis(200) } else { Duration::from_secs(5) };
            loop {
                tokio::time::sleep(pause).await;
                let line = line(counter.done(), total, began.elapsed());
                // A lost terminal must not end the deposit.
                let _ = if terminal { write!(std::io::stderr(), "\r{line}\x1b[K") } else { writeln!(std::io::stderr(), "{line}") };
            }
        });
        Self { task }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.task.abort();
        if std::io::stderr().is_terminal() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

fn line(done: u64, total: u64, elapsed: Duration) -> String {
    let share = if total == 0 { 1.0 } else { (done as f64 / total as f64).clamp(0.0, 1.0) };
    let full = (share * BAR_WIDTH as f64) as usize;
    let speed = done as f64 / elapsed.as_secs_f64().max(0.001);
    let left = if speed > 0.0 && done > 0 { words_for_seconds((total.saturating_sub(done)) as f64 / speed) } else { "…".to_owned() };
    format!(
        "[{}{}] {} of {}, {}/s, {left} left",
        "=".repeat(full),
        " ".repeat(BAR_WIDTH - full),
        words_for_bytes(done),
        words_for_bytes(total),
        words_for_bytes(speed as u64)
    )
}

pub fn words_for_bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{bytes} B")
    } else if value < 9.95 {
        format!("{value:.1} {}", UNITS[unit])
    } else {
        format!("{value:.0} {}", UNITS[unit])
    }
}

fn words_for_seconds(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("{:.0} s", s.ceil()),
        s if s < 5400.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_much_how_quick_and_how_long() {
        let says = line(500_000_000, 2_000_000_000, Duration::from_secs(10));
        assert!(says.contains("500 MB of 2.0 GB, 50 MB/s, 30 s left"), "{says}");
        assert!(line(0, 0, Duration::ZERO).starts_with("[====="));
        assert_eq!(words_for_bytes(999_600), "1.0 MB");
    }
}
