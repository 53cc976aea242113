//! The queue: one holder at a time, nothing lost, nothing twice.

use crate::{Stage, actors::*};
use catalogue::{Catalogue, Claimed, Lane};
use record::{
    id::JobId,
    instant::Instant,
    job::{Failure, Job, Progress, Standing},
    print_kit::{KitBase, KitWish},
    version::Version,
};
use std::collections::HashSet;

fn convert(number: u8) -> Job {
    Job::Convert { record: record_id(number) }
}

fn failure(what: &str) -> Failure {
    Failure::new(what, "Send it again.").in_file(Some("scan.tif".into()))
}

async fn enqueue(catalogue: &Catalogue, job: &Job, run_at: Instant) -> JobId {
    commit(catalogue, async |change| change.enqueue(job, run_at, NOON).await.unwrap()).await
}

async fn claim(catalogue: &Catalogue, now: Instant) -> Option<Claimed> {
    catalogue.claim("worker", now, 60).await.unwrap()
}

pub async fn eight_workers_never_hold_the_same_job(stage: Stage) {
    commit(&stage.catalogue, async |change| {
        for number in 0..120u8 {
            let mail = Job::letter("ada@example.org", number.to_string(), String::new());
            change.enqueue(&mail, NOON, NOON).await.unwrap();
            change.enqueue(&convert(number % 40), NOON, NOON).await.unwrap();
        }
    })
    .await;
    let workers = (0..8).map(|worker| {
        let catalogue = stage.catalogue.clone();
        tokio::spawn(async move {
            let mut done = Vec::new();
            while let Some(claimed) = catalogue.claim(&format!("worker {worker}"), NOON, 60).await.unwrap() {
                assert_eq!(claimed.attempt, 1);
                assert!(commit(&catalogue, async |change| change.finish(&claimed).await.unwrap()).await);
                done.push(claimed.id);
            }
            done
        })
    });
    let mut done = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        done.extend(worker.await.unwrap());
    }
    assert_eq!(done.len(), 160, "120 mails, and 40 conversions out of 120 wishes");
    assert_eq!(done.iter().collect::<HashSet<_>>().len(), 160);
    assert!(stage.catalogue.jobs(10).await.unwrap().is_empty());
}

pub async fn waiting_jobs_of_a_kind_are_one(stage: Stage) {
    let first = enqueue(&stage.catalogue, &convert(1), NOON.plus_seconds(30)).await;
    assert_eq!(enqueue(&stage.catalogue, &convert(1), NOON.plus_seconds(10)).await, first);
    assert_eq!(enqueue(&stage.catalogue, &convert(1), NOON.plus_seconds(20)).await, first);
    assert_ne!(enqueue(&stage.catalogue, &Job::Inspect { record: record_id(1) }, NOON.plus_seconds(40)).await, first);
    let waiting = stage.catalogue.jobs_of(&record_id(1)).await.unwrap();
    assert_eq!(waiting.len(), 2);
    assert_eq!((waiting[0].run_at, &waiting[0].standing), (NOON.plus_seconds(10), &Standing::Waiting { last_failure: None }));
    assert_eq!(claim(&stage.catalogue, NOON.plus_seconds(9)).await, None);
    assert_eq!(stage.catalogue.count_waiting(NOON.plus_seconds(10)).await.unwrap(), 1);
    assert_eq!(claim(&stage.catalogue, NOON.plus_seconds(10)).await.unwrap().job, convert(1));
}

pub async fn what_is_enqueued_while_its_like_runs_runs_once_more_afterwards(stage: Stage) {
    let first = enqueue(&stage.catalogue, &convert(1), NOON).await;
    let running = claim(&stage.catalogue, NOON).await.unwrap();
    let second = enqueue(&stage.catalogue, &convert(1), NOON).await;
    assert_ne!(second, first);
    assert_eq!(enqueue(&stage.catalogue, &convert(1), NOON).await, second);
    assert_eq!(claim(&stage.catalogue, NOON).await, None, "two of a kind run at once");
    assert!(matches!(stage.catalogue.jobs_of(&record_id(1)).await.unwrap()[0].standing, Standing::Running { since: NOON }));
    assert!(commit(&stage.catalogue, async |change| change.finish(&running).await.unwrap()).await);
    assert_eq!(claim(&stage.catalogue, NOON).await.unwrap().id, second);
}

