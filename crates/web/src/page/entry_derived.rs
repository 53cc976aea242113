//! What was made from the originals, and how, so that it can be made again.

use super::{entry_facts::Facts, entry_parts::Fact, noticed::in_words};
use crate::{display, language::Language, words::Words};
use record::derivative::{Derivative, DerivativeKind, Recipe, VolumeFacts};

pub(super) struct Derived {
    pub(super) name: String,
    pub(super) says: String,
    pub(super) facts: Vec<Fact>,
}

/// Volumes one by one; of surfaces, pictures and movies those together that were made under one recipe, which each group shows.
pub(super) fn derived(derivatives: &[Derivative], words: &'static Words, language: Language) -> Vec<Derived> {
    let mut list = Vec::new();
    let [mut models, mut pictures, mut movies]: [Vec<&Derivative>; 3] = Default::default();
    for derivative in derivatives {
        match &derivative.kind {
            DerivativeKind::Volume(facts) => {
                let size = display::bytes(derivative.bytes, language);
                let says = format!("OME-Zarr 0.5, {}, {size}", volume_says(facts, words, language));
                list.push(Derived {
                    name: format!("{}.ome.zarr", derivative.name),
                    says,
                    facts: recipe_facts(derivative, words, language),
                });
            }
            // A movie's poster was made with it.
            DerivativeKind::Picture { .. } if matches!(derivative.recipe.step.as_str(), "movie" | "movies") => movies.push(derivative),
            DerivativeKind::Picture { .. } if derivative.recipe.step == Recipe::MODELS => models.push(derivative),
            DerivativeKind::Picture { .. } => pictures.push(derivative),
            // Of what plays as it was uploaded, nothing was made.
            DerivativeKind::Movie(facts) if !facts.plays.is_copy() => {}
            DerivativeKind::Movie(_) => movies.push(derivative),
            DerivativeKind::Model(_) => models.push(derivative),
        }
    }
    for (name, made) in [(words.model, models), (words.pictures, pictures), (words.movie, movies)] {
        for together in by_recipe(&made) {
            let names = together.iter().map(|made| made.name.as_str()).collect::<Vec<_>>().join(", ");
            let first = together[0];
            let of = first.kind.source().map(|path| format!(": {path}")).unwrap_or_default();
            list.push(Derived { name: format!("{name}{of}"), says: names, facts: recipe_facts(first, words, language) });
        }
    }
    list
}

/// Groups of at least one, in the order of their first.
fn by_recipe<'a>(made: &[&'a Derivative]) -> Vec<Vec<&'a Derivative>> {
    let mut groups: Vec<Vec<&Derivative>> = Vec::new();
    for derivative in made {
        match groups.iter_mut().find(|group| group[0].recipe.digest == derivative.recipe.digest) {
            Some(group) => group.push(derivative),
            None => groups.push(vec![derivative]),
        }
    }
    groups
}

fn recipe_facts(derivative: &Derivative, words: &'static Words, language: Language) -> Vec<Fact> {
    let recipe = &derivative.recipe;
    let mut list = Facts::default();
    list.text(words.recipe_step, Some(&recipe.step));
    list.owned(words.recipe_program, Some(format!("{} {}", recipe.program, recipe.program_version)));
    list.owned(
        words.recipe_inputs,
        Some(format!("{}, {}", words.count_files(recipe.inputs.files, language), display::bytes(recipe.inputs.bytes, language))),
    );
    list.owned(words.recipe_sum, Some(recipe.inputs.manifest_sha256.to_string()));
    list.owned(words.recipe_parameters, Some(parameters(&recipe.parameters)));
    list.owned(words.recipe_made, Some(display::moment(derivative.made_at, language)));
    if let DerivativeKind::Volume(facts) = &derivative.kind {
        facts.noticed.iter().for_each(|sentence| list.owned(words.noticed, Some(in_words(sentence, language))));
    }
    list.list
}

fn volume_says(facts: &VolumeFacts, words: &'static Words, language: Language) -> String {
    format!("{}, {} {}", display::shape(facts.shape, language), facts.levels, if facts.levels == 1 { words.level } else { words.levels })
}

/// `chunk: 64, codec: zstd`
fn parameters(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| format!("{key}: {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
            .collect::<Vec<_>>()
            .join(", "),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    }
}
