//! What people see and do at the door, as plays: every page through the router, as a browser without script asks for it.

mod deposit;
mod follow;
mod house;
mod model;
mod movie;
mod picture;
mod publication;
mod surface;

use house::House;
use http::Request;

const OPEN_PAGES: [&str; 12] = [
    "/",
    "/search",
    "/search?q=jaw&kind=publication&sort=newest",
    "/about",
    "/terms",
    "/privacy",
    "/about/problems",
    "/sign-in",
    "/sign-up",
    "/forgot",
    "/api/docs",
    "/reset/whatever",
];

#[tokio::test]
async fn every_page_speaks_both_languages_and_keeps_its_form() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    ada.complete_draft("A jaw").await;
    for language in ["en", "de"] {
        let mut stranger = house.stranger();
        stranger.language = language;
        for path in OPEN_PAGES {
            let page = stranger.get(path).await.expect(200);
            assert!(page.says(&format!("<html lang=\"{language}\">")), "{path}");
            assert_eq!(page.text.matches("<h1").count(), 1, "{path} has one heading");
            assert!(page.says("<main id=\"main\""), "{path}");
            assert!(page.header("content-security-policy").contains("default-src 'none'"), "{path}");
            assert!(!page.header("content-security-policy").contains("unsafe"), "{path}");
            assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
            assert!(!page.says(" style=\""), "{path} has no style of its own");
        }
    }
    for path in ["/account", "/account/tokens", "/account/profile", "/deposit", "/deposit/doi", "/deposit?kind=publication"] {
        let page = ada.get(path).await.expect(200);
        assert_eq!(page.text.matches("<h1").count(), 1, "{path} has one heading");
        house.stranger().get(path).await.expect(401);
    }
}

#[tokio::test]
async fn a_chosen_language_is_remembered() {
    let house = House::open().await;
    let mut stranger = house.stranger();
    assert!(stranger.get("/?lang=de").await.says("<html lang=\"de\">"));
    assert!(stranger.has_cookie("science3d_language"));
    assert!(stranger.get("/").await.says("<html lang=\"de\">"));
    assert!(house.stranger().get("/").await.says("<html lang=\"en\">"), "others are not affected");
}

#[tokio::test]
async fn machines_are_answered_too() {
    let house = House::open().await;
    let mut stranger = house.stranger();
    assert_eq!(stranger.get("/healthz").await.expect(200).text, "alive\n");
    assert_eq!(stranger.get("/readyz").await.expect(200).text, "ready\n");
    assert!(stranger.get("/metrics").await.expect(200).says("science3d_requests_total "));
    assert!(stranger.get("/robots.txt").await.expect(200).says("Sitemap: http://science3d.test/sitemap.xml"));
    assert!(stranger.get("/sitemap.xml").await.expect(200).says("<urlset"));
}

#[tokio::test]
async fn a_refusal_shows_a_way_out() {
    let house = House::open().await;
    let mut stranger = house.stranger();
    let page = stranger.get("/nowhere").await.expect(404);
    assert!(page.says("href=\"/search\"") && page.says("<h1>Nothing here</h1>"));
    let problem = stranger.request(Request::get("/api/v1/nowhere"), "").await.expect(404);
    assert_eq!(problem.header("content-type"), "application/problem+json");
    assert!(problem.says("\"hint\""));
    let asked = stranger.get("/deposit?kind=publication").await.expect(401);
    assert!(asked.says("value=\"/deposit?kind=publication\""), "after signing in the wanted page comes");
}

#[tokio::test]
async fn signing_in_and_out() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    assert!(ada.get("/account").await.expect(200).says("ada"));
    ada.send("/sign-out", &[]).await.expect(303);
    assert!(!ada.has_cookie("science3d_session"));
    ada.get("/account").await.expect(401);
    let wrong = ada.send("/sign-in", &[("email", "ada@example.org"), ("password", "wrong wrong wrong")]).await.expect(422);
    assert!(wrong.says("do not match") && wrong.says("value=\"ada@example.org\""));
    let elsewhere = ada
        .send("/sign-in", &[("email", "ada@example.org"), ("password", "correct horse battery"), ("next", "https://evil.example/")])
        .await
        .expect(303);
    assert_eq!(elsewhere.header("location"), "/account");
    let cookie = elsewhere.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
}

