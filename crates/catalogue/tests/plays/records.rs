//! Records: states, revisions, DOIs, teams, deletion.

use crate::{Stage, actors::*};
use catalogue::{Fault, Link, LinkPurpose};
use record::{
    Record,
    event::Happening,
    job::Job,
    metadata::Article,
    record::Holdings,
    team::{Member, Role},
    version::Version,
};

pub async fn a_record_reads_back_in_every_state(stage: Stage) {
    let mut record = draft(1);
    commit(&stage.catalogue, async |change| change.insert_record(&record).await.unwrap()).await;
    let steps: [&dyn Fn(Record) -> Record; 3] = [
        &|record| Record { state: record.state.register("10.5072/science3d.abc".parse().unwrap(), NOON).unwrap(), ..record },
        &|record| Record { state: record.state.release(Version::FIRST, NOON).unwrap(), ..record },
        &|record| Record { state: record.state.withdraw("wrong sample".into(), NOON).unwrap(), ..record },
    ];
    for step in steps {
        let before = record.revision;
        record = step(record);
        record.revision += 1;
        commit(&stage.catalogue, async |change| change.update_record(&record, before).await.unwrap()).await;
        let stored = stage.catalogue.record(&record.id).await.unwrap().unwrap();
        assert_eq!(stored.record, record);
        assert_eq!(stored.holdings, Holdings::default());
    }
}

pub async fn the_second_writer_of_a_revision_is_refused(stage: Stage) {
    with_record(&stage.catalogue, 1).await;
    let changed = |title: &str| {
        let mut record = draft(1);
        record.metadata.title = title.to_owned();
        record.revision = 2;
        record
    };
    commit(&stage.catalogue, async |change| change.update_record(&changed("first"), 1).await.unwrap()).await;
    let mut late = stage.catalogue.change().await.unwrap();
    let refusal = late.update_record(&changed("second"), 1).await.unwrap_err();
    assert!(matches!(refusal, Fault::Conflict), "{refusal}");
    drop(late);
    assert_eq!(stage.catalogue.record(&record_id(1)).await.unwrap().unwrap().record.metadata.title, "first");

    let mut twin = stage.catalogue.change().await.unwrap();
    let refusal = twin.insert_record(&draft(1)).await.unwrap_err();
    assert!(matches!(refusal, Fault::Conflict), "{refusal}");
}

pub async fn a_record_is_found_by_either_doi(stage: Stage) {
    let mut ours = draft(1);
    ours.state = ours.state.register("10.5072/science3d.abc".parse().unwrap(), NOON).unwrap();
    let mut article = draft(2);
    article.metadata.article = Some(Article { doi: Some("10.1098/rsif.2008.0155".parse().unwrap()), ..Article::default() });
    commit(&stage.catalogue, async |change| {
        change.insert_record(&ours).await.unwrap();
        change.insert_record(&article).await.unwrap();
    })
    .await;
    let find = async |doi: &str| {
        let (doi, id) = (doi.parse().unwrap(), |stored: catalogue::Stored| stored.record.id);
        let minted = stage.catalogue.record_by_doi(&doi).await.unwrap().map(id);
        (minted, stage.catalogue.records_by_article_doi(&doi).await.unwrap().into_iter().next().map(id))
    };
    assert_eq!(find("10.5072/SCIENCE3D.ABC").await, (Some(ours.id), None));
    assert_eq!(find("10.1098/rsif.2008.0155").await, (None, Some(article.id)));
    assert_eq!(find("10.1098/other").await, (None, None));
}

