//! The first look at a draft's files: pictures from some of the slices, until the volume has better ones.

use super::cards::{self, Picture};
use crate::{display, door::Door, language::Language, refusal::Refused, session::Guest, words::Words};
use archive::sight::{At, Sight};
use record::derivative::Derivative;
use serde_json::{Value, json};

pub(crate) struct LookView {
    pub(crate) pictures: Vec<Picture>,
    pub(crate) says: String,
}

/// Nothing while no slice was read, and nothing any more once the volume has pictures.
pub(crate) async fn look(door: &Door, guest: &Guest, sight: &Sight, derivatives: &[Derivative]) -> Result<Option<LookView>, Refused> {
    if derivatives.iter().any(|made| made.name.starts_with("slice-")) {
        return Ok(None);
    }
    let record = &sight.record;
    let looks = door.archive.first_look(&guest.visitor, At::version(&record.id, record.version)).await?;
    let Some(first) = looks.first() else { return Ok(None) };
    let words = Words::of(guest.language);
    let mut pictures = cards::pictures_among(&looks, record, &display::home(record), words);
    // Along z first, as the slices of the volume are shown.
    pictures.sort_by(|a, b| b.name.cmp(&a.name));
    for picture in &mut pictures {
        picture.src = format!("{}?of={}", picture.src, first.recipe.digest);
    }
    Ok(Some(LookView { pictures, says: says(&first.recipe.parameters, words, guest.language) }))
}

fn says(parameters: &Value, words: &'static Words, language: Language) -> String {
    let number = |name: &str| display::number(parameters[name].as_u64().unwrap_or(0), language);
    let follows = if parameters["arriving"] == true { words.look_arriving } else { words.look_follows };
    format!("{} {} {} {} {}", words.look_from, number("planes"), words.look_of, number("of"), follows)
}

impl LookView {
    /// For the open page, which puts it in its place.
    pub(crate) fn event(&self) -> Value {
        let picture = |picture: &Picture| json!({"src": picture.src, "alt": picture.alt, "width": picture.width, "height": picture.height});
        json!({"kind": "look", "says": self.says, "pictures": self.pictures.iter().map(picture).collect::<Vec<_>>()})
    }
}
