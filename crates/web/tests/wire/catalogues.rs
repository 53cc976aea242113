//! What machines find at an entry page: signposts, descriptions in their own words, and a list of what makes data findable,
//! accessible, interoperable and reusable. Programs not made here judge where they are installed.

use crate::house::{Answer, House};
use record::id::RecordId;
use serde_json::Value;
use std::process::Command;

const PLAIN: &[(&str, &[u8])] = &[("slices/Käfer 1 %.tif", b"abc"), ("notes.txt", b"seen"), ("ro-crate-metadata.json", b"{}")];

async fn open_house() -> (House, RecordId) {
    let house = House::open().await;
    let id = house.with_files(PLAIN).await;
    house.release(&id).await;
    house.give_volume(&id).await;
    (house, id)
}

/// What a program of others says of a folder or a file; `None` where it is not installed.
fn judged(module: &str, script: &str, arguments: &[&std::path::Path]) -> Option<String> {
    let tried = Command::new("python3").args(["-c", &format!("import {module}")]).output();
    if !tried.is_ok_and(|tried| tried.status.success()) {
        eprintln!("skipped: {module} is not installed");
        return None;
    }
    let said = Command::new("python3").args(["-c", script]).args(arguments).output().unwrap();
    assert!(said.status.success(), "{module}: {}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    Some(String::from_utf8_lossy(&said.stdout).into_owned())
}

fn links(answer: &Answer) -> Vec<(String, String)> {
    let parsed = answer.header("link").split(", ").filter_map(|link| {
        let (address, rest) = link.strip_prefix('<')?.split_once('>')?;
        let rel = rest.split_once("rel=\"")?.1.split_once('"')?.0;
        Some((rel.to_owned(), address.to_owned()))
    });
    parsed.collect()
}

fn path_of(address: &str) -> &str {
    address.strip_prefix("http://science3d.test").unwrap_or_else(|| panic!("{address} is not ours"))
}

#[tokio::test]
async fn every_signpost_leads_somewhere_and_back() {
    let (house, id) = open_house().await;
    let page = house.get(&format!("/records/{id}")).await;
    let posts = links(&page);
    let of = |rel: &str| posts.iter().filter(|(name, _)| name == rel).map(|(_, address)| address.as_str()).collect::<Vec<_>>();
    assert_eq!(of("cite-as"), [format!("https://doi.org/10.5072/science3d.{id}")]);
    assert_eq!(of("type"), ["https://schema.org/AboutPage", "https://schema.org/Dataset"]);
    assert_eq!((of("license").len(), of("item").len(), of("linkset").len()), (1, 1, 1));
    for address in of("describedby").into_iter().chain(of("item")) {
        let answer = house.get(path_of(address)).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "*"), "{address}");
        let kind = page.header("link").split(address).nth(1).unwrap().split("type=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(answer.header("content-type").starts_with(kind), "{address} is not {kind}");
    }
    let set = house.get(path_of(of("linkset")[0])).await;
    assert_eq!(set.header("content-type"), "application/linkset+json");
    let set = set.json();
    let of_page = &set["linkset"][0];
    assert_eq!(of_page["anchor"], format!("http://science3d.test/records/{id}"));
    let items: Vec<&str> = of_page["item"].as_array().unwrap().iter().map(|item| item["href"].as_str().unwrap()).collect();
    assert_eq!(items.len(), 1 + PLAIN.len());
    for item in items {
        assert_eq!(house.ask("HEAD", path_of(item), &[]).await.status, 200, "{item}");
        let back = set["linkset"].as_array().unwrap().iter().find(|one| one["anchor"] == item).unwrap();
        assert_eq!(back["collection"][0]["href"], of_page["anchor"]);
    }

    // A closed record leads to no file.
    let closed = house.with_files(&[("secretname.tif", b"x")]).await;
    house.register(&closed).await;
    let set = house.get(&format!("/records/{closed}/linkset.json")).await;
    assert!(set.status == 200 && !String::from_utf8_lossy(&set.body).contains("secretname") && set.json()["linkset"][0]["item"].is_null());
    for form in ["ro-crate", "croissant", "schema-org"] {
        let told = house.get(&format!("/records/{closed}/export/{form}")).await;
        assert!(told.status == 200 && !String::from_utf8_lossy(&told.body).contains("secretname"), "{form}");
    }
}

