//! How often which grey value occurs in a volume, drawn without any script, with the levels at which surfaces lie; and the same in
//! words beside it.

use crate::{display, language::Language, words::SurfaceWords};
use record::{
    derivative::ModelFacts,
    limits::SURFACES_MAX,
    surface::{GreyValues, LabelsShown, SurfaceChoice},
};
use std::fmt::Write;

/// The picture has this many units to the right and down; it is stretched to the width of the page.
const WIDE: f64 = 512.0;
const HIGH: f64 = 120.0;
/// Of a level that nothing was made of yet.
const TRIED: [u8; 3] = [213, 94, 0];

pub(super) struct Histogram {
    pub(super) title: &'static str,
    /// The whole in words, for those who do not see it.
    pub(super) says: String,
    pub(super) caption: String,
    pub(super) outside: String,
    pub(super) inside: String,
    pub(super) marks: Vec<Mark>,
    /// What else is to be said of it.
    pub(super) notes: Vec<String>,
}

/// A level or label, in the histogram and in the list beside it.
pub(super) struct Mark {
    /// Nothing for what is only named.
    pub(super) place: Option<String>,
    pub(super) colour: String,
    pub(super) name: String,
    pub(super) says: String,
}

pub(super) fn colour(colour: [u8; 3]) -> String {
    let [red, green, blue] = colour;
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// One in a thousand is told apart, and what is rarer is not called none.
pub(super) fn share(share: f64, language: Language) -> String {
    let percent = share * 100.0;
    let digits = match percent {
        _ if percent <= 0.0 => "0".to_owned(),
        _ if percent < 0.1 => format!("< {}", display::decimal(0.1, language)),
        _ => display::decimal((percent * 10.0).round() / 10.0, language),
    };
    format!("{digits}\u{a0}%")
}

impl Histogram {
    /// Of a surface as it was made.
    pub(super) fn of_model(grey: &GreyValues, model: &ModelFacts, language: Language) -> Self {
        let (w, surface) = (SurfaceWords::of(language), model.surface.clone().unwrap_or_default());
        let mut drawn = Self::empty(grey, language);
        if grey.is_label {
            let shown = |label: f64| surface.parts.iter().find(|part| part.level == label);
            let parts = surface.parts.iter().map(|part| part.level);
            let all: Vec<f64> = match (surface.labels, grey.labels()) {
                (Some(LabelsShown::Each), Some(known)) => known.into_iter().map(|(label, _)| label).collect(),
                _ => parts.collect(),
            };
            for label in all {
                let without = if shown(label).is_none() { format!("; {}", w.surface_too_small) } else { String::new() };
                drawn.mark_label(grey, label, shown(label).map_or(TRIED, |part| part.colour), &without, language);
            }
            drawn.notes.extend(match surface.labels {
                Some(LabelsShown::TooMany) => Some(w.surface_too_many.to_owned()),
                Some(LabelsShown::Each | LabelsShown::Chosen) => None,
                Some(LabelsShown::Together) | None => Some(w.surface_all_labels.to_owned()),
            });
        } else if surface.parts.is_empty() {
            let level = model.level.unwrap_or(grey.maximum);
            // Earlier programs took Otsu's level and said nothing of it.
            let is_otsu = surface.otsu.is_none_or(|otsu| otsu == level);
            let how = if is_otsu { w.surface_by_otsu } else { w.surface_chosen };
            drawn.mark_level(grey, level, TRIED, how, language);
        } else {
            surface.parts.iter().for_each(|part| drawn.mark_level(grey, part.level, part.colour, w.surface_chosen, language));
        }
        drawn.in_words(grey)
    }

    /// Of a choice that nothing may have been made of yet; `made` is the surface that stands there now.
    pub(super) fn of_choice(grey: &GreyValues, choice: &SurfaceChoice, made: Option<&ModelFacts>, language: Language) -> Self {
        let (w, mut drawn) = (SurfaceWords::of(language), Self::empty(grey, language));
        let surface = made.and_then(|made| made.surface.clone()).unwrap_or_default();
        let painted = |level: f64| surface.parts.iter().find(|part| part.level == level).map_or(TRIED, |part| part.colour);
        let otsu = surface.otsu.or_else(|| made.filter(|made| made.surface.is_none()).and_then(|made| made.level));
        match (grey.is_label, choice.levels.is_empty()) {
            (true, false) => choice.levels.iter().for_each(|label| drawn.mark_label(grey, *label, painted(*label), "", language)),
            (true, true) if choice.labels_together => drawn.notes.push(w.surface_all_labels.to_owned()),
            (true, true) => match grey.labels() {
                Some(known) if known.len() > SURFACES_MAX => drawn.notes.push(w.surface_too_many.to_owned()),
                Some(known) => known.iter().for_each(|(label, _)| drawn.mark_label(grey, *label, painted(*label), "", language)),
                None => drawn.notes.push(w.surface_labels_come.to_owned()),
            },
            (false, true) => otsu.iter().for_each(|level| drawn.mark_level(grey, *level, TRIED, w.surface_by_otsu, language)),
            (false, false) => {
                choice.levels.iter().for_each(|level| drawn.mark_level(grey, *level, painted(*level), "", language));
                if let Some(otsu) = otsu.filter(|otsu| !choice.levels.contains(otsu)) {
                    let inside = share(grey.share_from(otsu), language);
                    drawn.notes.push(format!("{} {}: {inside} {}.", w.surface_otsu_would, value(otsu, language), w.surface_inside));
                }
            }
        }
        drawn.in_words(grey)
    }

    fn empty(grey: &GreyValues, language: Language) -> Self {
        let w = SurfaceWords::of(language);
        let (from, to) = (value(grey.minimum, language), value(grey.maximum, language));
        let what = if grey.is_label { w.surface_labels_from } else { w.surface_from };
        let caption = format!("{what} {from} {} {to}, {}", w.surface_to, w.surface_heights);
        let (outside, inside) = (String::new(), String::new());
        Self { title: w.surface_histogram, says: String::new(), caption, outside, inside, marks: Vec::new(), notes: Vec::new() }
    }

    fn mark_level(&mut self, grey: &GreyValues, level: f64, painted: [u8; 3], how: &str, language: Language) {
        let w = SurfaceWords::of(language);
        let how = if how.is_empty() { String::new() } else { format!(" ({how})") };
        let place = grey.place(level) * WIDE;
        self.marks.push(Mark {
            place: Some(format!("{:.1}", place.min(WIDE - 3.0))),
            colour: colour(painted),
            name: format!("{} {}{how}", w.surface_grey_value, value(level, language)),
            says: format!("{} {}", share(grey.share_from(level), language), w.surface_inside),
        });
        // The lowest level encloses the others.
        if self.inside.is_empty() {
            let first = ((grey.place(level) * grey.bins.len() as f64) as usize).min(grey.bins.len());
            (self.outside, self.inside) = (bars(grey, 0, first), bars(grey, first, grey.bins.len()));
            write!(self.caption, " {}", w.surface_dark).unwrap_or_default();
        }
    }

    fn mark_label(&mut self, grey: &GreyValues, label: f64, painted: [u8; 3], more: &str, language: Language) {
        let w = SurfaceWords::of(language);
        let known = grey.labels().and_then(|known| known.into_iter().find(|(one, _)| *one == label));
        let says = known.map(|(_, of_all)| format!("{} {}", share(of_all, language), w.surface_of_voxels));
        self.marks.push(Mark {
            place: Some(format!("{:.1}", (grey.place(label) * WIDE).min(WIDE - 3.0))),
            colour: colour(painted),
            name: format!("{} {}", w.surface_label, value(label, language)),
            says: format!("{}{more}", says.unwrap_or_default()),
        });
    }

    fn in_words(mut self, grey: &GreyValues) -> Self {
        if self.inside.is_empty() {
            self.outside = bars(grey, 0, grey.bins.len());
        }
        let marked = self.marks.iter().map(|mark| format!("{}: {}", mark.name, mark.says));
        self.says = std::iter::once(self.caption.clone()).chain(marked).collect::<Vec<_>>().join(" ");
        self
    }
}

/// Grey values as people read them: few digits of long fractions.
pub(super) fn value(value: f64, language: Language) -> String {
    let whole = value.fract() == 0.0 && value.abs() < 1e15;
    if whole && value >= 0.0 {
        return display::number(value as u64, language);
    }
    let digits = if value == 0.0 { 0 } else { (5 - value.abs().log10().floor() as i32).clamp(0, 15) };
    let step = 10f64.powi(digits);
    display::decimal((value * step).round() / step, language)
}

/// One path of closed columns from the ground, one for each bin.
fn bars(grey: &GreyValues, first: usize, end: usize) -> String {
    let most = grey.bins.iter().copied().max().unwrap_or(1).max(1) as f64;
    let wide = WIDE / grey.bins.len().max(1) as f64;
    let mut path = String::new();
    for (bin, &count) in grey.bins.iter().enumerate().take(end).skip(first).filter(|(_, count)| **count > 0) {
        let high = (HIGH - 4.0) * (1.0 + count as f64).ln() / (1.0 + most).ln();
        write!(path, "M{:.1} {HIGH}v-{high:.1}h{wide:.1}v{high:.1}z", bin as f64 * wide).unwrap_or_default();
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_values_are_short_in_both_languages() {
        assert_eq!(share(0.2346, Language::English), "23.5\u{a0}%");
        assert_eq!(share(0.2346, Language::German), "23,5\u{a0}%");
        assert_eq!((share(0.0001, Language::English), share(0.0, Language::English)), ("< 0.1\u{a0}%".into(), "0\u{a0}%".into()));
        assert_eq!((value(12_345.0, Language::German), value(-3.0, Language::English)), ("12.345".into(), "-3".into()));
        assert_eq!((value(0.123_456_789, Language::German), value(1e300, Language::English).is_empty()), ("0,123457".into(), false));
    }

    #[test]
    fn what_lies_inside_is_drawn_apart_and_levels_stand_at_their_place() {
        let grey = GreyValues { minimum: 0.0, maximum: 256.0, bins: vec![1; 256], is_label: false, is_whole: false };
        let choice = SurfaceChoice { levels: vec![64.0, 128.0], ..SurfaceChoice::default() };
        let drawn = Histogram::of_choice(&grey, &choice, None, Language::English);
        assert_eq!((drawn.outside.matches('z').count(), drawn.inside.matches('z').count()), (64, 192));
        let places: Vec<_> = drawn.marks.iter().filter_map(|mark| mark.place.as_deref()).collect();
        assert_eq!(places, ["128.0", "256.0"]);
        assert!(drawn.says.contains("Grey value 64: 75\u{a0}% of the voxels lie at or above it"), "{}", drawn.says);
    }
}
