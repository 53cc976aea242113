//! A file that arrives as several uploads side by side and is joined, by the tus extension `concatenation`.

use crate::{
    bytes_in::{PIECE, TUS, words},
    house::{Answer, House},
};
use record::{account::Scope, id::RecordId, team::Role};

impl House {
    async fn part(&self, id: &RecordId, bytes: &'static str) -> String {
        let length = bytes.len().to_string();
        let metadata = words(id, "", false);
        let headers = [TUS, PIECE, ("upload-concat", "partial"), ("upload-length", &length), ("upload-metadata", &metadata)];
        let created = self.as_ada("POST", "/api/v1/uploads", &headers, bytes).await;
        assert_eq!((created.status, created.header("upload-offset")), (201, length.as_str()));
        created.header("location").to_owned()
    }

    async fn join(&self, id: &RecordId, path: &str, parts: &[&str]) -> Answer {
        let concat = format!("final;{}", parts.join(" "));
        let headers = [TUS, ("upload-concat", &concat), ("upload-metadata", &words(id, path, false))];
        self.as_ada("POST", "/api/v1/uploads", &headers, "").await
    }

    async fn is_listed(&self, id: &RecordId) -> (u64, u64) {
        let holdings = self.as_ada("GET", &format!("/api/v1/records/{id}"), &[], "").await.json()["holdings"].clone();
        (holdings["files"].as_u64().unwrap(), holdings["unfinished_uploads"].as_u64().unwrap())
    }
}

#[tokio::test]
async fn parts_become_one_file_in_the_order_named() {
    let house = House::open().await;
    let id = house.draft().await.id;
    let options = house.ask("OPTIONS", "/api/v1/uploads", &[]).await;
    assert!(options.header("tus-extension").split(',').any(|extension| extension == "concatenation"));
    let (world, hello) = (house.part(&id, "world").await, house.part(&id, "hello, ").await);
    assert_eq!(house.is_listed(&id).await, (0, 2), "a finished part is no file yet");
    let head = house.as_ada("HEAD", &hello, &[TUS], "").await;
    assert_eq!((head.header("upload-concat"), head.header("upload-offset"), head.header("upload-length")), ("partial", "7", "7"));
    let joined = house.join(&id, "greeting.txt", &[&hello, &format!("http://science3d.test{world}")]).await;
    assert_eq!(joined.status, 201, "{}", String::from_utf8_lossy(&joined.body));
    assert_eq!(house.is_listed(&id).await, (1, 0));
    let file = house.as_ada("GET", &format!("/records/{id}/files/greeting.txt"), &[], "").await;
    assert_eq!(&file.body[..], b"hello, world");
    let facts = house.as_ada("GET", &format!("/api/v1/records/{id}/files/greeting.txt"), &[], "").await.json();
    assert_eq!(facts["sha256"], "09ca7e4eaa6e8ae9c7d261167129184883644d07dfba7cbfbc4c8a2e08360d5b");
    let place = joined.header("location");
    let head = house.as_ada("HEAD", place, &[TUS], "").await;
    assert_eq!(
        (head.header("upload-offset"), head.header("upload-length")),
        ("12", "12"),
        "who lost the answer learns that it is finished"
    );
    assert_eq!(house.as_ada("HEAD", &hello, &[TUS], "").await.status, 404, "parts go with the joining");
}

