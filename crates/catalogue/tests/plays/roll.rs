//! The roll of what the world has been told.

use crate::{Stage, actors::*};
use catalogue::{RollMark, RollWish};
use record::instant::Instant;

fn mark(seconds: i64, sets: &[&str]) -> RollMark {
    RollMark { told_at: NOON.plus_seconds(seconds), digest: seconds, sets: sets.iter().map(|set| (*set).to_owned()).collect() }
}

pub async fn each_record_has_one_place_on_the_roll_for_ever(stage: Stage) {
    assert_eq!(stage.catalogue.roll_begins().await.unwrap(), None);
    commit(&stage.catalogue, async |change| {
        assert_eq!(change.lock_roll().await.unwrap(), 0);
        for number in [5, 1, 9, 3] {
            change.insert_record(&draft(number)).await.unwrap();
            let sets: &[&str] = if number == 9 { &["volume", "facility-a"] } else { &["volume-like"] };
            change.put_on_roll(&record_id(number), &mark(i64::from(number), sets)).await.unwrap();
        }
        change.roll_followed(17).await.unwrap();
    })
    .await;
    let places = async |wish: RollWish| -> Vec<(i64, u8)> {
        let lines = stage.catalogue.roll_page(&wish, 100).await.unwrap();
        assert_eq!(lines.len() as u64, stage.catalogue.roll_count(&wish).await.unwrap());
        let number = |line: &catalogue::RollLine| (0..16).find(|number| record_id(*number) == line.stored.record.id).unwrap();
        lines.iter().map(|line| (line.position, number(line))).collect()
    };
    assert_eq!(places(RollWish::default()).await, [(1, 5), (2, 1), (3, 9), (4, 3)]);
    // What changes keeps its place and gets a new time.
    commit(&stage.catalogue, async |change| {
        assert_eq!(change.lock_roll().await.unwrap(), 17);
        assert_eq!(change.roll_mark(&record_id(5)).await.unwrap(), Some(mark(5, &["volume-like"])));
        change.put_on_roll(&record_id(5), &mark(50, &["volume"])).await.unwrap();
        assert_eq!(change.roll_mark(&record_id(7)).await.unwrap(), None);
    })
    .await;
    assert_eq!(places(RollWish { after: 2, ..RollWish::default() }).await, [(3, 9), (4, 3)]);
    let at = |seconds: i64| Some(NOON.plus_seconds(seconds));
    assert_eq!(places(RollWish { from: at(9), ..RollWish::default() }).await, [(1, 5), (3, 9)]);
    assert_eq!(places(RollWish { from: at(2), until: at(9), ..RollWish::default() }).await, [(3, 9), (4, 3)]);
    // A set is its whole name.
    let set = |name: &str| RollWish { set: Some(name.to_owned()), ..RollWish::default() };
    assert_eq!(places(set("volume")).await, [(1, 5), (3, 9)]);
    for nothing in ["volum", "%", "_olume", "facility", "volume facility-a"] {
        assert_eq!(places(set(nothing)).await, [], "{nothing}");
    }
    assert_eq!(stage.catalogue.roll_sets().await.unwrap(), ["facility-a", "volume", "volume-like"]);
    assert_eq!(stage.catalogue.roll_begins().await.unwrap(), Some(Instant(NOON.0 + 1000)));
    assert_eq!(stage.catalogue.roll_line(&record_id(9)).await.unwrap().unwrap().sets, ["volume", "facility-a"]);
    let latest = stage.catalogue.roll_latest(None, 2).await.unwrap();
    assert_eq!(latest.iter().map(|line| line.position).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(stage.catalogue.roll_latest(Some("volume-like"), 9).await.unwrap().len(), 2);
    assert_eq!(stage.catalogue.roll_steps(2).await.unwrap(), [2, 4]);
}
