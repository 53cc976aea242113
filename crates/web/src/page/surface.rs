//! Where owners choose how the surface of their volume is made: shown in the histogram, then kept. Works without any script.

use super::{Shell, answer, changeable, histogram::Histogram, model, see_other};
use crate::{
    display,
    door::Door,
    language::Language,
    refusal::Refused,
    session::{Fields, Guest},
    words::SurfaceWords,
};
use archive::{
    Refusal,
    refusal::{hint, said},
    sight::At,
    surface::check_surface,
};
use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use http::StatusCode;
use record::surface::SurfaceChoice;

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/deposit/{id}/surface", get(choose).post(take))
}

#[derive(Template)]
#[template(path = "surface.html")]
struct SurfacePage {
    s: Shell,
    v: &'static SurfaceWords,
    id: String,
    title: String,
    back: String,
    kept: bool,
    model: Option<String>,
    has_volume: bool,
    is_label: bool,
    is_usual: bool,
    histogram: Option<Histogram>,
    ways: Vec<Way>,
    levels: String,
    smoothing: u32,
}

/// What may become a body.
struct Way {
    name: &'static str,
    label: &'static str,
    says: &'static str,
    chosen: bool,
}

async fn choose(State(door): State<Door>, guest: Guest, Path(id): Path<String>) -> Result<Response, Refused> {
    let (record, asked) = changeable(&door, &guest, &id).await?;
    let at = At::working(&record.id);
    let choice = choice_of(record.surface.clone(), asked.iter().map(|(name, text)| (name.as_str(), text.as_str())), Language::English)?;
    let grey = door.archive.grey_values(&guest.visitor, &at).await?;
    check_surface(record.kind, &choice, grey.as_ref())?;
    let derivatives = door.archive.derivatives(&guest.visitor, at).await?;
    let made = model::shown(&derivatives).into_iter().map(|(_, facts)| facts).find(|facts| facts.source.is_none());
    let is_label = grey.as_ref().is_some_and(|grey| grey.is_label);
    let home = display::home(&record);
    let page = SurfacePage {
        v: SurfaceWords::of(guest.language),
        id: record.id.to_string(),
        title: record.title().to_owned(),
        model: made.map(|_| format!("{home}/model")),
        back: home,
        kept: asked.iter().any(|(name, _)| name == "kept"),
        has_volume: derivatives.iter().any(|made| made.kind.name() == "volume"),
        is_usual: record.surface.is_usual(),
        histogram: grey.as_ref().map(|grey| Histogram::of_choice(grey, &choice, made, guest.language)),
        ways: ways(&choice, is_label, SurfaceWords::of(guest.language)),
        is_label,
        levels: choice.levels.iter().map(|level| display::decimal(*level, guest.language)).collect::<Vec<_>>().join("; "),
        smoothing: choice.smoothing,
        s: Shell::of(&door, &guest),
    };
    Ok(answer(StatusCode::OK, &page))
}

fn ways(choice: &SurfaceChoice, is_label: bool, w: &'static SurfaceWords) -> Vec<Way> {
    let (named, together) = (!choice.levels.is_empty(), choice.labels_together);
    let by_itself = !named && !together;
    if !is_label {
        let itself = Way { name: "itself", label: w.surface_itself, says: w.surface_itself_says, chosen: by_itself };
        return vec![itself, Way { name: "levels", label: w.surface_levels, says: w.surface_levels_says, chosen: named }];
    }
    vec![
        Way { name: "itself", label: w.surface_each, says: w.surface_each_says, chosen: by_itself },
        Way { name: "together", label: w.surface_together, says: w.surface_together_says, chosen: together },
        Way { name: "levels", label: w.surface_labels, says: w.surface_labels_says, chosen: named },
    ]
}

/// Shows what was chosen, or keeps it.
async fn take(State(door): State<Door>, guest: Guest, Path(id): Path<String>, fields: Fields) -> Result<Response, Refused> {
    let (record, _) = changeable(&door, &guest, &id).await?;
    let (id, at) = (&record.id, At::working(&record.id));
    let choice = match fields.text("do") {
        "usual" => SurfaceChoice::default(),
        _ => choice_of(record.surface.clone(), fields.0.iter().map(|(name, text)| (name.as_str(), text.as_str())), guest.language)?,
    };
    if matches!(fields.text("do"), "keep" | "usual") {
        door.archive.choose_surface(&guest.visitor, id, choice).await?;
        return Ok(see_other(&format!("/deposit/{id}/surface?kept=1")));
    }
    check_surface(record.kind, &choice, door.archive.grey_values(&guest.visitor, at).await?.as_ref())?;
    Ok(see_other(&format!("/deposit/{id}/surface?{}#histogram", query_of(&choice.in_order()))))
}

