//! The entry page, where a DOI lands. Strangers' pages are kept ready; whoever is signed in gets a page of her own.
//! What may be shown is what the archive answers for this visitor; nothing is decided here.

use super::{
    Shell, answer_kept,
    cards::{self, Picture},
    dois::DoiNote,
    ended_jobs::EndedJob,
    entry_derived::{self, Derived},
    entry_facts,
    entry_files::{self, Listing},
    entry_movie::{self, Movie},
    entry_parts::{self, Chapter, Fact, HistoryLine, Keyword, Notice, Owner, PersonLine, RelatedLine},
    entry_versions::{self, Changes, Newest, VersionLine},
    follow::FollowBox,
    record_id,
    signposts::{self, Signpost},
    stamp,
    ties::{self, Papers},
};
use crate::{
    display,
    door::Door,
    front::Depends,
    language::Language,
    refusal::Refused,
    session::Guest,
    words::{PictureWords, SurfaceWords, Words},
};
use archive::{
    Refusal,
    sight::{At, Sight},
};
use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use exchange::{Contents, Export, schema_org};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{LINK, VARY},
};
use record::{
    Record,
    access::Aspect,
    derivative::{Derivative, DerivativeKind, Emptiness},
    state::State as RecordState,
    usage::{Asker, Measure},
    version::Version,
};

pub(super) fn routes() -> Router<Door> {
    signposts::routes()
        .route("/records/{id}", get(entry))
        .route("/records/{id}/{version}", get(version))
        .route("/records/{id}/export/{format}", get(super::doi::export))
        .route("/records/{id}/{version}/export/{format}", get(super::doi::export_version))
}

#[derive(Template)]
#[template(path = "entry.html")]
pub(super) struct EntryPage {
    pub(super) s: Shell,
    pub(super) p: &'static PictureWords,
    pub(super) title: String,
    pub(super) language: String,
    pub(super) summary: String,
    pub(super) canonical: String,
    pub(super) head_links: Vec<Signpost>,
    pub(super) json_ld: String,
    pub(super) owner: Option<Owner>,
    pub(super) kind: &'static str,
    pub(super) state: &'static str,
    pub(super) state_name: &'static str,
    pub(super) synthetic: bool,
    pub(super) activity: Vec<&'static str>,
    pub(super) failed: Vec<EndedJob>,
    pub(super) people: Vec<PersonLine>,
    pub(super) doi: String,
    pub(super) doi_url: String,
    pub(super) date: String,
    pub(super) date_machine: String,
    pub(super) version: u32,
    pub(super) closed: Option<Notice>,
    pub(super) viewer: Option<String>,
    pub(super) model: Option<String>,
    pub(super) hero: Option<Picture>,
    pub(super) slices: Vec<Picture>,
    /// Why there are no pictures of the volume.
    pub(super) nothing_seen: Option<String>,
    pub(super) movies: Vec<Movie>,
    pub(super) description: Vec<String>,
    pub(super) chapters: Vec<Chapter>,
    pub(super) facts: Vec<Fact>,
    /// Where its words can be the beginning of another record.
    pub(super) copy_href: Option<String>,
    pub(super) is_text: bool,
    pub(super) has_files: bool,
    pub(super) listing: Option<Listing>,
    pub(super) may_take: bool,
    pub(super) derived: Vec<Derived>,
    pub(super) cite_text: String,
    pub(super) cite_bibtex: String,
    pub(super) exports: Vec<entry_parts::Link>,
    pub(super) styles: Vec<entry_parts::Link>,
    pub(super) licence: Option<entry_parts::LicenceLine>,
    /// `None` while there is nothing to follow.
    pub(super) follow: Option<FollowBox>,
    pub(super) versions: Vec<VersionLine>,
    pub(super) newest: Option<Newest>,
    pub(super) changes: Option<Changes>,
    /// The address that this page's own links begin with.
    pub(super) base: String,
    pub(super) related: Vec<RelatedLine>,
    pub(super) papers: Papers,
    pub(super) usage: Vec<Fact>,
    pub(super) keywords: Vec<Keyword>,
    pub(super) history: Vec<HistoryLine>,
    pub(super) doi_note: Option<DoiNote>,
}

