//! The life of a record as plays, on both databases: what the actors do, and everything the world then sees.

use archive::{Refusal, Visitor, sight::At};
use record::{access::Aspect, file::FilePath, id::RecordId, kind::Kind, state::State, team::Role, version::Version};
use search::Query;
use testbed::{NOON, Stage, complete, postgres::Cluster};

/// Every play, on one stage each.
macro_rules! plays {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(testbed::Stage::on_sqlite().await).await;
            })*
        }

        /// One cluster for all of them: starting it costs more than the plays.
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn the_same_on_postgres() {
            let cluster = match Cluster::start() {
                Ok(cluster) => cluster,
                Err(why) => return eprintln!("skipped: the_same_on_postgres ({why})"),
            };
            $(
                eprintln!("playing {}", stringify!($name));
                $name(Stage::on_database(&cluster.new_database().unwrap()).await).await;
            )*
        }
    };
}

plays!(
    a_dataset_is_registered_closed_and_then_opened,
    a_draft_does_not_exist_for_others,
    a_release_date_holds_to_the_minute,
    a_moved_release_date_holds_too,
    only_owners_release,
    a_publication_appears_when_published,
    a_withdrawn_record_leaves_a_tombstone,
    two_names_that_differ_in_case_do_not_overwrite_each_other,
    a_public_record_cannot_be_made_incomplete,
    tokens_reach_as_far_as_their_scope,
    passwords_are_guessed_only_ten_times,
    the_catalogue_is_rebuilt_from_storage,
    a_released_version_stays_while_the_next_is_made,
    a_draft_of_a_version_is_given_up,
    a_text_has_versions_too,
    all_versions_come_back_from_storage,
);

async fn found(stage: &Stage, text: &str) -> Vec<RecordId> {
    stage.archive.settle_index().await.unwrap();
    let query = Query { text: text.into(), ..Query::default() };
    stage.archive.search(&Visitor::anyone(), &query).await.unwrap().items.iter().map(|hit| hit.id.clone()).collect()
}

async fn a_dataset_is_registered_closed_and_then_opened(stage: Stage) {
    let (ada, anyone) = (stage.actor("ada").await, Visitor::anyone());
    let archive = &stage.archive;
    let draft = stage.draft(&ada, Kind::TomographyBiology, "Jaw of a caecilian").await;
    let refused = archive.register(&ada, &draft.id).await.unwrap_err();
    assert_eq!(refused.to_string(), "Not yet: Add at least one file.");
    stage.upload(&ada, &draft.id, "slices/0.tif", b"one").await;
    assert_eq!(found(&stage, "caecilian").await, []);

    let registered = archive.register(&ada, &draft.id).await.unwrap();
    let doi = registered.state.doi().unwrap().clone();
    assert_eq!(doi.as_str(), format!("10.5072/science3d.{}", draft.id));
    assert_eq!(archive.by_doi(&anyone, &doi).await.unwrap().record.metadata.title, "Jaw of a caecilian");
    assert_eq!(found(&stage, "caecilian").await, [draft.id.clone()]);
    let path: FilePath = "slices/0.tif".parse().unwrap();
    assert!(matches!(archive.file(&anyone, &draft.id, &path).await, Err(Refusal::Forbidden { .. })));
    assert!(matches!(archive.folder(&anyone, &draft.id, "", None, 10).await, Err(Refusal::Forbidden { .. })));
    assert!(matches!(archive.derivatives(&anyone, &draft.id).await, Err(Refusal::Forbidden { .. })));
    assert_eq!(archive.file(&ada, &draft.id, &path).await.unwrap().blob.read_all().await.unwrap(), "one");

    archive.release(&ada, &draft.id).await.unwrap();
    assert_eq!(archive.file(&anyone, &draft.id, &path).await.unwrap().blob.read_all().await.unwrap(), "one");
    assert_eq!(archive.folder(&anyone, &draft.id, "", None, 10).await.unwrap().folders[0].files, 1);
    let late = archive.begin_upload(&ada, &draft.id, "late.tif".parse().unwrap(), 1, false).await;
    assert!(matches!(late, Err(Refusal::Conflict { .. })), "a released version does not change");
}