/// A choice out of a query or a form; what is not in it stays as it was.
fn choice_of<'a>(
    before: SurfaceChoice,
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
    language: Language,
) -> Result<SurfaceChoice, Refusal> {
    let mut choice = before;
    let (mut how, mut levels) = (None, "");
    for (name, text) in pairs {
        match name {
            "how" => how = Some(text),
            "levels" => levels = text,
            "smoothing" => choice.smoothing = text.trim().parse().map_err(|_| no_number("smoothing", text))?,
            _ => {}
        }
    }
    match how {
        None => return Ok(choice),
        Some("itself") => (choice.levels, choice.labels_together) = (Vec::new(), false),
        Some("together") => (choice.levels, choice.labels_together) = (Vec::new(), true),
        Some("levels") => (choice.levels, choice.labels_together) = (numbers(levels, language)?, false),
        Some(other) => return Err(no_number("how", other)),
    }
    Ok(choice)
}

/// Germans write a comma within a number, others between two.
fn numbers(text: &str, language: Language) -> Result<Vec<f64>, Refusal> {
    let is_between = |sign: char| sign.is_whitespace() || sign == ';' || sign == ',' && language == Language::English;
    let words = text.split(is_between).filter(|word| !word.is_empty());
    let number = |word: &str| word.replace(',', ".").parse().ok().filter(|number: &f64| number.is_finite());
    let numbers: Vec<f64> = words.map(|word| number(word).ok_or_else(|| no_number("levels", word))).collect::<Result<_, _>>()?;
    if numbers.is_empty() {
        return Err(Refusal::invalid(
            "levels",
            said("surface-cannot-be", "No value was given.", "Es wurde kein Wert genannt."),
            hint("Give one or several numbers.", "Nennen Sie eine oder mehrere Zahlen."),
        ));
    }
    Ok(numbers)
}

fn no_number(field: &str, text: &str) -> Refusal {
    let text: String = text.chars().take(40).collect();
    Refusal::invalid(
        field,
        said("surface-cannot-be", format!("“{text}” cannot be chosen here."), format!("„{text}“ lässt sich hier nicht wählen.")),
        hint("Give numbers, such as 12000 or 0.35.", "Nennen Sie Zahlen, etwa 12000 oder 0,35."),
    )
}

/// As it stands in an address.
fn query_of(choice: &SurfaceChoice) -> String {
    let how = match (choice.levels.is_empty(), choice.labels_together) {
        (false, _) => "levels",
        (true, true) => "together",
        (true, false) => "itself",
    };
    let levels = choice.levels.iter().map(f64::to_string).collect::<Vec<_>>().join("+");
    format!("how={how}&levels={levels}&smoothing={}", choice.smoothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_read_back_from_its_address_and_each_language_has_its_commas() {
        let chosen = SurfaceChoice { levels: vec![0.5, 12_000.0], labels_together: false, smoothing: 0 };
        let decoded = super::super::pairs(query_of(&chosen).as_bytes());
        let pairs = decoded.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        assert_eq!(choice_of(SurfaceChoice::default(), pairs, Language::English).unwrap(), chosen);
        assert_eq!(numbers("1, 3;4.5", Language::English).unwrap(), [1.0, 3.0, 4.5]);
        assert_eq!(numbers("0,5 1,25; 7", Language::German).unwrap(), [0.5, 1.25, 7.0]);
        for bad in ["", " ; ", "bone", "NaN", "1 inf"] {
            assert!(numbers(bad, Language::English).is_err(), "{bad}");
        }
        for bad in [("how", "magic"), ("smoothing", "-1"), ("smoothing", "much")] {
            assert!(choice_of(SurfaceChoice::default(), [bad].into_iter(), Language::English).is_err(), "{bad:?}");
        }
        let kept = choice_of(chosen.clone(), [("levels", "7"), ("smoothing", "3")].into_iter(), Language::English).unwrap();
        assert_eq!((kept.levels, kept.smoothing), (chosen.levels, 3), "what is typed counts only where it is chosen");
    }
}