/// Reads the head of the page and the set of links as their own program does.
const SIGNPOSTS: &str = r#"
import sys
from signposting.linkheader import find_signposting_http_link
from signposting.linkset import find_signposting_linkset
found = find_signposting_http_link([open(sys.argv[1]).read()], "http://science3d.test/")
assert found.citeAs and found.license and found.linksets and len(found.types) == 2, found
assert len(found.items) == 1 and len(found.describedBy) == 10, found
found = find_signposting_linkset(open(sys.argv[2]).read())
whole = [line for line in str(found).splitlines() if "rel=item" in line]
assert len(whole) == 4, found
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parser_of_signposts_not_made_here_finds_them() {
    let (house, id) = open_house().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/records/{id}/linkset.json", listener.local_addr().unwrap());
    tokio::spawn(web::serve(listener, house.router.clone(), record::limits::Limits::default(), std::future::pending()));
    let folder = tempfile::tempdir().unwrap();
    let (head, set) = (folder.path().join("head"), folder.path().join("address"));
    std::fs::write(&head, house.get(&format!("/records/{id}")).await.header("link")).unwrap();
    std::fs::write(&set, address).unwrap();
    tokio::task::spawn_blocking(move || judged("signposting", SIGNPOSTS, &[&head, &set])).await.unwrap();
    drop(folder);
}

#[tokio::test]
async fn a_description_is_given_as_it_is_asked_for() {
    let (house, id) = open_house().await;
    for (accept, kind, words) in [
        ("application/vnd.datacite.datacite+xml", "application/vnd.datacite.datacite+xml", "<identifier identifierType=\"DOI\">"),
        ("application/vnd.datacite.datacite+json", "application/vnd.datacite.datacite+json", "\"publicationYear\""),
        ("application/vnd.schemaorg.ld+json", "application/vnd.schemaorg.ld+json", "/archive.zip"),
        ("application/ld+json;profile=\"https://w3id.org/ro/crate\"", "application/ld+json", "ro-crate-metadata.json"),
        ("application/ld+json; profile=\"http://mlcommons.org/croissant/1.0\"", "application/ld+json", "cr:FileObject"),
        ("application/x-bibtex", "application/x-bibtex", "@misc{"),
        ("application/x-research-info-systems", "application/x-research-info-systems", "TY  - DATA"),
        ("application/vnd.citationstyles.csl+json", "application/vnd.citationstyles.csl+json", "\"dataset\""),
        ("application/x-dc+xml", "application/x-dc+xml", "<dc:title>A jaw</dc:title>"),
        ("application/marcxml+xml", "application/marcxml+xml", "<subfield code=\"a\">A jaw</subfield>"),
        ("text/x-bibliography", "text/x-bibliography", "Lovelace, Ada (2026): A jaw."),
        ("text/x-bibliography; style=apa; locale=de-DE", "text/x-bibliography", "Lovelace, A. (2026). A jaw"),
        ("text/x-bibliography;locale=de-DE;style=apa", "text/x-bibliography", "[Datensatz]"),
        ("text/x-bibliography; style=ieee", "text/x-bibliography", "A. Lovelace, “A jaw"),
    ] {
        for address in [format!("/doi/10.5072/science3d.{id}"), format!("/records/{id}")] {
            let answer = house.ask("GET", &address, &[("accept", accept)]).await;
            let text = String::from_utf8_lossy(&answer.body);
            assert!(
                answer.status == 200 && answer.header("content-type").starts_with(kind) && text.contains(words),
                "{accept} {address}: {text}"
            );
            assert!(answer.header("vary").contains("Accept"), "{address}");
        }
    }
    for accept in ["text/html", "*/*", "application/json"] {
        assert!(house.ask("GET", &format!("/records/{id}"), &[("accept", accept)]).await.header("content-type").starts_with("text/html"));
    }
    let styled = house.get(&format!("/api/v1/records/{id}/export/citation?style=modern-language-association")).await;
    assert!(String::from_utf8_lossy(&styled.body).starts_with("Lovelace, Ada. “A Jaw.”"), "{:?}", styled.body);
    assert_eq!(house.get(&format!("/api/v1/records/{id}/export/nonsense")).await.status, 404);
}

