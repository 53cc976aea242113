//! Publications and references: entries without data. These are real works by real people.

use super::entry::{Entry, Goal};
use record::{
    agent::Person,
    kind::Kind,
    metadata::{Article, Metadata},
};

fn person(family: &str, given: &str) -> Person {
    Person { family: family.to_owned(), given: given.to_owned(), ..Person::default() }
}

fn text(slug: &'static str, kind: Kind, metadata: Metadata) -> Entry {
    Entry { slug, kind, metadata, volume: None, goal: Goal::Published, relatives: Vec::new() }
}

pub(super) fn caecilian_jaws() -> Entry {
    let metadata = Metadata {
        title: "Caecilian jaw-closing mechanics: integrating two muscle systems".to_owned(),
        description:
            "Caecilians are limbless amphibians that dig with their heads. They close their jaws with two sets of muscles instead of one; \
            this article measures both on three-dimensional models of skull and muscles and works out what each contributes to the bite."
                .to_owned(),
        creators: vec![person("Kleinteich", "Thomas"), person("Haas", "Alexander"), person("Summers", "Adam P.")],
        keywords: ["caecilians", "feeding", "biomechanics", "jaw", "Gymnophiona"].map(str::to_owned).to_vec(),
        language: Some("en".to_owned()),
        article: Some(Article {
            journal: Some("Journal of the Royal Society Interface".to_owned()),
            volume: Some("5".to_owned()),
            issue: Some("29".to_owned()),
            pages: Some("1491–1504".to_owned()),
            year: Some(2008),
            publisher: Some("The Royal Society".to_owned()),
            doi: "10.1098/rsif.2008.0155".parse().ok(),
            ..Article::default()
        }),
        ..Metadata::default()
    };
    text("caecilian-jaws", Kind::Publication, metadata)
}

pub(super) fn cone_beam() -> Entry {
    let metadata = Metadata {
        title: "Practical cone-beam algorithm".to_owned(),
        description:
            "How to compute a volume from x-ray pictures taken with a cone-shaped beam. Most laboratory scanners still work this way."
                .to_owned(),
        creators: vec![person("Feldkamp", "L. A."), person("Davis", "L. C."), person("Kress", "J. W.")],
        keywords: ["computed tomography", "reconstruction", "cone beam"].map(str::to_owned).to_vec(),
        language: Some("en".to_owned()),
        article: Some(Article {
            journal: Some("Journal of the Optical Society of America A".to_owned()),
            volume: Some("1".to_owned()),
            issue: Some("6".to_owned()),
            pages: Some("612–619".to_owned()),
            year: Some(1984),
            publisher: Some("Optica Publishing Group".to_owned()),
            doi: "10.1364/JOSAA.1.000612".parse().ok(),
            ..Article::default()
        }),
        ..Metadata::default()
    };
    text("cone-beam", Kind::Reference, metadata)
}
