//! What other institutions read: valid by their schemas, harmless whatever a depositor typed.

mod cast;

use cast::{HOSTILE, NOW, article, everybody, jaw, place, registered, released, withdrawn};
use exchange::{Contents, Export, citation, datacite, schema_org};
use record::kind::Kind;
use std::{path::PathBuf, process::Command};

fn schema_named(name: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("SCIENCE3D_SHARED").map_or_else(|| PathBuf::from("../../../shared"), PathBuf::from);
    let schema = shared.join("schemas").join(name);
    let usable = schema.exists() && Command::new("xmllint").arg("--version").output().is_ok();
    if !usable {
        eprintln!("skipped: xmllint or {} is absent", schema.display());
    }
    usable.then_some(schema)
}

#[test]
fn datacite_xml_is_valid_by_its_schema() {
    assert_valid("datacite/kernel-4.6/metadata.xsd", Export::DataciteXml);
}

#[test]
fn dublin_core_and_marc_are_valid_by_their_schemas() {
    assert_valid("oai/oai_dc.xsd", Export::DublinCore);
    assert_valid("marc/MARC21slim.xsd", Export::Marcxml);
}

/// Every record there is, in this form, by the schema of others.
fn assert_valid(schema: &str, export: Export) {
    let Some(schema) = schema_named(schema) else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (number, record) in everybody().iter().enumerate() {
        let path = folder.path().join(format!("{number}.xml"));
        std::fs::write(&path, export.render(record, &place(), NOW)).unwrap();
        files.push(path);
    }
    let checked = Command::new("xmllint").args(["--nonet", "--noout", "--schema"]).arg(schema).args(&files).output().unwrap();
    let said = String::from_utf8_lossy(&checked.stderr);
    let complaints: Vec<&str> = said.lines().filter(|line| !line.ends_with("validates")).collect();
    assert!(checked.status.success(), "{}", complaints[..complaints.len().min(20)].join("\n"));
    assert!(files.len() > 200 && said.lines().count() >= files.len());
}

#[test]
fn datacite_says_what_the_record_says() {
    let said = datacite::to_json(&registered(jaw(), Some(NOW.plus_seconds(86_400))), &place(), NOW);
    assert_eq!(said["doi"], "10.5072/science3d.7h3k9x2q4");
    assert_eq!(said["url"], "https://science3d.example.org/records/7h3k9x2q4");
    assert_eq!(said["creators"][0]["nameIdentifiers"][0]["nameIdentifier"], "https://orcid.org/0000-0002-1825-0097");
    assert_eq!(said["subjects"][2]["valueUri"], "http://purl.org/pan-science/PaNET/PaNET01208");
    assert_eq!(said["subjects"][3]["valueUri"], "http://purl.obolibrary.org/obo/NCBITaxon_194533");
    assert_eq!(
        said["dates"].to_string(),
        r#"[{"date":"2008-01-31","dateType":"Collected"},{"date":"2026-11-23","dateType":"Issued"},{"date":"2026-11-24","dateType":"Available","dateInformation":"The files are closed until this day."}]"#
    );
    assert_eq!(said["rightsList"][0]["rightsIdentifier"], "cc-by-4.0");
    assert_eq!(said["rightsList"][1]["rights"], "The files are closed until 2026-11-24.");
    assert_eq!(said["relatedIdentifiers"][0]["relationType"], "IsSupplementTo");
    assert_eq!(said["sizes"][0], "1000 x 1024 x 2000 voxels");
    let article = datacite::to_json(&article(), &place(), NOW);
    assert_eq!(
        (article["publicationYear"].as_str(), article["publisher"]["name"].as_str(), article["relatedItems"][0]["firstPage"].as_str()),
        (Some("2008"), Some("The Royal Society"), Some("1491"))
    );
}