#[tokio::test]
async fn the_zip_is_a_bag_and_a_crate() {
    let (house, id) = open_house().await;
    let folder = tempfile::tempdir().unwrap();
    let zip = folder.path().join("all.zip");
    let first = house.get(&format!("/records/{id}/archive.zip")).await;
    assert!(first.body == house.get(&format!("/records/{id}/archive.zip")).await.body, "the same record gives the same bytes");
    std::fs::write(&zip, &first.body).unwrap();
    let script = "import sys, zipfile, os, json\nzipfile.ZipFile(sys.argv[1]).extractall(os.path.dirname(sys.argv[1]))\nprint(json.dumps(sorted(zipfile.ZipFile(sys.argv[1]).namelist())))";
    let Some(names) = judged("zipfile", script, &[&zip]) else { return };
    let names: Vec<String> = serde_json::from_str(&names).unwrap();
    assert_eq!(names.len(), PLAIN.len() + 5);
    assert!(PLAIN.iter().all(|(path, _)| names.contains(&format!("{id}/data/{path}"))));
    let bag = folder.path().join(id.as_str());
    assert_eq!(std::fs::read(bag.join("data/ro-crate-metadata.json")).unwrap(), b"{}", "the deposit's own file is the deposit's");
    let summed = Command::new("sha256sum").args(["-c", "--quiet", "tagmanifest-sha256.txt"]).current_dir(&bag).output();
    assert!(summed.is_ok_and(|summed| summed.status.success()));
    judged("bagit", "import sys, bagit; bagit.Bag(sys.argv[1]).validate()", &[&bag]);
    let crated: Value = serde_json::from_slice(&std::fs::read(bag.join("ro-crate-metadata.json")).unwrap()).unwrap();
    let root = crated["@graph"].as_array().unwrap().iter().find(|thing| thing["@id"] == "./").unwrap();
    for part in root["hasPart"].as_array().unwrap() {
        let path = part["@id"].as_str().unwrap().replace("%20", " ").replace("%25", "%").replace("K%C3%A4fer", "Käfer");
        assert!(bag.join(&path).exists(), "{path}");
    }
    judged(
        "rocrate",
        "import sys\nfrom rocrate.rocrate import ROCrate\ncrate = ROCrate(sys.argv[1])\nassert crate.name == 'A jaw' and len(crate.data_entities) == 3",
        &[&bag],
    );
}

#[tokio::test]
async fn croissant_is_valid_by_its_own_program() {
    let (house, id) = open_house().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("croissant.json");
    std::fs::write(&path, house.get(&format!("/records/{id}/export/croissant")).await.body).unwrap();
    let script = "import sys, mlcroissant\ndataset = mlcroissant.Dataset(jsonld=sys.argv[1])\nassert dataset.metadata.name == 'A jaw' and len(dataset.metadata.distribution) == 3";
    judged("mlcroissant", script, &[&path]);
}

#[tokio::test]
async fn the_sitemap_names_every_public_page_and_no_other() {
    let (house, id) = open_house().await;
    let draft = house.draft().await.id;
    let gone = house.with_files(PLAIN).await;
    house.release(&gone).await;
    house.stage.archive.withdraw(&house.ada, &gone, "no".into()).await.unwrap();
    house.stage.archive.settle_index().await.unwrap();
    for address in ["/sitemap.xml", "/sitemap/0.xml"] {
        let map = house.get(address).await;
        let text = String::from_utf8_lossy(&map.body);
        assert!(map.status == 200 && text.contains(&format!("/records/{id}</loc><lastmod>2026-11-23</lastmod>")), "{text}");
        assert!(!text.contains(draft.as_str()) && !text.contains(gone.as_str()));
    }
    for wrong in ["/sitemap/x.xml", "/sitemap/-1.xml", "/sitemap/0"] {
        assert_eq!(house.get(wrong).await.status, 404, "{wrong}");
    }
    assert!(String::from_utf8_lossy(&house.get("/robots.txt").await.body).contains("Sitemap: http://science3d.test/sitemap.xml"));
}

