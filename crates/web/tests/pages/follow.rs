//! Following by mail and writing to the authors, as people and mail programs do it: forms without any script.

use crate::house::{Browser, House};
use archive::Visitor;
use axum::body::Body;
use http::Request;
use record::{account::Rank, job::Job};

struct Mail {
    to: String,
    subject: String,
    text: String,
}

/// The letters that wait for the worker.
async fn letters(house: &House, root: &Visitor) -> Vec<Mail> {
    let jobs = house.stage.archive.all_jobs(root).await.unwrap();
    let letter = |job: Job| match job {
        Job::SendMail { to, subject, text, .. } => Some(Mail { to, subject, text }),
        _ => None,
    };
    jobs.into_iter().filter_map(|view| letter(view.job)).collect()
}

/// The page behind the link in the last letter to this address.
async fn link(house: &House, root: &Visitor, to: &str) -> String {
    let mut letters = letters(house, root).await;
    letters.retain(|mail| mail.to == to);
    let text = letters.pop().expect("a letter").text;
    let (_, rest) = text.split_once("http://science3d.test").expect("a link");
    let (_, rest) = rest.split_once("/follow/").expect("a link");
    format!("/follow/{}", rest.split_whitespace().next().unwrap())
}

async fn registered(ada: &mut Browser<'_>, title: &str) -> String {
    let id = ada.complete_draft(title).await;
    ada.upload(&id, "a.txt", "seen").await;
    ada.send(&format!("/deposit/{id}/register"), &[]).await.expect(303);
    id
}

#[tokio::test]
async fn a_pupil_follows_a_record_and_ends_it_by_one_button() {
    let house = House::open().await;
    let root = house.stage.actor_of_rank("root", Rank::Administrator).await;
    let mut ada = house.person("ada").await;
    let id = registered(&mut ada, "A jaw").await;
    let (page, follow) = (format!("/records/{id}"), format!("/records/{id}/follow"));
    let mut pupil = house.stranger();
    let shown = pupil.get(&page).await.expect(200);
    assert!(shown.says(&format!("action=\"{follow}\"")), "{}", shown.text);
    assert!(!shown.says("ada@example.org"), "no address of an owner is on the page");
    let mine = ada.get(&page).await;
    assert!(mine.says("name=\"email\" value=\"ada@example.org\"") && mine.says("name=\"csrf\""), "{}", mine.text);

    // A slip is said beside the form, which keeps what was typed; a robot's form does nothing.
    let slip = pupil.send(&follow, &[("email", "no address")]).await.expect(422);
    assert!(slip.says("is not an e-mail address") && slip.says("value=\"no address\"") && slip.says("A jaw"), "{}", slip.text);
    pupil.send(&follow, &[("email", "robot@example.org"), ("website", "https://spam.example")]).await.expect(200);
    assert!(letters(&house, &root).await.is_empty());

    pupil.language = "de";
    let asked = pupil.send(&follow, &[("email", "Pupil@School.example")]).await.expect(200);
    assert!(asked.says("Sehen Sie in Ihr Postfach") && !asked.says("pupil@school.example"), "{}", asked.text);
    let mails = letters(&house, &root).await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].to == "pupil@school.example" && mails[0].subject.contains("Bitte bestätigen") && mails[0].text.contains("A jaw"));
    let link = link(&house, &root, "pupil@school.example").await;

    // Looking confirms nothing, however often a mail program looks.
    pupil.language = "en";
    for _ in 0..2 {
        let waiting = pupil.get(&link).await.expect(200);
        assert!(waiting.says("You do not follow this yet") && waiting.says("A jaw") && waiting.says("noindex"), "{}", waiting.text);
    }
    assert!(pupil.send(&link, &[("do", "confirm")]).await.expect(200).says("You follow now"));
    let on = pupil.get(&link).await.expect(200);
    assert!(on.says("This address follows") && on.says("No more letters") && !on.says("school.example"), "{}", on.text);

    // As mail programs do it: one POST without cookies, of either kind of form (RFC 8058).
    let one_click = Request::post(&link).header("content-type", "multipart/form-data; boundary=seam");
    let body = "--seam\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--seam--\r\n";
    let ended = house.stranger().request(one_click, Body::from(body)).await.expect(200);
    assert!(ended.says("nothing is followed"), "{}", ended.text);
    let again = Request::post(&link).header("content-type", "application/x-www-form-urlencoded");
    house.stranger().request(again, "List-Unsubscribe=One-Click").await.expect(200);
    assert!(pupil.get(&link).await.expect(200).says("nothing is followed"));
    assert!(pupil.send(&link, &[("do", "confirm")]).await.expect(200).says("nothing is followed"), "an old link begins nothing");
}