#[test]
fn of_a_withdrawn_record_only_the_tombstone_is_told() {
    let mut record = withdrawn(jaw());
    record.metadata.description = "PRIVATE".into();
    record.metadata.keywords = vec!["PRIVATE".into()];
    record.metadata.sample.organism = Some("PRIVATE".into());
    for export in Export::ALL {
        let text = export.render(&record, &place(), NOW);
        assert!(text.contains("Kleinteich") && text.contains("10.5072/science3d.7h3k9x2q4"), "{text}");
        assert!(!text.contains("PRIVATE") && !text.contains("secret reason"), "{text}");
    }
}

#[test]
fn no_export_says_who_is_on_the_team() {
    for record in everybody() {
        for export in Export::ALL {
            assert!(!export.render(&record, &place(), NOW).contains("ada@example.org"));
        }
    }
}

#[test]
fn a_dataset_is_cited_as_datacite_recommends() {
    let jaw = released(jaw());
    assert_eq!(
        citation::text(&jaw, &place(), NOW),
        "Kleinteich, Thomas; Haas, Alexander (2026): Jaw of a caecilian <µCT> & muscles. Version 1. Example Institute. Dataset. https://doi.org/10.5072/science3d.7h3k9x2q4"
    );
    assert_eq!(
        citation::bibtex(&jaw, &place(), NOW),
        "@misc{kleinteich2026caecilian,\n  author = {Kleinteich, Thomas and Haas, Alexander},\n  title = {{Jaw of a caecilian <µCT> \\& muscles}},\n  year = {2026},\n  publisher = {Example Institute},\n  version = {1},\n  note = {Dataset},\n  doi = {10.5072/science3d.7h3k9x2q4},\n  url = {https://doi.org/10.5072/science3d.7h3k9x2q4},\n  keywords = {skull, feeding}\n}\n"
    );
    assert_eq!(
        citation::ris(&jaw, &place(), NOW).replace("\r\n", "\n"),
        "TY  - DATA\nAU  - Kleinteich, Thomas\nAU  - Haas, Alexander\nPY  - 2026\nTI  - Jaw of a caecilian <µCT> & muscles\nPB  - Example Institute\nDO  - 10.5072/science3d.7h3k9x2q4\nUR  - https://doi.org/10.5072/science3d.7h3k9x2q4\nAB  - The skull was scanned. It shows 100 % of both muscles.\nKW  - skull\nKW  - feeding\nLA  - en\nER  - \n"
    );
}

#[test]
fn an_article_is_cited_with_its_publishers_doi() {
    let article = article();
    assert_eq!(
        citation::text(&article, &place(), NOW),
        "Kleinteich, Thomas; Haas, Alexander; Summers, Adam P. (2008): Caecilian jaw-closing mechanics: integrating two muscle systems. J. R. Soc. Interface 5(29), 1491–1504. https://doi.org/10.1098/rsif.2008.0155"
    );
    let bibtex = citation::bibtex(&article, &place(), NOW);
    assert!(
        bibtex.starts_with("@article{kleinteich2008caecilian,")
            && bibtex.contains("pages = {1491--1504}")
            && bibtex.contains("doi = {10.1098/rsif.2008.0155}"),
        "{bibtex}"
    );
    let csl = citation::csl_json(&article, &place(), NOW);
    assert_eq!(csl["type"], "article-journal");
    assert_eq!(csl["issued"]["date-parts"][0][0], 2008);
    assert_eq!(
        (csl["DOI"].as_str(), csl["container-title"].as_str(), csl["page"].as_str()),
        (Some("10.1098/rsif.2008.0155"), Some("J. R. Soc. Interface"), Some("1491–1504"))
    );
    let thing = schema_org::to_json_ld(&article, &place(), NOW, &Contents::default());
    assert_eq!(
        (thing["@type"].as_str(), thing["isPartOf"]["isPartOf"]["isPartOf"]["name"].as_str()),
        (Some("ScholarlyArticle"), Some("J. R. Soc. Interface"))
    );
}