#[tokio::test]
async fn what_cannot_be_joined_stays_as_it_is() {
    let house = House::open().await;
    let (id, other) = (house.draft().await.id, house.draft().await.id);
    let (part, foreign) = (house.part(&id, "abc").await, house.part(&other, "def").await);
    let metadata = words(&id, "", false);
    let headers = [TUS, ("upload-concat", "partial"), ("upload-length", "9"), ("upload-metadata", &metadata)];
    let half = house.as_ada("POST", "/api/v1/uploads", &headers, "").await.header("location").to_owned();
    let headers = [TUS, ("upload-length", "3"), ("upload-metadata", &words(&id, "whole.bin", false))];
    let whole = house.as_ada("POST", "/api/v1/uploads", &headers, "").await.header("location").to_owned();
    for (parts, status) in [
        (&[][..], 422),
        (&[&part, &part], 422),
        (&[&part, &foreign], 422),
        (&[&part, &whole], 422),
        (&[&part, &half], 409),
        (&[&part, &"/api/v1/uploads/aaaaaaaaaaaaaaaaaaaa".to_owned()], 404),
        (&[&"/etc/passwd".to_owned()], 422),
    ] {
        let parts: Vec<&str> = parts.iter().map(|part| part.as_str()).collect();
        assert_eq!(house.join(&id, "joined.bin", &parts).await.status, status, "{parts:?}");
    }
    let headers = [("tus-resumable", "1.0.0"), ("upload-concat", "final;"), ("upload-metadata", "record x")];
    assert!(house.ask("POST", "/api/v1/uploads", &headers).await.status >= 400);
    assert_eq!(house.as_ada("HEAD", &part, &[TUS], "").await.header("upload-offset"), "3");
    // A part can be continued, and given up.
    assert_eq!(house.as_ada("PATCH", &half, &[TUS, PIECE, ("upload-offset", "0")], "123456789").await.status, 204);
    assert_eq!(house.join(&id, "joined.bin", &[&half, &part]).await.status, 201);
    assert_eq!(&house.as_ada("GET", &format!("/records/{id}/files/joined.bin"), &[], "").await.body[..], b"123456789abc");
    assert_eq!(house.as_ada("DELETE", &foreign, &[TUS], "").await.status, 204);
    assert_eq!(house.is_listed(&other).await, (0, 0));
}

#[tokio::test]
async fn parts_are_joined_by_nobody_but_their_sender() {
    let house = House::open().await;
    let id = house.draft().await.id;
    let parts = [house.part(&id, "abc").await, house.part(&id, "def").await];
    let archive = &house.stage.archive;
    let token = archive.create_token(&house.stage.actor("bob").await, "plays", Scope::Release, 30).await.unwrap().1;
    archive.add_member(&house.ada, &id, "bob@example.org".parse().unwrap(), Role::Owner).await.unwrap();
    let (concat, metadata) = (format!("final;{}", parts.join(" ")), words(&id, "joined.bin", false));
    let headers = [TUS, ("upload-concat", concat.as_str()), ("upload-metadata", metadata.as_str())];
    let stranger = house.ask("POST", "/api/v1/uploads", &headers).await;
    assert!(matches!(stranger.status, 401 | 404), "{}", stranger.status);
    let bearer = format!("Bearer {token}");
    let owner = house.ask("POST", "/api/v1/uploads", &[&headers[..], &[("authorization", &bearer)]].concat()).await;
    assert_eq!(owner.status, 422, "an owner of the record, but not of the parts");
    assert_eq!(house.is_listed(&id).await, (0, 2));
    assert_eq!(house.join(&id, "joined.bin", &[&parts[0], &parts[1]]).await.status, 201);
}

#[tokio::test]
async fn nothing_is_sent_to_a_file_that_is_being_joined_and_a_restart_goes_on() {
    let house = House::open().await;
    let id = house.draft().await.id;
    let place = house.part(&id, "0123456789").await;
    let part = place.rsplit('/').next().unwrap().parse().unwrap();
    // As a process that was killed leaves it: announced, and half of the bytes are there.
    let upload = house.stage.archive.begin_join(&house.ada, &id, "late.bin".parse().unwrap(), vec![part], false).await.unwrap();
    let staging = house.stage.archive.store().staging();
    let half = futures::stream::iter([Ok::<_, std::io::Error>(bytes::Bytes::from_static(b"01234"))]);
    staging.append(&upload.id, 0, half, 10).await.unwrap();
    let address = format!("/api/v1/uploads/{}", upload.id);
    let head = house.as_ada("HEAD", &address, &[TUS], "").await;
    assert_eq!((head.header("upload-concat"), head.header("upload-length")), (format!("final;{place}").as_str(), "10"));
    assert!(head.headers.get("upload-offset").is_none());
    let sent = house.as_ada("PATCH", &address, &[TUS, PIECE, ("upload-offset", "5")], "x").await;
    assert_eq!(sent.status, 403);
    assert_eq!(house.stage.archive.finish_complete_uploads().await.unwrap(), 1);
    assert_eq!(&house.as_ada("GET", &format!("/records/{id}/files/late.bin"), &[], "").await.body[..], b"0123456789");
    assert_eq!(house.is_listed(&id).await, (1, 0));
}