#[tokio::test]
async fn what_is_closed_cannot_be_followed_nor_written_about() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A hidden jaw").await;
    let mail = [("email", "eve@example.org"), ("name", "Eve"), ("message", "Hello")];
    let mut eve = house.stranger();
    for end in ["follow", "write"] {
        let address = format!("/records/{id}/{end}");
        eve.get(&address).await.expect(404);
        eve.send(&address, &mail).await.expect(404);
        // Not even by its owner: the letter could go to anybody.
        ada.get(&address).await.expect(404);
        ada.send(&address, &mail).await.expect(404);
    }
    assert!(!ada.get(&format!("/records/{id}")).await.says("id=\"follow\""));
    ada.upload(&id, "a.txt", "seen").await;
    ada.send(&format!("/deposit/{id}/register"), &[]).await.expect(303);
    ada.send(&format!("/deposit/{id}/withdraw"), &[("reason", "wrong sample")]).await.expect(303);
    for end in ["follow", "write"] {
        eve.send(&format!("/records/{id}/{end}"), &mail).await.expect(410);
    }
    assert!(!eve.get(&format!("/records/{id}")).await.says("id=\"follow\""));
}

#[tokio::test]
async fn everything_is_followed_by_mail_or_by_feed() {
    let house = House::open().await;
    let root = house.stage.actor_of_rank("root", Rank::Administrator).await;
    let mut reader = house.stranger();
    assert!(reader.get("/").await.expect(200).says("href=\"/follow\""));
    let page = reader.get("/follow").await.expect(200);
    for address in ["/feeds/new.atom", "/feeds/open.rss", "/feeds/tomography-biology.json"] {
        assert!(page.says(address), "{address}: {}", page.text);
        reader.get(address).await.expect(200);
    }
    reader.language = "de";
    assert!(reader.get("/follow").await.says("höchstens eine am Tag"));
    reader.send("/follow", &[("email", "emmy@example.org")]).await.expect(200);
    let link = link(&house, &root, "emmy@example.org").await;
    assert!(reader.get(&link).await.expect(200).says("Alle neuen Freigaben"));
    assert!(reader.send(&link, &[("do", "confirm")]).await.expect(200).says("Sie folgen jetzt"));
    assert!(reader.send(&link, &[("do", "stop")]).await.expect(200).says("wird nichts verfolgt"));
    for number in 0..9 {
        reader.send("/follow", &[("email", &format!("{number}@example.org"))]).await.expect(200);
    }
    let many = reader.send("/follow", &[("email", "10@example.org")]).await.expect(429);
    assert!(many.says("value=\"10@example.org\""), "{}", many.text);
}

#[tokio::test]
async fn a_teacher_writes_to_the_authors_and_sees_no_address() {
    let house = House::open().await;
    let root = house.stage.actor_of_rank("root", Rank::Administrator).await;
    let mut ada = house.person("ada").await;
    let id = registered(&mut ada, "A jaw").await;
    let write = format!("/records/{id}/write");
    let mut teacher = house.stranger();
    assert!(teacher.get(&format!("/records/{id}")).await.says(&format!("action=\"{write}\"")));
    assert!(teacher.get(&write).await.expect(200).says("Write to the authors"));
    let message = "May my class print it?\n<b>Thank you</b>";
    let letter = [("name", "Emmy <i>Noether</i>"), ("email", "emmy@school.example"), ("message", message)];

    let slip = teacher.send(&write, &[("name", "Emmy <i>"), ("email", "emmy"), ("message", message)]).await.expect(422);
    assert!(slip.says("is not an e-mail address") && slip.says("May my class print it?"), "{}", slip.text);
    assert!(!slip.says("<b>Thank") && !slip.says("<i>"), "what was typed is text: {}", slip.text);
    teacher.send(&write, &[letter[0], letter[1], ("message", " ")]).await.expect(422);
    teacher.send(&write, &[("name", "Emmy\nBcc: eve@example.org"), letter[1], letter[2]]).await.expect(422);
    teacher.send(&write, &[letter[0], letter[1], letter[2], ("website", "x")]).await.expect(200);
    assert!(letters(&house, &root).await.is_empty());

    let sent = teacher.send(&write, &letter).await.expect(200);
    assert!(sent.says("on its way") && !sent.says("ada@example.org"), "{}", sent.text);
    let mails = letters(&house, &root).await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].to == "ada@example.org" && mails[0].text.contains(message), "{}", mails[0].text);
    for _ in 0..4 {
        teacher.send(&write, &letter).await.expect(200);
    }
    let many = teacher.send(&write, &letter).await.expect(429);
    assert!(many.says("May my class print it?"), "what was written is not lost: {}", many.text);
}