async fn a_draft_does_not_exist_for_others(stage: Stage) {
    let (ada, eve) = (stage.actor("ada").await, stage.actor("eve").await);
    let draft = stage.draft(&ada, Kind::TomographyMaterials, "Secret foam").await;
    for stranger in [&eve, &Visitor::anyone()] {
        for aspect in Aspect::ALL {
            assert!(matches!(stage.archive.see(stranger, &draft.id, aspect).await, Err(Refusal::NotFound)), "{aspect:?}");
        }
        assert!(matches!(stage.archive.register(stranger, &draft.id).await, Err(Refusal::NotFound)));
        assert!(matches!(stage.archive.delete_draft(stranger, &draft.id).await, Err(Refusal::NotFound)));
    }
    stage.archive.add_member(&ada, &draft.id, "eve@example.org".parse().unwrap(), Role::Collaborator).await.unwrap();
    assert!(stage.archive.see(&eve, &draft.id, Aspect::Bytes).await.is_ok());
    assert!(matches!(
        stage.archive.patch(&eve, &draft.id, serde_json::json!({"title": "mine"}), None).await,
        Err(Refusal::Forbidden { .. })
    ));
}

async fn a_release_date_holds_to_the_minute(stage: Stage) {
    let ada = stage.actor("ada").await;
    let record = registered(&stage, &ada).await;
    stage.archive.schedule(&ada, &record, Some(NOON.plus_seconds(3600))).await.unwrap();
    stage.clock.advance_seconds(3599);
    run_due_release(&stage).await;
    assert!(stage.archive.see(&Visitor::anyone(), &record, Aspect::Bytes).await.is_err());
    stage.clock.advance_seconds(1);
    run_due_release(&stage).await;
    assert!(stage.archive.see(&Visitor::anyone(), &record, Aspect::Bytes).await.is_ok());
}

async fn a_moved_release_date_holds_too(stage: Stage) {
    let ada = stage.actor("ada").await;
    let record = registered(&stage, &ada).await;
    stage.archive.schedule(&ada, &record, Some(NOON.plus_seconds(60))).await.unwrap();
    stage.archive.schedule(&ada, &record, Some(NOON.plus_seconds(600))).await.unwrap();
    stage.clock.advance_seconds(61);
    run_due_release(&stage).await;
    assert!(stage.archive.see(&Visitor::anyone(), &record, Aspect::Bytes).await.is_err());
    stage.clock.advance_seconds(540);
    run_due_release(&stage).await;
    assert!(stage.archive.see(&Visitor::anyone(), &record, Aspect::Bytes).await.is_ok());
}

async fn only_owners_release(stage: Stage) {
    let (ada, bob) = (stage.actor("ada").await, stage.actor("bob").await);
    let curator = stage.actor_of_rank("cura", record::account::Rank::Curator).await;
    let record = registered(&stage, &ada).await;
    stage.archive.add_member(&ada, &record, "bob@example.org".parse().unwrap(), Role::Collaborator).await.unwrap();
    assert!(matches!(stage.archive.release(&Visitor::anyone(), &record).await, Err(Refusal::SignInNeeded)));
    for other in [&bob, &curator] {
        assert!(matches!(stage.archive.release(other, &record).await, Err(Refusal::Forbidden { .. })));
    }
    stage.archive.add_member(&ada, &record, "bob@example.org".parse().unwrap(), Role::Owner).await.unwrap();
    stage.archive.release(&bob, &record).await.unwrap();
}

async fn a_publication_appears_when_published(stage: Stage) {
    let ada = stage.actor("ada").await;
    let text = stage.draft(&ada, Kind::Publication, "Caecilian jaw-closing mechanics").await;
    assert!(matches!(stage.archive.see(&Visitor::anyone(), &text.id, Aspect::Tombstone).await, Err(Refusal::NotFound)));
    assert_eq!(found(&stage, "caecilian").await, []);
    let published = stage.archive.publish(&ada, &text.id).await.unwrap();
    assert!(matches!(published.state, State::Published { doi: Some(_), .. }));
    assert_eq!(found(&stage, "caecilian").await, [text.id]);

    let mut metadata = complete(Kind::Publication, "With the publisher's DOI");
    metadata.article.as_mut().unwrap().doi = Some("10.1098/rsif.2008.0155".parse().unwrap());
    let text = stage.archive.create(&ada, Kind::Publication, metadata).await.unwrap();
    let published = stage.archive.publish(&ada, &text.id).await.unwrap();
    assert_eq!(published.state.doi(), None, "no second DOI");
    let doi = "10.1098/rsif.2008.0155".parse().unwrap();
    assert_eq!(stage.archive.by_doi(&Visitor::anyone(), &doi).await.unwrap().record.id, text.id);
    assert_eq!(found(&stage, "https://doi.org/10.1098/RSIF.2008.0155").await[0], text.id);
}

