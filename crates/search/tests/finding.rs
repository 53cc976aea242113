//! A visitor searches: what she finds, in which order, and what she never sees.

mod cast;

use cast::{article, ask, draft, entry, first, id, jaw, put, registered, released, titled};
use record::{
    instant::Instant,
    kind::Kind,
    metadata::{Acquisition, Metadata, Sample},
    technique::Probe,
};
use search::{Change, Facet, Index, Query, Sort};
use std::collections::BTreeMap;

fn library() -> (tempfile::TempDir, Index) {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(folder.path()).unwrap().index;
    let mut changes = vec![put(&jaw()), put(&article())];
    // Later ones that share words with the two.
    changes
        .extend((0..30).map(|number| put(&titled(number, &format!("Jaw and muscle systems of fish, closing mechanics, part {number}")))));
    index.apply(changes, 32).unwrap();
    (folder, index)
}

#[test]
fn what_is_closed_is_never_indexed() {
    let secret = draft(7, Kind::TomographyBiology, Metadata { title: "secret".into(), ..Metadata::default() });
    assert!(entry(&secret).is_none());
    let closed = registered(secret.clone(), 20_000);
    let mut withdrawn = released(secret, 20_000);
    let (_folder, index) = library();
    index.apply(vec![put(&closed)], 40).unwrap();
    let hits = ask(&index, "secret");
    let hit = &hits.items[0];
    assert_eq!(
        (hits.total, hit.open, hit.has_volume, hit.thumb.as_deref()),
        (1, false, false, None),
        "a picture or volume of closed files is told to nobody"
    );
    assert_eq!(index.search(&Query { text: "secret".into(), open_only: true, ..Query::default() }).unwrap().total, 0);
    assert_eq!(
        index.search(&Query { text: "secret".into(), facets: vec![(Facet::Volume, "yes".into())], ..Query::default() }).unwrap().total,
        0
    );
    index.apply(vec![put(&withdrawn)], 41).unwrap();
    assert!(ask(&index, "secret").items[0].open);
    withdrawn.state = withdrawn.state.withdraw("mistake".into(), Instant(0)).unwrap();
    assert!(entry(&withdrawn).is_none());
    index.apply(vec![put(&withdrawn)], 42).unwrap();
    let nothing = ask(&index, "secret");
    assert!(nothing.total == 0 && nothing.facets.iter().all(|facet| facet.values.is_empty()), "{nothing:?}");
}

#[test]
fn a_record_is_found_by_all_that_is_said_of_it() {
    let (_folder, index) = library();
    for text in [
        "caecilian skull",
        "SKULL",
        "kiefermuskeln",
        "Kiefer",
        "trabecula",
        "trabeculae",
        "animal head",
        "burrowing",
        "xray burrowing",
        "x-ray iodine",
        "Ichthyophis",
        "kohtaoensis DESY",
        "microtomography",
        "Kleinteich trabec",
        "muller",
        "Müller",
        "Mu\u{308}ller",
        "cæcilian heads",
        "CC-BY-4.0 stain",
        jaw().id.as_str(),
        // Misspelt.
        "trabeculea",
        "Ichtyophis",
        "kohtaonsis",
        "burowing",
        "Kleinteihc skull",
        "Ichthiophys kohtaoensis",
    ] {
        assert_eq!(first(&index, text), Some(jaw().id), "{text}");
    }
    for text in ["nowhere", "skull nowhere", "trabecula fish", "2009 skull", "§§§", "jaw 10.9999/none"] {
        assert_eq!(ask(&index, text).total, 0, "{text}");
    }
}

#[test]
fn a_pasted_doi_or_title_finds_its_record_first() {
    let (_folder, index) = library();
    for text in [
        "10.1098/rsif.2008.0155",
        "doi:10.1098/RSIF.2008.0155",
        "https://doi.org/10.1098/rsif.2008.0155",
        "see http://dx.doi.org/10.1098/rsif.2008.0155.",
        "<https://doi.org/10.1098%2Frsif.2008.0155>",
        "Caecilian jaw-closing mechanics: integrating two muscle systems",
        "caecilian JAW closing mechanics integrating two muscle systems",
        "Caecilian jaw-closng mechanics: integrating two mucsle systems",
    ] {
        assert_eq!(first(&index, text), Some(article().id), "{text}");
    }
    let by_doi = ask(&index, "10.1098/rsif.2008.0155");
    assert_eq!(
        by_doi.items.iter().map(|hit| hit.id.clone()).collect::<Vec<_>>(),
        [article().id, jaw().id],
        "data that belong to the article come after it"
    );
    for number in [3, 17] {
        let record = titled(number, &format!("Jaw and muscle systems of fish, closing mechanics, part {number}"));
        assert_eq!(first(&index, &record.metadata.title), Some(record.id.clone()));
        assert_eq!(first(&index, &format!("https://doi.org/10.5072/science3d.{}", record.id)), Some(record.id.clone()));
    }
}

