//! The life of a record as its owner and everybody else see it on the pages.

use crate::house::{House, complete};
use http::Request;

#[tokio::test]
async fn a_dataset_from_the_first_click_to_everyone() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.send("/deposit/new", &[("kind", "tomography-biology")]).await.expect(303).record();
    let page = ada.get(&format!("/deposit/{id}")).await.expect(200);
    assert!(page.says("Give it a title.") && page.says("Add at least one file.") && page.says("data-upload"));
    ada.send(&format!("/deposit/{id}/register"), &[]).await.expect(422);

    ada.send(&format!("/deposit/{id}"), &complete("Jaw of a caecilian")).await.expect(303);
    ada.upload(&id, "slices/0001.tif", "not really a picture").await.expect(303);
    let page = ada.get(&format!("/deposit/{id}?folder=slices")).await.expect(200);
    assert!(page.says("0001.tif") && page.says("Ready to register.") && page.says("value=\"6.5 6.5 6.5\""));
    house.stranger().get(&format!("/records/{id}")).await.expect(404);

    let asked = ada.get(&format!("/deposit/{id}/register")).await.expect(200);
    assert!(asked.says(&format!("10.5072/science3d.{id}")), "the DOI is known beforehand");
    ada.send(&format!("/deposit/{id}/register"), &[]).await.expect(303);
    let closed = house.stranger().get(&format!("/records/{id}")).await.expect(200);
    assert!(closed.says("The files are closed") && closed.says("Jaw of a caecilian") && closed.says("Ada Lovelace"));
    assert!(!closed.says("0001") && !closed.says("archive.zip") && !closed.says("id=\"files\""), "nothing of the files is told");
    assert!(ada.get(&format!("/records/{id}?folder=slices")).await.says("0001.tif"), "the owner sees them");

    let wrong = ada.send(&format!("/deposit/{id}/schedule"), &[("release_at", "2020-01-01T12:00")]).await.expect(422);
    assert!(wrong.says("The release date lies in the past."));
    ada.send(&format!("/deposit/{id}/schedule"), &[("release_at", "2027-03-01T12:05")]).await.expect(303);
    assert!(house.stranger().get(&format!("/records/{id}")).await.says("closed until 1 March 2027, 12:05 UTC"));

    ada.send(&format!("/deposit/{id}/release"), &[]).await.expect(303);
    let open = house.stranger().get(&format!("/records/{id}?folder=slices")).await.expect(200);
    assert!(open.says("0001.tif") && open.says(&format!("/records/{id}/archive.zip")));
    assert!(open.says("application/ld+json") && open.says("@dataset{") || open.says("@misc{"), "{}", open.text);
    assert!(open.header("link").contains("rel=\"cite-as\"") && open.header("link").contains("rel=\"item\""));
    assert!(open.says("6.5 × 6.5 × 6.5\u{a0}µm") && open.says("https://orcid.org/0000-0002-1825-0097"));
}

