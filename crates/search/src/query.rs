//! The one query language of page and API: pairs of key and value, as they stand in an address.

use crate::{facet::Facet, range};

/// Longer texts are cut, not refused.
pub const TEXT_CHARS_MAX: usize = 500;
pub const VALUE_CHARS_MAX: usize = 200;
pub const FILTERS_MAX: usize = 32;
pub const LIMIT_MAX: usize = 100;
/// Nobody turns pages further than this; who needs all records uses the harvesting door.
pub const REACH_MAX: usize = 10_000;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// Title before names before the rest, rare words before frequent ones; newest first among equals.
    #[default]
    Best,
    Newest,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Query {
    pub text: String,
    /// Values of one facet widen, different facets narrow.
    pub facets: Vec<(Facet, String)>,
    pub year_from: Option<i32>,
    pub year_to: Option<i32>,
    /// Only records whose files everyone may read.
    pub open_only: bool,
    pub offset: usize,
    pub limit: usize,
    pub sort: Sort,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            text: String::new(),
            facets: Vec::new(),
            year_from: None,
            year_to: None,
            open_only: false,
            offset: 0,
            limit: Self::LIMIT,
            sort: Sort::Best,
        }
    }
}

impl Query {
    /// Hits on a page when nobody says otherwise.
    pub const LIMIT: usize = 20;

    /// Reads `q`, the names of the facets, `year` (also `2018-2024`, `2018-`, `-2024`), `state=open`,
    /// `page`, `limit` and `sort=newest`; a number's name is the same as in the text, `energy_kev=20..40`. Other keys and values without sense are passed over.
    pub fn from_pairs<K: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut query = Self::default();
        let mut page = 1;
        let mut numbers: Vec<String> = Vec::new();
        for (key, value) in pairs {
            let value = value.as_ref().trim();
            if value.is_empty() {
                continue;
            }
            match key.as_ref() {
                "q" => query.text = shortened(value, TEXT_CHARS_MAX),
                "year" => query.read_year(value),
                "state" => query.open_only |= value == "open",
                "page" => page = value.parse().unwrap_or(1).clamp(1, REACH_MAX),
                "limit" => query.limit = value.parse().unwrap_or(Self::LIMIT).clamp(1, LIMIT_MAX),
                "sort" => query.sort = if value == "newest" { Sort::Newest } else { Sort::Best },
                name => {
                    if let Some(facet) = Facet::parse(name) {
                        query.add(facet, value);
                    } else if range::field_named(name).is_some() && numbers.len() < FILTERS_MAX {
                        numbers.push(format!("{name}:{}", value.replace(char::is_whitespace, "")));
                    }
                }
            }
        }
        if !numbers.is_empty() {
            query.text = shortened(format!("{} {}", query.text, numbers.join(" ")).trim(), TEXT_CHARS_MAX);
        }
        query.offset = ((page - 1) * query.limit).min(REACH_MAX);
        query
    }

    /// What [`Query::from_pairs`] reads back as the same query; without what is the default.
    pub fn to_pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        if !self.text.is_empty() {
            pairs.push(("q", self.text.clone()));
        }
        pairs.extend(self.facets.iter().map(|(facet, value)| (facet.name(), value.clone())));
        if self.year_from.is_some() || self.year_to.is_some() {
            let side = |year: Option<i32>| year.map(|year| year.to_string()).unwrap_or_default();
            pairs.push(("year", format!("{}-{}", side(self.year_from), side(self.year_to))));
        }
        if self.open_only {
            pairs.push(("state", "open".to_owned()));
        }
        if self.sort == Sort::Newest {
            pairs.push(("sort", "newest".to_owned()));
        }
        if self.limit != Self::LIMIT {
            pairs.push(("limit", self.limit.to_string()));
        }
        if self.page() > 1 {
            pairs.push(("page", self.page().to_string()));
        }
        pairs
    }

    /// Counted from one.
    pub fn page(&self) -> usize {
        self.offset / self.limit.max(1) + 1
    }
    pub fn on_page(&self, page: usize) -> Self {
        Self { offset: page.saturating_sub(1).saturating_mul(self.limit).min(REACH_MAX), ..self.clone() }
    }
    pub fn has(&self, facet: Facet, value: &str) -> bool {
        self.facets.iter().any(|(held, text)| *held == facet && text == value)
    }
    /// The same query narrowed by this value, from its first page.
    pub fn with(&self, facet: Facet, value: &str) -> Self {
        let mut query = self.on_page(1);
        query.add(facet, value);
        query
    }
    /// The same query without this value, from its first page.
    pub fn without(&self, facet: Facet, value: &str) -> Self {
        let mut query = self.on_page(1);
        query.facets.retain(|(held, text)| *held != facet || text != value);
        query
    }

    fn add(&mut self, facet: Facet, value: &str) {
        let value = shortened(value, VALUE_CHARS_MAX);
        if self.facets.len() < FILTERS_MAX && !self.has(facet, &value) {
            self.facets.push((facet, value));
        }
    }

    fn read_year(&mut self, value: &str) {
        match value.split_once(['-', '–']) {
            None => self.add(Facet::Year, value),
            Some((from, to)) => {
                self.year_from = from.trim().parse().ok();
                self.year_to = to.trim().parse().ok();
            }
        }
    }
}

fn shortened(text: &str, chars_max: usize) -> String {
    text.chars().take(chars_max).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_survives_its_address() {
        let pairs = [
            ("q", " jaw muscle "),
            ("kind", "publication"),
            ("kind", "reference"),
            ("year", "2018-2024"),
            ("state", "open"),
            ("page", "3"),
            ("sort", "newest"),
            ("volume", "yes"),
            ("limit", "10"),
        ];
        let query = Query::from_pairs(pairs);
        assert_eq!((query.text.as_str(), query.offset, query.year_from, query.year_to), ("jaw muscle", 20, Some(2018), Some(2024)));
        assert_eq!(Query::from_pairs(query.to_pairs()), query);
        assert_eq!(query.with(Facet::Probe, "neutron").without(Facet::Probe, "neutron"), query.on_page(1));
    }

    #[test]
    fn a_number_can_be_asked_in_the_text_or_beside_it() {
        let query = Query::from_pairs([("q", "jaw"), ("energy_kev", "20 .. 40"), ("voxel_size", "<1")]);
        assert_eq!(query.text, "jaw energy_kev:20..40 voxel_size:<1");
        assert_eq!(Query::from_pairs(query.to_pairs()), query);
    }

    #[test]
    fn nonsense_is_passed_over() {
        let query = Query::from_pairs([("page", "-7"), ("limit", "1000000"), ("year", "abc-"), ("colour", "red"), ("kind", "")]);
        assert_eq!(query, Query { limit: LIMIT_MAX, ..Query::default() });
        let long = Query::from_pairs([("q".to_owned(), "ä".repeat(100_000)), ("page".to_owned(), "99999999999999999999".to_owned())]);
        assert_eq!((long.text.chars().count(), long.offset), (TEXT_CHARS_MAX, 0));
        assert_eq!(Query::from_pairs([("page", "9999999")]).offset, REACH_MAX);
    }
}