#[test]
fn hostile_words_stay_inside_their_field() {
    for kind in Kind::ALL {
        for text in HOSTILE {
            let record = cast::hostile(kind, text);
            let bibtex = citation::bibtex(&record, &place(), NOW);
            let mut depth = 0i32;
            for letter in bibtex.replace("\\{", "").replace("\\}", "").chars() {
                depth += i32::from(letter == '{') - i32::from(letter == '}');
                assert!(depth >= 0, "{bibtex}");
            }
            assert_eq!(depth, 0, "{bibtex}");
            let ris = citation::ris(&record, &place(), NOW);
            assert_eq!((ris.matches("\r\nER  - ").count(), ris.lines().filter(|line| line.starts_with("TY  - ")).count()), (1, 1), "{ris}");
            let script = schema_org::to_script_text(&record, &place(), NOW, &Contents::default());
            assert!(!script.contains(['<', '>', '&']), "{script}");
            assert!(serde_json::from_str::<serde_json::Value>(&script).is_ok());
        }
    }
}

#[test]
fn closed_files_are_said_to_be_closed() {
    let closed = schema_org::to_json_ld(&registered(jaw(), None), &place(), NOW, &Contents::default());
    assert_eq!(
        (closed["isAccessibleForFree"].as_bool(), closed["conditionsOfAccess"].as_str()),
        (Some(false), Some("The files are not released yet."))
    );
    let open = schema_org::to_json_ld(&released(jaw()), &place(), NOW, &Contents::default());
    assert_eq!(
        (open["isAccessibleForFree"].as_bool(), open["license"].as_str()),
        (Some(true), Some("https://creativecommons.org/licenses/by/4.0/"))
    );
}

/// Not a check: writes the exports beside each other for another program to read.
#[test]
#[ignore = "writes to the folder named by EXPORTS_TO"]
fn write_exports() {
    let Some(folder) = std::env::var_os("EXPORTS_TO").map(PathBuf::from) else {
        return;
    };
    for (number, record) in everybody().iter().enumerate() {
        for export in Export::ALL {
            std::fs::write(folder.join(format!("{number}.{}.{}", export.name(), export.extension())), export.render(record, &place(), NOW))
                .unwrap();
        }
    }
}

#[test]
fn a_citation_in_a_named_style_is_one_line_whatever_was_typed() {
    let cited = |style, locale, record: &record::Record| {
        Export::asked("citation", Some(style), Some(locale)).unwrap().render(record, &place(), NOW)
    };
    assert_eq!(
        cited("apa", "de-DE", &article()),
        "Kleinteich, T., Haas, A., & Summers, A. P. (2008). Caecilian jaw-closing mechanics: integrating two muscle systems. J. R. Soc. Interface, 5(29), 1491–1504. https://doi.org/10.1098/rsif.2008.0155\n"
    );
    assert!(cited("ieee", "en-US", &released(jaw())).starts_with("T. Kleinteich and A. Haas, “Jaw of a caecilian <µCT> & muscles"));
    for record in everybody() {
        for style in ["apa", "nature", "modern-language-association"] {
            let text = cited(style, "en-US", &record);
            assert!(text.len() > 4 && text.trim_end().lines().count() == 1, "{text:?}");
        }
    }
    let mut crowd = released(jaw());
    crowd.metadata.creators = (0..3000).map(|number| record::agent::Person::from_text(&format!("Person{number}, A."))).collect();
    assert!(cited("apa", "en-US", &crowd).contains("Person0, A.") && cited("nature", "xx", &crowd).contains("et al."));
}

#[test]
fn a_crate_names_each_thing_once_and_nothing_that_is_not_there() {
    for record in everybody() {
        let crated: serde_json::Value = serde_json::from_str(&Export::RoCrate.render(&record, &place(), NOW)).unwrap();
        let things = crated["@graph"].as_array().unwrap();
        let ids: std::collections::BTreeSet<&str> = things.iter().map(|thing| thing["@id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), things.len());
        let root = things.iter().find(|thing| thing["@id"] == "./").unwrap();
        assert!(root["hasPart"].is_null() && root["name"].as_str().is_some_and(|name| !name.is_empty()));
        for author in root["author"].as_array().unwrap() {
            assert!(ids.contains(author["@id"].as_str().unwrap()));
        }
    }
}