#[tokio::test]
async fn a_question_about_the_files_is_asked_with_its_choices_and_answered_without_script() {
    use record::question::{Choice, Question, Topic};
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A jaw").await;
    ada.upload(&id, "scan.h5", "x").await.expect(303);
    let choice = |answer: &str, shape: [u64; 3]| Choice {
        answer: answer.into(),
        shape: shape.to_vec(),
        element_type: Some("uint16".into()),
        ..Choice::default()
    };
    let question = |topic, choices| Question { topic, file: Some("scan.h5".into()), choices, more: 0, taken: None, suggested: None };
    let datasets = vec![choice("/entry/raw", [900, 512, 512]), choice("/entry/<volume>", [400, 512, 512])];
    let archive = &house.stage.archive;
    archive.report_questions(&id.parse().unwrap(), vec![question(Topic::Dataset, datasets)]).await.unwrap();
    let page = ada.get(&format!("/deposit/{id}")).await.expect(200);
    assert!(page.says("Choose which of the datasets in the file is the volume.") && page.says("scan.h5"));
    assert!(page.says("type=\"radio\" name=\"dataset\" value=\"/entry/raw\"") && page.says("900 × 512 × 512 · uint16"));
    assert!(!page.says("<volume>") && !page.says("checked"), "nothing is chosen beforehand");
    ada.send(&format!("/deposit/{id}/register"), &[]).await.expect(303);
    let german = {
        ada.language = "de";
        let page = ada.get(&format!("/deposit/{id}")).await.expect(200);
        ada.language = "en";
        page
    };
    assert_eq!(german.text.matches("Wählen Sie, welcher Datensatz in der Datei das Volumen ist.").count(), 2, "and it stands in the way");
    let stranger = house.stranger().get(&format!("/records/{id}")).await.expect(200);
    assert!(!stranger.says("/entry/raw") && !stranger.says("scan.h5"));
    house.stranger().get(&format!("/api/v1/records/{id}")).await.expect(200).says("questions").then(|| panic!("told to a stranger"));

    let there = ada.send(&format!("/deposit/{id}/answers"), &[("dataset", "/entry/<volume>")]).await.expect(303);
    assert!(there.header("location").ends_with("#question"));
    let page = ada.get(&format!("/deposit/{id}")).await.expect(200);
    assert!(page.says("What you said about the files") && page.says("Choose again") && !page.says("type=\"radio\""));
    let api = ada.get(&format!("/api/v1/records/{id}")).await.expect(200);
    assert!(api.says("\"answers\":{\"dataset\":\"/entry/<volume>\"}"), "{}", api.text);
    let mut eve = house.person("eve").await;
    eve.send(&format!("/deposit/{id}/answers"), &[("dataset", "/x")]).await.expect(403);

    let many = (0..40).map(|time| choice(&format!("/data[{time}]"), [9, 9, 9])).collect();
    let raw = Question { topic: Topic::Raw, choices: Vec::new(), ..question(Topic::Raw, Vec::new()) };
    let time = Question { more: 60, ..question(Topic::Time, many) };
    archive.report_questions(&id.parse().unwrap(), vec![time, raw]).await.unwrap();
    let page = ada.get(&format!("/deposit/{id}")).await.expect(200);
    assert!(page.says("<option value=\"/data[39]\">") && page.says("name=\"dataset_written\"") && page.says("name=\"raw_z\""));
    ada.send(&format!("/deposit/{id}/answers"), &[("raw_z", "3"), ("raw_y", "none"), ("raw_x", "5")]).await.expect(422);
    ada.send(&format!("/deposit/{id}/answers"), &[("no_volume", "1")]).await.expect(303);
    assert!(ada.get(&format!("/deposit/{id}")).await.expect(200).says("No volume is made."));
    ada.send(&format!("/deposit/{id}/release"), &[]).await.expect(303);
}

#[tokio::test]
async fn a_doi_lands_and_speaks_other_languages() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A jaw").await;
    ada.upload(&id, "a.tif", "x").await.expect(303);
    let doi = format!("/doi/10.5072/science3d.{id}");
    house.stranger().get(&doi).await.expect(404);
    ada.send(&format!("/deposit/{id}/register"), &[]).await.expect(303);
    assert_eq!(house.stranger().get(&doi).await.expect(302).header("location"), format!("/records/{id}"));
    let bibtex = house.stranger().request(Request::get(&doi).header("accept", "application/x-bibtex"), "").await.expect(200);
    assert!(bibtex.text.starts_with('@'), "{}", bibtex.text);
    for format in ["bibtex", "ris", "csl-json", "datacite-xml", "datacite-json", "schema-org", "text"] {
        assert!(house.stranger().get(&format!("/records/{id}/export/{format}")).await.expect(200).says("A jaw"), "{format}");
    }
    house.stranger().get(&format!("/records/{id}/export/marc")).await.expect(404);
    house.stranger().get("/doi/10.5072/never").await.expect(404);
}