async fn a_withdrawn_record_leaves_a_tombstone(stage: Stage) {
    let ada = stage.actor("ada").await;
    let record = registered(&stage, &ada).await;
    stage.archive.release(&ada, &record).await.unwrap();
    stage.archive.withdraw(&ada, &record, "The sample was another one.".into()).await.unwrap();
    let anyone = Visitor::anyone();
    assert!(stage.archive.see(&anyone, &record, Aspect::Tombstone).await.is_ok());
    assert!(matches!(stage.archive.see(&anyone, &record, Aspect::Bytes).await, Err(Refusal::Withdrawn)));
    assert!(stage.archive.see(&ada, &record, Aspect::Inside).await.is_ok());
    assert!(stage.archive.see(&ada, &record, Aspect::Bytes).await.is_err());
    assert_eq!(found(&stage, "foam").await, []);
    assert!(matches!(stage.archive.release(&ada, &record).await, Err(Refusal::Withdrawn)));
}

async fn two_names_that_differ_in_case_do_not_overwrite_each_other(stage: Stage) {
    let ada = stage.actor("ada").await;
    let draft = stage.draft(&ada, Kind::TomographyMaterials, "Names").await;
    stage.upload(&ada, &draft.id, "Slice.tif", b"a").await;
    let upload = stage.archive.begin_upload(&ada, &draft.id, "slice.TIF".parse().unwrap(), 1, false).await;
    let refused = match upload {
        Err(refusal) => refusal,
        Ok(upload) => stage.archive.append(&ada, &upload.id, 0, futures::stream::iter([Ok("b".into())])).await.unwrap_err(),
    };
    assert!(refused.to_string().contains("Slice.tif"), "{refused}");
    let again = stage.archive.begin_upload(&ada, &draft.id, "Slice.tif".parse().unwrap(), 1, false).await;
    assert!(matches!(again, Err(Refusal::Exists { .. })), "asks first");
}

async fn a_public_record_cannot_be_made_incomplete(stage: Stage) {
    let ada = stage.actor("ada").await;
    let record = registered(&stage, &ada).await;
    let refused = stage.archive.patch(&ada, &record, serde_json::json!({"title": " "}), None).await.unwrap_err();
    assert_eq!(refused.to_string(), "Not yet: Give it a title.");
    stage.archive.patch(&ada, &record, serde_json::json!({"title": "Better"}), None).await.unwrap();
    assert_eq!(found(&stage, "Better").await, [record]);
}

async fn tokens_reach_as_far_as_their_scope(stage: Stage) {
    let ada = stage.actor("ada").await;
    let record = registered(&stage, &ada).await;
    let (_, secret) = stage.archive.create_token(&ada, "beamline", record::account::Scope::Deposit, 1).await.unwrap();
    let machine = stage.archive.visitor_by_token(&secret).await.unwrap().unwrap();
    assert!(stage.archive.patch(&machine, &record, serde_json::json!({"keywords": ["x"]}), None).await.is_ok());
    assert!(matches!(stage.archive.release(&machine, &record).await, Err(Refusal::Forbidden { .. })));
    assert!(matches!(
        stage.archive.create_token(&machine, "more", record::account::Scope::Release, 1).await,
        Err(Refusal::Forbidden { .. })
    ));
    stage.clock.advance_seconds(24 * 3600);
    assert!(stage.archive.visitor_by_token(&secret).await.unwrap().is_none(), "expired");
}

async fn passwords_are_guessed_only_ten_times(stage: Stage) {
    stage.actor("ada").await;
    let from = "192.0.2.1".parse().unwrap();
    for _ in 0..10 {
        assert!(matches!(stage.archive.sign_in("ada@example.org", "wrong password", from).await, Err(Refusal::Invalid { .. })));
    }
    let right = stage.archive.sign_in("ada@example.org", "correct horse battery", from).await;
    assert!(matches!(right, Err(Refusal::TooMany { .. })));
    stage.clock.advance_seconds(601);
    let session = stage.archive.sign_in("ada@example.org", "correct horse battery", from).await.unwrap();
    assert!(stage.archive.session(&session.secret).await.unwrap().is_some());
    stage.archive.sign_out(&session.secret).await.unwrap();
    assert!(stage.archive.session(&session.secret).await.unwrap().is_none());
}

