//! Signposts for machines (signposting.org) at an entry page: who made it, how to cite it, under which licence, where it is
//! described and what it holds. A short form stands in the head of the page and of the answer; the whole one, with every file and
//! the way back from it, is a set of links of its own.

use super::{
    doi::{cited, contents},
    named::Named,
};
use crate::{door::Door, refusal::Refused, session::Guest};
use archive::sight::Sight;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use exchange::{Contents, Export, schema_org};
use http::{
    HeaderValue,
    header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE},
};
use record::{Record, access::Aspect};
use serde_json::{Value, json};

pub(super) struct Signpost {
    pub(super) rel: &'static str,
    pub(super) href: String,
    pub(super) kind: &'static str,
    pub(super) profile: &'static str,
}

/// The forms in which the metadata can be taken along, those that reference managers read first.
pub(super) const EXPORTS: [Export; 10] = [
    Export::Bibtex,
    Export::Ris,
    Export::CslJson,
    Export::DataciteXml,
    Export::DataciteJson,
    Export::SchemaOrg,
    Export::RoCrate,
    Export::Croissant,
    Export::DublinCore,
    Export::Marcxml,
];
/// More authors than these are told by the set of links only: a head has its limits.
const AUTHORS_IN_HEAD_MAX: usize = 20;
const LINKSET: &str = "application/linkset+json";

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/records/{id}/linkset.json", get(linkset)).route("/records/{id}/{version}/linkset.json", get(linkset))
}

/// `cited` is the record under the DOI of its version or of all of them; `base` the page's own address without the host.
pub(super) fn signposts(door: &Door, sight: &Sight, cited: &Record, base: &str) -> Vec<Signpost> {
    let mut posts = short(door, sight, cited, base, AUTHORS_IN_HEAD_MAX);
    let href = format!("{}{base}/linkset.json", door.archive.settings().base_url);
    posts.push(Signpost { rel: "linkset", href, kind: LINKSET, profile: "" });
    posts
}

fn short(door: &Door, sight: &Sight, cited: &Record, base: &str, authors_max: usize) -> Vec<Signpost> {
    let record = &sight.record;
    let base = format!("{}{base}", door.archive.settings().base_url);
    let bare = |rel, href| Signpost { rel, href, kind: "", profile: "" };
    let mut posts = Vec::new();
    posts.extend(cited.citable_doi().map(|doi| bare("cite-as", doi.url())));
    posts.push(bare("type", "https://schema.org/AboutPage".to_owned()));
    posts.push(bare("type", format!("https://schema.org/{}", schema_org::type_of(record.kind))));
    let orcids = record.metadata.creators.iter().filter_map(|person| person.orcid.as_ref());
    posts.extend(orcids.take(authors_max).map(|orcid| bare("author", orcid.url())));
    posts.extend(record.metadata.licence.map(|licence| bare("license", licence.url().to_owned())));
    for export in EXPORTS {
        let kind = export.content_type().split(';').next().unwrap_or("");
        let href = format!("{base}/export/{}", export.name());
        posts.push(Signpost { rel: "describedby", href, kind, profile: export.profile().unwrap_or("") });
    }
    if sight.may(Aspect::Bytes) && sight.holdings.files > 0 {
        posts.push(Signpost { rel: "item", href: format!("{base}/archive.zip"), kind: "application/zip", profile: "" });
    }
    posts
}

/// The same as an HTTP header.
pub(super) fn link_header(posts: &[Signpost]) -> String {
    let clean =
        |text: &str| -> String { text.chars().filter(|letter| letter.is_ascii_graphic() && !matches!(letter, '<' | '>' | '"')).collect() };
    let line = |post: &Signpost| {
        let more = [("type", post.kind), ("profile", post.profile)].map(|(name, value)| match value {
            "" => String::new(),
            value => format!("; {name}=\"{}\"", clean(value)),
        });
        format!("<{}>; rel=\"{}\"{}", clean(&post.href), post.rel, more.concat())
    };
    posts.iter().map(line).collect::<Vec<_>>().join(", ")
}

async fn linkset(State(door): State<Door>, guest: Guest, Named { at, base }: Named) -> Result<Response, Refused> {
    let sight = door.archive.see(&guest.visitor, &at, Aspect::Metadata).await?;
    let named = at.named();
    let cited = cited(&sight.record, named, None);
    let posts = short(&door, &sight, &cited, &base, usize::MAX);
    let contents = contents(&door, &guest, &sight).await?;
    let page = format!("{}{base}", door.archive.settings().base_url);
    let mut response = format!("{:#}\n", set(&page, &posts, &contents)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(LINKSET));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    if sight.record.state.public_since().is_some() {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    Ok(response)
}

/// RFC 9264: the links of the page, and of everything that it leads to the way back.
fn set(page: &str, posts: &[Signpost], contents: &Contents) -> Value {
    let mut of_page = json!({ "anchor": page });
    let mut back = Vec::new();
    let mut put = |rel: &str, target: Value| {
        if let Some(targets) = of_page[rel].as_array_mut() {
            targets.push(target);
        } else {
            of_page[rel] = json!([target]);
        }
    };
    for post in posts {
        let mut target = json!({ "href": post.href });
        if !post.kind.is_empty() {
            target["type"] = json!(post.kind);
        }
        if !post.profile.is_empty() {
            target["profile"] = json!(post.profile);
        }
        put(post.rel, target);
        match post.rel {
            "describedby" => back.push(json!({ "anchor": post.href, "describes": [{ "href": page, "type": "text/html" }] })),
            "item" => back.push(json!({ "anchor": post.href, "collection": [{ "href": page, "type": "text/html" }] })),
            _ => {}
        }
    }
    for file in &contents.files {
        let href = format!("{page}/files/{}", crate::data::escape_path(&file.path));
        put("item", json!({ "href": href, "type": file.media_type.split(';').next() }));
        back.push(json!({ "anchor": href, "collection": [{ "href": page, "type": "text/html" }] }));
    }
    let mut sets = vec![of_page];
    sets.append(&mut back);
    json!({ "linkset": sets })
}