#[tokio::test]
async fn a_part_is_cited_from_one_version() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A jaw").await;
    ada.upload(&id, "a.tif", "x").await.expect(303);
    for step in ["register", "release"] {
        ada.send(&format!("/deposit/{id}/{step}"), &[]).await.expect(303);
    }
    let doi = format!("/doi/10.5072/science3d.{id}");
    let cut = "box=0:1,0:1,0:1";
    for (asked, version) in [
        (format!("{doi}/cut?{cut}"), ""),
        (format!("{doi}/cut?{cut}&version=1"), "/v1"),
        (format!("{doi}/cut?{cut}&version=v2"), "/v2"),
        (format!("{doi}.v1/cut?{cut}"), "/v1"),
        (format!("{doi}.v1/cut?version=1&{cut}"), "/v1"),
    ] {
        let leads = house.stranger().get(&asked).await.expect(302).header("location").to_owned();
        assert!(leads.starts_with(&format!("/records/{id}{version}/volumes/volume/cut?")), "{asked}: {leads}");
    }
    for wrong in ["/cut?version=one", "/cut?version=", "/cut?version=01", ".v1/cut?version=2", "/cut?version=1&version=2"] {
        let refused = house.stranger().get(&format!("{doi}{wrong}&{cut}")).await.expect(422);
        assert!(refused.says("version=1"), "{wrong}: {}", refused.text);
    }
    house.stranger().get(&format!("{doi}/cut")).await.expect(404);
}

#[tokio::test]
async fn a_draft_looks_like_nothing_to_others() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("Secret jaw").await;
    let mut eve = house.person("eve").await;
    for tail in ["", "/view", "/v1", "/export/bibtex", "/archive.zip", "/files/a.tif"] {
        for browser in [&mut eve, &mut house.stranger()] {
            let hidden = browser.get(&format!("/records/{id}{tail}")).await.expect(404);
            let absent = browser.get(&format!("/records/000000000{tail}")).await.expect(404);
            assert_eq!(hidden.text.replace(&id, ""), absent.text.replace("000000000", ""), "{tail}");
        }
    }
    for tail in ["", "/register", "/team", "/events"] {
        eve.get(&format!("/deposit/{id}{tail}")).await.expect(404);
    }
    eve.send(&format!("/deposit/{id}"), &[("title", "Mine")]).await.expect(404);
    eve.send(&format!("/deposit/{id}/delete"), &[]).await.expect(404);
    assert!(ada.get(&format!("/records/{id}")).await.expect(200).says("Secret jaw"));
}

#[tokio::test]
async fn what_people_write_stays_text() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let evil = "</script><script>alert(1)</script>\"><img src=x onerror=alert(2)>";
    let id = ada.complete_draft(evil).await;
    ada.upload(&id, "a.tif", "x").await.expect(303);
    ada.send(&format!("/deposit/{id}/register"), &[]).await.expect(303);
    house.stage.archive.settle_index().await.unwrap();
    for path in [
        format!("/records/{id}"),
        format!("/deposit/{id}"),
        "/account".into(),
        "/".into(),
        "/search?q=alert".into(),
        format!("/search?q={}", "%22%3E%3Cscript%3E"),
    ] {
        let page = ada.get(&path).await.expect(200);
        assert!(!page.says("<script>") && !page.says("<img src=x"), "{path}");
    }
}

#[tokio::test]
async fn a_kept_page_is_quick_and_never_stale() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("First title").await;
    ada.upload(&id, "a.tif", "x").await.expect(303);
    ada.send(&format!("/deposit/{id}/register"), &[]).await.expect(303);
    let path = format!("/records/{id}");
    let first = house.stranger().get(&path).await.expect(200);
    let etag = first.header("etag").to_owned();
    assert!(!etag.is_empty());
    house.stranger().request(Request::get(&path).header("if-none-match", &etag), "").await.expect(304);
    ada.send(&format!("/deposit/{id}"), &[("title", "Second title")]).await.expect(303);
    let second = house.stranger().request(Request::get(&path).header("if-none-match", &etag), "").await.expect(200);
    assert!(second.says("Second title") && second.header("etag") != etag);
    assert!(ada.get(&path).await.says("You own this record."), "the owner's page is her own");
    assert!(!house.stranger().get(&path).await.says("You own this record."));
}