/// The seventeen metrics of F-UJI 0.8 with the points of their scored tests, asked for by hand, as the program itself is in no package
/// registry. What it only counts (the tests without points) is asked for too.
#[tokio::test]
async fn an_entry_page_is_findable_accessible_interoperable_and_reusable() {
    let (house, id) = open_house().await;
    let page = house.get(&format!("/records/{id}")).await;
    let html = String::from_utf8_lossy(&page.body).into_owned();
    let script = html.split_once("<script type=\"application/ld+json\">").unwrap().1.split_once("</script>").unwrap().0;
    let said: Value = serde_json::from_str(script).unwrap();
    let doi = format!("/doi/10.5072/science3d.{id}");
    let negotiated = async |kind: &str| house.ask("GET", &doi, &[("accept", kind)]).await.json();
    let (datacite, linked) = (negotiated("application/vnd.datacite.datacite+json").await, negotiated("application/ld+json").await);
    let resolved = house.get(&doi).await;
    let asked_who = house.ask("GET", &format!("/api/v1/records/{id}"), &[("authorization", "Bearer wrong")]).await.status == 401;
    let forms = house.get("/oai?verb=ListMetadataFormats").await;
    let forms = String::from_utf8_lossy(&forms.body);
    let posts = links(&page);
    let post = |rel: &str| posts.iter().find(|(name, _)| name == rel).map(|(_, address)| address.as_str()).unwrap_or_default();
    let text = |key: &str| said[key].as_str().unwrap_or_default();
    let said_in = |list: &str, key: &str| -> Vec<String> {
        datacite[list].as_array().into_iter().flatten().filter_map(|one| one[key].as_str().map(str::to_owned)).collect()
    };
    let of_way = |way: &Value, key: &str| way[key].as_str().unwrap_or_default().to_owned();
    let ways = said["distribution"].as_array().unwrap().iter().map(|way| (of_way(way, "contentUrl"), of_way(way, "encodingFormat")));
    let ways: Vec<(String, String)> = ways.collect();
    let mut data = Vec::new();
    for (address, kind) in &ways {
        let got = house.ask("HEAD", path_of(address), &[]).await;
        data.push((
            got.status,
            got.header("content-length").parse::<u64>().unwrap_or(0),
            got.header("content-type").to_owned(),
            kind.clone(),
        ));
    }
    let web = |address: &str| address.starts_with("http://") || address.starts_with("https://");
    let core = ["name", "@id", "datePublished", "@type"].iter().all(|key| !text(key).is_empty())
        && said["creator"][0]["name"].is_string()
        && said["publisher"]["name"].is_string();
    let described = !text("description").is_empty() && !said["keywords"].as_array().unwrap_or(&Vec::new()).is_empty();
    let files: u64 = PLAIN.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    let lists_doi = |url: &str| url == text("@id") && url.starts_with("https://doi.org/10.");
    let points = [
        ("FsF-F1-01MD-1", 1.0, web(text("@id"))),
        ("FsF-F1-02MD-1", 0.5, lists_doi(post("cite-as"))),
        ("FsF-F1-02MD-2", 0.5, resolved.status == 302 && resolved.header("location") == format!("/records/{id}")),
        ("FsF-F2-01M-2", 1.0, core),
        ("FsF-F2-01M-3", 1.0, core && described),
        ("FsF-F3-01M-2", 1.0, ways.iter().any(|(address, _)| address.ends_with("/archive.zip")) && post("item").ends_with("/archive.zip")),
        (
            "FsF-F4-01M-1",
            2.0,
            said["@context"] == "https://schema.org" && said["@type"] == "Dataset" && said["includedInDataCatalog"].is_object(),
        ),
        (
            "FsF-A1-01M-1",
            1.0,
            said["isAccessibleForFree"] == true
                && said_in("rightsList", "rightsUri").contains(&"http://purl.org/coar/access_right/c_abf2".to_owned()),
        ),
        ("FsF-A1-02MD-1", 1.0, page.status == 200 && html.contains("A jaw")),
        ("FsF-A1-02MD-2", 1.0, data.iter().all(|(status, bytes, ..)| *status == 200 && *bytes > 0)),
        ("FsF-A1.1-01MD-1", 1.0, web(text("url"))),
        ("FsF-A1.1-01MD-2", 1.0, ways.iter().all(|(address, _)| web(address))),
        ("FsF-A1.2-01MD-1", 1.0, web(text("url")) && asked_who),
        ("FsF-A1.2-01MD-2", 1.0, ways.iter().all(|(address, _)| web(address))),
        ("FsF-I1-01M-1", 1.0, said["@id"].is_string()),
        ("FsF-I1-01M-2", 1.0, linked["@id"] == said["@id"] && linked["@context"] == "https://schema.org"),
        ("FsF-I2-01M-2", 2.0, said_in("subjects", "valueUri").iter().any(|term| term.starts_with("http://purl.org/pan-science/PaNET/"))),
        (
            "FsF-I3-01M-2",
            2.0,
            said_in("relatedIdentifiers", "relationType").contains(&"HasVersion".to_owned())
                && said_in("relatedIdentifiers", "relatedIdentifierType").contains(&"DOI".to_owned()),
        ),
        ("FsF-R1-01M-1", 1.0, datacite["types"]["resourceTypeGeneral"] == "Dataset"),
        (
            "FsF-R1-01M-2",
            1.0,
            said["distribution"][0]["contentSize"] == format!("{files} B")
                && data.iter().all(|(.., kind, told)| told == "application/vnd+zarr" || kind == told),
        ),
        ("FsF-R1-01M-3", 0.0, said["variableMeasured"].is_array()),
        (
            "FsF-R1.1-01M-1",
            1.0,
            text("license") == post("license") && said_in("rightsList", "rightsIdentifierScheme").contains(&"SPDX".to_owned()),
        ),
        ("FsF-R1.2-01M-1", 1.0, core && said_in("dates", "dateType").iter().any(|kind| kind == "Issued") && said["version"].is_string()),
        ("FsF-R1.3-01M-1", 1.0, ["oai_dc", "oai_datacite", "marcxml"].iter().all(|form| forms.contains(form))),
        ("FsF-R1.3-01M-3", 1.0, page.header("link").contains("http://datacite.org/schema/kernel-4")),
        ("FsF-R1.3-02D-1", 1.0, data.iter().any(|(.., kind, _)| kind == "application/zip")),
    ];
    let metrics: std::collections::BTreeSet<&str> = points.iter().map(|(name, ..)| name.rsplit_once('-').unwrap().0).collect();
    assert_eq!(metrics.len(), 17);
    let missed: Vec<&str> = points.iter().filter(|(.., met)| !met).map(|(name, ..)| *name).collect();
    let (all, reached) =
        points.iter().fold((0.0, 0.0), |(all, reached), (_, score, met)| (all + score, reached + if *met { *score } else { 0.0 }));
    assert!(100.0 * reached / all >= 95.0 && missed.is_empty(), "{reached} of {all} points, without {missed:?}\n{said:#}");
    // Beside them: the sums of files, and the way for programs that follow signposts.
    let file = house.ask("HEAD", &format!("/records/{id}/files/notes.txt"), &[]).await;
    assert!(file.header("repr-digest").starts_with("sha-256=") && !post("linkset").is_empty());
}

