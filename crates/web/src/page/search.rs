//! Search with facets. What is asked stands in the address, so a result can be sent to a friend.

use super::{Shell, answer, cards::Card, pairs};
use crate::{display, door::Door, language::Language, refusal::Refused, session::Guest, words::Words};
use archive::search::{Facet, Hits, Query, Sort};
use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use http::StatusCode;
use record::{kind::Kind, technique::Probe};

/// Values shown of one facet; those chosen are always shown.
const VALUES_SHOWN_MAX: usize = 10;

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/search", get(search))
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    s: Shell,
    text: String,
    /// Names by which numbers are asked for, with their labels.
    numbers: Vec<NumberView>,
    kept: Vec<(&'static str, String)>,
    count_words: String,
    facets: Vec<FacetView>,
    chosen: Vec<Link>,
    open_only: bool,
    open_href: String,
    newest: bool,
    best_href: String,
    newest_href: String,
    hits: Vec<Card>,
    pages: Vec<PageLink>,
    previous: Option<String>,
    next: Option<String>,
}

struct FacetView {
    label: &'static str,
    values: Vec<ValueView>,
}

struct ValueView {
    label: String,
    href: String,
    count: String,
    chosen: bool,
}

struct NumberView {
    name: &'static str,
    label: String,
}

struct Link {
    label: String,
    href: String,
}

struct PageLink {
    number: usize,
    href: String,
    here: bool,
}

async fn search(State(door): State<Door>, guest: Guest) -> Result<Response, Refused> {
    let words = Words::of(guest.language);
    let query = Query::from_pairs(pairs(guest.here.query().unwrap_or("").as_bytes()));
    let hits = door.archive.search(&guest.visitor, &query).await?;
    let flipped = Query { open_only: !query.open_only, ..query.on_page(1) };
    let page_count = hits.total.min(archive::search::query::REACH_MAX).div_ceil(query.limit.max(1));
    let page = SearchPage {
        text: query.text.clone(),
        numbers: numbers(guest.language),
        kept: query.on_page(1).to_pairs().into_iter().filter(|(key, _)| *key != "q").collect(),
        count_words: words.count_records(hits.total as u64, guest.language),
        facets: facets_of(&query, &hits, words, guest.language),
        chosen: query
            .facets
            .iter()
            .map(|(facet, value)| Link { label: value_label(*facet, value, words), href: href(&query.without(*facet, value)) })
            .collect(),
        open_only: query.open_only,
        open_href: href(&flipped),
        newest: query.sort == Sort::Newest,
        best_href: href(&Query { sort: Sort::Best, ..query.on_page(1) }),
        newest_href: href(&Query { sort: Sort::Newest, ..query.on_page(1) }),
        hits: hits.items.iter().map(|hit| Card::of(hit, words)).collect(),
        pages: page_links(&query, page_count),
        previous: (query.page() > 1).then(|| href(&query.on_page(query.page() - 1))),
        next: (query.page() < page_count).then(|| href(&query.on_page(query.page() + 1))),
        s: Shell::of(&door, &guest),
    };
    Ok(answer(StatusCode::OK, &page))
}

fn href(query: &Query) -> String {
    let pairs: Vec<String> = query.to_pairs().into_iter().map(|(key, value)| format!("{key}={}", display::percent(&value))).collect();
    if pairs.is_empty() { "/search".to_owned() } else { format!("/search?{}", pairs.join("&")) }
}

fn numbers(language: Language) -> Vec<NumberView> {
    let view = |field: &record::field::Field| {
        let label = display::said(field.label, language);
        NumberView { name: field.name, label: if field.unit.is_empty() { label.to_owned() } else { format!("{label} ({})", field.unit) } }
    };
    record::field::quantities().filter(|field| field.asked.is_for(Kind::TomographyMaterials)).map(view).collect()
}

fn facets_of(query: &Query, hits: &Hits, words: &'static Words, language: Language) -> Vec<FacetView> {
    hits.facets
        .iter()
        .filter(|counted| !counted.values.is_empty())
        .map(|counted| FacetView {
            label: facet_label(counted.facet, words),
            values: counted
                .values
                .iter()
                .enumerate()
                .map(|(rank, (value, count))| (rank, value, count, query.has(counted.facet, value)))
                .filter(|(rank, _, _, chosen)| *rank < VALUES_SHOWN_MAX || *chosen)
                .map(|(_, value, count, chosen)| ValueView {
                    label: value_label(counted.facet, value, words),
                    href: href(&if chosen { query.without(counted.facet, value) } else { query.with(counted.facet, value) }),
                    count: display::number(*count, language),
                    chosen,
                })
                .collect(),
        })
        .collect()
}

fn facet_label(facet: Facet, words: &'static Words) -> &'static str {
    match facet {
        Facet::Kind => words.facet_kind,
        Facet::Technique => words.field_technique,
        Facet::Probe => words.field_probe,
        Facet::Facility => words.field_facility,
        Facet::Subject => words.facet_subject,
        Facet::Year => words.field_year,
        Facet::Licence => words.field_licence,
        Facet::Volume => words.facet_volume,
    }
}

fn value_label(facet: Facet, value: &str, words: &'static Words) -> String {
    match facet {
        Facet::Kind => value.parse::<Kind>().map_or(value, |kind| display::kind(kind, words)).to_owned(),
        Facet::Probe => {
            Probe::ALL.iter().copied().find(|probe| probe.name() == value).map_or(value, |probe| display::probe(probe, words)).to_owned()
        }
        Facet::Licence => display::licence_short(value),
        Facet::Volume => words.facet_volume_yes.to_owned(),
        _ => value.to_owned(),
    }
}

/// The first, the last, and those around the present page; a gap has no address.
fn page_links(query: &Query, page_count: usize) -> Vec<PageLink> {
    let here = query.page();
    let mut links: Vec<PageLink> = Vec::new();
    for number in 1..=page_count {
        if number == 1 || number == page_count || number.abs_diff(here) <= 2 {
            links.push(PageLink { number, href: href(&query.on_page(number)), here: number == here });
        } else if links.last().is_some_and(|link| !link.href.is_empty()) {
            links.push(PageLink { number, href: String::new(), here: false });
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_pages_are_shown_as_few_links() {
        let query = Query::default().on_page(50);
        let links = page_links(&query, 500);
        let shown: Vec<String> = links.iter().map(|link| if link.href.is_empty() { "…".into() } else { link.number.to_string() }).collect();
        assert_eq!(shown.join(" "), "1 … 48 49 50 51 52 … 500");
        assert!(page_links(&Query::default(), 0).is_empty());
    }

    #[test]
    fn an_address_holds_the_whole_question() {
        let query = Query::from_pairs([("q", "jaw & teeth"), ("kind", "publication")]);
        assert_eq!(href(&query), "/search?q=jaw%20%26%20teeth&kind=publication");
    }
}