#[tokio::test]
async fn a_form_from_elsewhere_is_refused() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let form = "application/x-www-form-urlencoded";
    ada.request(Request::post("/deposit/new").header("content-type", form), "kind=movie").await.expect(403);
    ada.request(Request::post("/deposit/new").header("content-type", form), "kind=movie&csrf=guessed").await.expect(403);
    let csrf = ada.csrf().await;
    ada.request(
        Request::post("/deposit/new").header("content-type", form).header("sec-fetch-site", "cross-site"),
        format!("kind=movie&csrf={csrf}"),
    )
    .await
    .expect(403);
    ada.request(Request::post("/deposit/new").header("content-type", form), format!("kind=movie&csrf={csrf}")).await.expect(303);
}

#[tokio::test]
async fn a_token_is_shown_once() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let made = ada.send("/account/tokens", &[("name", "laptop"), ("scope", "deposit"), ("days", "30")]).await.expect(201);
    let secret: String = made.text.split_once("id=\"token\">").unwrap().1.split('<').next().unwrap().to_owned();
    assert!(secret.starts_with("s3d_"));
    assert!(!ada.get("/account/tokens").await.says(&secret));
    let me = house.stranger().request(Request::get("/account").header("authorization", format!("Bearer {secret}")), "").await;
    assert_eq!(me.status, 200);
    assert!(
        ada.send("/account/tokens", &[("name", ""), ("scope", "read"), ("days", "30")]).await.expect(422).says("Give the token a name.")
    );
}

#[tokio::test]
async fn the_first_administrator_signs_in_by_a_link_and_sees_the_outbox() {
    let house = House::open().await;
    let secret = house.stage.archive.administrator_link().await.unwrap().expect("a link");
    let mut admin = house.stranger();
    let path = format!("/sign-in/link/{secret}");
    admin.get(&path).await.expect(200);
    admin.send(&path, &[]).await.expect(303);
    assert!(admin.get("/admin").await.expect(200).says("id=\"outbox\""));
    house.stranger().send(&path, &[]).await.expect(410);
    let mut ada = house.person("ada").await;
    ada.get("/admin").await.expect(404);
}

#[tokio::test]
async fn what_the_registrar_refused_is_read_by_its_owner_and_repaired_by_a_click_of_the_operator() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("Jaw of a caecilian").await;
    ada.upload(&id, "notes.txt", "a jaw").await.expect(303);
    ada.send(&format!("/deposit/{id}/register"), &[]).await.expect(303);
    let page = ada.get(&format!("/records/{id}")).await.expect(200);
    assert!(page.says("This server only tries DOIs out") && !house.stranger().get(&format!("/records/{id}")).await.says("only tries"));
    let doi = format!("10.5072/science3d.{id}");
    let says = "422: creators: can't be <blank>".to_owned();
    let id = id.parse().unwrap();
    house.stage.archive.report_told(&id, &doi.parse().unwrap(), archive::ledger::Outcome::Refused { says }).await.unwrap();

    for path in ["/admin/dois", "/admin/dois?lang=de"] {
        ada.get(path).await.expect(404);
    }
    ada.send("/admin/dois/repair", &[]).await.expect(404);
    ada.send("/admin/dois/compare", &[]).await.expect(404);
    let secret = house.stage.archive.administrator_link().await.unwrap().expect("a link");
    let mut admin = house.stranger();
    admin.send(&format!("/sign-in/link/{secret}"), &[]).await.expect(303);
    let page = admin.get("/admin/dois").await.expect(200);
    assert!(page.says(&doi) && page.says("refused") && page.says("&#60;blank&#62;") && page.says("Repair all"), "{}", page.text);
    admin.send("/admin/dois/repair", &[("doi", "10.5072/unheard-of")]).await.expect(409);
    admin.send("/admin/dois/repair", &[("doi", &doi)]).await.expect(303);
    assert!(admin.get("/admin/dois?asked=1&lang=de").await.expect(200).says("Das geschieht gleich"));
}