#[test]
fn the_title_comes_before_the_rest_and_the_newest_before_the_old() {
    let (_folder, index) = library();
    let mut elsewhere = titled(900, "Another thing");
    elsewhere.metadata.description = "A jaw of a fish & <more>".into();
    index.apply(vec![put(&elsewhere)], 50).unwrap();
    let hits = ask(&index, "jaw fish");
    assert_eq!(hits.total, 31);
    assert_eq!((hits.items[0].id.clone(), hits.items[1].id.clone()), (id(29), id(28)));
    let last = index.search(&Query { text: "jaw fish".into(), offset: 20, ..Query::default() }).unwrap();
    assert_eq!((last.items.len(), last.items[10].id.clone()), (11, elsewhere.id.clone()));
    assert_eq!(last.items[10].snippet_html.as_deref(), Some("A <mark>jaw</mark> of a <mark>fish</mark> &amp; &lt;more&gt;"));
    let newest = index.search(&Query { text: "jaw fish".into(), sort: Sort::Newest, ..Query::default() }).unwrap();
    assert_eq!(newest.items[0].id, elsewhere.id);
    assert_eq!(index.search(&Query { offset: 10_000, ..Query::default() }).unwrap().items, []);
}

#[test]
fn strange_questions_have_an_answer() {
    let (_folder, index) = library();
    let long = "jaw ".repeat(10_000);
    for text in [
        "",
        " ",
        "\0",
        "\"",
        "(((",
        "a AND (",
        "*",
        "~~~~",
        "10.",
        "10./",
        "title:jaw^",
        "😀",
        "\u{202e}",
        "%00",
        "\\",
        "jaw*",
        long.as_str(),
        &"x".repeat(100_000),
        "' OR 1=1 --",
    ] {
        index
            .search(&Query {
                text: text.into(),
                year_from: Some(i32::MIN),
                year_to: Some(i32::MAX),
                offset: usize::MAX,
                limit: usize::MAX,
                ..Query::default()
            })
            .unwrap();
        index.search(&Query { text: text.into(), limit: 0, facets: vec![(Facet::Kind, text.into())], ..Query::default() }).unwrap();
    }
    assert_eq!(ask(&index, &long).total, 31);
}

#[test]
fn values_of_one_facet_widen_and_facets_narrow() {
    let (_folder, index) = library();
    let total = |pairs: &[(&str, &str)]| index.search(&Query::from_pairs(pairs.iter().copied())).unwrap().total;
    assert_eq!(total(&[]), 32);
    assert_eq!(total(&[("kind", "publication")]), 1);
    assert_eq!(total(&[("kind", "publication"), ("kind", "tomography-biology")]), 2);
    assert_eq!(total(&[("kind", "publication"), ("facility", "DESY")]), 0);
    assert_eq!(total(&[("year", "2008")]), 2);
    assert_eq!(total(&[("year", "2008-")]), 2);
    assert_eq!(total(&[("year", "-2007")]), 30);
    assert_eq!(
        total(&[
            ("year", "2008-2008"),
            ("technique", "x-ray microtomography"),
            ("probe", "x-ray"),
            ("subject", "Ichthyophis kohtaoensis"),
            ("licence", "CC-BY-4.0"),
            ("volume", "yes"),
            ("state", "open")
        ]),
        1
    );
    assert_eq!(total(&[("q", "jaw"), ("kind", "tomography-materials")]), 30);
}

#[test]
fn the_index_is_there_again_and_a_broken_one_is_built_anew() {
    let folder = tempfile::tempdir().unwrap();
    let opened = Index::open(folder.path()).unwrap();
    assert!(opened.fresh);
    assert!(matches!(Index::open(folder.path()), Err(search::Fault::Locked { .. })));
    opened.index.apply(vec![put(&jaw())], 17).unwrap();
    drop(opened);
    let again = Index::open(folder.path()).unwrap();
    assert_eq!((again.fresh, again.index.position(), again.index.total()), (false, 17, 1));
    assert_eq!(first(&again.index, "skull"), Some(jaw().id));
    again.index.apply(vec![], 18).unwrap();
    drop(again);
    assert_eq!(Index::open(folder.path()).unwrap().index.position(), 18);
    let files: Vec<_> = std::fs::read_dir(folder.path().join("tantivy"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending != "lock" && ending != "json"))
        .collect();
    assert!(files.len() > 3);
    for damage in files.iter().chain([&folder.path().join("tantivy/meta.json")]) {
        if !damage.exists() {
            continue;
        }
        let mut bytes = std::fs::read(damage).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x40;
        std::fs::write(damage, bytes).unwrap();
        let anew = Index::open(folder.path()).unwrap();
        assert_eq!((anew.fresh, anew.index.position(), anew.index.total()), (true, 0, 0), "{}", damage.display());
        anew.index.apply(vec![put(&jaw())], 17).unwrap();
        assert_eq!(first(&anew.index, "skull"), Some(jaw().id));
    }
}

/// A repeatable stream of numbers.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

const WORDS: [&str; 12] = ["bone", "jaw", "foam", "seed", "shell", "tooth", "fibre", "rock", "leaf", "ant", "wing", "root"];
const PLACES: [&str; 3] = ["DESY", "ESRF", "FRM II"];