async fn the_catalogue_is_rebuilt_from_storage(stage: Stage) {
    let ada = stage.actor("ada").await;
    let open = registered(&stage, &ada).await;
    stage.archive.release(&ada, &open).await.unwrap();
    let closed = registered(&stage, &ada).await;
    stage.archive.schedule(&ada, &closed, Some(NOON.plus_seconds(60))).await.unwrap();
    let text = stage.draft(&ada, Kind::Publication, "A text").await.id;
    stage.archive.publish(&ada, &text).await.unwrap();
    let draft = stage.draft(&ada, Kind::TomographyBiology, "A draft").await.id;
    stage.upload(&ada, &draft, "a/b.tif", b"b").await;
    let ids = [open, closed, text, draft];
    for id in &ids {
        stage.archive.preserve(id).await.unwrap();
    }
    assert!(stage.archive.verify(Vec::new(), |_, _| {}).await.unwrap().is_empty());

    let url = format!("sqlite:{}", stage.folder.path().join("again.db").display());
    let again = stage.again(&url, "index again").await;
    let rebuilt = again.rebuild(|_| {}).await.unwrap();
    assert_eq!((rebuilt.records, rebuilt.files, rebuilt.damaged.len()), (4, 3, 0));
    for id in &ids {
        let dump = |sight: archive::sight::Sight| serde_json::to_value((sight.record, sight.holdings)).unwrap();
        let before = dump(stage.archive.see(&ada, id, Aspect::Tombstone).await.unwrap());
        let after = dump(again.see(&ada, id, Aspect::Tombstone).await.unwrap());
        assert_eq!(before, after);
        let names = |files: Vec<record::file::StoredFile>| serde_json::to_value(files).unwrap();
        let before = names(stage.archive.files_after(&ada, id, None, 100).await.unwrap());
        assert_eq!(before, names(again.files_after(&ada, id, None, 100).await.unwrap()));
    }
}

async fn names(archive: &archive::Archive, visitor: &Visitor, at: impl Into<At>) -> Vec<String> {
    let files = archive.files_after(visitor, at, None, 100).await.unwrap();
    files.iter().map(|file| file.original.path.to_string()).collect()
}

async fn bytes_of(stage: &Stage, visitor: &Visitor, at: impl Into<At>, path: &str) -> String {
    let open = stage.archive.file(visitor, at, &path.parse().unwrap()).await.unwrap();
    String::from_utf8(open.blob.read_all().await.unwrap().to_vec()).unwrap()
}

/// A released record with `foam.tif` and `notes.txt`, and the draft of its second version, changed in every way.
async fn revised(stage: &Stage, owner: &Visitor) -> RecordId {
    let id = registered(stage, owner).await;
    stage.upload(owner, &id, "notes.txt", b"first notes").await;
    stage.upload(owner, &id, "gone.txt", b"gone").await;
    stage.archive.release(owner, &id).await.unwrap();
    // The volume of the first version comes first.
    assert!(matches!(stage.archive.revise(owner, &id).await, Err(Refusal::Conflict { .. })));
    stage.clock.advance_seconds(60);
    run_due_release(stage).await;
    stage.archive.revise(owner, &id).await.unwrap();
    stage.upload(owner, &id, "notes.txt", b"second notes").await;
    stage.upload(owner, &id, "new/more.txt", b"more").await;
    stage.archive.remove_file(owner, &id, &"gone.txt".parse().unwrap()).await.unwrap();
    stage.archive.patch(owner, &id, serde_json::json!({"title": "A corrected foam"}), None).await.unwrap();
    id
}

