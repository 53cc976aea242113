//! Which pages there are, for search engines: every public entry page, by the roll. A collection that does not fit into one list
//! gets an index of lists; each begins behind a position of the roll, so that its address means the same for ever.

use crate::{
    display,
    door::Door,
    front::{self, Depends},
    language::Language,
    refusal::Refused,
};
use archive::{Refusal, roll::Wanted};
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{
    HeaderMap, HeaderValue,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use std::fmt::Write;

/// Search engines take 50,000 in one list; shorter ones are quicker made.
const PAGES_MAX: u32 = 10_000;
/// Read from the catalogue at once.
const BATCH: u32 = 200;
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

pub(crate) fn routes() -> Router<Door> {
    Router::new().route("/robots.txt", get(robots)).route("/sitemap.xml", get(sitemap)).route("/sitemap/{part}", get(part))
}

async fn robots(State(door): State<Door>) -> String {
    let base = &door.archive.settings().base_url;
    format!(
        "User-agent: *\nDisallow: /account\nDisallow: /admin\nDisallow: /deposit\nDisallow: /sign-in\nDisallow: /review/\nDisallow: /search?\nAllow: /\n\nSitemap: {base}/sitemap.xml\n"
    )
}

/// One list, or where the lists are.
async fn sitemap(State(door): State<Door>) -> Result<Response, Refused> {
    let stamp = front::stamp_of(&door, &Depends::Everything);
    let mut starts = door.archive.roll_steps(PAGES_MAX).await?;
    // A step at the very end begins nothing.
    if let Some(last) = starts.last().copied()
        && door.archive.roll(&Wanted { after: last, ..Wanted::default() }, 1).await?.is_empty()
    {
        starts.pop();
    }
    let xml = if starts.is_empty() { list(&door, 0).await? } else { index(&door, &starts) };
    Ok(door.pages.keep("/sitemap.xml", Language::English, Depends::Everything, stamp, heads(), xml))
}

/// `/sitemap/0.xml`: the list that begins behind this position.
async fn part(State(door): State<Door>, Path(part): Path<String>) -> Result<Response, Refused> {
    let after = part.strip_suffix(".xml").and_then(|number| number.parse::<i64>().ok()).filter(|after| *after >= 0);
    let xml = list(&door, after.ok_or(Refusal::NotFound)?).await?;
    Ok((heads(), xml).into_response())
}

fn heads() -> HeaderMap {
    HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("application/xml")),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ])
}

fn index(door: &Door, starts: &[i64]) -> String {
    let base = display::escape_html(&door.archive.settings().base_url);
    let mut xml = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sitemapindex xmlns=\"{NAMESPACE}\">\n");
    for start in [0].iter().chain(starts) {
        // Writing into a string cannot fail.
        let _ = writeln!(xml, "<sitemap><loc>{base}/sitemap/{start}.xml</loc></sitemap>");
    }
    xml.push_str("</sitemapindex>\n");
    xml
}

async fn list(door: &Door, after: i64) -> Result<String, Refused> {
    let base = display::escape_html(&door.archive.settings().base_url);
    let mut xml = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"{NAMESPACE}\">\n");
    if after == 0 {
        for path in ["/", "/about", "/terms", "/privacy", "/api/docs"] {
            let _ = writeln!(xml, "<url><loc>{base}{path}</loc></url>");
        }
    }
    let mut wanted = Wanted { after, ..Wanted::default() };
    let mut left = PAGES_MAX;
    while left > 0 {
        let entries = door.archive.roll(&wanted, BATCH.min(left)).await?;
        let Some(last) = entries.last() else { break };
        wanted.after = last.position;
        left -= entries.len() as u32;
        for entry in entries.iter().filter(|entry| entry.record.is_some()) {
            let _ = writeln!(xml, "<url><loc>{base}/records/{}</loc><lastmod>{}</lastmod></url>", entry.id, entry.told_at.date());
        }
    }
    xml.push_str("</urlset>\n");
    Ok(xml)
}
