//! Compares the arrows of docs/architecture.md with what the manifests say. A wall that nobody checks is a line on paper.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

fn root() -> PathBuf {
    PathBuf::from("../..")
}

type Arrows = BTreeMap<String, BTreeSet<String>>;

fn arrows_of_document() -> Arrows {
    let text = std::fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let block =
        text.split("```layers\n").nth(1).and_then(|rest| rest.split("```").next()).expect("docs/architecture.md has a block ```layers");
    let arrow = |line: &str| {
        let (from, to) = line.split_once("->").unwrap_or_else(|| panic!("“{line}” is no arrow"));
        (from.trim().to_owned(), to.split_whitespace().map(str::to_owned).collect())
    };
    block.lines().filter(|line| !line.trim().is_empty()).map(arrow).collect()
}

fn manifests() -> BTreeMap<String, toml::Table> {
    let folders = std::fs::read_dir(root().join("crates")).unwrap();
    folders
        .map(|entry| entry.unwrap().path())
        .filter(|folder| folder.join("Cargo.toml").exists())
        .map(|folder| {
            let manifest: toml::Table = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap().parse().unwrap();
            (folder.file_name().unwrap().to_str().unwrap().to_owned(), manifest)
        })
        .collect()
}

fn arrows_of_manifests() -> Arrows {
    let manifests = manifests();
    let arrows = manifests.iter().map(|(room, manifest)| {
        let known = manifest
            .get("dependencies")
            .and_then(|section| section.as_table())
            .map(|section| section.keys().filter(|name| manifests.contains_key(*name)).cloned().collect());
        (room.clone(), known.unwrap_or_default())
    });
    arrows.collect()
}

#[test]
fn the_document_and_the_manifests_draw_the_same_arrows() {
    let (document, manifests) = (arrows_of_document(), arrows_of_manifests());
    let mut faults = Vec::new();
    for room in document.keys().chain(manifests.keys()).collect::<BTreeSet<_>>() {
        let none = BTreeSet::new();
        let (drawn, real) = (document.get(room).unwrap_or(&none), manifests.get(room).unwrap_or(&none));
        if document.contains_key(room) != manifests.contains_key(room) {
            faults.push(format!("{room} stands on one side only"));
        }
        faults.extend(real.difference(drawn).map(|other| format!("{room} knows {other}, but docs/architecture.md does not say so")));
        faults.extend(drawn.difference(real).map(|other| format!("docs/architecture.md says that {room} knows {other}, but it does not")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The walls that matter most, as absences.
#[test]
fn nobody_reaches_through_a_wall() {
    let only = [("sqlx", "catalogue"), ("tantivy", "search"), ("object_store", "storage"), ("axum", "web"), ("lettre", "exchange")];
    for (room, manifest) in manifests() {
        let Some(section) = manifest.get("dependencies").and_then(|section| section.as_table()) else { continue };
        for (library, owner) in only {
            assert!(
                room == owner || room == "testbed" || !section.contains_key(library),
                "{room} depends on {library}, which only {owner} may know"
            );
        }
        let is_pure = ["record", "volume", "picture"].contains(&room.as_str());
        for library in ["tokio", "reqwest", "hyper", "tracing"] {
            assert!(!is_pure || !section.contains_key(library), "{room} is pure and must not depend on {library}");
        }
    }
}

#[test]
fn every_room_has_its_own_name_and_no_circle() {
    let arrows = arrows_of_manifests();
    let mut settled: BTreeSet<String> = BTreeSet::new();
    while settled.len() < arrows.len() {
        let ready: Vec<String> = arrows
            .iter()
            .filter(|(room, known)| !settled.contains(*room) && known.is_subset(&settled))
            .map(|(room, _)| room.clone())
            .collect();
        assert!(
            !ready.is_empty(),
            "these rooms know each other in a circle: {:?}",
            arrows.keys().filter(|room| !settled.contains(*room)).collect::<Vec<_>>()
        );
        settled.extend(ready);
    }
}
