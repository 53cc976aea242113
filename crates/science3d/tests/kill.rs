//! Acknowledged means durable. Depositors work while the server is killed with SIGKILL at random moments; each writes down
//! what was acknowledged to him. Afterwards everything written down must be there, nothing may be half there, and the
//! labour must go on by itself. SCIENCE3D_KILLS says how often (40), SCIENCE3D_SEED repeats a run.

#[path = "kill/depositor.rs"]
mod depositor;
#[path = "kill/server.rs"]
mod server;
#[path = "kill/tus.rs"]
mod tus;

use depositor::{Depositor, Kept};
use server::Server;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

const KILLS: u32 = 40;
const DEPOSITORS: usize = 2;
/// A server lives for a random time up to this.
const LIFE_MS_MAX: u64 = 1200;
/// What the labour of one record may take on a busy machine when it waited until the killing was over.
const SETTLE_SECONDS_MAX: u64 = 120;
const SETTLE_SECONDS_PER_RECORD: u64 = 3;

/// A longer play leaves more behind: more records to look through at each start, and more labour that was interrupted.
const TENTHS_OF_SECONDS_PER_KILL: u64 = 5;

fn kills() -> u64 {
    number("SCIENCE3D_KILLS", KILLS.into())
}

/// What may take so many seconds in a short play may take longer in a long one.
fn patience(seconds: u64) -> Duration {
    Duration::from_secs(seconds) + Duration::from_millis(100 * TENTHS_OF_SECONDS_PER_KILL * kills())
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Xorshift: enough to choose moments, and the same again for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_by_kill_nine() {
    let seed = number("SCIENCE3D_SEED", std::process::id().into()) | 1;
    let kills = kills();
    eprintln!("SCIENCE3D_SEED={seed} SCIENCE3D_KILLS={kills}");
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut server = Server::prepare();
    let token = server.make_account("kill@example.org");
    server.start().await;
    let over = Arc::new(AtomicBool::new(false));
    let mut depositors = Vec::new();
    for number in 0..DEPOSITORS {
        let depositor = Depositor::new(server.address(), &token, number, over.clone());
        depositors.push(tokio::spawn(depositor.work()));
    }
    for kill in 1..=kills {
        tokio::time::sleep(Duration::from_millis(5 + dice.below(LIFE_MS_MAX))).await;
        server.kill();
        server.start().await;
        if kill % 10 == 0 {
            eprintln!("{kill} kills");
        }
        if depositors.iter().any(tokio::task::JoinHandle::is_finished) {
            // A depositor who found a loss ends at once and says which.
            break;
        }
    }
    over.store(true, Ordering::SeqCst);
    let mut kept = Vec::new();
    for depositor in depositors {
        kept.extend(depositor.await.expect("a depositor found that something acknowledged was lost"));
    }
    eprintln!("{} records were acknowledged, {} of them released", kept.len(), kept.iter().filter(|kept| kept.state == "released").count());
    assert!(!kept.is_empty(), "nobody got anything done between {kills} kills");
    settle(&server, &token, &kept).await;
    for kept in &kept {
        depositor::check(server.address(), &token, kept).await;
    }
    server.stop();
    server.verify();
}

/// The labour that kills interrupted must come to its end without anybody's help.
async fn settle(server: &Server, token: &str, kept: &[Kept]) {
    let began = Instant::now();
    let patience = patience(SETTLE_SECONDS_MAX + SETTLE_SECONDS_PER_RECORD * kept.len() as u64);
    for kept in kept {
        loop {
            let jobs = depositor::jobs(server.address(), token, &kept.id).await;
            let failed: Vec<_> = jobs.iter().filter(|job| job["standing"] == "failed").collect();
            assert!(failed.is_empty(), "record {}: {failed:?}", kept.id);
            // A small foam has no surface, and that stays said.
            if jobs.iter().all(|job| job["standing"] == "needless") {
                break;
            }
            assert!(began.elapsed() < patience, "record {} still waits for {jobs:?}", kept.id);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}
