//! What the files leave open is asked and never guessed, as plays: a depositor, the worker, and what the record then says.

mod workshop;

use archive::Visitor;
use record::{
    derivative::DerivativeKind,
    id::RecordId,
    kind::Kind,
    question::{Answers, RawVoxels, Topic},
};
use testbed::Stage;
use workshop::{labour, slices_of};

/// The shape of the volume and the parameters of its recipe.
async fn volume(stage: &Stage, owner: &Visitor, id: &RecordId) -> Option<([u64; 3], serde_json::Value)> {
    let made = stage.archive.derivatives(owner, id).await.unwrap();
    made.into_iter().find_map(|made| match made.kind {
        DerivativeKind::Volume(facts) => Some((facts.shape, made.recipe.parameters)),
        _ => None,
    })
}

async fn record(stage: &Stage, owner: &Visitor, id: &RecordId) -> record::Record {
    stage.archive.see(owner, id, record::access::Aspect::Inside).await.unwrap().record
}

async fn stands_before_release(stage: &Stage, owner: &Visitor, id: &RecordId) -> Vec<&'static str> {
    stage.archive.readiness(owner, id).await.unwrap().release.iter().map(|obstacle| obstacle.code).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn raw_voxels_are_asked_about_and_a_changed_answer_makes_another_volume() {
    let stage = Stage::on_sqlite().await;
    let (ada, eve) = (stage.actor("ada").await, stage.actor("eve").await);
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Bone").await.id;
    stage.upload(&ada, &id, "bone_20x10x30_u8.raw", &[7; 6000]).await;
    labour(&stage).await;

    let asked = record(&stage, &ada, &id).await.questions;
    let [question] = asked.as_slice() else { panic!("{asked:?}") };
    let suggested = RawVoxels { shape: [30, 10, 20], element_type: "uint8".into(), big_endian: false, offset_bytes: 0 };
    assert_eq!((question.topic, question.suggested.as_ref()), (Topic::Raw, Some(&suggested)));
    assert_eq!(volume(&stage, &ada, &id).await, None, "a suggestion is no answer");
    assert_eq!(stage.archive.activity(&ada, &id).await.unwrap(), [], "and a question no failure");
    let answer = |shape| Answers { raw: Some(RawVoxels { shape, ..suggested.clone() }), ..Answers::default() };
    let refused = stage.archive.answer(&eve, &id, answer([30, 10, 20])).await;
    assert!(matches!(refused, Err(archive::Refusal::NotFound)), "that there is such a draft is not for eve to know: {refused:?}");
    stage.archive.register(&ada, &id).await.unwrap();
    assert_eq!(stands_before_release(&stage, &ada, &id).await, ["raw-open"]);

    let refused = stage.archive.answer(&eve, &id, answer([30, 10, 20])).await;
    assert!(matches!(refused, Err(archive::Refusal::Forbidden { .. })), "its page is public, its answers are not eve's: {refused:?}");
    assert!(stage.archive.answer(&ada, &id, answer([30, 0, 20])).await.is_err());
    stage.archive.answer(&ada, &id, answer([30, 10, 20])).await.unwrap();
    assert_eq!(stands_before_release(&stage, &ada, &id).await, [""; 0]);
    labour(&stage).await;
    let (shape, parameters) = volume(&stage, &ada, &id).await.unwrap();
    assert_eq!((shape, &parameters["raw"]["shape"]), ([30, 10, 20], &serde_json::json!([30, 10, 20])));

    stage.archive.answer(&ada, &id, answer([10, 30, 20])).await.unwrap();
    labour(&stage).await;
    assert_eq!(volume(&stage, &ada, &id).await.unwrap().0, [10, 30, 20]);
    assert_eq!(record(&stage, &ada, &id).await.metadata.acquisition.shape, Some([10, 30, 20]));

    // What the voxels mean nobody asks, but she can say it.
    stage.archive.answer(&ada, &id, Answers { labels: Some(true), ..answer([10, 30, 20]) }).await.unwrap();
    labour(&stage).await;
    assert_eq!(volume(&stage, &ada, &id).await.unwrap().1["labels"], true);
    let made = stage.archive.derivative(&ada, &archive::sight::At::from(&id), "volume").await.unwrap();
    let document = archive::reuse::inside(&id, &made, "volume.ome.zarr/zarr.json");
    let document = stage.archive.store().blob(&document).await.unwrap().unwrap().read_all().await.unwrap();
    let document: serde_json::Value = serde_json::from_slice(&document).unwrap();
    assert_eq!(document["attributes"]["ome"]["multiscales"][0]["type"], "mode");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_several_series_is_chosen_or_none_and_one_can_think_again() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    for (name, depth) in [("dry", 9), ("wet", 12)] {
        send_slices(&stage, &ada, &id, &format!("scan/{name}_"), depth).await;
    }
    labour(&stage).await;
    let asked = record(&stage, &ada, &id).await.questions;
    let answers: Vec<&str> = asked[0].choices.iter().map(|choice| choice.answer.as_str()).collect();
    assert_eq!((asked.len(), asked[0].topic, answers), (1, Topic::Series, vec!["dry_0000.tif", "wet_0000.tif"]));

    let say = |dataset: &str| Answers { dataset: Some(dataset.into()), ..Answers::default() };
    stage.archive.answer(&ada, &id, say("wet_0000.tif")).await.unwrap();
    labour(&stage).await;
    assert_eq!(volume(&stage, &ada, &id).await.unwrap().0[0], 12);
    assert!(record(&stage, &ada, &id).await.questions.is_empty());

    stage.archive.answer(&ada, &id, Answers::default()).await.unwrap();
    labour(&stage).await;
    assert_eq!(record(&stage, &ada, &id).await.questions, asked, "who thinks again is asked again");
    stage.archive.answer(&ada, &id, say("wet_0000.tif")).await.unwrap();
    labour(&stage).await;
    assert!(volume(&stage, &ada, &id).await.is_some());
    stage.archive.answer(&ada, &id, Answers { no_volume: true, ..Answers::default() }).await.unwrap();
    labour(&stage).await;
    assert_eq!(stage.archive.derivatives(&ada, &id).await.unwrap(), [], "what was made meanwhile is gone");
    let record = record(&stage, &ada, &id).await;
    assert!(record.questions.is_empty() && record.answers.no_volume);
    stage.archive.register(&ada, &id).await.unwrap();
    assert_eq!(stands_before_release(&stage, &ada, &id).await, [""; 0], "plain files may be released");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_folders_the_largest_is_taken_and_the_others_are_offered() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::TomographyMaterials, "Foam").await.id;
    send_slices(&stage, &ada, &id, "projections/p_", 12).await;
    send_slices(&stage, &ada, &id, "slices/s_", 9).await;
    labour(&stage).await;
    let asked = record(&stage, &ada, &id).await.questions;
    let [question] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((question.topic, question.taken.as_deref()), (Topic::Source, Some("projections")));
    assert_eq!(volume(&stage, &ada, &id).await.unwrap().0[0], 12);
    stage.archive.register(&ada, &id).await.unwrap();
    assert_eq!(stands_before_release(&stage, &ada, &id).await, [""; 0], "something is taken, so nothing stands in the way");

    stage.archive.answer(&ada, &id, Answers { source: Some("slices".into()), ..Answers::default() }).await.unwrap();
    labour(&stage).await;
    let (shape, parameters) = volume(&stage, &ada, &id).await.unwrap();
    assert_eq!((shape[0], parameters["source"].as_str()), (9, Some("slices")));
    assert!(record(&stage, &ada, &id).await.questions.is_empty());
}

async fn send_slices(stage: &Stage, owner: &Visitor, id: &RecordId, before: &str, depth: usize) {
    for (number, path) in slices_of(stage, &before.replace('/', " "), [depth, 32, 32]).iter().enumerate() {
        stage.upload(owner, id, &format!("{before}{number:04}.tif"), &std::fs::read(path).unwrap()).await;
    }
}