pub async fn a_silent_worker_loses_its_job(stage: Stage) {
    enqueue(&stage.catalogue, &convert(1), NOON).await;
    let silent = claim(&stage.catalogue, NOON).await.unwrap();
    let half = Progress { done: 5, total: 10 };
    assert!(stage.catalogue.renew(&silent, half, NOON.plus_seconds(30), 60).await.unwrap());
    assert_eq!(stage.catalogue.jobs(10).await.unwrap()[0].progress, half);
    assert_eq!(claim(&stage.catalogue, NOON.plus_seconds(89)).await, None);

    let heir = claim(&stage.catalogue, NOON.plus_seconds(90)).await.unwrap();
    assert_eq!((heir.id, heir.attempt), (silent.id, 2));
    assert!(!stage.catalogue.renew(&silent, half, NOON.plus_seconds(91), 60).await.unwrap());
    commit(&stage.catalogue, async |change| {
        assert!(!change.finish(&silent).await.unwrap());
        assert!(!change.retry_later(&silent, &failure("late"), NOON).await.unwrap());
        assert!(!change.give_up(&silent, &failure("late")).await.unwrap());
        assert!(change.finish(&heir).await.unwrap());
        assert!(!change.finish(&heir).await.unwrap());
    })
    .await;

    // Enqueued anew after the silence: the old row goes, and with it the old worker's right.
    enqueue(&stage.catalogue, &convert(2), NOON).await;
    let silent = claim(&stage.catalogue, NOON).await.unwrap();
    let later = NOON.plus_seconds(100);
    commit(&stage.catalogue, async |change| change.enqueue(&convert(2), later, later).await.unwrap()).await;
    assert!(!commit(&stage.catalogue, async |change| change.finish(&silent).await.unwrap()).await);
    assert_eq!(stage.catalogue.jobs(10).await.unwrap().len(), 1);
}

pub async fn a_job_that_kills_its_workers_is_put_aside(stage: Stage) {
    enqueue(&stage.catalogue, &convert(1), NOON).await;
    let mut now = NOON;
    for attempt in 1..=convert(1).attempts_max() {
        assert_eq!(claim(&stage.catalogue, now).await.unwrap().attempt, attempt);
        now = now.plus_seconds(61);
    }
    assert_eq!(claim(&stage.catalogue, now).await, None);
    assert!(matches!(stage.catalogue.jobs(10).await.unwrap()[0].standing, Standing::Failed { .. }));
}

pub async fn an_unknown_job_does_not_stop_the_queue(stage: Stage) {
    let strange = r#"INSERT INTO job (kind, doc, run_at) VALUES ('dance', '{"kind":"dance"}', 0)"#;
    sqlx::query(strange).execute(&mut raw(&stage.url).await).await.unwrap();
    enqueue(&stage.catalogue, &convert(1), NOON).await;
    assert_eq!(claim(&stage.catalogue, NOON).await.unwrap().job, convert(1));
    assert_eq!(stage.catalogue.jobs(10).await.unwrap().len(), 1, "the list shows what it can");
}

pub async fn a_failed_job_waits_for_a_person(stage: Stage) {
    let id = enqueue(&stage.catalogue, &convert(1), NOON).await;
    let first = claim(&stage.catalogue, NOON).await.unwrap();
    assert!(
        commit(&stage.catalogue, async |change| change.retry_later(&first, &failure("full disk"), NOON.plus_seconds(5)).await.unwrap())
            .await
    );
    assert_eq!(stage.catalogue.jobs(1).await.unwrap()[0].standing, Standing::Waiting { last_failure: Some(failure("full disk")) });
    assert_eq!(claim(&stage.catalogue, NOON.plus_seconds(4)).await, None);
    let second = claim(&stage.catalogue, NOON.plus_seconds(5)).await.unwrap();
    assert_eq!(second.attempt, 2);
    assert!(commit(&stage.catalogue, async |change| change.give_up(&second, &failure("broken file")).await.unwrap()).await);
    assert_eq!(stage.catalogue.jobs(1).await.unwrap()[0].standing, Standing::Failed { failure: failure("broken file") });
    assert_eq!(claim(&stage.catalogue, NOON.plus_seconds(900)).await, None);

    let again =
        commit(&stage.catalogue, async |change| (change.try_again(id, NOON).await.unwrap(), change.try_again(id, NOON).await.unwrap()))
            .await;
    assert_eq!(again, (true, false));
    let third = claim(&stage.catalogue, NOON).await.unwrap();
    assert_eq!((third.id, third.attempt), (id, 1));
    assert!(commit(&stage.catalogue, async |change| change.give_up(&third, &failure("still broken")).await.unwrap()).await);
    enqueue(&stage.catalogue, &convert(1), NOON).await;
    let jobs = stage.catalogue.jobs(10).await.unwrap();
    assert!(matches!(jobs.as_slice(), [only] if matches!(only.standing, Standing::Waiting { .. })), "{jobs:?}");
}

pub async fn a_failure_beside_a_waiting_like_is_handed_to_it(stage: Stage) {
    enqueue(&stage.catalogue, &convert(1), NOON).await;
    let running = claim(&stage.catalogue, NOON).await.unwrap();
    let waiting = enqueue(&stage.catalogue, &convert(1), NOON).await;
    assert!(commit(&stage.catalogue, async |change| change.retry_later(&running, &failure("full disk"), NOON).await.unwrap()).await);
    let jobs = stage.catalogue.jobs(10).await.unwrap();
    assert_eq!(jobs.len(), 1);
    assert_eq!((jobs[0].id, &jobs[0].standing), (waiting, &Standing::Waiting { last_failure: Some(failure("full disk")) }));
}

