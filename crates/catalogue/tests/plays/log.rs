//! The event log and its readers; derivatives.

use crate::{Stage, actors::*};
use record::{
    derivative::{Derivative, DerivativeKind, Inputs, Recipe},
    event::{Event, Happening},
    file::Sha256,
    version::Version,
};

pub async fn events_are_numbered_in_the_order_of_commits(stage: Stage) {
    let writers = (0..4u8).map(|writer| {
        let catalogue = stage.catalogue.clone();
        tokio::spawn(async move {
            for _ in 0..10 {
                let mut change = catalogue.change().await.unwrap();
                let before = change.append(&record_id(writer), Some(&account_id(1)), &Happening::MetadataChanged, NOON).await.unwrap();
                tokio::task::yield_now().await;
                change.commit().await.unwrap();
                // Whatever has a smaller number must be there by now.
                let seen = catalogue.events_after(0, 100).await.unwrap();
                assert!(seen.len() as i64 >= before, "event {before} was seen before an earlier one");
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let all = stage.catalogue.events_after(0, 100).await.unwrap();
    assert_eq!(all.iter().map(|event| event.sequence).collect::<Vec<_>>(), (1..=40).collect::<Vec<_>>());
    assert_eq!(stage.catalogue.last_sequence().await.unwrap(), 40);

    let mut dropped = stage.catalogue.change().await.unwrap();
    assert_eq!(dropped.append(&record_id(1), None, &Happening::Created, NOON).await.unwrap(), 41);
    drop(dropped);
    let what = Happening::FileAdded { path: path("jaw/ä.tif") };
    let next = commit(&stage.catalogue, async |change| change.append(&record_id(9), None, &what, NOON).await.unwrap()).await;
    assert_eq!(next, 41, "a number was lost");
    let newest = stage.catalogue.events_after(40, 100).await.unwrap();
    assert_eq!(newest, [Event { sequence: 41, at: NOON, record: record_id(9), actor: None, what }]);
    assert_eq!(stage.catalogue.events_of(&record_id(1), 3).await.unwrap().len(), 3);
}

pub async fn each_reader_has_its_own_place(stage: Stage) {
    assert_eq!(stage.catalogue.position("search").await.unwrap(), 0);
    commit(&stage.catalogue, async |change| {
        change.set_position("search", 3).await.unwrap();
        change.set_position("search", 7).await.unwrap();
        change.set_position("mail", 2).await.unwrap();
    })
    .await;
    assert_eq!(stage.catalogue.position("search").await.unwrap(), 7);
    assert_eq!(stage.catalogue.position("mail").await.unwrap(), 2);
}

fn picture(version: u32, width: u32) -> Derivative {
    let inputs = Inputs { files: 1, bytes: 1, manifest_sha256: Sha256([1; 32]), listed: Vec::new() };
    let recipe = Recipe {
        step: "preview".into(),
        program: "science3d".into(),
        program_version: "1".into(),
        parameters: serde_json::json!({"size": 512}),
        inputs,
        digest: "d".into(),
    };
    Derivative {
        name: "hero.jpg".into(),
        kind: DerivativeKind::Picture { width, height: 1, alt: "A jaw".into(), source: None },
        version: Version(version),
        kept_in: None,
        recipe,
        bytes: 5,
        files: 1,
        made_at: NOON,
    }
}

pub async fn the_latest_version_of_a_derivative_is_found(stage: Stage) {
    let id = with_record(&stage.catalogue, 1).await;
    commit(&stage.catalogue, async |change| {
        for (version, width) in [(10, 1), (9, 2), (9, 3)] {
            change.put_derivative(&id, &picture(version, width)).await.unwrap();
        }
    })
    .await;
    assert_eq!(stage.catalogue.derivatives(&id).await.unwrap(), [picture(9, 3), picture(10, 1)]);
    assert_eq!(stage.catalogue.derivative(&id, Version(10), "hero.jpg").await.unwrap(), Some(picture(10, 1)));
    assert_eq!(stage.catalogue.derivative(&id, Version(10), "volume").await.unwrap(), None);
    commit(&stage.catalogue, async |change| change.delete_derivatives(&id).await.unwrap()).await;
    assert!(stage.catalogue.derivatives(&id).await.unwrap().is_empty());
}
