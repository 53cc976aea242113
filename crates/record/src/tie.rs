//! A publication and a dataset that may belong together: who noticed it, by what, and what the owners said.

use crate::{harvest::folded, id::RecordId, instant::Instant, metadata::Metadata};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tie {
    pub dataset: RecordId,
    pub publication: RecordId,
    pub reason: Reason,
    pub standing: Standing,
    pub offered_at: Instant,
}

/// Why they may belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "kebab-case")]
pub enum Reason {
    /// The publication names the dataset's DOI. True whatever the owners say.
    Cites,
    /// The dataset names the publication as what it supplements.
    Named,
    Alike {
        authors: u32,
        words: u32,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Offered,
    Confirmed,
    /// Remembered, so that nobody asks again.
    Declined,
}

impl Standing {
    pub fn name(self) -> &'static str {
        match self {
            Standing::Offered => "offered",
            Standing::Confirmed => "confirmed",
            Standing::Declined => "declined",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        [Standing::Offered, Standing::Confirmed, Standing::Declined].into_iter().find(|standing| standing.name() == name)
    }
}

/// People that are compared; further ones of a large collaboration say little.
const AUTHORS_MAX: usize = 100;
const WORD_LETTERS_MIN: usize = 4;
const SHARED_WORDS_MIN: usize = 2;
const WORDS_MAX: usize = 200;

/// Words that stand in many titles of this field.
const EVERYWHERE: [&str; 34] = [
    "from",
    "with",
    "using",
    "based",
    "their",
    "that",
    "this",
    "into",
    "between",
    "during",
    "under",
    "study",
    "analysis",
    "tomography",
    "tomographic",
    "computed",
    "microct",
    "synchrotron",
    "imaging",
    "dataset",
    "data",
    "volume",
    "scan",
    "scans",
    "xray",
    "neutron",
    "resolution",
    "high",
    "new",
    "three",
    "dimensional",
    "supplement",
    "supplementary",
    "investigation",
];

/// How the authors are known to the comparison: family name and first initial.
pub fn author_keys(metadata: &Metadata) -> BTreeSet<String> {
    let key = |person: &crate::agent::Person| {
        let family = folded(&person.family);
        let initial = folded(&person.given).chars().next()?;
        (family.chars().count() >= 2).then(|| format!("{family} {initial}"))
    };
    metadata.creators.iter().take(AUTHORS_MAX).filter_map(key).collect()
}

/// Whether a dataset and a publication share authors and words that matter.
pub fn alike(dataset: &Metadata, publication: &Metadata) -> Option<Reason> {
    let authors = author_keys(dataset).intersection(&author_keys(publication)).count();
    if authors == 0 {
        return None;
    }
    let mut about = significant(&dataset.title);
    for text in [&dataset.sample.organism, &dataset.sample.material, &dataset.sample.name].into_iter().flatten() {
        about.extend(significant(text));
    }
    let words = about.intersection(&significant(&publication.title)).count();
    (words >= SHARED_WORDS_MIN).then_some(Reason::Alike { authors: authors as u32, words: words as u32 })
}

fn significant(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric()).take(WORDS_MAX).map(folded);
    words.filter(|word| word.chars().count() >= WORD_LETTERS_MIN && !EVERYWHERE.contains(&word.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{agent::Person, metadata::Sample};

    fn work(title: &str, authors: &[&str]) -> Metadata {
        Metadata { title: title.into(), creators: authors.iter().map(|name| Person::from_text(name)).collect(), ..Metadata::default() }
    }

    #[test]
    fn authors_and_words_together_make_it_likely() {
        let paper = work("Caecilian jaw-closing mechanics: integrating two muscle systems", &["Kleinteich, Thomas", "Haas, A."]);
        let data = work("Jaw of a caecilian, muscle stained", &["T. Kleinteich"]);
        assert_eq!(alike(&data, &paper), Some(Reason::Alike { authors: 1, words: 2 }));
        assert_eq!(alike(&work("Jaw of a caecilian, muscle stained", &["Meyer, Thomas"]), &paper), None, "other people");
        assert_eq!(alike(&work("High resolution tomography of sandstone", &["Haas, Alexander"]), &paper), None, "another thing");
        let organism = Metadata {
            sample: Sample { organism: Some("Ichthyophis kohtaoensis".into()), ..Sample::default() },
            ..work("Specimen 7", &["Haas, Alexander"])
        };
        let named = work("Feeding in Ichthyophis kohtaoensis", &["Haas, A."]);
        assert_eq!(alike(&organism, &named), Some(Reason::Alike { authors: 1, words: 2 }));
    }

    #[test]
    fn names_without_a_given_name_are_nobody_in_particular() {
        assert_eq!(author_keys(&work("", &["Plato", "The Consortium of Everyone"])).len(), 1);
        let many: Vec<String> = (0..3000).map(|number| format!("Family{number}, Given")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(author_keys(&work("", &many)).len(), AUTHORS_MAX);
    }
}