#[tokio::test]
async fn the_draft_saves_itself_field_by_field() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A jaw").await;
    let csrf = ada.csrf().await;
    let draft = |json: &'static str| {
        (
            Request::patch(format!("/deposit/{id}/draft")).header("content-type", "application/json").header("x-csrf-token", csrf.clone()),
            json,
        )
    };
    let (request, json) = draft(r#"{"title": "Another jaw", "synthetic": true}"#);
    ada.request(request, json).await.expect(200);
    let (request, json) = draft(r#"{"energy_kev": "much", "organism": "Typhlonectes natans"}"#);
    let refused = ada.request(request, json).await.expect(422);
    assert!(refused.says("\"field\":\"energy_kev\""), "{}", refused.text);
    let page = ada.get(&format!("/deposit/{id}")).await;
    assert!(page.says("value=\"Another jaw\"") && page.says("value=\"Typhlonectes natans\""), "the good field is kept");
    let (request, json) = draft("[]");
    ada.request(request, json).await.expect(422);
}

#[tokio::test]
async fn a_withdrawn_record_leaves_a_tombstone() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("Wrong jaw").await;
    ada.upload(&id, "a.tif", "x").await.expect(303);
    ada.send(&format!("/deposit/{id}/register"), &[]).await.expect(303);
    assert!(ada.send(&format!("/deposit/{id}/withdraw"), &[("reason", " ")]).await.expect(422).says("Say why it is withdrawn"));
    ada.send(&format!("/deposit/{id}/withdraw"), &[("reason", "another specimen")]).await.expect(303);
    let tombstone = house.stranger().get(&format!("/records/{id}")).await.expect(410);
    assert!(tombstone.says("Wrong jaw") && tombstone.says("This record was withdrawn"));
    assert!(!tombstone.says("another specimen") && !tombstone.says("a pupil can understand"), "neither reason nor description");
    assert!(ada.get(&format!("/records/{id}")).await.expect(410).says("another specimen"));
}

#[tokio::test]
async fn a_text_is_published_in_one_step() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.send("/deposit/new", &[("kind", "publication")]).await.expect(303).record();
    let fields = [
        ("title", "Caecilian jaw-closing mechanics"),
        ("creators", "Kleinteich, Thomas\nHaas, Alexander"),
        ("year", "2008"),
        ("article_doi", "10.1098/rsif.2008.0155"),
    ];
    ada.send(&format!("/deposit/{id}"), &fields).await.expect(303);
    let page = ada.get(&format!("/deposit/{id}")).await;
    assert!(page.says("Ready to publish.") && page.says(&format!("/deposit/{id}/publish")));
    house.stranger().get(&format!("/records/{id}")).await.expect(404);
    ada.send(&format!("/deposit/{id}/publish"), &[]).await.expect(303);
    let published = house.stranger().get(&format!("/records/{id}")).await.expect(200);
    assert!(published.says("https://doi.org/10.1098/rsif.2008.0155") && published.says("Published in"));
}

#[tokio::test]
async fn a_team_and_a_reviewer_see_what_is_closed() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A jaw").await;
    ada.upload(&id, "a.tif", "x").await.expect(303);
    ada.send(&format!("/deposit/{id}/register"), &[]).await.expect(303);
    let mut bob = house.person("bob").await;
    assert!(!bob.get(&format!("/records/{id}")).await.expect(200).says("a.tif"));
    assert!(
        ada.send(&format!("/deposit/{id}/team"), &[("email", "nonsense"), ("role", "owner")])
            .await
            .expect(422)
            .says("not an e-mail address")
    );
    ada.send(&format!("/deposit/{id}/team"), &[("email", "bob@example.org"), ("role", "collaborator")]).await.expect(303);
    assert!(bob.get(&format!("/records/{id}")).await.says("a.tif"));
    assert!(bob.get("/account").await.says("A jaw"));
    bob.send(&format!("/deposit/{id}/release"), &[]).await.expect(403);

    let made = ada.send(&format!("/deposit/{id}/team/review"), &[]).await.expect(200);
    let link = made.text.split_once("http://science3d.test").unwrap().1.split('<').next().unwrap().to_owned();
    let mut reviewer = house.stranger();
    reviewer.get(&link).await.expect(303);
    assert!(reviewer.get(&format!("/records/{id}")).await.says("a.tif"));
    assert!(!house.stranger().get(&format!("/records/{id}")).await.says("a.tif"), "the cache does not mix them up");
}

