//! Publications that come by themselves: a stand-in publication database with good and bad days, what the harvest makes
//! of it, and what the owners of datasets are asked.

use archive::{Archive, Visitor, publication::Publications};
use record::{
    Record,
    account::Rank,
    doi::Doi,
    harvest::{Appearance, Format, Progress, Source},
    id::RecordId,
    kind::Kind,
    relation::RelationType,
    state::State,
    tie::Standing,
};
use search::Query;
use std::path::PathBuf;
use testbed::{
    NOON, Stage,
    repository::{Mood, Repository, marc},
    stand_in::{Reply, StandIn},
};
use worker::harvest::{Ended, harvest_for};

struct Scene {
    stage: Stage,
    repository: Repository,
    source: Source,
    admin: Visitor,
}

impl Scene {
    async fn open(appearance: Appearance) -> Self {
        let repository = Repository::open().await;
        let source = Source {
            name: "pubdb".into(),
            url: repository.url(),
            format: Format::MarcXml,
            prefix: String::new(),
            set: Some("VDB".into()),
            every_seconds: 86_400,
            pause_milliseconds: 0,
            overlap_seconds: 3600,
            appearance,
            fields: String::new(),
        };
        let publications = Publications {
            sources: vec![source.clone()],
            contact: "ops@example.org".into(),
            curator: "admin@example.org".parse().unwrap(),
            ..Publications::default()
        };
        let stage = Stage::with_publications(publications).await;
        let admin = stage.actor_of_rank("admin", Rank::Administrator).await;
        Self { stage, repository, source, admin }
    }

    fn archive(&self) -> &Archive {
        &self.stage.archive
    }

    async fn harvest(&self) -> Ended {
        harvest_for(self.archive(), &self.source, None).await.unwrap()
    }

    async fn work(&self) {
        let worker = worker::Worker::new(
            self.archive().clone(),
            exchange::Registrar::Sandbox,
            exchange::Postman::Outbox,
            "Science 3D <noreply@example.org>".into(),
            self.stage.folder.path().join("scratch"),
        );
        worker.work_until_idle().await;
    }

    async fn progress(&self) -> Progress {
        self.archive().harvests(&self.admin).await.unwrap().remove(0).progress
    }

    async fn by_doi(&self, doi: &str) -> Option<Record> {
        self.archive().by_doi(&Visitor::anyone(), &doi.parse::<Doi>().unwrap()).await.ok().map(|sight| sight.record)
    }

    async fn found(&self, text: &str) -> usize {
        self.archive().settle_index().await.unwrap();
        let query = Query { text: text.into(), ..Query::default() };
        self.archive().search(&Visitor::anyone(), &query).await.unwrap().total
    }

    /// 25 papers: three pages.
    fn fill(&self) {
        for number in 0..25 {
            let doi = format!("10.1000/paper.{number}");
            let text = marc(&format!("A study of the jaw number {number}"), &["Lovelace, Ada", "Haas, A."], "2024", Some(&doi), &[]);
            self.repository.put(&format!("oai:pubdb:{number:02}"), NOON.plus_seconds(-86_400), &text);
        }
    }

    async fn registered(&self, owner: &Visitor, title: &str) -> Record {
        let draft = self.stage.draft(owner, Kind::TomographyBiology, title).await;
        self.stage.upload(owner, &draft.id, "a.tif", b"one").await;
        self.archive().register(owner, &draft.id).await.unwrap()
    }

    async fn state(&self, id: &RecordId) -> State {
        self.archive().see(&Visitor::anyone(), id, record::access::Aspect::Tombstone).await.unwrap().record.state
    }
}

fn counts(ended: &Ended) -> (u64, u64, u64, u64, u64, u64) {
    let Ended::Whole(counts) = ended else { panic!("{ended:?}") };
    (counts.seen, counts.added, counts.changed, counts.known, counts.deleted, counts.unusable)
}