pub async fn a_team_sees_its_records_page_by_page(stage: Stage) {
    commit(&stage.catalogue, async |change| {
        for number in 1..=5 {
            let mut record = draft(number);
            // Two of the same moment, so that the page must not rely on time alone.
            record.changed_at = NOON.plus_seconds(i64::from(number / 2));
            record.team.push(Member { email: email("bob@example.org"), role: Role::Collaborator });
            record.team.push(Member { email: email("bob@example.org"), role: Role::Owner });
            change.insert_record(&record).await.unwrap();
        }
    })
    .await;
    let bob = email("bob@example.org");
    let mut seen = Vec::new();
    loop {
        let page = stage.catalogue.records_of(&bob, seen.last().cloned(), 2).await.unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(page.into_iter().map(|stored| stored.record.id));
    }
    assert_eq!(seen, [5, 4, 3, 2, 1].map(record_id));

    let mut without_bob = draft(3);
    without_bob.revision = 2;
    commit(&stage.catalogue, async |change| change.update_record(&without_bob, 1).await.unwrap()).await;
    assert_eq!(stage.catalogue.records_of(&bob, None, 10).await.unwrap().len(), 4);

    let first = stage.catalogue.record_ids_after(None, 3).await.unwrap();
    let rest = stage.catalogue.record_ids_after(first.last(), 10).await.unwrap();
    assert_eq!([first, rest].concat(), [1, 2, 3, 4, 5].map(record_id));
}

pub async fn a_deleted_record_takes_everything_along_but_its_events(stage: Stage) {
    let id = with_record(&stage.catalogue, 1).await;
    let link = Link {
        hash: [9; 32],
        purpose: LinkPurpose::Reviewer { record: id.clone(), hide_names: true },
        account: None,
        expires_at: NOON.plus_seconds(60),
    };
    commit(&stage.catalogue, async |change| {
        change.put_file(&id, &file("scan/slice.tif", 5)).await.unwrap();
        change.insert_upload(&upload(1, &id, "more.tif")).await.unwrap();
        change.insert_link(&link).await.unwrap();
        change.enqueue(&Job::Inspect { record: id.clone() }, NOON, NOON).await.unwrap();
        change.append(&id, None, &Happening::Created, NOON).await.unwrap();
    })
    .await;
    commit(&stage.catalogue, async |change| {
        assert!(change.delete_record(&id).await.unwrap());
        change.append(&id, None, &Happening::DraftDeleted, NOON).await.unwrap();
    })
    .await;
    assert!(stage.catalogue.record(&id).await.unwrap().is_none());
    assert!(stage.catalogue.files_after(&id, Version::FIRST, None, 10).await.unwrap().is_empty());
    assert!(stage.catalogue.folder_page(&id, Version::FIRST, "", None, 10).await.unwrap().folders.is_empty());
    assert!(stage.catalogue.uploads_of(&id).await.unwrap().is_empty());
    assert!(stage.catalogue.jobs_of(&id).await.unwrap().is_empty());
    assert!(stage.catalogue.link(&link.hash, NOON).await.unwrap().is_none());
    assert!(stage.catalogue.records_of(&email("ada@example.org"), None, 10).await.unwrap().is_empty());
    let events = stage.catalogue.events_of(&id, 10).await.unwrap();
    assert_eq!(events.iter().map(|event| event.what.name()).collect::<Vec<_>>(), ["draft-deleted", "created"]);

    let mut late = stage.catalogue.change().await.unwrap();
    assert!(matches!(late.put_file(&id, &file("late.tif", 1)).await, Err(Fault::Conflict)));
    drop(late);
    let mut late = stage.catalogue.change().await.unwrap();
    assert!(matches!(late.insert_upload(&upload(2, &id, "late.tif")).await, Err(Fault::Conflict)));
}

pub async fn a_document_that_cannot_be_read_again_is_not_written(stage: Stage) {
    let mut record = draft(1);
    record.metadata.acquisition.voxel_size_um = Some([f64::NAN, 1.0, 1.0]);
    let mut change = stage.catalogue.change().await.unwrap();
    let refusal = change.insert_record(&record).await.unwrap_err();
    assert!(matches!(refusal, Fault::Inconsistent { table: "record", .. }), "{refusal}");
}