#[tokio::test]
async fn files_and_unfinished_uploads_are_deleted_by_their_buttons() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A jaw").await;
    ada.upload(&id, "folder/a.tif", "x").await.expect(303);
    assert!(ada.upload(&id, "folder/a.tif", "y").await.expect(409).says("here already"));
    assert!(ada.upload(&id, "../a.tif", "y").await.status >= 400);
    ada.send(&format!("/deposit/{id}/files/delete"), &[("path", "folder/a.tif")]).await.expect(303);
    assert!(!ada.get(&format!("/deposit/{id}")).await.says("id=\"files\""));
    let owner = house.stage.archive.sign_in("ada@example.org", "correct horse battery", [127, 0, 0, 1].into()).await.unwrap();
    let visitor = archive::Visitor::person(owner.account);
    let upload = house.stage.archive.begin_upload(&visitor, &id.parse().unwrap(), "half.tif".parse().unwrap(), 100, false).await.unwrap();
    assert!(ada.get(&format!("/deposit/{id}")).await.says("half.tif"));
    ada.send(&format!("/deposit/{id}/uploads/{}/delete", upload.id), &[]).await.expect(303);
    assert!(!ada.get(&format!("/deposit/{id}")).await.says("half.tif"));
    ada.send(&format!("/deposit/{id}/delete"), &[]).await.expect(303);
    ada.get(&format!("/deposit/{id}")).await.expect(404);
}

#[tokio::test]
async fn the_open_page_is_told_what_changes() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A jaw").await;
    let mut events = ada.open(&format!("/deposit/{id}/events")).await;
    let first = events.until("readiness").await;
    assert!(first.contains("Add at least one file."), "{first}");
    ada.upload(&id, "a.tif", "x").await.expect(303);
    let next = events.until("readiness").await;
    assert!(next.contains("\"register\":[]"), "{next}");
    house.stranger().get(&format!("/deposit/{id}/events")).await.expect(404);
}

#[tokio::test]
async fn what_was_typed_comes_with_the_files() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A jaw").await;
    let csrf = ada.csrf().await;
    let send = |title: &str, energy: &str| {
        let field = |name: &str, value: &str| format!("--seam\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        let file = format!("--seam\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{energy}.txt\"\r\n\r\nx\r\n--seam--\r\n");
        let request = Request::post(format!("/deposit/{id}/files?csrf={csrf}"))
            .header("accept", "text/html")
            .header("content-type", "multipart/form-data; boundary=seam");
        (request, [field("csrf", &csrf), field("title", title), field("energy_kev", energy), file].concat())
    };
    let (request, body) = send("Typed and not saved", "25");
    ada.request(request, body).await.expect(303);
    let page = ada.get(&format!("/deposit/{id}")).await;
    assert!(page.says("value=\"Typed and not saved\"") && page.says("25.txt"), "{}", page.text);
    let (request, body) = send("Typed again", "much");
    let refused = ada.request(request, body).await.expect(422);
    assert!(refused.says("value=\"Typed again\"") && refused.says("much.txt"), "the file is kept, the field is shown again");
}

#[tokio::test]
async fn refusals_speak_german_and_have_a_key() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A jaw").await;
    ada.upload(&id, "a.tif", "x").await.expect(303);
    ada.send(&format!("/deposit/{id}/register"), &[]).await.expect(303);
    ada.language = "de";
    let wrong = ada.send(&format!("/deposit/{id}/schedule"), &[("release_at", "2020-01-01T12:00")]).await.expect(422);
    assert!(wrong.says("Das Freigabedatum liegt in der Vergangenheit."), "{}", wrong.text);
    ada.send(&format!("/deposit/{id}/release"), &[]).await.expect(303);
    let late = ada.upload(&id, "b.tif", "x").await.expect(409);
    assert!(late.says("freigegeben und lassen sich nicht mehr") && late.says("Machen Sie eine neue Version davon."), "{}", late.text);
    let twice = ada.send(&format!("/deposit/{id}/release"), &[]).await;
    assert!(twice.status == 422 && twice.says("schon öffentlich"), "{}", twice.text);
    let bad = ada.upload(&id, "a\u{202e}b.tif", "x").await;
    assert!(bad.says("Schreibrichtung"), "{}", bad.text);
    let request = Request::delete(format!("/api/v1/records/{id}/files/a.tif"))
        .header("accept", "application/json")
        .header("x-csrf-token", ada.csrf().await);
    let problem = ada.request(request, "").await.expect(409);
    assert!(problem.says("\"code\":\"files-are-released\"") && problem.says("Dateien dieses Eintrags"), "{}", problem.text);
}

