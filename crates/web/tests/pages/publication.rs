//! A publication from nothing but its DOI, with stand-ins for Crossref and DataCite.

use crate::house::House;
use archive::publication::Publications;
use testbed::{
    Stage,
    stand_in::{Asked, Reply, StandIn},
};

const JAW: &str = r#"{"status":"ok","message":{
  "DOI":"10.1098/RSIF.2008.0155","type":"journal-article",
  "title":["Caecilian jaw-closing mechanics: <i>integrating</i> two muscle systems"],
  "author":[{"given":"Thomas","family":"Kleinteich","ORCID":"http://orcid.org/0000-0002-1825-0097","affiliation":[{"name":"Hamburg"}]},
            {"given":"Alexander","family":"Haas"},{"name":"The Caecilian Consortium"},{"family":"محمد"},{"family":"  "}],
  "container-title":["Journal of The Royal Society Interface"],"volume":"5","issue":"29","page":"1491-1504",
  "publisher":"The Royal Society","published-print":{"date-parts":[[2008,12,6]]},"language":"en",
  "abstract":"<jats:p>Two muscles &amp; a jaw.</jats:p><script>alert(1)</script>",
  "reference":[{"DOI":"10.5072/science3d.7h3k9x2q4"},{"DOI":"10.1000/other"},{"DOI":"10.1098/rsif.2008.0155"}],
  "funder":[{"name":"DFG","award":["HA 2323/10-1"]}]}}"#;

fn crossref(asked: &Asked) -> Reply {
    match asked.path() {
        "/works/10.1098%2Frsif.2008.0155" => Reply::new(200, JAW),
        "/works/10.1098%2Fmoved" => {
            Reply { heads: vec![("Location", "/works/10.1098%2Frsif.2008.0155".to_owned())], ..Reply::new(301, "") }
        }
        "/works/10.1098%2Faway" => Reply { heads: vec![("Location", "http://127.0.0.2:1/inside".to_owned())], ..Reply::new(302, "") },
        "/works/10.1098%2Fbroken" => Reply::new(200, "<html>"),
        "/works/10.1098%2Fendless" => Reply::new(200, vec![b' '; 13 << 20]),
        _ => Reply::new(404, "Resource not found."),
    }
}

fn datacite(asked: &Asked) -> Reply {
    match asked.path() {
        "/dois/10.5281%2Fzenodo.7" => Reply::new(
            200,
            r#"{"data":{"id":"10.5281/zenodo.7","attributes":{"doi":"10.5281/zenodo.7","titles":[{"title":"A thesis"}],
               "creators":[{"name":"Lovelace, Ada","nameType":"Personal","affiliation":["Analytical Society"]}],
               "publicationYear":2021,"publisher":"Zenodo","rightsList":[{"rightsIdentifier":"cc-by-4.0"}]}}}"#,
        ),
        _ => Reply::new(404, "{}"),
    }
}

struct Scene {
    house: House,
    crossref: StandIn,
    datacite: StandIn,
}

async fn scene() -> Scene {
    let (crossref, datacite) = (StandIn::open(crossref).await, StandIn::open(datacite).await);
    let publications = Publications {
        crossref_url: crossref.url.clone(),
        datacite_url: datacite.url.clone(),
        contact: "ops@example.org".into(),
        ..Default::default()
    };
    Scene { house: House::on(Stage::with_publications(publications).await), crossref, datacite }
}

