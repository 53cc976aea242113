//! A kit for a printer in the size that a reader wants: a form, a page that says how far it is, and the file.

use super::{Shell, answer, entry_facts::Facts, entry_parts::Fact, failures, named::Named, see_other};
use crate::{
    display,
    door::Door,
    language::Language,
    refusal::Refused,
    session::{Address, Fields, Guest},
    words::{ModelWords, Words},
};
use archive::{Refusal, print_kit::KitStanding};
use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use http::StatusCode;
use record::{
    derivative::{Derivative, DerivativeKind},
    print_kit::{KitBase, KitReport, KitWish, NOZZLE_MM},
};
use serde::Deserialize;

pub(super) fn routes() -> Router<Door> {
    Router::new().route("/records/{id}/kit", get(show).post(ask)).route("/records/{id}/{version}/kit", get(show).post(ask))
}

/// The form with what was chosen last, on the model's page and on that of the kit.
pub(super) struct KitForm {
    pub(super) action: String,
    pub(super) model: String,
    pub(super) size_mm: u32,
    pub(super) bases: Vec<BaseChoice>,
    pub(super) halves: bool,
}

pub(super) struct BaseChoice {
    pub(super) name: &'static str,
    pub(super) says: &'static str,
    pub(super) chosen: bool,
}

impl KitForm {
    pub(super) fn of(base: &str, wish: &KitWish, words: &'static ModelWords) -> Self {
        let says = |base: KitBase| match base {
            KitBase::None => words.kit_base_none,
            KitBase::Letters => words.kit_base_letters,
            KitBase::Code => words.kit_base_code,
        };
        let choice = |choice: KitBase| BaseChoice { name: choice.name(), says: says(choice), chosen: choice == wish.base };
        Self {
            action: format!("{base}/kit"),
            model: wish.model.clone(),
            size_mm: if wish.fits() { wish.size_mm } else { KitWish::USUAL_MM },
            bases: KitBase::ALL.map(choice).into(),
            halves: wish.halves,
        }
    }
}

/// Where a kit's page is.
pub(super) fn address(base: &str, wish: &KitWish) -> String {
    let KitWish { model, size_mm, base: on, halves } = wish;
    format!("{base}/kit?model={}&size_mm={size_mm}&base={}&halves={halves}", display::percent(model), on.name())
}

#[derive(Template)]
#[template(path = "print_kit.html")]
struct KitPage {
    s: Shell,
    m: &'static ModelWords,
    base: String,
    form: KitForm,
    ready: Option<Ready>,
    coming: bool,
    /// Why it could not be made.
    failed: Option<String>,
    report: Vec<Fact>,
}

struct Ready {
    href: String,
    name: String,
    size: String,
}

impl Ready {
    fn of(base: &str, kit: &Derivative, language: Language) -> Self {
        let href = format!("{base}/models/{}", display::percent(&kit.name));
        Self { href, name: kit.name.clone(), size: display::bytes(kit.bytes, language) }
    }
}

/// What a teacher wants to know before printing, without loading the kit. Nothing of kits that earlier programs made.
pub(super) fn report(kit: &Derivative, words: &'static ModelWords, language: Language) -> Vec<Fact> {
    let DerivativeKind::Model(model) = &kit.kind else { return Vec::new() };
    let Some(report) = &model.kit else { return Vec::new() };
    let KitReport { size_mm, thinnest_wall_mm, loose_pieces, filament_g, hours, is_sliced } = report;
    let rounded = |value: f64, step: f64| display::decimal((value * step).round() / step, language);
    let walls = match thinnest_wall_mm {
        None => words.kit_walls_none.to_owned(),
        Some(wall) => {
            let nozzle = display::decimal(NOZZLE_MM, language);
            let says = if report.is_too_thin() { words.kit_walls_lost } else { words.kit_walls_good };
            format!("{}\u{a0}mm; {says} {nozzle}\u{a0}mm", rounded(*wall, 100.0))
        }
    };
    let pieces = match loose_pieces {
        0 => words.kit_one_piece.to_owned(),
        loose => format!("{} {}", display::number(loose + 1, language), words.kit_many_pieces),
    };
    let source = if *is_sliced { words.kit_by_slicer } else { words.kit_estimated };
    let mut list = Facts::default();
    list.owned(words.kit_size, Some(format!("{}\u{a0}mm", size_mm.map(|side| rounded(side, 10.0)).join(" × "))));
    list.owned(words.kit_walls, Some(walls));
    list.owned(words.kit_pieces, Some(pieces));
    list.owned(words.kit_filament, Some(format!("{}\u{a0}g PLA ({source})", rounded(*filament_g, 1.0))));
    list.owned(words.kit_time, Some(format!("{}\u{a0}h ({source})", rounded(*hours, 10.0))));
    list.list
}

#[derive(Deserialize)]
struct Asked {
    model: Option<String>,
    size_mm: Option<String>,
    base: Option<String>,
    halves: Option<String>,
}

impl Asked {
    fn wish(self) -> Result<KitWish, Refused> {
        wish(self.model.as_deref(), self.size_mm.as_deref(), self.base.as_deref(), self.halves.as_deref() == Some("true"))
    }
}

/// What is missing is as in the usual kit; a size that is no number is refused where sizes are.
fn wish(model: Option<&str>, size_mm: Option<&str>, base: Option<&str>, halves: bool) -> Result<KitWish, Refused> {
    let base = match base {
        None => KitBase::default(),
        Some(name) => KitBase::from_name(name).ok_or(Refusal::NotFound)?,
    };
    let size_mm = size_mm.map_or(KitWish::USUAL_MM, |size| size.trim().parse().unwrap_or(0));
    Ok(KitWish { model: model.filter(|name| !name.is_empty()).unwrap_or("surface").to_owned(), size_mm, base, halves })
}

async fn show(State(door): State<Door>, guest: Guest, Named { at, base }: Named, Query(asked): Query<Asked>) -> Result<Response, Refused> {
    let wish = asked.wish()?;
    let standing = door.archive.print_kit(&guest.visitor, at, &wish).await?;
    let words = ModelWords::of(guest.language);
    let mut page = KitPage {
        m: words,
        form: KitForm::of(&base, &wish, words),
        ready: None,
        coming: false,
        failed: None,
        report: Vec::new(),
        s: Shell::of(&door, &guest),
        base,
    };
    match standing {
        KitStanding::Ready(kit) => {
            page.report = report(&kit, words, guest.language);
            page.ready = Some(Ready::of(&page.base, &kit, guest.language));
        }
        KitStanding::Coming => page.coming = true,
        KitStanding::Failed(failure) => page.failed = Some(failures::paragraph(&failure, Words::of(guest.language), guest.language)),
        KitStanding::Absent => {}
    }
    Ok(answer(StatusCode::OK, &page))
}

async fn ask(
    State(door): State<Door>,
    guest: Guest,
    Address(from): Address,
    Named { at, base }: Named,
    fields: Fields,
) -> Result<Response, Refused> {
    let halves = !fields.text("halves").is_empty();
    let wish = wish(Some(fields.text("model")), Some(fields.text("size_mm")), Some(fields.text("base")), halves)?;
    door.archive.ask_for_kit(&guest.visitor, at, &wish, from).await?;
    Ok(see_other(&address(&base, &wish)))
}