#[tokio::test]
async fn a_new_version_from_the_button_to_everyone() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A jaw").await;
    ada.upload(&id, "a.txt", "one").await.expect(303);
    ada.upload(&id, "gone.txt", "gone").await.expect(303);
    ada.send(&format!("/deposit/{id}/register"), &[]).await.expect(303);
    ada.send(&format!("/deposit/{id}/release"), &[]).await.expect(303);
    let busy = ada.send(&format!("/deposit/{id}/revise"), &[]).await.expect(409);
    assert!(busy.says("still being made"), "the volume of the first version comes first: {}", busy.text);
    while let Some(claimed) = house.stage.archive.claim("worker", archive::labour::Lane::Any).await.unwrap() {
        house.stage.archive.finish(&claimed).await.unwrap();
    }
    house.stage.clock.advance_seconds(60);
    while let Some(claimed) = house.stage.archive.claim("worker", archive::labour::Lane::Any).await.unwrap() {
        house.stage.archive.finish(&claimed).await.unwrap();
    }
    assert!(ada.get(&format!("/records/{id}")).await.says(&format!("/deposit/{id}/revise")));
    assert!(!house.stranger().get(&format!("/records/{id}")).await.says("revise"));
    let asked = ada.get(&format!("/deposit/{id}/revise")).await.expect(200);
    assert!(asked.says("Begin a new version?"));
    let begun = ada.send(&format!("/deposit/{id}/revise"), &[]).await.expect(303);
    assert_eq!(begun.header("location"), format!("/deposit/{id}"));

    ada.send(&format!("/deposit/{id}/files/delete"), &[("path", "gone.txt")]).await.expect(303);
    ada.upload(&id, "b.txt", "two").await.expect(303);
    ada.send(&format!("/deposit/{id}"), &complete("A better jaw")).await.expect(303);
    let draft = ada.get(&format!("/deposit/{id}")).await.expect(200);
    assert!(
        draft.says("Version 2") && draft.says("b.txt") && !draft.says("gone.txt") && draft.says(&format!("/records/{id}/v2/files/b.txt"))
    );
    assert!(ada.get(&format!("/records/{id}/v2")).await.expect(200).says("The draft of a new version"));
    for address in ["/v2", "/v2/files/b.txt", "/v2/archive.zip", "/v2/export/bibtex", "/files/b.txt"] {
        house.stranger().get(&format!("/records/{id}{address}")).await.expect(404);
    }
    let shown = house.stranger().get(&format!("/records/{id}")).await.expect(200);
    assert!(shown.says("gone.txt") && !shown.says("A better jaw") && !shown.says("/v2"), "everybody sees the first version");

    ada.send(&format!("/deposit/{id}/release"), &[]).await.expect(303);
    let newest = house.stranger().get(&format!("/records/{id}")).await.expect(200);
    assert!(newest.says("A better jaw") && newest.says("b.txt") && newest.says("What changed since version"));
    assert!(newest.says("<del>A jaw</del>") && newest.says(&format!("10.5072/science3d.{id}</a>")), "{}", newest.text);
    let first = house.stranger().get(&format!("/records/{id}/v1")).await.expect(200);
    assert!(
        first.says("This is version 1.")
            && first.says(&format!("10.5072/science3d.{id}.v1"))
            && first.says(&format!("/records/{id}/v1/files/gone.txt"))
    );
    assert_eq!(house.stranger().get(&format!("/records/{id}/v1/files/gone.txt")).await.expect(200).text, "gone");
    house.stranger().get(&format!("/records/{id}/files/gone.txt")).await.expect(404);
    let doi = format!("/doi/10.5072/science3d.{id}");
    assert_eq!(house.stranger().get(&doi).await.expect(302).header("location"), format!("/records/{id}"));
    assert_eq!(house.stranger().get(&format!("{doi}.v1")).await.expect(302).header("location"), format!("/records/{id}/v1"));
    let xml = house.stranger().get(&format!("/records/{id}/v1/export/datacite-json")).await.expect(200);
    assert!(xml.says("IsVersionOf") && xml.says("IsPreviousVersionOf") && xml.says(&format!("/records/{id}/v1\"")), "{}", xml.text);
    assert!(house.stranger().get(&format!("/records/{id}/export/datacite-json")).await.says("HasVersion"));
    let listed = house.stranger().request(Request::get(format!("/api/v1/records/{id}/versions")), "").await.expect(200);
    assert!(listed.says("\"version\":1") && listed.says("\"is_current\":true"));
}