fn thrown(number: u64, dice: &mut Dice) -> record::Record {
    let mut words = || (0..3).map(|_| WORDS[dice.below(12) as usize]).collect::<Vec<_>>().join(" ");
    let (title, description) = (words(), words());
    let metadata = Metadata {
        title,
        description,
        sample: Sample { material: Some(WORDS[dice.below(12) as usize].to_uppercase()), ..Sample::default() },
        acquisition: Acquisition {
            facility: Some(PLACES[dice.below(3) as usize].into()),
            probe: Some(Probe::ALL[dice.below(3) as usize]),
            energy_kev: (dice.below(3) > 0).then(|| dice.below(200) as f64 / 2.0),
            ..Acquisition::default()
        },
        ..Metadata::default()
    };
    released(draft(number, Kind::ALL[dice.below(3) as usize], metadata), dice.below(20_000) as i64)
}

/// Compares totals, counts and orders with a plain search through all records.
fn compare(index: &Index, model: &BTreeMap<u64, record::Record>, dice: &mut Dice) {
    let word = WORDS[dice.below(12) as usize];
    let place = PLACES[dice.below(3) as usize];
    let (least, most) = (dice.below(50) as f64, 50.0 + dice.below(50) as f64);
    let is_about_energy = dice.below(3) == 0;
    let (text, facets) = match dice.below(4) {
        0 => (String::new(), vec![]),
        1 => (word.to_owned(), vec![]),
        2 => (format!("{word} {}", WORDS[dice.below(12) as usize]), vec![(Facet::Facility, place.to_owned())]),
        _ => (String::new(), vec![(Facet::Facility, place.to_owned())]),
    };
    let matches: Vec<&record::Record> = model
        .values()
        .filter(|record| {
            let said = &record.metadata;
            let all = format!("{} {} {}", said.title, said.description, said.sample.material.as_deref().unwrap_or_default().to_lowercase());
            let energy = said.acquisition.energy_kev;
            text.split(' ').all(|word| all.contains(word))
                && (!is_about_energy || energy.is_some_and(|energy| (least..=most).contains(&energy)))
                && facets.iter().all(|(_, value)| said.acquisition.facility.as_ref() == Some(value))
        })
        .collect();
    let text = if is_about_energy { format!("{text} energy_kev:{least}..{most}") } else { text };
    let query = Query { text, facets, sort: Sort::Newest, limit: 100, ..Query::default() };
    let hits = index.search(&query).unwrap();
    assert_eq!(hits.total, matches.len(), "{query:?}");
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    for record in &matches {
        *kinds.entry(record.kind.name().to_owned()).or_default() += 1;
    }
    assert_eq!(hits.facets[0].values.iter().cloned().collect::<BTreeMap<_, _>>(), kinds, "{query:?}");
    let mut days: Vec<i64> = matches.iter().map(|record| record.state.public_since().unwrap().0).collect();
    days.sort_by_key(|day| std::cmp::Reverse(*day));
    let listed: Vec<i64> =
        hits.items.iter().map(|hit| model.values().find(|record| record.id == hit.id).unwrap().state.public_since().unwrap().0).collect();
    assert_eq!(listed, days[..days.len().min(100)], "{query:?}");
}

#[test]
fn after_any_changes_it_agrees_with_a_plain_search() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(folder.path()).unwrap().index;
    let mut dice = Dice(0x5eed);
    let mut model = BTreeMap::new();
    for round in 0..30 {
        let mut changes = Vec::new();
        for _ in 0..=dice.below(if round % 10 == 0 { 400 } else { 8 }) {
            let number = dice.below(1500);
            if dice.below(4) == 0 {
                model.remove(&number);
                changes.push(Change::Remove(id(number)));
            } else {
                let record = thrown(number, &mut dice);
                changes.push(put(&record));
                model.insert(number, record);
            }
        }
        index.apply(changes, round).unwrap();
        assert_eq!((index.position(), index.total()), (round, model.len()));
        for _ in 0..6 {
            compare(&index, &model, &mut dice);
        }
    }
}

#[test]
fn among_very_many_the_best_still_come_first() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(folder.path()).unwrap().index;
    let mut changes: Vec<Change> = (0..20_000)
        .map(|number| {
            let mut record = titled(number, if number % 2 == 0 { "bone of a fish" } else { "something" });
            record.metadata.description = "a bone".into();
            put(&record)
        })
        .collect();
    changes[5] = put(&titled(5, "Bone"));
    index.apply(changes, 1).unwrap();
    let hits = ask(&index, "bone");
    assert_eq!(hits.total, 20_000);
    assert_eq!(
        hits.items.iter().take(3).map(|hit| hit.id.clone()).collect::<Vec<_>>(),
        [id(5), id(19_998), id(19_996)],
        "the whole title, then titles with the word, newest first"
    );
    let rest = index.search(&Query { text: "bone".into(), offset: 10_000, limit: 3, ..Query::default() }).unwrap();
    assert_eq!(
        rest.items.iter().map(|hit| hit.id.clone()).collect::<Vec<_>>(),
        [id(0), id(19_999), id(19_997)].map(|wanted| wanted),
        "{rest:?}"
    );
}
