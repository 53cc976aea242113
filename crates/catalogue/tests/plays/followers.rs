//! Those who follow by mail, and when they are written to.

use crate::{Stage, actors::*};
use catalogue::Change;
use record::{
    event::Happening,
    follower::{Follower, Follows, Known},
    id::RecordId,
    instant::Instant,
    letter::LetterLanguage,
    version::Version,
};

const DAY_MS: i64 = 24 * 3600 * 1000;

pub fn of_record(record: &RecordId, open: bool) -> Follows {
    Follows::Record { record: record.clone(), known: Known { open, version: Version::FIRST, metadata_digest: -7 } }
}

pub fn follower(address: &str, secret: &str, follows: Follows) -> Follower {
    Follower {
        id: 0,
        email: email(address),
        secret: secret.to_owned(),
        language: LetterLanguage::German,
        follows,
        asked_at: NOON,
        confirmed_at: None,
    }
}

fn at(seconds: i64) -> Instant {
    NOON.plus_seconds(seconds)
}

async fn secrets_due(change: &mut Change, now: Instant) -> Vec<String> {
    change.due_followers(now, 10).await.unwrap().into_iter().map(|follower| follower.secret).collect()
}

pub async fn a_following_is_confirmed_told_and_ended(stage: Stage) {
    let record = with_record(&stage.catalogue, 1).await;
    let emmy = follower("emmy@example.org", "one", of_record(&record, false));
    commit(&stage.catalogue, async |change| {
        assert!(change.insert_follower(&emmy).await.unwrap());
        assert!(!change.insert_follower(&Follower { secret: "two".into(), ..emmy.clone() }).await.unwrap(), "one following each");
        assert!(change.insert_follower(&follower("emmy@example.org", "all", Follows::Releases { told: 0 })).await.unwrap());
        assert!(!change.insert_follower(&follower("emmy@example.org", "all2", Follows::Releases { told: 1 })).await.unwrap());
        assert!(change.insert_follower(&follower("olga@example.org", "olga", of_record(&record, false))).await.unwrap());
        assert_eq!(change.count_unconfirmed(&email("emmy@example.org")).await.unwrap(), 2);
        let known = change.following(&email("emmy@example.org"), Some(&record)).await.unwrap().unwrap();
        assert_eq!(Follower { id: 0, ..known }, emmy);
        assert_eq!(change.following(&email("emmy@example.org"), None).await.unwrap().unwrap().secret, "all");
    })
    .await;

    commit(&stage.catalogue, async |change| {
        for secret in ["one", "all"] {
            let waiting = change.follower(secret).await.unwrap().unwrap();
            change.confirm_follower(waiting.id, &waiting.follows, at(60)).await.unwrap();
        }
        assert_eq!(change.count_unconfirmed(&email("emmy@example.org")).await.unwrap(), 0);
        assert_eq!(change.records_followed_by(&email("emmy@example.org")).await.unwrap(), [record.clone()].into());
        assert!(change.records_followed_by(&email("olga@example.org")).await.unwrap().is_empty());
        // What can wait is gathered; what cannot comes earlier; nobody is written to who has not confirmed.
        change.record_followers_due_later(&record, at(3600), DAY_MS).await.unwrap();
        change.release_followers_due_later(at(3600), DAY_MS).await.unwrap();
        assert!(secrets_due(change, at(3599)).await.is_empty());
        assert_eq!(change.next_follower_due().await.unwrap(), Some(at(3600)));
        change.record_followers_due(&record, at(100)).await.unwrap();
        change.record_followers_due(&record, at(200)).await.unwrap();
        assert_eq!(secrets_due(change, at(100)).await, ["one"]);
        assert_eq!(secrets_due(change, at(3600)).await, ["one", "all"]);
    })
    .await;

    commit(&stage.catalogue, async |change| {
        let told = change.follower("one").await.unwrap().unwrap();
        change.follower_told(told.id, &of_record(&record, true), Some(at(100))).await.unwrap();
        assert_eq!(secrets_due(change, at(9_999_999)).await, ["all"]);
        assert_eq!(change.follower("one").await.unwrap().unwrap().follows, of_record(&record, true));
        // A day after the last letter.
        change.record_followers_due_later(&record, at(500), DAY_MS).await.unwrap();
        assert!(secrets_due(change, at(100 + 86_399)).await.iter().all(|secret| secret == "all"));
        assert!(secrets_due(change, at(100 + 86_400)).await.contains(&"one".to_owned()));
        // Without a letter, the day counts from the one before.
        change.follower_told(told.id, &of_record(&record, true), None).await.unwrap();
        change.record_followers_due_later(&record, at(600), DAY_MS).await.unwrap();
        assert!(secrets_due(change, at(100 + 86_400)).await.contains(&"one".to_owned()));
    })
    .await;

    commit(&stage.catalogue, async |change| {
        assert_eq!(change.delete_unconfirmed_followers(at(0)).await.unwrap(), 0);
        assert_eq!(change.delete_unconfirmed_followers(at(1)).await.unwrap(), 1);
        assert!(change.delete_follower("all").await.unwrap());
        assert!(!change.delete_follower("all").await.unwrap());
        change.delete_record(&record).await.unwrap();
    })
    .await;
    assert_eq!(stage.catalogue.follower("one").await.unwrap(), None, "it went with its record");
}

pub async fn the_log_is_read_for_followers_from_the_first_one_on(stage: Stage) {
    let record = with_record(&stage.catalogue, 1).await;
    let append =
        async |what: Happening| commit(&stage.catalogue, async |change| change.append(&record, None, &what, NOON).await.unwrap()).await;
    append(Happening::Created).await;
    let before = append(Happening::Released).await;
    assert_eq!(stage.catalogue.followers_position().await.unwrap(), None, "nobody follows anything");
    commit(&stage.catalogue, async |change| {
        assert_eq!(change.lock_followers().await.unwrap(), before, "what happened before is no news");
    })
    .await;
    append(Happening::MetadataChanged).await;
    let published = append(Happening::Published).await;
    let released = append(Happening::Released).await;
    append(Happening::Withdrawn).await;
    let sequences = async |after, until, limit| -> Vec<i64> {
        stage.catalogue.openings(after, until, limit).await.unwrap().iter().map(|event| event.sequence).collect()
    };
    assert_eq!(sequences(before, i64::MAX, 10).await, [released, published]);
    assert_eq!(sequences(before, published, 10).await, [published]);
    assert_eq!(sequences(0, i64::MAX, 2).await, [released, published]);
    commit(&stage.catalogue, async |change| {
        assert_eq!(change.lock_followers().await.unwrap(), before);
        change.followers_read_up_to(released).await.unwrap();
    })
    .await;
    assert_eq!(stage.catalogue.followers_position().await.unwrap(), Some(released));
}
