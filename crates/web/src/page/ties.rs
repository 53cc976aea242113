//! “Is this your paper?”, wherever the owners of a dataset pass by, and who cites a dataset, for everyone.

use super::{record_id, see_other};
use crate::{
    door::Door,
    refusal::Refused,
    session::{Fields, Guest},
    words::Words,
};
use archive::{Refusal, tie::Offer};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::post,
};
use record::{Record, tie::Reason};

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/deposit/{id}/ties/{publication}", post(answer))
}

/// A question to an owner.
pub(super) struct Question {
    /// Where the answer goes.
    pub(super) action: String,
    pub(super) dataset: String,
    pub(super) dataset_href: String,
    pub(super) work: Work,
    pub(super) because: String,
}

pub(super) struct Work {
    pub(super) title: String,
    pub(super) href: String,
    pub(super) people: String,
    pub(super) doi: String,
    pub(super) doi_href: String,
}

const PEOPLE_SHOWN_MAX: usize = 3;
const CITATIONS_SHOWN_MAX: usize = 100;

/// What a page says of the publications of its datasets.
pub(super) struct Papers {
    pub(super) cited_by: Vec<Work>,
    /// What the owners are asked.
    pub(super) questions: Vec<Question>,
    /// Where they are asked; the answer leads back there.
    pub(super) from: &'static str,
}

/// Of one record; its owners are asked where it is not one of its versions that is looked at.
pub(super) async fn papers(door: &Door, guest: &Guest, record: &Record, asks: bool) -> Result<Papers, Refused> {
    if record.kind.is_text() {
        return Ok(Papers { cited_by: Vec::new(), questions: Vec::new(), from: "" });
    }
    let words = Words::of(guest.language);
    let cited_by = door.archive.citations(&guest.visitor, &record.id).await?.iter().take(CITATIONS_SHOWN_MAX).map(work).collect();
    let offers = if asks { door.archive.offers(&guest.visitor, &record.id).await? } else { Vec::new() };
    Ok(Papers { cited_by, questions: offers.iter().map(|offer| question(offer, words)).collect(), from: "entry" })
}

/// Of all datasets that this guest owns.
pub(super) async fn my_papers(door: &Door, guest: &Guest) -> Result<Papers, Refused> {
    let words = Words::of(guest.language);
    let offers = door.archive.my_offers(&guest.visitor).await?;
    Ok(Papers { cited_by: Vec::new(), questions: offers.iter().map(|offer| question(offer, words)).collect(), from: "account" })
}

fn question(offer: &Offer, words: &'static Words) -> Question {
    let because = match offer.reason {
        Reason::Cites => words.tie_cites.to_owned(),
        Reason::Named => words.tie_named.to_owned(),
        Reason::Alike { authors, words: shared } => {
            words.tie_alike.replace("{authors}", &authors.to_string()).replace("{words}", &shared.to_string())
        }
    };
    Question {
        action: format!("/deposit/{}/ties/{}", offer.dataset.id, offer.publication.id),
        dataset: offer.dataset.title().to_owned(),
        dataset_href: format!("/records/{}", offer.dataset.id),
        work: work(&offer.publication),
        because,
    }
}

fn work(record: &Record) -> Work {
    let names: Vec<&str> = record.metadata.creators.iter().take(PEOPLE_SHOWN_MAX).map(|person| person.family.as_str()).collect();
    let more = if record.metadata.creators.len() > PEOPLE_SHOWN_MAX { " et al." } else { "" };
    let year = record.metadata.article.as_ref().and_then(|article| article.year).map(|year| format!(" ({year})")).unwrap_or_default();
    Work {
        title: record.title().to_owned(),
        href: format!("/records/{}", record.id),
        people: format!("{}{more}{year}", names.join(", ")),
        doi: record.citable_doi().map(ToString::to_string).unwrap_or_default(),
        doi_href: record.citable_doi().map(|doi| doi.url()).unwrap_or_default(),
    }
}

async fn answer(
    State(door): State<Door>,
    guest: Guest,
    Path((id, publication)): Path<(String, String)>,
    fields: Fields,
) -> Result<Response, Refused> {
    guest.signed_in()?;
    let (id, publication) = (record_id(&id)?, record_id(&publication)?);
    let is_theirs = match fields.text("answer") {
        "yes" => true,
        "no" => false,
        _ => return Err(Refused(Refusal::NotFound)),
    };
    door.archive.answer_offer(&guest.visitor, &id, &publication, is_theirs).await?;
    let back = if fields.text("from") == "account" { "/account".to_owned() } else { format!("/records/{id}") };
    Ok(see_other(&back))
}
