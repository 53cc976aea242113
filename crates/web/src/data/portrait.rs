//! A body drawn small, as its owner would have it, before it is kept: for owners only, and never kept here.

use super::{
    record_id,
    thing::{Audience, Facts, Thing},
    volumes,
};
use crate::{door::Door, page, refusal::Refused, session::Guest};
use archive::{
    Refusal,
    picture::check_picture,
    refusal::{hint, said},
    sight::At,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, Method};
use record::{
    access::Aspect,
    picture::{Direction, Ground, Look, PictureChoice},
};

/// A choice out of a query or a form; what is not in it stays as it was.
pub(crate) fn choice_of<'a>(before: PictureChoice, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<PictureChoice, Refusal> {
    let mut choice = before;
    let mut direction = None;
    for (name, text) in pairs {
        match name {
            "look" if text.is_empty() => choice.look = None,
            "look" => choice.look = Some(Look::by_name(text).ok_or_else(|| unknown("look"))?),
            "ground" => choice.ground = Ground::by_name(text).ok_or_else(|| unknown("ground"))?,
            "azimuth_deg" => choice.azimuth_deg = number(name, text)?,
            "elevation_deg" => choice.elevation_deg = number(name, text)?,
            "zoom" => choice.zoom = number(name, text)?,
            "direction" => direction = Some(Direction::by_name(text).ok_or_else(|| unknown("direction"))?),
            _ => {}
        }
    }
    // A button with a name goes before the numbers that stand beside it.
    if let Some(direction) = direction {
        (choice.azimuth_deg, choice.elevation_deg) = direction.angles_deg();
    }
    Ok(choice)
}

/// Germans write a comma.
fn number(field: &str, text: &str) -> Result<f64, Refusal> {
    text.trim().replace(',', ".").parse().map_err(|_| unknown(field))
}

fn unknown(field: &str) -> Refusal {
    Refusal::invalid(
        field,
        said(
            "picture-cannot-be",
            "The archive does not know such a look, ground, direction or number.",
            "Ein solches Aussehen, einen solchen Grund, eine solche Richtung oder Zahl kennt das Archiv nicht.",
        ),
        hint("Choose from the list.", "Wählen Sie aus der Liste."),
    )
}

/// As it stands in an address.
pub(crate) fn query_of(choice: &PictureChoice) -> String {
    let PictureChoice { look, azimuth_deg, elevation_deg, zoom, ground } = choice;
    let look = look.map_or("", Look::name);
    format!("look={look}&azimuth_deg={azimuth_deg}&elevation_deg={elevation_deg}&zoom={zoom}&ground={}", ground.name())
}

pub(super) async fn tried(
    State(door): State<Door>,
    guest: Guest,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let id = record_id(&id)?;
    let at = At::working(&id);
    let sight = door.archive.see(&guest.visitor, &at, Aspect::Change).await?;
    let asked = page::pairs(guest.here.query().unwrap_or("").as_bytes());
    let choice = choice_of(sight.record.picture, asked.iter().map(|(name, text)| (name.as_str(), text.as_str())))?;
    check_picture(sight.record.kind, &choice)?;
    let volume = door.archive.derivative(&guest.visitor, &at, page::picture::VOLUME).await?;
    let kind = sight.record.kind;
    let drawn = volumes::make(&door, &id, &volume, "look", move |darkroom, folder| darkroom.portrait(folder, kind, &choice)).await?;
    let facts = Facts {
        media_type: "image/jpeg",
        etag: &format!("{}-{}", volume.recipe.digest, query_of(&choice)),
        modified: None,
        sha256: None,
        name: None,
        audience: Audience::Only,
    };
    Ok(Thing::from_bytes(Bytes::from(drawn), &facts).answer(&method, &headers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_read_back_from_its_address_and_a_direction_goes_before_numbers() {
        let chosen =
            PictureChoice { look: Some(Look::SoftTissue), azimuth_deg: -12.5, elevation_deg: 40.0, zoom: 1.5, ground: Ground::White };
        let query = query_of(&chosen);
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        assert_eq!(choice_of(PictureChoice::default(), pairs).unwrap(), chosen);
        let front = choice_of(chosen, [("azimuth_deg", "7"), ("direction", "front"), ("elevation_deg", "7,5")]).unwrap();
        assert_eq!((front.azimuth_deg, front.elevation_deg, front.look), (-90.0, 0.0, chosen.look));
        assert_eq!(choice_of(chosen, [("zoom", "1,25")]).unwrap().zoom, 1.25);
        for bad in [("look", "gold"), ("ground", "sky"), ("zoom", "near"), ("direction", "inside")] {
            assert!(choice_of(chosen, [bad]).is_err(), "{bad:?}");
        }
    }
}
