//! All terms of PaNET, the ontology of photon and neutron experimental techniques (CC-BY-4.0,
//! <http://purl.org/pan-science/PaNET/>), for people who type the beginning of a technique. The table lies beside the code.

use crate::technique::{Probe, Technique};
use std::sync::LazyLock;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    pub id: &'static str,
    pub label: &'static str,
    /// Other labels, separated by semicolons.
    pub other_labels: &'static str,
    pub definition: &'static str,
}

static TERMS: LazyLock<Vec<Term>> = LazyLock::new(|| include_str!("../data/panet.tsv").lines().filter_map(Term::read).collect());

impl Term {
    fn read(line: &'static str) -> Option<Self> {
        let mut fields = line.split('\t');
        let (id, label) = (fields.next().filter(|id| id.starts_with("PaNET"))?, fields.next()?);
        Some(Self { id, label, other_labels: fields.next().unwrap_or(""), definition: fields.next().unwrap_or("") })
    }

    pub fn all() -> &'static [Term] {
        &TERMS
    }

    pub fn by_id(id: &str) -> Option<&'static Term> {
        Self::all().iter().find(|term| term.id == id)
    }

    /// The one with exactly this label or, where there is none, this other label; whatever the case.
    pub fn by_label(label: &str) -> Option<&'static Term> {
        let label = label.trim().to_lowercase();
        let named = |name: &str| name.trim().to_lowercase() == label;
        let other = || Self::all().iter().find(|term| term.other_labels.split(';').any(named));
        Self::all().iter().find(|term| named(term.label)).or_else(other).filter(|_| !label.is_empty())
    }

    pub fn url(&self) -> String {
        format!("http://purl.org/pan-science/PaNET/{}", self.id)
    }

    /// What goes through the sample, where the label says it.
    pub fn probe(&self) -> Option<Probe> {
        if let Some(technique) = Technique::by_id(self.id) {
            return Some(technique.probe);
        }
        let label = self.label.to_lowercase();
        let words = [("x-ray", Probe::XRay), ("neutron", Probe::Neutron), ("electron", Probe::Electron)];
        let mut named = words.into_iter().filter(|(word, _)| label.contains(word)).map(|(_, probe)| probe);
        // Photoelectrons and the like are seen with another probe than they are.
        named.next().filter(|_| named.next().is_none() && !label.contains("photo"))
    }

    /// Those of which each word typed begins a word; the ones that begin so come first, shorter ones before longer ones.
    pub fn suggest(typed: &str, limit: usize) -> Vec<&'static Term> {
        let typed = typed.to_lowercase();
        let asked: Vec<&str> = typed.split_whitespace().collect();
        if asked.is_empty() {
            return Vec::new();
        }
        let holds = |text: &str| {
            let words: Vec<&str> = text.split(|letter: char| !letter.is_alphanumeric()).collect();
            asked
                .iter()
                .all(|word| words.iter().any(|other| other.starts_with(word)) || text.split(' ').any(|other| other.starts_with(word)))
        };
        let mut found: Vec<(u8, usize, &'static Term)> = Self::all()
            .iter()
            .filter_map(|term| {
                let (label, others) = (term.label.to_lowercase(), term.other_labels.to_lowercase());
                let place = if label.starts_with(typed.trim()) || term.id.to_lowercase() == typed.trim() {
                    0
                } else if holds(&label) {
                    1
                } else if holds(&others) {
                    2
                } else {
                    return None;
                };
                Some((place, label.len(), term))
            })
            .collect();
        found.sort_by_key(|(place, length, term)| (*place, *length, term.id));
        found.into_iter().take(limit).map(|(_, _, term)| term).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_technique_is_found_by_any_of_its_words() {
        assert!(Term::all().len() > 350, "{}", Term::all().len());
        let first = |typed: &str| Term::suggest(typed, 5).first().map(|term| term.id);
        assert_eq!(first("x-ray microtom"), Some("PaNET01208"));
        assert_eq!(first("ptychographic nano"), Some("PaNET01213"));
        assert_eq!(first("ct scan"), Some("PaNET01207"), "by another label");
        assert_eq!(first("PaNET01129"), Some("PaNET01129"));
        assert_eq!((first(""), first("qqqq")), (None, None));
        let label = |id: &str| Term::by_id(id).map(|term| term.label);
        assert_eq!((label("PaNET01208"), label("PaNET1")), (Some("x-ray microtomography"), None));
        for technique in &Technique::OFFERED {
            assert_eq!(label(technique.id), Some(technique.label), "offered under the name that it has");
            assert_eq!(Term::by_label(&technique.label.to_uppercase()).map(|term| term.id), Some(technique.id));
        }
    }

    #[test]
    fn the_probe_is_told_where_the_label_says_it() {
        let probe = |label: &str| Term::by_label(label).unwrap_or_else(|| panic!("{label}")).probe();
        assert_eq!((probe("tomography"), probe("cold neutron imaging")), (Some(Probe::XRay), Some(Probe::Neutron)));
        assert_eq!(probe("surface x-ray diffraction"), Some(Probe::XRay));
        assert_eq!(probe("hard x-ray photoelectron spectroscopy"), None);
    }
}