impl EntryPage {
    /// What stands for a record of movies in shared links.
    fn poster(&self) -> Option<&str> {
        self.movies.iter().map(|movie| movie.poster.as_str()).find(|poster| !poster.is_empty())
    }

    /// Whether anything is known of its people beside their names.
    fn has_about(&self) -> bool {
        self.people.iter().any(|person| !person.about.is_empty())
    }
}

#[derive(Template)]
#[template(path = "tombstone.html")]
struct TombstonePage {
    s: Shell,
    title: String,
    kind: &'static str,
    people: Vec<PersonLine>,
    doi: String,
    doi_url: String,
    withdrawn: String,
    public_since: String,
    reason: String,
}

async fn entry(State(door): State<Door>, guest: Guest, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Refused> {
    show(&door, &guest, &id, None, &headers).await
}

async fn version(
    State(door): State<Door>,
    guest: Guest,
    Path((id, version)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let version: Version = version.parse().map_err(|()| Refused(Refusal::NotFound))?;
    show(&door, &guest, &id, Some(version), &headers).await
}

/// The page, or what a program would rather have of it.
async fn show(door: &Door, guest: &Guest, id: &str, version: Option<Version>, headers: &HeaderMap) -> Result<Response, Refused> {
    let id = record_id(id)?;
    if let Some(export) = super::doi::wanted(headers) {
        let at = version.map_or_else(|| At::from(&id), |version| At::version(&id, version));
        let mut response = super::doi::exported(door, guest, at, export).await?;
        response.headers_mut().append(VARY, HeaderValue::from_static("Accept"));
        return Ok(response);
    }
    let depends = Depends::Record(id.clone());
    let stamp = stamp(door, &depends);
    let at = version.map_or_else(|| At::from(&id), |version| At::version(&id, version));
    let sight = door.archive.see(&guest.visitor, at, Aspect::Tombstone).await?;
    if !sight.may(Aspect::Metadata) || matches!(sight.record.state, RecordState::Withdrawn { .. }) {
        return Ok(tombstone(door, guest, &sight));
    }
    let page = compose(door, guest, &sight, version).await?;
    let mut extra = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(&signposts::link_header(&page.head_links)) {
        extra.insert(LINK, value);
    }
    extra.insert(VARY, HeaderValue::from_static("Accept, Accept-Language, Cookie"));
    answer_kept(door, guest, depends, stamp, extra, &page)
}

fn tombstone(door: &Door, guest: &Guest, sight: &Sight) -> Response {
    let words = Words::of(guest.language);
    let record = &sight.record;
    let (withdrawn, reason) = match &record.state {
        RecordState::Withdrawn { withdrawn_at, reason, .. } => {
            (display::day(*withdrawn_at, guest.language), if sight.may(Aspect::Inside) { reason.clone() } else { String::new() })
        }
        _ => Default::default(),
    };
    let page = TombstonePage {
        s: Shell::of(door, guest),
        title: record.title().to_owned(),
        kind: display::kind(record.kind, words),
        people: entry_parts::people(record, guest.language),
        doi: record.citable_doi().map(ToString::to_string).unwrap_or_default(),
        doi_url: record.citable_doi().map(|doi| doi.url()).unwrap_or_default(),
        withdrawn,
        public_since: record.state.public_since().map(|since| display::day(since, guest.language)).unwrap_or_default(),
        reason,
    };
    super::answer(StatusCode::GONE, &page)
}

async fn compose(door: &Door, guest: &Guest, sight: &Sight, named: Option<Version>) -> Result<EntryPage, Refused> {
    let record = &sight.record;
    let words = Words::of(guest.language);
    let base = named.map_or_else(|| format!("/records/{}", record.id), |version| format!("/records/{}/{version}", record.id));
    let versions = entry_versions::versions(door, guest, sight).await?;
    let cited = super::doi::cited(record, named, versions.newest.as_ref().map(|newest| Version(newest.number)));
    let listing = listing(door, guest, sight, &base).await?;
    let derivatives = derivatives(door, guest, sight).await?;
    let nothing_seen = nothing_seen(&derivatives, guest.language);
    let (hero, slices) = if nothing_seen.is_some() { Default::default() } else { pictures(&derivatives, record, &base, words) };
    let inside = entry_parts::inside(door, guest, sight, versions.draft).await?;
    let told = Told::of(door, sight, &cited, &derivatives);
    let (date, date_machine) = entry_parts::date(record, guest.language);
    Ok(EntryPage {
        copy_href: sight.may(Aspect::Metadata).then(|| format!("/deposit/{}/copy", record.id)),
        is_text: record.kind.is_text(),
        has_files: listing.as_ref().is_some_and(|listing| listing.total_files > 0),
        title: record.title().to_owned(),
        language: record.metadata.language.clone().unwrap_or_default(),
        summary: entry_parts::summary(record),
        canonical: format!("{}{base}", door.archive.settings().base_url),
        head_links: signposts::signposts(door, sight, &cited, &base),
        json_ld: told.json_ld,
        kind: display::kind(record.kind, words),
        state: display::state(&record.state, words),
        state_name: record.state.name(),
        synthetic: record.metadata.synthetic,
        people: entry_parts::people(record, guest.language),
        doi: cited.citable_doi().map(ToString::to_string).unwrap_or_default(),
        doi_url: cited.citable_doi().map(|doi| doi.url()).unwrap_or_default(),
        date,
        date_machine,
        version: record.version.0,
        closed: entry_parts::closed(sight, words, guest.language),
        viewer: viewer_of(&derivatives).map(|_| format!("{base}/view")),
        model: (!super::model::shown(&derivatives).is_empty()).then(|| format!("{base}/model")),
        hero,
        slices,
        nothing_seen,
        movies: entry_movie::movies(&derivatives, record, &base, words, guest.language),
        description: entry_parts::paragraphs(&record.metadata.description),
        chapters: entry_parts::chapters(record, guest.language),
        facts: facts(door, guest, record, &derivatives),
        may_take: sight.may(Aspect::Bytes),
        derived: entry_derived::derived(&derivatives, words, guest.language),
        cite_text: told.text,
        cite_bibtex: told.bibtex,
        exports: entry_parts::exports(&base),
        styles: entry_parts::styles(&base, guest.language),
        licence: record.metadata.licence.map(|licence| entry_parts::licence(licence, guest.language)),
        follow: FollowBox::of(guest, record),
        changes: entry_versions::changes(door, guest, sight).await?,
        versions: versions.list,
        newest: versions.newest,
        related: entry_parts::related(record, guest.language),
        papers: ties::papers(door, guest, record, named.is_none()).await?,
        usage: usage(door, guest, sight, words).await?,
        keywords: keywords(record),
        owner: inside.owner,
        activity: inside.activity,
        failed: inside.failed,
        history: inside.history,
        doi_note: inside.doi,
        listing,
        base,
        p: PictureWords::of(guest.language),
        s: Shell::of(door, guest),
    })
}

async fn listing(door: &Door, guest: &Guest, sight: &Sight, base: &str) -> Result<Option<Listing>, Refused> {
    if !sight.may(Aspect::FileNames) {
        return Ok(None);
    }
    let asked = entry_files::Place::asked_for(guest.here.query().unwrap_or(""));
    Ok(Some(entry_files::listing(door, guest, sight, &asked, base, base).await?))
}

fn facts(door: &Door, guest: &Guest, record: &Record, derivatives: &[Derivative]) -> Vec<Fact> {
    let placed = door.archive.placed(&record.metadata.sample);
    entry_facts::facts(record, placed.as_ref(), viewer_of(derivatives), Words::of(guest.language), guest.language)
}

/// What the world is told to cite it by, and what search engines are; nothing before it is public.
#[derive(Default)]
struct Told {
    json_ld: String,
    text: String,
    bibtex: String,
}

impl Told {
    fn of(door: &Door, sight: &Sight, cited: &Record, derivatives: &[Derivative]) -> Self {
        if sight.record.state.public_since().is_none() {
            return Self::default();
        }
        let contents = Contents {
            total_files: if sight.may(Aspect::FileNames) { sight.holdings.files } else { 0 },
            total_bytes: sight.holdings.bytes,
            volume: viewer_of(derivatives).map(|volume| volume.name.clone()),
            countries: door.archive.countries_of(&sight.record),
            ..Contents::default()
        };
        let (place, now) = (super::doi::place(door), door.archive.now());
        Self {
            json_ld: schema_org::to_script_text(cited, &place, now, &contents),
            text: Export::Text.render(cited, &place, now),
            bibtex: Export::Bibtex.render(cited, &place, now),
        }
    }
}

/// How often it was looked at and taken: by people, and in brackets by scripts. Robots are told by the API only.
async fn usage(door: &Door, guest: &Guest, sight: &Sight, words: &'static Words) -> Result<Vec<Fact>, Refused> {
    if sight.record.state.public_since().is_none() {
        return Ok(Vec::new());
    }
    let usage = door.archive.usage(&guest.visitor, &sight.record.id).await?;
    let line = |label, measure| {
        let number = |asker| display::number(usage.total(measure, asker).0, guest.language);
        let value = format!("{} ({} {})", number(Asker::Person), words.and_by_scripts, number(Asker::Script));
        Fact { label, value, href: String::new(), emphasis: false }
    };
    Ok(vec![line(words.usage_views, Measure::View), line(words.usage_downloads, Measure::Download)])
}

fn keywords(record: &Record) -> Vec<Keyword> {
    let link = |keyword: &String| Keyword { name: keyword.clone(), href: format!("/search?q={}", display::percent(keyword)) };
    record.metadata.keywords.iter().map(link).collect()
}

/// What was made of the files, where this visitor may have it.
async fn derivatives(door: &Door, guest: &Guest, sight: &Sight) -> Result<Vec<Derivative>, Refused> {
    if !sight.may(Aspect::Bytes) {
        return Ok(Vec::new());
    }
    Ok(door.archive.derivatives(&guest.visitor, At::version(&sight.record.id, sight.record.version)).await?)
}

fn viewer_of(derivatives: &[Derivative]) -> Option<&Derivative> {
    derivatives.iter().find(|derivative| matches!(derivative.kind, DerivativeKind::Volume(_)))
}

/// What is said in place of pictures that would show nothing.
fn nothing_seen(derivatives: &[Derivative], language: Language) -> Option<String> {
    let own = SurfaceWords::of(language);
    let DerivativeKind::Volume(facts) = &viewer_of(derivatives)?.kind else { return None };
    let why = match facts.emptiness()? {
        Emptiness::OneValue(value) => format!("{} {}", own.volume_one_value, display::decimal(value, language)),
        Emptiness::NoNumbers => own.volume_no_numbers.to_owned(),
    };
    Some(format!("{why}. {}", own.volume_nothing_seen))
}

/// The large picture and the strip of slices below it.
fn pictures(derivatives: &[Derivative], record: &record::Record, base: &str, words: &'static Words) -> (Option<Picture>, Vec<Picture>) {
    let mut all = cards::pictures_among(derivatives, record, base, words);
    // They stand for their movies, further down.
    let is_poster =
        |name: &str| derivatives.iter().any(|made| made.name == name && matches!(made.recipe.step.as_str(), "movie" | "movies"));
    all.retain(|picture| !is_poster(&picture.name));
    let hero = cards::hero(&all).map(|picture| picture.name.clone());
    let hero = hero.and_then(|name| all.iter().position(|picture| picture.name == name)).map(|position| all.remove(position));
    all.retain(|picture| picture.name.starts_with("slice"));
    all.sort_by(|one, other| other.name.cmp(&one.name));
    (hero, all)
}
