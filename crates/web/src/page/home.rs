//! The museum's front door.

use super::{
    Shell, answer_kept,
    cards::{self, Card},
    stamp,
};
use crate::{display, door::Door, front::Depends, refusal::Refused, session::Guest, words::Words};
use archive::search::{Facet, Hit, Query};
use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use http::HeaderMap;
use record::{access::Aspect, kind::Kind, panet::Term};

const CARDS: usize = 9;

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/", get(home))
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    s: Shell,
    hero: Option<Hero>,
    chips: Vec<Chip>,
    latest: Vec<Card>,
    numbers: Vec<Number>,
}

struct Hero {
    href: String,
    picture: String,
    small: Option<String>,
    alt: String,
    width: u32,
    height: u32,
    title: String,
    caption: String,
}

struct Chip {
    name: String,
    label: &'static str,
    count: String,
}

struct Number {
    label: &'static str,
    value: String,
}

async fn home(State(door): State<Door>, guest: Guest) -> Result<Response, Refused> {
    let depends = Depends::Everything;
    let stamp = stamp(&door, &depends);
    let words = Words::of(guest.language);
    let latest = door.archive.latest(CARDS + 1).await?;
    let all = door.archive.search(&guest.visitor, &Query { limit: 1, ..Query::default() }).await?;
    let counts = |facet: Facet| {
        all.facets.iter().find(|counted| counted.facet == facet).map(|counted| counted.values.as_slice()).unwrap_or_default()
    };
    let chips = counts(Facet::Kind)
        .iter()
        .filter_map(|(name, count)| {
            Some(Chip {
                label: display::kind(name.parse::<Kind>().ok()?, words),
                name: name.clone(),
                count: display::number(*count, guest.language),
            })
        })
        .collect();
    let volumes: u64 = counts(Facet::Volume).iter().map(|(_, count)| count).sum();
    let facilities = counts(Facet::Facility).len() as u64;
    let numbers = [(words.number_records, all.total as u64), (words.number_volumes, volumes), (words.number_facilities, facilities)]
        .into_iter()
        .filter(|(_, value)| *value > 0)
        .map(|(label, value)| Number { label, value: display::number(value, guest.language) })
        .collect();
    let hero = hero_of(&door, &guest, latest.first()).await;
    let skipped = usize::from(hero.is_some() && latest.len() > 3);
    let page = HomePage {
        s: Shell::of(&door, &guest),
        hero,
        chips,
        latest: latest.iter().skip(skipped).take(CARDS).map(|hit| Card::of(hit, words)).collect(),
        numbers,
    };
    answer_kept(&door, &guest, depends, stamp, HeaderMap::new(), &page)
}

async fn hero_of(door: &Door, guest: &Guest, hit: Option<&Hit>) -> Option<Hero> {
    let hit = hit?;
    let sight = door.archive.see(&guest.visitor, &hit.id, Aspect::Bytes).await.ok()?;
    let derivatives = door.archive.derivatives(&guest.visitor, &hit.id).await.ok()?;
    let pictures = cards::pictures_among(&derivatives, &sight.record, &display::home(&sight.record), Words::of(guest.language));
    let picture = cards::hero(&pictures)?;
    let acquisition = &sight.record.metadata.acquisition;
    let technique = acquisition.technique.as_deref().and_then(Term::by_id).map(|technique| technique.label.to_owned());
    let voxels = acquisition.voxel_size_um.map(|size| display::voxel_size(size, guest.language));
    let synthetic = sight.record.metadata.synthetic.then(|| Words::of(guest.language).synthetic.to_owned());
    Some(Hero {
        href: format!("/records/{}", hit.id),
        picture: picture.src.clone(),
        small: picture.small.clone(),
        alt: picture.alt.clone(),
        width: picture.width,
        height: picture.height,
        title: hit.title.clone(),
        caption: [technique, voxels, synthetic].into_iter().flatten().collect::<Vec<_>>().join(", "),
    })
}
