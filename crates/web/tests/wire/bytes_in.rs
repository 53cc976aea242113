//! Uploads by tus: continued after every kind of break, refused clearly where something is wrong.

use crate::house::{Answer, House};
use record::{id::RecordId, limits::Limits};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

pub(crate) const PIECE: (&str, &str) = ("content-type", "application/offset+octet-stream");
pub(crate) const TUS: (&str, &str) = ("tus-resumable", "1.0.0");

pub(crate) fn words(record: &RecordId, path: &str, replace: bool) -> String {
    let base64 = |text: &str| {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        text.as_bytes()
            .chunks(3)
            .map(|group| {
                let bits = group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
                (0..4)
                    .map(|place| if place <= group.len() { LETTERS[(bits >> (18 - 6 * place) & 63) as usize] as char } else { '=' })
                    .collect::<String>()
            })
            .collect::<String>()
    };
    let path = if path.is_empty() { String::new() } else { format!(",path {}", base64(path)) };
    let replace = if replace { format!(",replace {}", base64("true")) } else { String::new() };
    format!("record {}{path}{replace}", base64(record.as_str()))
}

impl House {
    async fn announce(&self, id: &RecordId, path: &str, length: &str, replace: bool) -> Answer {
        self.as_ada("POST", "/api/v1/uploads", &[TUS, ("upload-length", length), ("upload-metadata", &words(id, path, replace))], "").await
    }
    async fn piece(&self, place: &str, offset: &str, bytes: &'static [u8]) -> Answer {
        self.as_ada("PATCH", place, &[TUS, PIECE, ("upload-offset", offset)], bytes).await
    }
    async fn offset(&self, place: &str) -> String {
        self.as_ada("HEAD", place, &[TUS], "").await.header("upload-offset").to_owned()
    }
}

#[tokio::test]
async fn a_file_arrives_in_pieces() {
    let house = House::open().await;
    let id = house.draft().await.id;
    let options = house.ask("OPTIONS", "/api/v1/uploads", &[]).await;
    assert_eq!((options.status, options.header("tus-version")), (204, "1.0.0"));
    assert!(options.header("tus-extension").contains("creation-with-upload"));
    let created = house.announce(&id, "Kiefer/ä.tif", "10", false).await;
    assert_eq!((created.status, created.header("upload-offset"), created.header("tus-resumable")), (201, "0", "1.0.0"));
    let place = created.header("location").to_owned();
    assert_eq!(house.piece(&place, "0", b"01234").await.header("upload-offset"), "5");
    let wrong = house.piece(&place, "3", b"34567").await;
    assert_eq!((wrong.status, wrong.header("upload-offset"), wrong.json()["offset"].as_u64()), (409, "5", Some(5)));
    let head = house.as_ada("HEAD", &place, &[TUS], "").await;
    assert_eq!((head.header("upload-offset"), head.header("upload-length"), head.header("cache-control")), ("5", "10", "no-store"));
    assert!(!head.header("upload-expires").is_empty());
    let last = house.piece(&place, "5", b"56789").await;
    assert_eq!((last.status, last.header("upload-offset")), (204, "10"));
    assert_eq!(house.offset(&place).await, "10", "who lost the last answer still learns that it is finished");
    let file = house.as_ada("GET", &format!("/records/{id}/files/Kiefer/%C3%A4.tif"), &[], "").await;
    assert_eq!(&file.body[..], b"0123456789");
}