#[tokio::test]
async fn one_field_and_one_click_fill_the_form_and_publish_makes_it_appear() {
    let scene = scene().await;
    let mut ada = scene.house.person("ada").await;
    assert!(ada.get("/deposit").await.expect(200).says("action=\"/deposit/doi\""));
    let id = ada.send("/deposit/doi", &[("doi", " https://doi.org/10.1098/RSIF.2008.0155. ")]).await.expect(303).record();
    let form = ada.get(&format!("/deposit/{id}")).await.expect(200);
    for words in [
        "Caecilian jaw-closing mechanics: integrating two muscle systems",
        "Kleinteich, Thomas; 0000-0002-1825-0097",
        "The Caecilian Consortium",
        "محمد",
        "Journal of The Royal Society Interface",
        "value=\"2008\"",
        "Two muscles &#38; a jaw.",
        "Cites 10.5072/science3d.7h3k9x2q4",
        "Ready to publish.",
    ] {
        assert!(form.says(words), "{words}\n{}", form.text);
    }
    assert!(!form.says("10.1000/other") && !form.says("<script>alert"));
    scene.house.stranger().get(&format!("/records/{id}")).await.expect(404);
    ada.send(&format!("/deposit/{id}/publish"), &[]).await.expect(303);
    assert!(scene.house.stranger().get(&format!("/records/{id}")).await.expect(200).says("10.1098/rsif.2008.0155"));

    // It is here now: nobody is asked again, and everybody is led to it.
    let asked = scene.crossref.asked().len();
    let mut ben = scene.house.person("ben").await;
    let here = ben.send("/deposit/doi", &[("doi", "10.1098/rsif.2008.0155")]).await.expect(409);
    assert!(here.says(&format!("href=\"/records/{id}\"")));
    assert_eq!(scene.crossref.asked().len(), asked);
    let head = &scene.crossref.asked()[0].head;
    assert!(head.contains("mailto:ops@example.org"), "{head}");
}

#[tokio::test]
async fn datacite_is_asked_what_crossref_does_not_know() {
    let scene = scene().await;
    let mut ada = scene.house.person("ada").await;
    let id = ada.send("/deposit/doi", &[("doi", "10.5281/zenodo.7")]).await.expect(303).record();
    assert!(ada.get(&format!("/deposit/{id}")).await.says("A thesis"));
    assert_eq!((scene.crossref.asked().len(), scene.datacite.asked().len()), (1, 1));
    let moved = ada.send("/deposit/doi", &[("doi", "10.1098/moved")]).await.expect(303).record();
    let form = ada.get(&format!("/deposit/{moved}")).await;
    assert!(form.says("value=\"10.1098/moved\"") && form.says("jaw-closing"), "the DOI is the one that was typed");
}

#[tokio::test]
async fn what_cannot_be_had_is_said_and_the_form_is_there_by_hand() {
    let scene = scene().await;
    let mut ada = scene.house.person("ada").await;
    assert!(ada.send("/deposit/doi", &[("doi", "no doi at all")]).await.expect(422).says("is no DOI"));
    let unknown = ada.send("/deposit/doi", &[("doi", "10.1098/unknown")]).await.expect(422);
    assert!(unknown.says("Neither Crossref nor DataCite knows the DOI 10.1098/unknown.") && unknown.says("name=\"by_hand\""));
    for doi in ["10.1098/away", "10.1098/broken", "10.1098/endless"] {
        assert!(ada.send("/deposit/doi", &[("doi", doi)]).await.expect(502).says("Crossref could not be asked"), "{doi}");
    }
    let climbing = "10.1098/../../secret";
    ada.send("/deposit/doi", &[("doi", climbing)]).await.expect(422);
    assert!(scene.crossref.asked().iter().all(|asked| asked.path().starts_with("/works/10.1098%2F")), "{:?}", scene.crossref.asked());
    let id = ada.send("/deposit/doi", &[("doi", "10.1098/unknown"), ("by_hand", "1")]).await.expect(303).record();
    assert!(ada.get(&format!("/deposit/{id}")).await.says("value=\"10.1098/unknown\""));
    // Strangers make us ask nobody.
    let asked = scene.crossref.asked().len();
    assert!(matches!(scene.house.stranger().send("/deposit/doi", &[("doi", "10.1098/rsif.2008.0155")]).await.status, 401 | 303));
    assert_eq!(scene.crossref.asked().len(), asked);
    let mut german = scene.house.person("eva").await;
    german.language = "de";
    assert!(german.send("/deposit/doi", &[("doi", "10.1098/unknown")]).await.expect(422).says("Weder Crossref noch DataCite"));
}

#[tokio::test]
async fn without_a_registry_the_form_is_filled_by_hand() {
    let house = House::open().await;
    let mut ada = house.person("ada").await;
    assert!(ada.send("/deposit/doi", &[("doi", "10.1098/x")]).await.expect(503).says("does not ask other catalogues"));
}

