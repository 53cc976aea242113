//! Following by mail and writing to the authors, as plays with a real worker and the outbox: who is written to, when, in which
//! words, and of what nobody is ever told.

mod workshop;

use archive::{
    Refusal, Visitor,
    correspond::LetterToAuthors,
    follow::FollowWish,
    labour::{LEASE_SECONDS, Lane},
};
use record::{Record, account::Rank, id::RecordId, job::Job, kind::Kind, letter::LetterLanguage, state::State, team::Role};
use serde_json::json;
use std::net::IpAddr;
use testbed::{Stage, postgres::Cluster};

const DAY: i64 = 24 * 3600;
const HOUR: i64 = 3600;

struct Letter {
    subject: String,
    text: String,
    heads: String,
}

struct Scene {
    stage: Stage,
    ada: Visitor,
    admin: Visitor,
}

impl Scene {
    async fn on(stage: Stage) -> Self {
        let (ada, admin) = (stage.actor("ada").await, stage.actor_of_rank("root", Rank::Administrator).await);
        Self { stage, ada, admin }
    }

    async fn draft(&self, title: &str) -> RecordId {
        let id = self.stage.draft(&self.ada, Kind::TomographyBiology, title).await.id;
        self.stage.upload(&self.ada, &id, "notes.txt", b"what was seen").await;
        id
    }

    async fn registered(&self, title: &str) -> Record {
        let id = self.draft(title).await;
        self.work().await;
        self.stage.archive.register(&self.ada, &id).await.unwrap()
    }

    async fn released(&self, title: &str) -> Record {
        let id = self.registered(title).await.id;
        self.stage.archive.release(&self.ada, &id).await.unwrap()
    }

    /// What the server's readers of the log and the worker do by themselves.
    async fn work(&self) {
        self.stage.archive.settle_index().await.unwrap();
        workshop::worker(&self.stage).work_until_idle().await;
    }

    async fn later(&self, seconds: i64) {
        self.stage.clock.advance_seconds(seconds);
        self.work().await;
    }

    /// All letters to this person, the oldest first.
    async fn letters(&self, name: &str) -> Vec<Letter> {
        let to = format!("{name}@example.org");
        let mut mails = self.stage.archive.outbox(&self.admin).await.unwrap();
        mails.retain(|mail| mail.to == to);
        mails.reverse();
        mails.into_iter().map(|mail| Letter { subject: mail.subject, text: mail.text, heads: mail.heads }).collect()
    }

    async fn ask(&self, name: &str, language: LetterLanguage, record: Option<&RecordId>) -> Result<(), Refusal> {
        let wish = FollowWish { email: format!("{name}@example.org").parse().unwrap(), language, record: record.cloned() };
        self.stage.archive.follow(&wish, visitor_address(name)).await
    }

    /// Asks, reads the letter and presses the button. Returns the secret of the link.
    async fn follow(&self, name: &str, language: LetterLanguage, record: Option<&RecordId>) -> String {
        self.ask(name, language, record).await.unwrap();
        self.work().await;
        let secret = secret_in(&self.letters(name).await.pop().unwrap().text);
        assert!(self.stage.archive.confirm_following(&secret).await.unwrap());
        secret
    }
}

/// Each writes from a place of her own.
fn visitor_address(name: &str) -> IpAddr {
    IpAddr::from([192, 0, 2, name.bytes().fold(7, |sum: u8, byte| sum.wrapping_mul(31).wrapping_add(byte))])
}