#[tokio::test]
async fn an_organism_is_suggested_placed_and_found_by_what_it_belongs_to() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    for (typed, name) in [("house%20mou", "Mus musculus"), ("typhlonec", "Typhlonectes"), ("drosophla", "Drosophila")] {
        let answer = house.stranger().get(&format!("/api/v1/vocabularies/taxa?q={typed}&limit=3")).await.expect(200);
        assert!(answer.says(name) && answer.says("lineage") && answer.says("NCBI"), "{typed}: {}", answer.text);
    }
    let techniques = house.stranger().get("/api/v1/vocabularies/techniques?q=x-ray%20microtom").await.expect(200);
    assert!(techniques.says("PaNET01208"), "{}", techniques.text);
    house.stranger().get("/api/v1/vocabularies/taxa").await.expect(200);

    let id = ada.complete_draft("A skull").await;
    ada.send(&format!("/deposit/{id}"), &[("organism", "Mus musculus")]).await.expect(303);
    assert!(ada.get(&format!("/deposit/{id}")).await.expect(200).says("data-suggest=\"/api/v1/vocabularies/taxa\""));
    ada.upload(&id, "notes.txt", "a skull").await.expect(303);
    ada.send(&format!("/deposit/{id}/register"), &[]).await.expect(303);
    let page = house.stranger().get(&format!("/records/{id}")).await.expect(200);
    assert!(page.says("house mouse") && page.says("Mammalia › Rodentia › Muridae › Mus"), "{}", page.text);
    house.stage.archive.settle_index().await.unwrap();
    for asked in ["rodents", "mammalia", "house%20mouse"] {
        assert!(house.stranger().get(&format!("/search?q={asked}")).await.expect(200).says("A skull"), "{asked}");
    }
    assert!(!house.stranger().get("/search?q=amphibia").await.expect(200).says("A skull"));
}

#[tokio::test]
async fn an_institution_is_chosen_from_a_list_without_script_and_its_id_is_found() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A skull").await;
    let form = format!("/deposit/{id}");
    let page = ada.get(&form).await.expect(200);
    assert!(page.says("<datalist id=\"institutions-known\">") && page.says("PETRA III") && page.says("list=\"institutions-known\" value="));
    assert!(page.says("<noscript><label for=\"creators_affiliation\">Institution of all authors who have none yet"));
    let written = [
        ("creators", "Lovelace, Ada\nHaas, Alexander; My cellar\n[Caecilian Consortium]"),
        ("creators_affiliation", "Diamond Light Source"),
        ("facility", "DESY"),
        ("facility_ror", ""),
    ];
    ada.send(&form, &written).await.expect(303);
    let page = ada.get(&form).await.expect(200);
    assert!(
        page.says("Lovelace, Ada; Diamond Light Source; https://ror.org/05etxs293\nHaas, Alexander; My cellar\n[Caecilian Consortium]<"),
        "{}",
        page.text
    );
    assert!(page.says("value=\"https://ror.org/01js2sh04\""), "{}", page.text);
    // The form still holds the id of the one before.
    ada.send(&form, &[("facility", "Institut Laue-Langevin"), ("facility_ror", "https://ror.org/01js2sh04")]).await.expect(303);
    assert!(ada.get(&form).await.expect(200).says("value=\"https://ror.org/01xtjs520\""));
    ada.send(&form, &[("facility", "A shed"), ("facility_ror", "https://ror.org/01xtjs520")]).await.expect(303);
    assert!(!ada.get(&form).await.expect(200).says("value=\"https://ror.org/01xtjs520\""));
}

#[tokio::test]
async fn any_licence_of_the_list_is_taken_and_the_usual_ones_are_explained() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A skull").await;
    let form = format!("/deposit/{id}");
    let page = ada.get(&form).await.expect(200);
    assert!(page.says("data-suggest=\"/api/v1/vocabularies/licences\"") && page.says("<option value=\"ODC-By-1.0\">"));
    assert!(page.says("<dt>CC BY-NC-ND 4.0</dt>"));
    let refused = ada.send(&form, &[("licence", "my own")]).await.expect(422);
    assert!(refused.says("https://spdx.org/licenses/"), "{}", refused.text);
    ada.send(&form, &[("licence", "0bsd")]).await.expect(303);
    ada.upload(&id, "notes.txt", "a skull").await.expect(303);
    ada.send(&format!("/deposit/{id}/register"), &[]).await.expect(303);
    let shown = house.stranger().get(&format!("/records/{id}")).await.expect(200);
    assert!(shown.says("href=\"https://spdx.org/licenses/0BSD.html\">BSD Zero Clause License</a>"), "{}", shown.text);
    assert!(shown.says("Its text says what it allows and asks for."));
    let told = house.stranger().get(&format!("/records/{id}/export/datacite-json")).await.expect(200);
    assert!(told.says("\"rightsIdentifier\": \"0bsd\"") && told.says("https://spdx.org/licenses/0BSD.html"), "{}", told.text);
}

#[tokio::test]
async fn a_lost_password_is_no_way_to_learn_who_has_an_account() {
    let house = House::open().await;
    house.person("ada").await;
    let known = house.stranger().send("/forgot", &[("email", "ada@example.org")]).await.expect(200);
    let unknown = house.stranger().send("/forgot", &[("email", "nobody@example.org")]).await.expect(200);
    assert_eq!(known.text, unknown.text);
    house.stranger().send("/reset/guessed", &[("password", "a long new password")]).await.expect(410);
}