async fn a_released_version_stays_while_the_next_is_made(stage: Stage) {
    let (ada, bob, anyone) = (stage.actor("ada").await, stage.actor("bob").await, Visitor::anyone());
    let (archive, id) = (&stage.archive, revised(&stage, &ada).await);
    let (first, second) = (At::version(&id, Version(1)), At::version(&id, Version(2)));
    assert!(matches!(archive.revise(&ada, &id).await, Err(Refusal::Conflict { .. })), "one draft at a time");
    assert!(matches!(archive.revise(&bob, &id).await, Err(Refusal::Forbidden { .. })));
    for stranger in [&anyone, &bob] {
        assert!(matches!(archive.see(stranger, &second, Aspect::Tombstone).await, Err(Refusal::NotFound)));
        assert_eq!(names(archive, stranger, &id).await, ["foam.tif", "gone.txt", "notes.txt"]);
        assert_eq!(names(archive, stranger, At::working(&id)).await, ["foam.tif", "gone.txt", "notes.txt"]);
        assert_eq!(archive.versions(stranger, &id).await.unwrap().len(), 1);
        let refused = archive.patch(stranger, &id, serde_json::json!({"title": "mine"}), None).await.unwrap_err();
        assert!(matches!(refused, Refusal::Forbidden { .. } | Refusal::SignInNeeded), "as without a draft: {refused}");
    }
    assert_eq!(found(&stage, "corrected").await, []);
    assert_eq!(names(archive, &ada, &second).await, ["foam.tif", "new/more.txt", "notes.txt"]);
    assert_eq!(bytes_of(&stage, &anyone, &id, "notes.txt").await, "first notes");
    archive.preserve(&id).await.unwrap();
    assert_eq!(bytes_of(&stage, &anyone, &first, "gone.txt").await, "gone");
    let concept = archive.see(&ada, &id, Aspect::Tombstone).await.unwrap().record.state.doi().unwrap().clone();
    assert!(archive.by_doi(&anyone, &concept.for_version(Version(2))).await.is_err());

    archive.release(&ada, &id).await.unwrap();
    archive.preserve(&id).await.unwrap();
    assert_eq!(names(archive, &anyone, &id).await, ["foam.tif", "new/more.txt", "notes.txt"]);
    assert_eq!(names(archive, &anyone, &first).await, ["foam.tif", "gone.txt", "notes.txt"]);
    assert_eq!(bytes_of(&stage, &anyone, &first, "notes.txt").await, "first notes");
    assert_eq!(bytes_of(&stage, &anyone, &second, "notes.txt").await, "second notes");
    assert_eq!(bytes_of(&stage, &anyone, &second, "foam.tif").await, "foam");
    assert_eq!(archive.see(&anyone, &first, Aspect::Metadata).await.unwrap().record.title(), "An open-cell foam");
    for version in [Version(1), Version(3)] {
        let mut theirs = complete(Kind::Publication, "A text that claims our name");
        theirs.article.as_mut().unwrap().doi = Some(concept.for_version(version));
        archive.create(&bob, Kind::Publication, theirs).await.unwrap();
    }
    assert_eq!(archive.by_doi(&anyone, &concept).await.unwrap().record.version, Version(2));
    assert_eq!(archive.by_doi(&anyone, &concept.for_version(Version(1))).await.unwrap().record.version, Version(1));
    assert!(archive.by_doi(&bob, &concept.for_version(Version(3))).await.is_err(), "taken before it is there");
    assert_eq!(found(&stage, "corrected").await, [id.clone()]);
    let changes = archive.differences(&anyone, &second).await.unwrap().unwrap();
    let told: Vec<_> = changes.files.iter().map(|one| (one.path.as_str(), one.came, one.went)).collect();
    assert_eq!(told, [("gone.txt", false, true), ("new/more.txt", true, false), ("notes.txt", true, true)]);
    let described = archive.descriptions_for_registrar(&id).await.unwrap();
    let names: Vec<_> = described.iter().map(|record| record.state.doi().unwrap().to_string()).collect();
    assert_eq!(names, [concept.to_string(), format!("{concept}.v1"), format!("{concept}.v2")]);

    archive.withdraw(&ada, &id, "wrong sample".into()).await.unwrap();
    for at in [At::from(&id), first, second] {
        assert!(matches!(archive.files_after(&anyone, &at, None, 10).await, Err(Refusal::Withdrawn)), "{at:?}");
    }
}