fn failed(ended: &Ended) -> &str {
    let Ended::Failed { says, .. } = ended else { panic!("{ended:?}") };
    says
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_is_harvested_and_then_only_what_changed() {
    let scene = Scene::open(Appearance::AtOnce).await;
    scene.fill();
    assert_eq!(counts(&scene.harvest().await), (25, 25, 0, 0, 0, 0));
    let asked = scene.repository.lists(0);
    assert_eq!(asked.len(), 3);
    assert_eq!(
        (asked[0].query("metadataPrefix").as_deref(), asked[0].query("set").as_deref(), asked[0].query("from")),
        (Some("marcxml"), Some("VDB"), None)
    );
    assert!(asked[0].head.contains("mailto:ops@example.org"), "{}", asked[0].head);
    let paper = scene.by_doi("10.1000/paper.7").await.unwrap();
    assert_eq!((paper.title(), paper.kind), ("A study of the jaw number 7", Kind::Publication));
    assert_eq!(paper.state.doi(), None, "it has its publisher's DOI");
    assert_eq!(scene.found("study jaw").await, 25);

    // An hour later one is corrected, one deleted, one new.
    scene.stage.clock.advance_seconds(7200);
    let now = scene.archive().now();
    scene.repository.put(
        "oai:pubdb:07",
        now,
        &marc("A study of the jaw, corrected", &["Lovelace, Ada"], "2024", Some("10.1000/paper.7"), &[]),
    );
    scene.repository.delete("oai:pubdb:08", now);
    scene.repository.put(
        "oai:pubdb:99",
        now,
        &marc("On the teeth of the caecilians", &["Lovelace, Ada"], "2025", Some("10.1000/paper.99"), &[]),
    );
    let before = scene.repository.stand_in.asked().len();
    assert_eq!(counts(&scene.harvest().await), (3, 1, 1, 0, 1, 0));
    let since = scene.repository.lists(before)[0].query("from");
    assert_eq!(since.as_deref(), Some("2026-11-23T11:00:00Z"), "from the beginning of the last harvest, an hour before");
    assert_eq!(scene.by_doi("10.1000/paper.7").await.unwrap().title(), "A study of the jaw, corrected");
    assert!(matches!(scene.by_doi("10.1000/paper.8").await.unwrap().state, State::Withdrawn { .. }));
    assert!(scene.by_doi("10.1000/paper.99").await.is_some());

    // What lies in the overlap is seen again and changes nothing; then nothing new is no failure.
    scene.stage.clock.advance_seconds(86_400);
    assert_eq!(counts(&scene.harvest().await), (3, 0, 0, 2, 1, 0));
    scene.stage.clock.advance_seconds(86_400);
    assert_eq!(counts(&scene.harvest().await).0, 0);
    assert_eq!(scene.found("study jaw").await, 24);
    let progress = scene.progress().await;
    assert_eq!((progress.totals.seen, progress.last_failure), (31, None));
    assert_eq!(progress.last_success_at, Some(scene.archive().now()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_harvest_that_broke_off_goes_on_at_its_last_whole_page() {
    let scene = Scene::open(Appearance::AtOnce).await;
    scene.fill();
    scene.repository.set_mood(Mood::FailsAt(2));
    assert_eq!(failed(&scene.harvest().await), "it answered with status 500");
    let progress = scene.progress().await;
    assert_eq!((progress.run.as_ref().unwrap().counts.added, progress.last_success_at), (10, None));
    assert!(progress.last_failure.unwrap().1.contains("500"));
    assert_eq!(scene.found("study jaw").await, 10, "what came is here");
    for (mood, says) in [(Mood::Truncated, ""), (Mood::Bomb, "document type"), (Mood::Html, "")] {
        scene.repository.set_mood(mood);
        assert!(failed(&scene.harvest().await).contains(says), "{mood:?}");
    }
    scene.repository.set_mood(Mood::Busy(1));
    let before = scene.repository.stand_in.asked().len();
    assert_eq!(counts(&scene.harvest().await).1, 25, "the counts are those of the whole harvest");
    assert!(
        scene.repository.lists(before).iter().all(|asked| asked.query("resumptionToken").is_some()),
        "the first page is not asked for again"
    );
    assert_eq!(scene.found("study jaw").await, 25);
    assert_eq!(scene.progress().await.last_failure, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endless_and_forgotten_tokens_come_to_an_end() {
    let scene = Scene::open(Appearance::AtOnce).await;
    scene.fill();
    for (mood, says) in [(Mood::SameToken, "round in circles"), (Mood::Endless, "brought nothing new")] {
        scene.repository.set_mood(mood);
        assert!(failed(&scene.harvest().await).contains(says), "{mood:?}");
        assert_eq!(scene.progress().await.run, None, "its place is of no use");
    }
    scene.repository.set_mood(Mood::Forgetful);
    assert!(failed(&scene.harvest().await).contains("forgotten"));
    scene.repository.set_mood(Mood::Good);
    assert_eq!(counts(&scene.harvest().await).0, 25, "it begins again");
    assert_eq!(scene.found("study jaw").await, 25, "and doubles nothing");
    // A long pause is left to the schedule; two at once are one.
    scene.repository.set_mood(Mood::Busy(7200));
    assert_eq!(scene.harvest().await, Ended::AskedToWait { seconds: 7200 });
    let run = scene.archive().begin_harvest(&scene.source).await.unwrap();
    assert_eq!(scene.harvest().await, Ended::Busy);
    scene.archive().pause_harvest(&scene.source, &run, None, archive::harvest::Next::Start).await.unwrap();
}

/// A source that sends the same broken page for ever is asked again, and then read record by record.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_stays_broken_does_not_stop_its_source() {
    let scene = Scene::open(Appearance::AtOnce).await;
    scene.fill();
    scene.repository.put("oai:pubdb:13", NOON.plus_seconds(-86_400), "<record><datafield tag=\"245\"><subfield code=\"a\">Half a");
    for _ in 0..3 {
        assert!(failed(&scene.harvest().await).contains("well-formed"), "it may pass");
    }
    let (seen, added, _, _, _, unusable) = counts(&scene.harvest().await);
    assert_eq!((seen, added, unusable), (25, 24, 1), "the two pages around it, and what was whole in it");
    let view = scene.archive().harvests(&scene.admin).await.unwrap().remove(0);
    assert!(view.unusable.iter().any(|(identifier, why)| identifier == "oai:pubdb:13" && why.contains("broken")), "{:?}", view.unusable);
    assert_eq!(scene.progress().await.last_failure, None);
    // One that breaks off and names no next page is given up, and tried again at its next time.
    scene.stage.clock.advance_seconds(86_400);
    scene.repository.put("oai:pubdb:30", scene.archive().now(), &marc("Something new about jaws", &["Haas, A."], "2026", None, &[]));
    scene.repository.set_mood(Mood::Truncated);
    for _ in 0..4 {
        failed(&scene.harvest().await);
    }
    let progress = scene.progress().await;
    assert_eq!(progress.run, None, "its place is of no use");
    assert!(progress.last_failure.is_some_and(|(_, says)| says.contains("names no next one")));
    scene.repository.set_mood(Mood::Good);
    assert_eq!(counts(&scene.harvest().await).1, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_records_are_counted_and_lose_nothing_else() {
    let scene = Scene::open(Appearance::AtOnce).await;
    let put = |name: &str, metadata: &str| scene.repository.put(name, NOON, metadata);
    let people: Vec<String> = (0..3000).map(|number| format!("Family{number}, Given")).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    put("a-good", &marc("A good paper among the others", &["Lovelace, Ada"], "2024", Some("10.1000/good"), &[]));
    put("b-no-title", "<record><datafield tag=\"100\"><subfield code=\"a\">X</subfield></datafield></record>");
    put("c-nothing", "<record/>");
    put(
        "d-odd",
        "<record><datafield/><datafield tag=\"245\" ind1=\"\"><subfield/><subfield code=\"a\">Odd indicators and letters \u{fffd}</subfield></datafield></record>",
    );
    put(
        "e-html",
        &marc("<script>alert(1)</script> & $\\alpha$ <i>jaw</i> \u{202e}evil", &["محمد", "Plato"], "0000", Some("10.1000/html"), &[]),
    );
    put("f-crowd", &marc("A measurement by three thousand people", &people, "9999", Some("10.1000/crowd"), &[]));
    put("g-long", &marc(&"long ".repeat(2_000_000), &["Lovelace, Ada"], "2024", Some("10.1000/long"), &[]));
    put("h-itself", &marc("A paper that cites itself and others", &["Lovelace, Ada"], "2024", Some("10.1000/self"), &["10.1000/self"]));
    let ended = scene.harvest().await;
    let (seen, added, _, _, _, unusable) = counts(&ended);
    assert_eq!(seen, 8);
    assert!(added >= 5 && unusable >= 2 && added + unusable == 8, "{ended:?}");
    assert_eq!(scene.found("good paper among").await, 1);
    let views = scene.archive().harvests(&scene.admin).await.unwrap();
    assert!(
        views[0].unusable.iter().any(|(identifier, why)| identifier == "b-no-title" && why.contains("no title")),
        "{:?}",
        views[0].unusable
    );
    // Without a year it is not complete: it waits for a curator.
    assert!(scene.by_doi("10.1000/html").await.is_none() && scene.by_doi("10.1000/crowd").await.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_here_already_does_not_come_twice() {
    let scene = Scene::open(Appearance::AtOnce).await;
    let ada = scene.stage.actor("ada").await;
    let mut metadata = testbed::complete(Kind::Publication, "Caecilian jaw-closing mechanics");
    metadata.article.as_mut().unwrap().doi = Some("10.1098/rsif.2008.0155".parse().unwrap());
    let mine = scene.archive().create(&ada, Kind::Publication, metadata).await.unwrap();
    scene.archive().publish(&ada, &mine.id).await.unwrap();
    let other = scene
        .archive()
        .create(&ada, Kind::Publication, testbed::complete(Kind::Publication, "The Feeding of Snails, part two"))
        .await
        .unwrap();
    scene.archive().publish(&ada, &other.id).await.unwrap();
    scene.repository.put("1", NOON, &marc("Another title of it", &["Haas, A."], "2008", Some("10.1098/RSIF.2008.0155"), &[]));
    scene.repository.put("2", NOON, &marc("The feeding of snails - Part Two", &["Haas, A."], "2008", Some("10.1000/snails"), &[]));
    scene.repository.put("3", NOON, &marc("The feeding of snails: part two", &["Haas, A."], "2009", None, &[]));
    scene.repository.put("4", NOON, &marc("The feeding of slugs, part three", &["Haas, A."], "2009", None, &[]));
    scene.repository.put("5", NOON, &marc("The Feeding of Slugs: part three", &["Haas, A."], "2009", None, &[]));
    assert_eq!(counts(&scene.harvest().await), (5, 2, 0, 3, 0, 0));
    assert_eq!(scene.found("feeding snails").await, 2, "another year is another paper");
    assert_eq!(scene.found("feeding slugs").await, 1);
    assert_eq!(
        scene.archive().by_doi(&ada, &"10.1098/rsif.2008.0155".parse().unwrap()).await.unwrap().record.title(),
        "Caecilian jaw-closing mechanics"
    );
    scene.repository.delete("1", NOON.plus_seconds(60));
    scene.harvest().await;
    assert!(matches!(scene.state(&mine.id).await, State::Published { .. }), "what a person entered does not go with a source");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_for_review_appears_when_a_curator_publishes_it() {
    let scene = Scene::open(Appearance::AfterReview).await;
    scene.fill();
    assert_eq!(counts(&scene.harvest().await).1, 25);
    assert_eq!(scene.found("study jaw").await, 0);
    assert!(scene.by_doi("10.1000/paper.7").await.is_none());
    // The drafts are the curator's own.
    let curator = scene.admin.clone();
    let drafts = scene.archive().my_records(&curator, None, 50).await.unwrap();
    assert_eq!(drafts.len(), 25);
    let chosen = &drafts[0].record;
    scene.archive().patch(&curator, &chosen.id, serde_json::json!({"description": "Looked through."}), None).await.unwrap();
    scene.archive().publish(&curator, &chosen.id).await.unwrap();
    assert_eq!(scene.found("study jaw").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn owners_are_asked_once_and_one_click_ties_both() {
    let scene = Scene::open(Appearance::AtOnce).await;
    let (ada, ben) = (scene.stage.actor("ada").await, scene.stage.actor("ben").await);
    let jaw = scene.registered(&ada, "Jaw of a caecilian, muscle stained").await;
    let foam = scene.registered(&ben, "Aluminium foam, compressed").await;
    scene.work().await;
    let cited = jaw.state.doi().unwrap().to_string();
    scene.repository.put("1", NOON, &marc("Mechanics of biting", &["Nobody, N."], "2026", Some("10.1000/cites"), &[&cited]));
    scene.repository.put("2", NOON, &marc("The caecilian jaw and its muscle", &["Lovelace, A."], "2026", Some("10.1000/alike"), &[]));
    scene.repository.put("3", NOON, &marc("The caecilian jaw and its muscle, again", &["Meyer, Z."], "2026", Some("10.1000/strange"), &[]));
    scene.harvest().await;
    scene.work().await;

    let offers = scene.archive().offers(&ada, &jaw.id).await.unwrap();
    let mut titles: Vec<&str> = offers.iter().map(|offer| offer.publication.title()).collect();
    titles.sort_unstable();
    assert_eq!(titles, ["Mechanics of biting", "The caecilian jaw and its muscle"]);
    assert_eq!(scene.archive().my_offers(&ada).await.unwrap().len(), 2);
    assert!(scene.archive().offers(&ben, &jaw.id).await.unwrap().is_empty(), "nobody else is asked");
    assert!(scene.archive().offers(&ben, &foam.id).await.unwrap().is_empty());
    let mails = scene.archive().outbox(&scene.admin).await.unwrap();
    assert_eq!(
        mails.iter().filter(|mail| mail.to == "ada@example.org" && mail.subject.contains("your paper")).count(),
        1,
        "one letter, not one for each"
    );
    assert_eq!(scene.archive().citations(&Visitor::anyone(), &jaw.id).await.unwrap().len(), 1, "cited by, before anybody answers");

    let alike = scene.by_doi("10.1000/alike").await.unwrap();
    let cites = scene.by_doi("10.1000/cites").await.unwrap();
    assert!(scene.archive().answer_offer(&ben, &jaw.id, &alike.id, true).await.is_err());
    scene.archive().answer_offer(&ada, &jaw.id, &alike.id, true).await.unwrap();
    scene.archive().answer_offer(&ada, &jaw.id, &cites.id, false).await.unwrap();
    let relations = |record: &Record| -> Vec<(RelationType, String)> {
        record.metadata.related.iter().map(|relation| (relation.relation, relation.address())).collect()
    };
    let data = scene.archive().see(&ada, &jaw.id, record::access::Aspect::Metadata).await.unwrap().record;
    assert_eq!(relations(&data), [(RelationType::IsSupplementTo, "https://doi.org/10.1000/alike".to_owned())]);
    let text = scene.by_doi("10.1000/alike").await.unwrap();
    assert_eq!(relations(&text), [(RelationType::IsSupplementedBy, format!("https://doi.org/{cited}"))]);

    // The same harvest again, and the same comparison: nobody is asked twice.
    scene.stage.clock.advance_seconds(86_400);
    scene.repository.put(
        "1",
        scene.archive().now(),
        &marc("Mechanics of biting, corrected", &["Nobody, N."], "2026", Some("10.1000/cites"), &[&cited]),
    );
    scene.harvest().await;
    scene.work().await;
    assert!(scene.archive().offers(&ada, &jaw.id).await.unwrap().is_empty());
    assert_eq!(scene.archive().citations(&Visitor::anyone(), &jaw.id).await.unwrap()[0].title(), "Mechanics of biting, corrected");
    let text = scene.by_doi("10.1000/alike").await.unwrap();
    assert_eq!(relations(&text).len(), 1, "the tie outlives the next harvest");

    // The catalogue is lost and made again from storage: what Ada declined is not asked again.
    scene.stage.clock.advance_seconds(60);
    scene.work().await;
    let url = format!("sqlite:{}", scene.stage.folder.path().join("again.db").display());
    let again = scene.stage.again(&url, "index again").await;
    assert_eq!(again.rebuild(|_| {}).await.unwrap().damaged, []);
    for id in [&jaw.id, &cites.id, &alike.id] {
        again.find_ties(id).await.unwrap();
    }
    let standings: Vec<(RecordId, Standing)> =
        again.ties_for_owners(&ada, &jaw.id).await.unwrap().into_iter().map(|offer| (offer.publication.id, offer.standing)).collect();
    assert!(standings.contains(&(cites.id, Standing::Declined)) && standings.contains(&(alike.id, Standing::Confirmed)), "{standings:?}");
    assert!(again.offers(&ada, &jaw.id).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dataset_that_comes_later_finds_the_publication_that_was_first() {
    let scene = Scene::open(Appearance::AtOnce).await;
    scene.repository.put("2", NOON, &marc("The caecilian jaw and its muscle", &["Lovelace, A."], "2026", Some("10.1000/alike"), &[]));
    scene.harvest().await;
    scene.work().await;
    let ada = scene.stage.actor("ada").await;
    let jaw = scene.registered(&ada, "Jaw of a caecilian, muscle stained").await;
    scene.work().await;
    assert_eq!(scene.archive().offers(&ada, &jaw.id).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_files_open_when_the_paper_is_out_or_on_the_latest_day() {
    let scene = Scene::open(Appearance::AtOnce).await;
    let ada = scene.stage.actor("ada").await;
    let (jaw, foot) = (scene.registered(&ada, "Jaw of a caecilian, muscle stained").await, scene.registered(&ada, "Foot of a gecko").await);
    assert!(scene.archive().schedule_with_publication(&ada, &jaw.id, None).await.unwrap_err().to_string().contains("latest date"));
    let latest = NOON.plus_seconds(300 * 86_400);
    for id in [&jaw.id, &foot.id] {
        let scheduled = scene.archive().schedule_with_publication(&ada, id, Some(latest)).await.unwrap();
        assert!(scheduled.state.opens_with_publication() && scheduled.state.release_at() == Some(latest));
    }
    scene.work().await;
    assert!(matches!(scene.state(&jaw.id).await, State::Registered { .. }));

    let cited = jaw.state.doi().unwrap().to_string();
    scene.repository.put("1", NOON, &marc("Mechanics of the caecilian jaw", &["Lovelace, Ada"], "2026", Some("10.1000/cites"), &[&cited]));
    scene.harvest().await;
    scene.work().await;
    assert!(matches!(scene.state(&jaw.id).await, State::Registered { .. }), "nobody has confirmed it yet");
    let paper = scene.by_doi("10.1000/cites").await.unwrap();
    scene.archive().answer_offer(&ada, &jaw.id, &paper.id, true).await.unwrap();
    scene.work().await;
    let State::Released { released_at, .. } = scene.state(&jaw.id).await else { panic!("the confirmed publication opens the files") };
    scene.stage.clock.advance_seconds(86_400);
    scene.harvest().await;
    scene.work().await;
    assert!(matches!(scene.state(&jaw.id).await, State::Released { released_at: again, .. } if again == released_at), "once and only once");
    assert!(matches!(scene.state(&foot.id).await, State::Registered { .. }), "the other has no paper");
    scene.stage.clock.advance_seconds(300 * 86_400);
    scene.work().await;
    assert!(matches!(scene.state(&foot.id).await, State::Released { .. }), "the latest date stands behind it");
}

/// `None` prints what is skipped.
fn real(file: &str) -> Option<String> {
    let shared = std::env::var_os("SCIENCE3D_SHARED").map_or_else(|| "../../../shared".into(), PathBuf::from);
    let text = std::fs::read_to_string(shared.join("data/metadata").join(file)).ok();
    if text.is_none() {
        eprintln!("skipped: {file} is absent");
    }
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_answer_of_dspace_is_read_to_its_last_record() {
    let Some(answer) = real("oai/fake1/00005.xml") else { return };
    let stand_in = StandIn::open(move |_| Reply::new(200, answer.clone())).await;
    let mut scene = Scene::open(Appearance::AtOnce).await;
    (scene.source.url, scene.source.format) = (stand_in.url.clone(), Format::DublinCore);
    let (seen, added, _, known, _, unusable) = counts(&scene.harvest().await);
    assert_eq!((seen, added + known, unusable), (16, 16, 0));
    // Nobody is named as creator there: they wait for a curator instead of appearing without authors.
    let drafts = scene.archive().my_records(&scene.admin, None, 50).await.unwrap();
    assert_eq!(drafts.len() as u64, added);
    let year = |record: &Record| record.metadata.article.as_ref().and_then(|article| article.year);
    assert!(drafts.iter().all(|sight| !sight.record.metadata.title.is_empty() && year(&sight.record).is_some()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn real_marc_of_a_library_is_read() {
    let (Some(batch), Some(single)) = (real("marcxml/batch.xml"), real("marcxml/utf8.xml")) else { return };
    let scene = Scene::open(Appearance::AfterReview).await;
    let records = |text: &str| -> Vec<String> {
        let opening = text.find("<marc:record").unwrap();
        let pieces = text[opening..].split("</marc:record>").filter(|piece| piece.contains("<marc:record"));
        pieces.map(|piece| format!("{}</marc:record>", piece.trim())).collect()
    };
    let all: Vec<String> = [records(&batch), records(&single)].concat();
    for (number, record) in all.iter().enumerate() {
        scene.repository.put(
            &number.to_string(),
            NOON,
            &record.replacen("<marc:record", "<marc:record xmlns:marc=\"http://www.loc.gov/MARC21/slim\"", 1),
        );
    }
    let (seen, added, .., unusable) = counts(&scene.harvest().await);
    assert_eq!((seen as usize, added, unusable), (all.len(), seen, 0), "each has a title");
    let drafts = scene.archive().my_records(&scene.admin, None, 50).await.unwrap();
    let titles: Vec<&str> = drafts.iter().map(|sight| sight.record.title()).collect();
    assert!(titles.contains(&"The Great Ray Charles") && titles.contains(&"Zen Classics"), "{titles:?}");
    let charles = drafts.iter().find(|sight| sight.record.title() == "The Great Ray Charles").unwrap();
    let article = charles.record.metadata.article.as_ref().unwrap();
    assert_eq!((article.year, article.publisher.as_deref()), (Some(1957), Some("Atlantic")));
    assert_eq!(charles.record.metadata.creators[0].sorted_name(), "Charles, Ray");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_schedule_harvests_by_itself() {
    let scene = Scene::open(Appearance::AtOnce).await;
    scene.fill();
    scene.archive().schedule_harvests().await.unwrap();
    scene.archive().schedule_harvests().await.unwrap();
    scene.work().await;
    assert_eq!(scene.found("study jaw").await, 25);
    let before = scene.repository.stand_in.asked().len();
    scene.work().await;
    assert_eq!(scene.repository.stand_in.asked().len(), before, "once a day is enough");
    scene.stage.clock.advance_seconds(86_400);
    scene.repository.set_mood(Mood::FailsAt(1));
    scene.work().await;
    let view = scene.archive().harvests(&scene.admin).await.unwrap().remove(0);
    assert!(view.job.is_some() && !view.is_late(scene.archive().now()) && view.progress.last_failure.is_some());
    scene.repository.set_mood(Mood::Good);
    scene.stage.clock.advance_seconds(2 * 86_400);
    scene.work().await;
    assert_eq!(scene.progress().await.last_failure, None);
    let ada = scene.stage.actor("ada").await;
    assert!(scene.archive().harvests(&ada).await.is_err() && scene.archive().harvest_now(&ada, "pubdb").await.is_err());
}