pub async fn the_clock_knows_when_to_look_again(stage: Stage) {
    assert_eq!(stage.catalogue.next_run_at().await.unwrap(), None);
    enqueue(&stage.catalogue, &convert(1), NOON).await;
    assert_eq!(stage.catalogue.next_run_at().await.unwrap(), Some(NOON));
    claim(&stage.catalogue, NOON).await.unwrap();
    enqueue(&stage.catalogue, &convert(1), NOON).await;
    assert_eq!(stage.catalogue.next_run_at().await.unwrap(), Some(NOON.plus_seconds(60)), "the waiting like of a running job is not due");
    enqueue(&stage.catalogue, &Job::Sweep, NOON.plus_seconds(7)).await;
    assert_eq!(stage.catalogue.next_run_at().await.unwrap(), Some(NOON.plus_seconds(7)));
}

pub async fn light_jobs_do_not_wait_behind_heavy_ones(stage: Stage) {
    let record = record_id(1);
    let heavy = [convert(1), Job::Surface { record: record.clone() }];
    // Pictures take seconds, and a page waits for them.
    let light = [Job::Preview { record: record.clone() }, Job::Inspect { record }, Job::Sweep];
    for job in heavy.iter().chain(&light) {
        enqueue(&stage.catalogue, job, NOON).await;
    }
    let mut taken = Vec::new();
    for lane in [Lane::Light, Lane::Heavy] {
        while let Some(claimed) = stage.catalogue.claim_in(lane, "worker", NOON, 60).await.unwrap() {
            taken.push(claimed.job.name());
        }
    }
    assert_eq!(taken, ["preview", "inspect", "sweep", "convert", "surface"]);
}

pub async fn a_reader_who_waits_for_a_kit_does_not_wait_behind_movies(stage: Stage) {
    let record = record_id(1);
    enqueue(&stage.catalogue, &Job::Movie { record: record.clone() }, NOON).await;
    enqueue(&stage.catalogue, &convert(2), NOON).await;
    let wish = KitWish { model: "surface".into(), size_mm: 120, base: KitBase::None, halves: false };
    enqueue(&stage.catalogue, &Job::PrintKit { record, version: Version::FIRST, wish }, NOON.plus_seconds(5)).await;
    let later = NOON.plus_seconds(6);
    let mut taken = Vec::new();
    for lane in [Lane::Light, Lane::Heavy] {
        while let Some(claimed) = stage.catalogue.claim_in(lane, "worker", later, 60).await.unwrap() {
            taken.push(claimed.job.name());
        }
    }
    assert_eq!(taken, ["print-kit", "movie", "convert"]);
}

pub async fn a_job_is_found_by_what_it_is_among_any_number(stage: Stage) {
    let harvest = Job::Harvest { source: "pubdb".into() };
    commit(&stage.catalogue, async |change| {
        for number in 0..600u32 {
            let mail = Job::letter("ada@example.org", number.to_string(), String::new());
            change.enqueue(&mail, NOON, NOON).await.unwrap();
        }
    })
    .await;
    assert!(stage.catalogue.job_like(&harvest).await.unwrap().is_none());
    let id = enqueue(&stage.catalogue, &harvest, NOON.plus_seconds(86_400)).await;
    assert!(stage.catalogue.jobs(500).await.unwrap().iter().all(|view| view.id != id), "it is due after five hundred others");
    assert_eq!(stage.catalogue.job_like(&harvest).await.unwrap().map(|view| view.id), Some(id));
    assert!(stage.catalogue.job_like(&Job::Harvest { source: "another".into() }).await.unwrap().is_none());
}

pub async fn a_letter_that_was_given_up_is_forgotten(stage: Stage) {
    let letter = |subject: &str| Job::letter("ada@example.org", subject.to_owned(), String::new());
    for job in [letter("refused"), Job::Sweep] {
        enqueue(&stage.catalogue, &job, NOON).await;
        let claimed = claim(&stage.catalogue, NOON).await.unwrap();
        commit(&stage.catalogue, async |change| assert!(change.give_up(&claimed, &failure("No.")).await.unwrap())).await;
    }
    enqueue(&stage.catalogue, &letter("waits"), NOON).await;
    commit(&stage.catalogue, async |change| {
        assert_eq!(change.delete_failed_letters(NOON).await.unwrap(), 0);
        assert_eq!(change.delete_failed_letters(NOON.plus_seconds(1)).await.unwrap(), 1);
    })
    .await;
    let left = stage.catalogue.jobs(10).await.unwrap();
    assert_eq!(left.iter().map(|view| view.job.name()).collect::<Vec<_>>(), ["sweep", "send-mail"]);
}