async fn a_draft_of_a_version_is_given_up(stage: Stage) {
    let (ada, anyone) = (stage.actor("ada").await, Visitor::anyone());
    let (archive, id) = (&stage.archive, revised(&stage, &ada).await);
    let half = archive.begin_upload(&ada, &id, "half.txt".parse().unwrap(), 100, false).await.unwrap();
    archive.delete_draft(&ada, &id).await.unwrap();
    assert!(archive.upload(&ada, &half.id).await.is_err());
    let sight = archive.see(&ada, At::working(&id), Aspect::Inside).await.unwrap();
    assert_eq!((sight.record.version, sight.holdings.files, sight.holdings.unfinished_uploads), (Version(1), 3, 0));
    for path in ["foam.tif", "gone.txt", "notes.txt"] {
        assert!(!bytes_of(&stage, &anyone, &id, path).await.is_empty());
    }
    archive.preserve(&id).await.unwrap();
    assert!(archive.verify(Vec::new(), |_, _| {}).await.unwrap().is_empty());
    stage.clock.advance_seconds(60);
    run_due_release(&stage).await;
    assert_eq!(archive.revise(&ada, &id).await.unwrap().version, Version(2), "and it can be begun again");
    archive.withdraw(&ada, &id, "enough".into()).await.unwrap();
    assert!(archive.see(&ada, At::version(&id, Version(2)), Aspect::Tombstone).await.is_err());
}

async fn a_text_has_versions_too(stage: Stage) {
    let (ada, anyone) = (stage.actor("ada").await, Visitor::anyone());
    let archive = &stage.archive;
    let id = stage.draft(&ada, Kind::Publication, "A text").await.id;
    archive.publish(&ada, &id).await.unwrap();
    archive.revise(&ada, &id).await.unwrap();
    archive.patch(&ada, &id, serde_json::json!({"title": "A better text"}), None).await.unwrap();
    assert!(archive.release(&ada, &id).await.is_err());
    archive.publish(&ada, &id).await.unwrap();
    assert_eq!(archive.see(&anyone, &id, Aspect::Metadata).await.unwrap().record.title(), "A better text");
    assert_eq!(archive.see(&anyone, At::version(&id, Version(1)), Aspect::Metadata).await.unwrap().record.title(), "A text");
}

async fn all_versions_come_back_from_storage(stage: Stage) {
    let ada = stage.actor("ada").await;
    let (archive, id) = (&stage.archive, revised(&stage, &ada).await);
    archive.preserve(&id).await.unwrap();
    archive.release(&ada, &id).await.unwrap();
    archive.preserve(&id).await.unwrap();
    stage.clock.advance_seconds(60);
    run_due_release(&stage).await;
    archive.revise(&ada, &id).await.unwrap();
    stage.upload(&ada, &id, "third.txt", b"third").await;
    archive.preserve(&id).await.unwrap();
    let url = format!("sqlite:{}", stage.folder.path().join("again.db").display());
    let again = stage.again(&url, "index again").await;
    let rebuilt = again.rebuild(|_| {}).await.unwrap();
    assert_eq!((rebuilt.records, rebuilt.damaged), (1, Vec::new()));
    for at in [At::from(&id), At::version(&id, Version(1)), At::version(&id, Version(2)), At::version(&id, Version(3)), At::working(&id)] {
        let dump = |sight: archive::sight::Sight| serde_json::to_value((sight.record, sight.holdings)).unwrap();
        assert_eq!(
            dump(again.see(&ada, &at, Aspect::Tombstone).await.unwrap()),
            dump(archive.see(&ada, &at, Aspect::Tombstone).await.unwrap()),
            "{at:?}"
        );
        let listed = |files: Vec<record::file::StoredFile>| serde_json::to_value(files).unwrap();
        let before = listed(archive.files_after(&ada, &at, None, 100).await.unwrap());
        assert_eq!(listed(again.files_after(&ada, &at, None, 100).await.unwrap()), before, "{at:?}");
    }
    let differences = |found: Option<archive::revise::Differences>| found.unwrap().files;
    let second = At::version(&id, Version(2));
    assert_eq!(
        differences(again.differences(&ada, &second).await.unwrap()),
        differences(archive.differences(&ada, &second).await.unwrap())
    );
}

async fn registered(stage: &Stage, owner: &Visitor) -> RecordId {
    let draft = stage.draft(owner, Kind::TomographyMaterials, "An open-cell foam").await;
    stage.upload(owner, &draft.id, "foam.tif", b"foam").await;
    stage.archive.register(owner, &draft.id).await.unwrap();
    draft.id
}

/// What a worker does with the jobs of a release date that are due; everything else stays.
async fn run_due_release(stage: &Stage) {
    use archive::labour::Lane;
    while let Some(claimed) = stage.archive.claim("worker", Lane::Any).await.unwrap() {
        if let record::job::Job::ReleaseOnDate { record } = &claimed.job {
            stage.archive.release_on_date(record).await.unwrap();
        }
        stage.archive.finish(&claimed).await.unwrap();
    }
}
