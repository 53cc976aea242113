//! What becomes of models that people upload, as plays: checked, told in words, mended beside the original, offered in other formats.

mod workshop;

use archive::{Refusal, Visitor, print_kit::KitStanding, sight::At};
use record::{
    derivative::{Derivative, DerivativeKind, ModelFacts},
    job::Standing,
    kind::Kind,
    print_kit::{KitBase, KitWish},
};
use std::net::{IpAddr, Ipv4Addr};
use testbed::Stage;
use workshop::worker;

/// A cube as text, of which some triangles are left out or turned.
fn cube(turned: usize, without: usize) -> Vec<u8> {
    let corner = |number: usize| format!("vertex {} {} {}\n", (number & 1) * 20, (number >> 1 & 1) * 20, (number >> 2) * 20);
    let quads = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];
    let triangles = quads.iter().flat_map(|&[a, b, c, d]| [[a, b, c], [a, c, d]]).enumerate();
    let facets = triangles.skip(without).map(|(number, [a, b, c])| {
        let corners = if number < without + turned { [a, c, b] } else { [a, b, c] };
        format!("facet normal 0 0 0\nouter loop\n{}endloop\nendfacet\n", corners.map(corner).concat())
    });
    format!("solid cube\n{}endsolid cube\n", facets.collect::<String>()).into_bytes()
}

fn facts<'a>(made: &'a [Derivative], name: &str) -> &'a ModelFacts {
    let found = made.iter().find(|made| made.name == name).unwrap_or_else(|| panic!("{name} is not among {:?}", names(made)));
    let DerivativeKind::Model(facts) = &found.kind else { panic!("{found:?}") };
    facts
}

fn names(made: &[Derivative]) -> Vec<&str> {
    let mut names: Vec<&str> = made.iter().map(|made| made.name.as_str()).collect();
    names.sort_unstable();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_uploaded_model_is_checked_mended_and_offered_in_other_formats() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::Model, "Cubes").await.id;
    stage.upload(&ada, &id, "whole.stl", &cube(0, 0)).await;
    stage.upload(&ada, &id, "parts/turned.STL", &cube(1, 0)).await;
    stage.upload(&ada, &id, "torn.stl", &cube(0, 2)).await;
    stage.upload(&ada, &id, "notes.txt", b"about the cubes").await;
    stage.clock.advance_seconds(60);
    worker(&stage).work_until_idle().await;

    let made = stage.archive.derivatives(&ada, &id).await.unwrap();
    let of = |stem: &str| names(&made).into_iter().filter(|name| name.starts_with(stem)).collect::<Vec<_>>();
    assert_eq!(of("whole"), ["whole-plain.glb", "whole-print-kit.zip", "whole.3mf", "whole.glb", "whole.jpg", "whole.obj", "whole.ply"]);
    assert_eq!(
        of("parts-turned"),
        [
            "parts-turned-plain.glb",
            "parts-turned-print-kit.zip",
            "parts-turned-repaired.3mf",
            "parts-turned-repaired.stl",
            "parts-turned.3mf",
            "parts-turned.glb",
            "parts-turned.jpg",
            "parts-turned.obj",
            "parts-turned.ply"
        ]
    );
    assert_eq!(
        of("torn"),
        ["torn-plain.glb", "torn.3mf", "torn.glb", "torn.jpg", "torn.obj", "torn.ply"],
        "a missing side is not guessed, and nothing is printed"
    );
    let report = facts(&made, "whole-print-kit.zip").kit.as_ref().expect("a report");
    assert!(report.size_mm.iter().all(|side| (side - 180.0).abs() < 1e-3) && report.loose_pieces == 0 && report.hours > 0.0, "{report:?}");
    assert_eq!(facts(&made, "whole-plain.glb").detail, None, "the viewer does not load it");
    let whole = facts(&made, "whole.ply");
    assert!(whole.watertight && (whole.volume_um3 / 8e12 - 1.0).abs() < 1e-6, "{whole:?}");
    assert_eq!(whole.check.as_ref().unwrap().findings().iter().map(|finding| finding.code).collect::<Vec<_>>(), ["whole", "unit-unknown"]);
    let turned = facts(&made, "parts-turned.obj");
    assert!(turned.check.as_ref().unwrap().findings()[0].hinders && turned.repair.unwrap().whole, "{turned:?}");
    assert_eq!(facts(&made, "torn.glb").check.as_ref().unwrap().holes, 1);

    // Closed as the record is, so are the models of it; and what is removed leaves no model behind.
    let bob = stage.actor("bob").await;
    for visitor in [&bob, &Visitor::anyone()] {
        assert!(matches!(stage.archive.model(visitor, &id, "whole.glb").await, Err(Refusal::NotFound)));
    }
    assert_eq!(stage.archive.model(&ada, &id, "whole.glb").await.unwrap().1, "model/gltf-binary");
    stage.archive.remove_file(&ada, &id, &"whole.stl".parse().unwrap()).await.unwrap();
    assert!(matches!(stage.archive.model(&ada, &id, "whole.glb").await, Err(Refusal::NotFound)));
    let left = stage.archive.derivatives(&ada, At::from(&id)).await.unwrap();
    assert!(!names(&left).contains(&"whole.ply") && !names(&left).contains(&"whole.jpg") && names(&left).contains(&"torn.jpg"));
    assert!(matches!(stage.archive.picture(&ada, &id, "whole.jpg").await, Err(Refusal::NotFound)));
}