#[tokio::test]
async fn empty_fields_of_a_draft_are_filled_and_typed_ones_stay() {
    let scene = scene().await;
    let mut ada = scene.house.person("ada").await;
    let id = ada.send("/deposit/new", &[("kind", "publication")]).await.expect(303).record();
    let needs = ada.send(&format!("/deposit/{id}/fill"), &[("title", "My title")]).await.expect(422);
    assert!(needs.says("Give the DOI first."));
    ada.send(&format!("/deposit/{id}/fill"), &[("title", "My title"), ("article_doi", "10.1098/rsif.2008.0155")]).await.expect(303);
    let form = ada.get(&format!("/deposit/{id}")).await;
    assert!(form.says("value=\"My title\"") && form.says("Kleinteich, Thomas") && form.says("Ready to publish."));
    let mut ben = scene.house.person("ben").await;
    ben.send(&format!("/deposit/{id}/fill"), &[("article_doi", "10.1098/rsif.2008.0155")]).await.expect(404);
}

#[tokio::test]
async fn a_program_sends_a_doi_and_gets_a_draft() {
    let scene = scene().await;
    let mut ada = scene.house.person("ada").await;
    let csrf = ada.csrf().await;
    let mut send = async |body: &'static str| {
        let request = http::Request::post("/api/v1/publications").header("content-type", "application/json").header("x-csrf-token", &csrf);
        ada.request(request, body).await
    };
    let made = send(r#"{"doi":"10.1098/rsif.2008.0155"}"#).await.expect(201);
    assert!(made.says("\"state\":\"draft\"") && made.says("jaw-closing"));
    let again = send(r#"{"doi":"10.1098/rsif.2008.0155"}"#).await.expect(409);
    assert!(again.says("publication-is-here"));
    let unknown = send(r#"{"doi":"10.1098/unknown"}"#).await.expect(422);
    assert!(unknown.says("doi-unknown"));
    assert!(send(r#"{"doi":"10.5281/zenodo.7","publish":true}"#).await.expect(201).says("\"state\":\"published\""));
}

/// A house that harvests, with one paper that cites ada's dataset taken in.
async fn cited() -> (House, String, String) {
    let source = record::harvest::Source {
        name: "pubdb".into(),
        url: "http://127.0.0.1:9/oai".into(),
        format: record::harvest::Format::MarcXml,
        prefix: String::new(),
        set: None,
        every_seconds: 86_400,
        pause_milliseconds: 0,
        overlap_seconds: 0,
        appearance: record::harvest::Appearance::AtOnce,
        fields: String::new(),
    };
    let house = House::on(Stage::with_publications(Publications { sources: vec![source.clone()], ..Default::default() }).await);
    let mut ada = house.person("ada").await;
    let id = ada.complete_draft("A jaw to be cited").await;
    ada.upload(&id, "a.tif", "x").await.expect(303);
    ada.send(&format!("/deposit/{id}/register"), &[]).await.expect(303);
    let archive = &house.stage.archive;
    let metadata: record::metadata::Metadata = serde_json::from_value(serde_json::json!({
        "title": "Mechanics of <b>biting</b>", "creators": [{"family": "Haas", "given": "Alexander"}],
        "article": {"year": 2026, "journal": "Jaws", "doi": "10.1000/cites"},
        "related": [{"relation": "Cites", "target": {"doi": format!("10.5072/science3d.{id}")}}],
    }))
    .unwrap();
    let item = record::harvest::Item { identifier: "oai:1".into(), content: record::harvest::Content::Described(Box::new(metadata)) };
    let broken =
        record::harvest::Item { identifier: "oai:2".into(), content: record::harvest::Content::Unusable("It has no title.".into()) };
    let run = archive.begin_harvest(&source).await.unwrap();
    archive.take_in(&source, run, vec![item, broken], None).await.unwrap();
    let paper = archive.by_doi(&archive::Visitor::anyone(), &"10.1000/cites".parse().unwrap()).await.unwrap().record.id.to_string();
    archive.find_ties(&paper.parse().unwrap()).await.unwrap();
    (house, id, paper)
}

#[tokio::test]
async fn the_owner_is_asked_wherever_she_passes_and_everybody_sees_who_cites() {
    let (house, id, paper) = cited().await;
    let question = format!("action=\"/deposit/{id}/ties/{paper}\"");
    let mut ada = house.stranger();
    ada.send("/sign-in", &[("email", "ada@example.org"), ("password", "correct horse battery")]).await.expect(303);
    for path in [format!("/records/{id}"), format!("/deposit/{id}"), "/account".to_owned()] {
        let page = ada.get(&path).await.expect(200);
        assert!(page.says(&question) && page.says("Is this your paper?") && page.says("It cites your dataset"), "{path}");
        assert!(page.says("Mechanics of &#60;b&#62;biting"), "{path} shows a title as text");
    }
    let seen = house.stranger().get(&format!("/records/{id}")).await.expect(200);
    assert!(seen.says("id=\"cited-by\"") && seen.says(&format!("href=\"/records/{paper}\"")) && !seen.says("ties/"));
    let mut ben = house.person("ben").await;
    assert!(!ben.get(&format!("/records/{id}")).await.says("ties/"));
    ben.send(&format!("/deposit/{id}/ties/{paper}"), &[("answer", "yes")]).await.expect(403);
    house.stranger().send(&format!("/deposit/{id}/ties/{paper}"), &[("answer", "yes")]).await.expect(401);
    ada.send(&format!("/deposit/{id}/ties/{paper}"), &[("answer", "perhaps")]).await.expect(404);

    let answered = ada.send(&format!("/deposit/{id}/ties/{paper}"), &[("answer", "yes"), ("from", "account")]).await.expect(303);
    assert_eq!(answered.header("location"), "/account");
    let page = ada.get(&format!("/records/{id}")).await.expect(200);
    assert!(!page.says(&question) && page.says("https://doi.org/10.1000/cites"));
    assert!(
        house.stranger().get(&format!("/records/{paper}")).await.expect(200).says(&format!("10.5072/science3d.{id}")),
        "tied on both pages"
    );
}

#[tokio::test]
async fn a_release_waits_for_the_paper_with_a_latest_day() {
    let (house, id, _) = cited().await;
    let mut ada = house.stranger();
    ada.send("/sign-in", &[("email", "ada@example.org"), ("password", "correct horse battery")]).await.expect(303);
    let step = format!("/deposit/{id}/schedule");
    let asked = ada.send(&step, &[("release_at", ""), ("with_publication", "on")]).await.expect(422);
    assert!(asked.says("needs a latest date") && asked.says("name=\"with_publication\" checked"));
    ada.send(&step, &[("release_at", "2027-03-01T12:05"), ("with_publication", "on")]).await.expect(303);
    let closed = house.stranger().get(&format!("/records/{id}")).await.expect(200);
    assert!(closed.says("The files open when the paper is out, at the latest on 1 March 2027, 12:05 UTC"), "{}", closed.text);
    let mut german = house.stranger();
    german.language = "de";
    assert!(german.get(&format!("/records/{id}")).await.says("wenn die Publikation erschienen ist, spätestens am"));
    assert!(ada.get(&format!("/deposit/{id}")).await.says("when the paper is out, at the latest on 1 March 2027"));
    assert!(ada.get(&step).await.says("name=\"with_publication\" checked"));
    ada.send(&step, &[("release_at", "2027-03-01T12:05")]).await.expect(303);
    assert!(house.stranger().get(&format!("/records/{id}")).await.says("closed until 1 March 2027"), "the tick is taken off again");
}

#[tokio::test]
async fn the_administrator_sees_how_each_harvest_stands() {
    let (house, _, _) = cited().await;
    let secret = house.stage.archive.administrator_link().await.unwrap().expect("a link");
    let mut admin = house.stranger();
    admin.send(&format!("/sign-in/link/{secret}"), &[]).await.expect(303);
    let page = admin.get("/admin/harvest").await.expect(200);
    for words in ["pubdb", "admin@localhost", "oai:2", "It has no title.", "23 November 2026", "Harvest now"] {
        assert!(page.says(words), "{words}\n{}", page.text);
    }
    assert_eq!(page.text.matches("<h1").count(), 1);
    admin.send("/admin/harvest", &[("source", "pubdb")]).await.expect(303);
    admin.send("/admin/harvest", &[("source", "nobody")]).await.expect(422);
    admin.language = "de";
    assert!(admin.get("/admin/harvest").await.says("Letzter Erfolg"));
    let mut ada = house.person("eva").await;
    ada.get("/admin/harvest").await.expect(404);
    ada.send("/admin/harvest", &[("source", "pubdb")]).await.expect(404);
    house.stranger().get("/admin/harvest").await.expect(401);
}