#[tokio::test]
async fn views_and_downloads_are_counted_and_nobody_is_kept() {
    const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
    let (house, id) = open_house().await;
    let page = format!("/records/{id}");
    let file = format!("{page}/files/notes.txt");
    let ask = async |path: &str, agent: &str| assert!(house.ask("GET", path, &[("user-agent", agent)]).await.status < 400, "{path}");
    // The second look comes from memory and is a double click; the third is a minute later.
    ask(&page, BROWSER).await;
    ask(&page, BROWSER).await;
    house.stage.clock.advance_seconds(60);
    ask(&page, BROWSER).await;
    ask(&file, "curl/8.5.0").await;
    ask(&file, "curl/8.5.0").await;
    house.stage.clock.advance_seconds(60);
    ask(&file, "curl/8.5.0").await;
    ask(&format!("{page}/archive.zip"), "Mozilla/5.0 (compatible; Googlebot/2.1)").await;
    // These do not count: chunks, heads, the rest of a download, refusals, descriptions.
    ask(&format!("{page}/volumes/volume.ome.zarr/s0/c/0/0/0"), BROWSER).await;
    ask(&format!("{page}/export/bibtex"), BROWSER).await;
    house.ask("HEAD", &file, &[("user-agent", BROWSER)]).await;
    house.ask("GET", &file, &[("user-agent", BROWSER), ("range", "bytes=2-")]).await;
    house.ask("GET", &format!("{page}/files/none"), &[("user-agent", BROWSER)]).await;
    // Nor does a draft, whoever looks.
    let draft = house.draft().await.id;
    house.as_ada("GET", &format!("/records/{draft}"), &[("user-agent", BROWSER)], "").await;

    let counts = async |id: &RecordId| house.as_ada("GET", &format!("/api/v1/records/{id}/usage"), &[], "").await.json();
    assert_eq!(counts(&id).await["views"]["people"]["total"], 0, "nothing is written while people wait");
    house.door.write_counts().await;
    house.door.write_counts().await;
    let counted = counts(&id).await;
    let both = |measure: &str, asker: &str| {
        let count = &counted[measure][asker];
        (count["total"].as_u64().unwrap(), count["unique"].as_u64().unwrap())
    };
    assert_eq!((both("views", "people"), both("downloads", "people")), ((2, 1), (0, 0)));
    assert_eq!((both("views", "scripts"), both("downloads", "scripts")), ((2, 1), (2, 1)));
    assert_eq!((both("views", "robots"), both("downloads", "robots")), ((1, 1), (1, 1)));
    assert_eq!(counts(&draft).await["views"]["people"]["total"], 0);
    let shown = house.get(&format!("{page}?lang=en")).await;
    assert!(String::from_utf8_lossy(&shown.body).contains("2 (and by scripts 2)"));
    let kept = std::fs::read(house.stage.folder.path().join("catalogue.db")).unwrap();
    assert!(!String::from_utf8_lossy(&kept).contains("Firefox"));
}