fn secret_in(text: &str) -> String {
    let (_, rest) = text.split_once("http://science3d.test/follow/").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

async fn who_follows_a_record_hears_of_its_life(stage: Stage) {
    let scene = Scene::on(stage).await;
    let (archive, english, german) = (&scene.stage.archive, LetterLanguage::English, LetterLanguage::German);
    let jaw = scene.registered("Jaw of a caecilian").await;
    let doi = jaw.state.doi().unwrap().url();
    let secret = scene.follow("emmy", english, Some(&jaw.id)).await;
    scene.follow("fritz", german, Some(&jaw.id)).await;
    scene.ask("olga", english, Some(&jaw.id)).await.unwrap();
    scene.work().await;
    let asked = scene.letters("fritz").await.remove(0);
    assert!(
        asked.subject.contains("Bitte bestätigen") && asked.text.contains("Jaw of a caecilian") && asked.text.contains(&doi),
        "{}",
        asked.text
    );
    assert!(asked.heads.is_empty(), "nothing is followed yet that a mail program could end");

    // Two corrections within the hour are one letter.
    archive.patch(&scene.ada, &jaw.id, json!({"description": "A jaw, seen from inside."}), None).await.unwrap();
    scene.work().await;
    scene.later(HOUR / 2).await;
    archive.patch(&scene.ada, &jaw.id, json!({"title": "Jaw of a young caecilian"}), None).await.unwrap();
    scene.work().await;
    scene.later(HOUR / 2 - 1).await;
    assert_eq!(scene.letters("emmy").await.len(), 1, "it is gathered");
    scene.later(1).await;
    let corrected = scene.letters("emmy").await.pop().unwrap();
    assert_eq!(scene.letters("emmy").await.len(), 2);
    assert_eq!(corrected.subject, "Science 3D: corrected – Jaw of a young caecilian");
    assert!(corrected.heads.starts_with(&format!("List-Unsubscribe: <http://science3d.test/follow/{secret}>\n")), "{}", corrected.heads);
    assert!(corrected.heads.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{}", corrected.heads);

    // A release is told at once, and the next correction not before a day has passed.
    archive.release(&scene.ada, &jaw.id).await.unwrap();
    scene.work().await;
    let opened = scene.letters("fritz").await.pop().unwrap();
    assert_eq!(opened.subject, "Science 3D: Dateien sind offen – Jaw of a young caecilian");
    assert!(opened.text.contains(&doi) && opened.text.contains(&format!("http://science3d.test/records/{}", jaw.id)), "{}", opened.text);
    assert!(!opened.text.contains("notes.txt"), "{}", opened.text);
    archive.patch(&scene.ada, &jaw.id, json!({"description": "A jaw, seen from inside and outside."}), None).await.unwrap();
    scene.later(DAY - HOUR).await;
    assert_eq!(scene.letters("emmy").await.len(), 3);
    scene.later(HOUR).await;
    assert_eq!(scene.letters("emmy").await.len(), 4);

    // Nobody hears of a draft of the next version; of the version everybody does.
    archive.revise(&scene.ada, &jaw.id).await.unwrap();
    archive.patch(&scene.ada, &jaw.id, json!({"title": "A secret second look"}), None).await.unwrap();
    scene.work().await;
    scene.later(2 * DAY).await;
    assert_eq!(scene.letters("emmy").await.len(), 4);
    archive.release(&scene.ada, &jaw.id).await.unwrap();
    scene.work().await;
    let version = scene.letters("emmy").await.pop().unwrap();
    assert!(version.subject.contains("new version – A secret second look") && version.text.contains("Version 2"), "{}", version.text);

    // Withdrawn: the last letter says what the tombstone says to everybody, and the address is gone.
    archive.withdraw(&scene.ada, &jaw.id, "reasonofthewithdrawal".into()).await.unwrap();
    scene.work().await;
    for (name, says) in [("emmy", "was withdrawn on"), ("fritz", "zurückgezogen")] {
        let last = scene.letters(name).await.pop().unwrap();
        assert!(last.text.contains(says) && last.text.contains(&doi), "{}", last.text);
        assert!(!last.text.contains("reasonofthewithdrawal") && !last.text.contains("seen from inside"), "{}", last.text);
    }
    assert!(archive.following(&secret).await.unwrap().is_none());
    assert!(matches!(scene.ask("emmy", english, Some(&jaw.id)).await, Err(Refusal::Withdrawn)));
    assert_eq!(scene.letters("olga").await.len(), 1, "who has not confirmed gets nothing");
}

async fn who_follows_everything_gets_one_letter_a_day(stage: Stage) {
    let scene = Scene::on(stage).await;
    let archive = &scene.stage.archive;
    scene.released("Released before anybody followed").await;
    scene.follow("emmy", LetterLanguage::English, None).await;
    let jaw = scene.registered("Jaw").await;
    scene.follow("emmy", LetterLanguage::English, Some(&jaw.id)).await;
    let begun = scene.letters("emmy").await.len();
    archive.release(&scene.ada, &jaw.id).await.unwrap();
    let (foam, regretted) = (scene.released("Foam\r\nBcc: eve@example.org").await, scene.released("Regretted").await);
    scene.draft("Draft").await;
    scene.registered("Registered only").await;
    let article = archive.create(&scene.ada, Kind::Publication, testbed::complete(Kind::Publication, "An article")).await.unwrap();
    archive.publish(&scene.ada, &article.id).await.unwrap();
    archive.withdraw(&scene.ada, &regretted.id, "wrong".into()).await.unwrap();
    scene.later(HOUR).await;

    let letters = scene.letters("emmy").await;
    let [own, all] = &letters[begun..] else { panic!("{} letters", letters.len() - begun) };
    assert_eq!(own.subject, "Science 3D: files are open – Jaw");
    assert_eq!(all.subject, "Science 3D: 2 new releases");
    assert!(all.text.contains(&foam.state.doi().unwrap().url()) && all.text.contains("An article"), "{}", all.text);
    assert!(!all.text.lines().any(|line| line.starts_with("Bcc")), "{}", all.text);
    for title in ["Draft", "Registered only", "Regretted", "Jaw", "before anybody"] {
        assert!(!all.text.contains(title), "{title}: {}", all.text);
    }

    scene.released("Seed").await;
    scene.later(DAY - HOUR).await;
    assert_eq!(scene.letters("emmy").await.len(), begun + 2, "not twice in a day");
    scene.released("Bone").await;
    scene.later(HOUR).await;
    let letters = scene.letters("emmy").await;
    assert_eq!(letters.len(), begun + 3);
    let text = &letters.last().unwrap().text;
    assert!(text.contains("Seed") && text.contains("Bone") && !text.contains("Foam"), "{text}");
    scene.later(3 * DAY).await;
    assert_eq!(scene.letters("emmy").await.len(), begun + 3, "no letter without news");
}

async fn a_killed_worker_writes_no_letter_twice_and_loses_none(stage: Stage) {
    let scene = Scene::on(stage).await;
    let archive = &scene.stage.archive;
    let jaw = scene.registered("Jaw").await;
    scene.follow("emmy", LetterLanguage::English, Some(&jaw.id)).await;
    scene.work().await;
    archive.release(&scene.ada, &jaw.id).await.unwrap();
    archive.settle_index().await.unwrap();
    // Two workers take the job and are killed: one before it has written anything, one after.
    let mut killed = 0;
    while killed < 2 {
        let claimed = archive.claim("killed", Lane::Any).await.unwrap().expect("the job is there");
        if claimed.job != Job::TellFollowers {
            archive.finish(&claimed).await.unwrap();
            continue;
        }
        if killed == 1 {
            archive.tell_followers().await.unwrap();
        }
        killed += 1;
        scene.stage.clock.advance_seconds(LEASE_SECONDS + 1);
    }
    scene.later(DAY).await;
    archive.tell_followers().await.unwrap();
    scene.later(DAY).await;
    let subjects: Vec<String> = scene.letters("emmy").await.into_iter().map(|letter| letter.subject).collect();
    assert_eq!(subjects.iter().filter(|subject| subject.contains("files are open")).count(), 1, "{subjects:?}");
}

async fn nobody_is_followed_without_a_confirmation(stage: Stage) {
    let scene = Scene::on(stage).await;
    let (archive, english) = (&scene.stage.archive, LetterLanguage::English);
    let draft = scene.draft("Draft").await;
    assert!(matches!(scene.ask("ada", english, Some(&draft)).await, Err(Refusal::NotFound)), "a letter would tell of it");
    let jaw = scene.registered("Jaw").await;
    for _ in 0..3 {
        scene.ask("olga", english, Some(&jaw.id)).await.unwrap();
    }
    scene.work().await;
    let secret = secret_in(&scene.letters("olga").await[0].text);
    assert_eq!(scene.letters("olga").await.len(), 1, "asking again at once is asking once");
    assert!(!archive.following(&secret).await.unwrap().unwrap().confirmed);
    scene.stage.clock.advance_seconds(HOUR);
    scene.ask("olga", LetterLanguage::German, Some(&jaw.id)).await.unwrap();
    scene.work().await;
    let again = scene.letters("olga").await.pop().unwrap().text;
    assert!(again.contains("innerhalb von drei Tagen") && secret_in(&again) == secret, "{again}");
    archive.release(&scene.ada, &jaw.id).await.unwrap();
    scene.later(HOUR).await;
    assert_eq!(scene.letters("olga").await.len(), 2);

    // A letter box is not filled with questions, nor asked about from one place without end.
    for number in 0..6 {
        let other = scene.registered(&format!("Foam {number}")).await;
        scene.ask("max", english, Some(&other.id)).await.unwrap();
    }
    scene.work().await;
    assert_eq!(scene.letters("max").await.len(), 5);
    for number in 0..4 {
        let wish = FollowWish { email: format!("{number}@example.org").parse().unwrap(), language: english, record: None };
        archive.follow(&wish, visitor_address("max")).await.unwrap();
    }
    assert!(matches!(scene.ask("max", english, None).await, Err(Refusal::TooMany { .. })));

    // After three days nothing is left of her.
    scene.stage.clock.advance_seconds(3 * DAY + HOUR);
    archive.enqueue(&Job::Sweep, archive.now()).await.unwrap();
    scene.work().await;
    assert!(archive.following(&secret).await.unwrap().is_none());
    assert!(!archive.confirm_following(&secret).await.unwrap());

    // Who follows and asks again is led to the end of it, and ends it.
    let secret = scene.follow("emmy", english, Some(&jaw.id)).await;
    scene.stage.clock.advance_seconds(HOUR);
    scene.ask("emmy", english, Some(&jaw.id)).await.unwrap();
    scene.work().await;
    let known = scene.letters("emmy").await.pop().unwrap();
    assert!(known.subject.contains("already") && secret_in(&known.text) == secret, "{}", known.text);
    let before = scene.letters("emmy").await.len();
    archive.stop_following(&secret).await.unwrap();
    archive.stop_following(&secret).await.unwrap();
    archive.withdraw(&scene.ada, &jaw.id, "wrong".into()).await.unwrap();
    scene.later(2 * DAY).await;
    assert_eq!(scene.letters("emmy").await.len(), before);
    assert!(archive.following(&secret).await.unwrap().is_none());
}

async fn a_reader_writes_to_the_authors(stage: Stage) {
    let scene = Scene::on(stage).await;
    let archive = &scene.stage.archive;
    let jaw = scene.registered("Jaw").await;
    for (address, role) in [("ben@example.org", Role::Owner), ("carl@example.org", Role::Collaborator)] {
        archive.add_member(&scene.ada, &jaw.id, address.parse().unwrap(), role).await.unwrap();
    }
    scene.work().await;
    let begun = [scene.letters("ben").await.len(), scene.letters("carl").await.len()];
    let written = |name: &str, message: &str| LetterToAuthors {
        name: name.to_owned(),
        email: "emmy@school.example".parse().unwrap(),
        message: message.to_owned(),
    };
    let here = visitor_address("emmy");
    let question = written("Emmy Noether", "May we print it?\n\n<script>alert(1)</script>\u{0}\u{1b}[2J");
    archive.write_to_authors(&jaw.id, &question, here).await.unwrap();
    scene.work().await;
    for owner in ["ada", "ben"] {
        let letter = scene.letters(owner).await.pop().unwrap();
        assert_eq!(letter.heads, "Reply-To: Emmy Noether <emmy@school.example>\n");
        assert!(letter.subject.contains("Emmy Noether") && letter.subject.contains("Jaw"), "{}", letter.subject);
        assert!(letter.text.contains("May we print it?\n\n<script>alert(1)</script>[2J\n"), "{}", letter.text);
        assert!(!letter.text.contains("@example.org"), "no owner learns another's address: {}", letter.text);
    }
    assert_eq!(scene.letters("ben").await.len(), begun[0] + 1);
    assert_eq!(scene.letters("carl").await.len(), begun[1], "who only reads is not asked");

    let invalid = async |letter: LetterToAuthors, field: &str| {
        let refusal = archive.write_to_authors(&jaw.id, &letter, here).await.unwrap_err();
        assert!(matches!(&refusal, Refusal::Invalid { field: Some(named), .. } if named == field), "{refusal:?}");
    };
    invalid(written("Emmy\r\nBcc: eve@example.org", "Hello"), "name").await;
    invalid(written(" ", "Hello"), "name").await;
    invalid(written(&"N".repeat(101), "Hello"), "name").await;
    invalid(written("Emmy", " \n"), "message").await;
    invalid(written("Emmy", &"m".repeat(4001)), "message").await;

    // One writer from wherever, and one place whoever writes; then many for one record.
    for _ in 0..4 {
        archive.write_to_authors(&jaw.id, &question, here).await.unwrap();
    }
    assert!(matches!(archive.write_to_authors(&jaw.id, &question, here).await, Err(Refusal::TooMany { .. })));
    assert!(matches!(archive.write_to_authors(&jaw.id, &question, visitor_address("else")).await, Err(Refusal::TooMany { .. })));
    scene.stage.clock.advance_seconds(HOUR);
    let mut taken = 0;
    for number in 0..15u8 {
        let letter = LetterToAuthors { email: format!("{number}@school.example").parse().unwrap(), ..question.clone() };
        taken += usize::from(archive.write_to_authors(&jaw.id, &letter, IpAddr::from([198, 51, 100, number])).await.is_ok());
    }
    assert_eq!(taken, 10);

    let draft = scene.draft("Draft").await;
    assert!(matches!(archive.write_to_authors(&draft, &question, IpAddr::from([198, 51, 100, 99])).await, Err(Refusal::NotFound)));
    let gone = archive.withdraw(&scene.ada, &jaw.id, "wrong".into()).await.unwrap();
    assert!(matches!(gone.state, State::Withdrawn { .. }));
    assert!(matches!(archive.write_to_authors(&jaw.id, &question, IpAddr::from([198, 51, 100, 99])).await, Err(Refusal::Withdrawn)));
}

macro_rules! plays {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(testbed::Stage::on_sqlite().await).await;
            })*
        }

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
    who_follows_a_record_hears_of_its_life,
    who_follows_everything_gets_one_letter_a_day,
    a_killed_worker_writes_no_letter_twice_and_loses_none,
    nobody_is_followed_without_a_confirmation,
    a_reader_writes_to_the_authors,
);