#[tokio::test]
async fn small_files_come_with_their_announcement_and_empty_ones_are_finished_at_once() {
    let house = House::open().await;
    let id = house.draft().await.id;
    let created = house
        .as_ada("POST", "/api/v1/uploads", &[TUS, PIECE, ("upload-length", "3"), ("upload-metadata", &words(&id, "a", false))], "abc")
        .await;
    assert_eq!((created.status, created.header("upload-offset")), (201, "3"));
    assert_eq!(house.announce(&id, "empty", "0", false).await.status, 201);
    let page = house.as_ada("GET", &format!("/api/v1/records/{id}/files"), &[], "").await.json();
    let names: Vec<_> = page["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(names, ["a", "empty"]);
    assert_eq!(page["files"][0]["sha256"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[tokio::test]
async fn what_is_wrong_is_said_clearly() {
    let house = House::open().await;
    let id = house.draft().await.id;
    let metadata = words(&id, "a", false);
    let announce = async |headers: &[(&str, &str)]| house.as_ada("POST", "/api/v1/uploads", headers, "").await;
    assert_eq!(announce(&[("upload-length", "3"), ("upload-metadata", &metadata)]).await.status, 412);
    assert_eq!(announce(&[TUS, ("upload-metadata", &metadata)]).await.status, 400);
    assert_eq!(announce(&[TUS, ("upload-length", "-1"), ("upload-metadata", &metadata)]).await.status, 400);
    assert_eq!(announce(&[TUS, ("upload-defer-length", "1"), ("upload-metadata", &metadata)]).await.status, 400);
    assert_eq!(announce(&[TUS, ("upload-length", "3")]).await.status, 422);
    let giant = announce(&[TUS, ("upload-length", "99999999999999"), ("upload-metadata", &metadata)]).await;
    assert_eq!((giant.status, giant.header("content-type")), (413, "application/problem+json"));
    for path in ["../etc/passwd", "/abs", "a\0b", "photo\u{202e}gpj.exe", &"x".repeat(4096)] {
        let refused = house.announce(&id, path, "3", false).await;
        assert_eq!(refused.status, 422, "{path:?}");
        assert!(!refused.json()["hint"].as_str().unwrap().is_empty());
    }
    let stranger = house.ask("POST", "/api/v1/uploads", &[TUS, ("upload-length", "3"), ("upload-metadata", &metadata)]).await;
    assert!(matches!(stranger.status, 401 | 404), "{}", stranger.status);
    let place = house.announce(&id, "a", "3", false).await.header("location").to_owned();
    assert_eq!(house.as_ada("PATCH", &place, &[TUS, ("upload-offset", "0")], "abc").await.status, 415);
    assert_eq!(house.ask("HEAD", &place, &[TUS]).await.status, 404);
    assert_eq!(house.piece(&place, "0", b"abcdef").await.status, 413);
    let other = house.announce(&id, "A", "1", false).await;
    assert!(matches!(other.status, 201), "names are compared when the file is there: {}", other.status);
}

#[tokio::test]
async fn a_file_that_is_there_is_replaced_only_when_asked() {
    let house = House::open().await;
    let id = house.with_files(&[("a.tif", b"old")]).await;
    let refused = house.announce(&id, "a.tif", "3", false).await;
    assert_eq!((refused.status, refused.header("tus-resumable")), (409, "1.0.0"));
    let place = house.announce(&id, "a.tif", "3", true).await.header("location").to_owned();
    assert_eq!(house.piece(&place, "0", b"new").await.status, 204);
    assert_eq!(&house.as_ada("GET", &format!("/records/{id}/files/a.tif"), &[], "").await.body[..], b"new");
}

#[tokio::test]
async fn a_piece_with_a_wrong_sum_leaves_nothing() {
    let house = House::open().await;
    let id = house.draft().await.id;
    let place = house.announce(&id, "a", "3", false).await.header("location").to_owned();
    let send = async |sum: &str| {
        house.as_ada("PATCH", &place, &[TUS, PIECE, ("upload-offset", "0"), ("upload-checksum", sum)], "abc").await.status
    };
    assert_eq!(send("sha256 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").await, 460);
    assert_eq!(house.offset(&place).await, "0");
    assert_eq!(send("md5 kAFQmDzST7DWlj99KOF/cg==").await, 422);
    assert_eq!(send("sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=").await, 204);
}

#[tokio::test]
async fn an_upload_is_given_up_and_gone() {
    let house = House::open().await;
    let id = house.draft().await.id;
    let place = house.announce(&id, "a", "3", false).await.header("location").to_owned();
    assert_eq!(house.as_ada("GET", &format!("/api/v1/records/{id}/uploads"), &[], "").await.json()[0]["upload_url"], place);
    assert_eq!(house.as_ada("DELETE", &place, &[TUS], "").await.status, 204);
    assert_eq!(house.as_ada("HEAD", &place, &[TUS], "").await.status, 404);
}

#[tokio::test]
async fn a_broken_connection_keeps_what_arrived() {
    let house = House::open().await;
    let id = house.draft().await.id;
    let whole: Vec<u8> = (0..3_000_000u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let place = house.announce(&id, "large", "3000000", false).await.header("location").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(web::serve(listener, house.router.clone(), Limits::default(), std::future::pending()));
    let mut sender = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "PATCH {place} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: 3000000\r\n\r\n",
        house.token
    );
    sender.write_all(head.as_bytes()).await.unwrap();
    sender.write_all(&whole[..1_500_000]).await.unwrap();
    sender.flush().await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    drop(sender);
    let mut offset = 0;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        offset = house.offset(&place).await.parse().unwrap();
        if offset > 0 {
            break;
        }
    }
    assert!((1..=1_500_000).contains(&offset), "{offset}");
    let mut sender = TcpStream::connect(address).await.unwrap();
    // The last writer may still be making its bytes safe, so the place is asked for again, as a client does.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let offset: usize = house.offset(&place).await.parse().unwrap();
    let head = head
        .replace("Upload-Offset: 0", &format!("Upload-Offset: {offset}"))
        .replace("Content-Length: 3000000", &format!("Connection: close\r\nContent-Length: {}", whole.len() - offset));
    sender.write_all(head.as_bytes()).await.unwrap();
    sender.write_all(&whole[offset..]).await.unwrap();
    let mut answer = String::new();
    sender.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    assert!(house.as_ada("GET", &format!("/records/{id}/files/large"), &[], "").await.body == whole);
}
