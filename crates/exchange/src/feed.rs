//! A list of news as Atom, RSS 2.0 or JSON Feed 1.1: the same entries in three spellings.

use crate::{datacite::is_language, xml::Element};
use record::instant::Instant;
use serde_json::{Value, json};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedForm {
    Atom,
    Rss,
    Json,
}

pub struct Feed<'a> {
    pub title: &'a str,
    /// The page that a reader opens.
    pub page: &'a str,
    /// The feed's own address.
    pub address: &'a str,
    /// Of what is not said by the records themselves.
    pub language: &'a str,
    pub updated: Instant,
    pub items: Vec<FeedItem>,
}

pub struct FeedItem {
    pub page: String,
    pub title: String,
    /// What it is, as text.
    pub summary: String,
    pub authors: Vec<String>,
    pub published: Instant,
    pub updated: Instant,
    pub kind: String,
    /// Of title and summary, where it is not that of the feed.
    pub language: Option<String>,
}

impl FeedItem {
    fn language(&self) -> Option<&str> {
        self.language.as_deref().filter(|code| is_language(code))
    }
}

impl FeedForm {
    pub const ALL: [FeedForm; 3] = [Self::Atom, Self::Rss, Self::Json];

    /// The ending of an address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Atom => "atom",
            Self::Rss => "rss",
            Self::Json => "json",
        }
    }
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Json => "application/feed+json; charset=utf-8",
        }
    }

    pub fn render(self, feed: &Feed<'_>) -> String {
        match self {
            Self::Atom => atom(feed).document(),
            Self::Rss => rss(feed).document(),
            Self::Json => format!("{:#}\n", json_feed(feed)),
        }
    }
}

fn atom(feed: &Feed<'_>) -> Element {
    let entries = feed.items.iter().map(|item| {
        let authors = item.authors.iter().map(|name| Element::new("author").child(Element::with_text("name", name)));
        Element::new("entry")
            .maybe_attribute("xml:lang", item.language())
            .child(Element::with_text("id", &item.page))
            .child(Element::with_text("title", &item.title))
            .child(Element::new("link").attribute("rel", "alternate").attribute("href", &item.page))
            .child(Element::with_text("published", item.published.to_string()))
            .child(Element::with_text("updated", item.updated.to_string()))
            .children(authors)
            .child(Element::new("category").attribute("term", &item.kind))
            .child(Element::with_text("summary", &item.summary))
    });
    Element::new("feed")
        .attribute("xmlns", "http://www.w3.org/2005/Atom")
        .attribute("xml:lang", feed.language)
        .child(Element::with_text("id", feed.address))
        .child(Element::with_text("title", feed.title))
        .child(Element::with_text("updated", feed.updated.to_string()))
        .child(Element::new("author").child(Element::with_text("name", feed.title)))
        .child(Element::new("link").attribute("rel", "self").attribute("href", feed.address))
        .child(Element::new("link").attribute("rel", "alternate").attribute("href", feed.page))
        .children(entries)
}

fn rss(feed: &Feed<'_>) -> Element {
    let items = feed.items.iter().map(|item| {
        let creators = item.authors.iter().map(|name| Element::with_text("dc:creator", name));
        Element::new("item")
            .maybe_attribute("xml:lang", item.language())
            .child(Element::with_text("title", &item.title))
            .child(Element::with_text("link", &item.page))
            .child(Element::with_text("guid", &item.page).attribute("isPermaLink", "true"))
            .child(Element::with_text("pubDate", item.published.http_date()))
            .children(creators)
            .child(Element::with_text("category", &item.kind))
            .child(Element::with_text("description", &item.summary))
    });
    let channel = Element::new("channel")
        .child(Element::with_text("title", feed.title))
        .child(Element::with_text("link", feed.page))
        .child(Element::with_text("description", feed.title))
        .child(Element::with_text("language", feed.language))
        .child(Element::with_text("lastBuildDate", feed.updated.http_date()))
        .child(Element::new("atom:link").attribute("rel", "self").attribute("type", "application/rss+xml").attribute("href", feed.address))
        .children(items);
    Element::new("rss")
        .attribute("version", "2.0")
        .attribute("xmlns:atom", "http://www.w3.org/2005/Atom")
        .attribute("xmlns:dc", "http://purl.org/dc/elements/1.1/")
        .child(channel)
}

fn json_feed(feed: &Feed<'_>) -> Value {
    let items: Vec<Value> = feed
        .items
        .iter()
        .map(|item| {
            let mut entry = json!({
                "id": item.page,
                "url": item.page,
                "title": item.title,
                "content_text": item.summary,
                "date_published": item.published,
                "date_modified": item.updated,
                "authors": item.authors.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
                "tags": [item.kind],
            });
            if let Some(language) = item.language() {
                entry["language"] = json!(language);
            }
            entry
        })
        .collect();
    json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.address,
        "language": feed.language,
        "items": items,
    })
}