#[tokio::test]
async fn feeds_tell_what_is_new_and_nothing_else() {
    let (house, id) = open_house().await;
    let draft = house.draft().await.id;
    let gone = house.with_files(PLAIN).await;
    house.release(&gone).await;
    house.stage.archive.withdraw(&house.ada, &gone, "no".into()).await.unwrap();
    house.stage.archive.settle_index().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (form, kind) in [("atom", "application/atom+xml"), ("rss", "application/rss+xml"), ("json", "application/feed+json")] {
        for what in ["new", "open", "tomography-biology"] {
            let feed = house.get(&format!("/feeds/{what}.{form}")).await;
            let text = String::from_utf8_lossy(&feed.body);
            assert!(feed.status == 200 && feed.header("content-type").starts_with(kind));
            assert!(text.contains(&format!("/records/{id}")) && !text.contains(draft.as_str()) && !text.contains(gone.as_str()), "{text}");
            let path = folder.path().join(format!("{what}.{form}"));
            std::fs::write(&path, &feed.body).unwrap();
            if form != "json" {
                let script = "import sys, feedparser\nfeed = feedparser.parse(open(sys.argv[1], 'rb').read())\nassert not feed.bozo and len(feed.entries) == 1 and feed.entries[0].title == 'A jaw' and feed.entries[0].published_parsed, feed";
                judged("feedparser", script, &[&path]);
            }
        }
    }
    // Who follows one record learns that it was opened, and that it is gone; of a draft nobody learns anything.
    for (record, says) in [(&id, "Files opened: A jaw"), (&gone, "Withdrawn: A jaw")] {
        for form in ["atom", "rss", "json"] {
            let feed = house.get(&format!("/records/{record}/changes.{form}")).await;
            let text = String::from_utf8_lossy(&feed.body);
            assert!(feed.status == 200 && text.contains(says) && !text.contains("ada@example.org"), "{text}");
            let path = folder.path().join(format!("{record}.{form}"));
            std::fs::write(&path, &feed.body).unwrap();
            if form != "json" {
                let script = "import sys, feedparser\nfeed = feedparser.parse(open(sys.argv[1], 'rb').read())\nassert not feed.bozo and len(feed.entries) >= 2 and len({entry.id for entry in feed.entries}) == len(feed.entries), feed";
                judged("feedparser", script, &[&path]);
            }
        }
    }
    // Our own words are in the reader's language, the records' in theirs; what is kept for one reader is not given to the other.
    for (address, asked, code, words) in [
        (format!("/records/{id}/changes.atom"), "de-DE,de;q=0.9", "de", "Dateien geöffnet: A jaw"),
        (format!("/records/{id}/changes.atom?lang=en"), "de", "en", "Files opened: A jaw"),
        ("/feeds/tomography-biology.atom".to_owned(), "de", "de", "Tomographie · Biologie"),
        ("/feeds/tomography-biology.atom".to_owned(), "en", "en", "Tomography · biology"),
        ("/feeds/tomography-biology.atom?lang=de".to_owned(), "en", "de", "/feeds/tomography-biology.atom?lang=de"),
        ("/feeds/tomography-biology.atom?lang=de".to_owned(), "en", "de", "Tomographie · Biologie"),
    ] {
        let feed = house.ask("GET", &address, &[("accept-language", asked)]).await;
        let text = String::from_utf8_lossy(&feed.body);
        assert!(text.contains(&format!("<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{code}\">")), "{address}: {text}");
        assert!(text.contains(words) && feed.header("vary").contains("Accept-Language"), "{address}: {text}");
    }
    assert_eq!(house.ask("GET", "/feeds/new.json?lang=de", &[]).await.json()["language"], "de");
    assert_eq!(house.get(&format!("/records/{draft}/changes.atom")).await.status, 404);
    assert!(!String::from_utf8_lossy(&house.get("/feeds/model.atom").await.body).contains("<entry>"));
    for wrong in ["/feeds/new", "/feeds/new.xml", "/feeds/nonsense.atom"] {
        assert_eq!(house.get(wrong).await.status, 404, "{wrong}");
    }
}