const SCHOOL: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

fn kit_of(size_mm: u32) -> KitWish {
    KitWish { model: "cube".into(), size_mm, base: KitBase::Letters, halves: true }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_teacher_gets_a_kit_for_the_printer_of_the_school_and_only_so_many_are_kept() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::Model, "A cube").await.id;
    stage.upload(&ada, &id, "cube.stl", &cube(0, 0)).await;
    stage.upload(&ada, &id, "torn.stl", &cube(0, 2)).await;
    workshop::labour(&stage).await;
    let (archive, teacher) = (&stage.archive, Visitor::anyone());

    // Closed means closed, and what cannot be printed has no kit.
    for asked in [archive.print_kit(&teacher, &id, &kit_of(120)).await, archive.ask_for_kit(&teacher, &id, &kit_of(120), SCHOOL).await] {
        assert!(matches!(asked, Err(Refusal::NotFound)), "{asked:?}");
    }
    let torn = KitWish { model: "torn".into(), ..kit_of(120) };
    assert!(matches!(archive.ask_for_kit(&ada, &id, &torn, SCHOOL).await, Err(Refusal::NotFound)));
    assert!(matches!(archive.ask_for_kit(&ada, &id, &kit_of(19), SCHOOL).await, Err(Refusal::Invalid { .. })));

    archive.register(&ada, &id).await.unwrap();
    archive.release(&ada, &id).await.unwrap();
    workshop::labour(&stage).await;
    let events = archive.history(&ada, &id).await.unwrap().len();
    assert_eq!(archive.print_kit(&teacher, &id, &kit_of(120)).await.unwrap(), KitStanding::Absent);
    for _ in 0..2 {
        assert_eq!(archive.ask_for_kit(&teacher, &id, &kit_of(120), SCHOOL).await.unwrap(), KitStanding::Coming);
    }
    workshop::labour(&stage).await;
    let KitStanding::Ready(kit) = archive.ask_for_kit(&teacher, &id, &kit_of(120), SCHOOL).await.unwrap() else { panic!("no kit") };
    let (blob, media_type, _) = archive.model(&teacher, &id, &kit.name).await.unwrap();
    assert_eq!((kit.name.as_str(), media_type, blob.bytes), ("cube-120-mm-letters-halves-kit.zip", "application/zip", kit.bytes));
    let zip = String::from_utf8_lossy(&blob.read_all().await.unwrap()).into_owned();
    for name in ["classroom-120-mm.3mf", "on-base-120-mm.stl", "half-2-120-mm.3mf", "REPORT.txt", "HOW-TO-CITE.txt"] {
        assert!(zip.contains(name), "{name}");
    }
    assert_eq!(archive.history(&ada, &id).await.unwrap().len(), events, "what strangers ask for is no part of the record's life");

    // Four wait at a time, ten are asked for in ten minutes, and twelve are kept.
    for size_mm in 30..34 {
        archive.ask_for_kit(&teacher, &id, &kit_of(size_mm), SCHOOL).await.unwrap();
    }
    assert!(matches!(archive.ask_for_kit(&teacher, &id, &kit_of(34), SCHOOL).await, Err(Refusal::Forbidden { .. })));
    workshop::labour(&stage).await;
    for size_mm in 40..52 {
        stage.clock.advance_seconds(700);
        archive.ask_for_kit(&teacher, &id, &kit_of(size_mm), SCHOOL).await.unwrap();
        workshop::labour(&stage).await;
    }
    let made = archive.derivatives(&teacher, At::from(&id)).await.unwrap();
    let kept = names(&made).into_iter().filter(|name| name.ends_with("-mm-letters-halves-kit.zip")).count();
    assert_eq!(kept, 12);
    assert!(matches!(archive.model(&teacher, &id, &kit.name).await, Err(Refusal::NotFound)), "the oldest has gone");
    assert!(matches!(archive.print_kit(&teacher, &id, &kit_of(51)).await.unwrap(), KitStanding::Ready(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_reaches_outside_is_told_to_its_owner_and_the_others_are_made() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::Model, "Mixed").await.id;
    let text = br#"{"buffers":[{"uri":"secret.bin","byteLength":4}]}   "#;
    let mut bad = b"glTF\x02\0\0\0".to_vec();
    bad.extend((20 + text.len() as u32).to_le_bytes());
    bad.extend((text.len() as u32).to_le_bytes());
    bad.extend(b"JSON");
    bad.extend(text);
    stage.upload(&ada, &id, "bad.glb", &bad).await;
    stage.upload(&ada, &id, "good.stl", &cube(0, 0)).await;
    stage.upload(&ada, &id, "words.ply", b"ply\nthis is no model").await;
    stage.upload(&ada, &id, "zeros.3mf", b"no archive").await;
    stage.clock.advance_seconds(60);
    worker(&stage).work_until_idle().await;
    assert!(names(&stage.archive.derivatives(&ada, &id).await.unwrap()).contains(&"good.glb"));
    let jobs = stage.archive.activity(&ada, &id).await.unwrap();
    let failed = jobs.iter().find(|view| view.job.name() == "models").unwrap();
    let Standing::Failed { failure } = &failed.standing else { panic!("{failed:?}") };
    assert!(failure.file.as_deref() == Some("bad.glb") && failure.what.contains("another file"), "{failure:?}");
    let told: Vec<&str> = failure.each().filter_map(|failure| failure.file.as_deref()).collect();
    assert_eq!(told, ["bad.glb", "words.ply", "zeros.3mf"], "each with its own word");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_more_models_than_are_looked_at_the_first_of_the_rest_is_named() {
    let stage = Stage::on_sqlite().await;
    let ada = stage.actor("ada").await;
    let id = stage.draft(&ada, Kind::Model, "Many").await.id;
    for number in 0..52 {
        stage.upload(&ada, &id, &format!("words-{number:02}.ply"), b"ply\nthis is no model").await;
    }
    workshop::labour(&stage).await;
    let jobs = stage.archive.activity(&ada, &id).await.unwrap();
    let failed = jobs.iter().find(|view| view.job.name() == "models").unwrap();
    let Standing::Failed { failure } = &failed.standing else { panic!("{failed:?}") };
    let last = failure.each().last().unwrap();
    assert_eq!((failure.each().count(), last.file.as_deref()), (51, Some("words-50.ply")), "{failure:?}");
    assert!(last.what.contains("only the first 50"), "{last:?}");
}
