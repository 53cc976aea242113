//! What an earlier version of a record has made of the same inputs serves a later one too: the same bytes under the same recipe.

use crate::Worker;
use archive::{derive::Material, labour::Trouble};
use record::derivative::Derivative;

/// Whether what this recipe makes is there: of this version, or of an earlier one, which then serves both.
/// `name` is the last of its files.
pub(crate) async fn is_made(worker: &Worker, material: &Material, digest: &str, name: &str) -> Result<bool, Trouble> {
    let here = material.record.version;
    let same: Vec<&Derivative> = material.derivatives.iter().filter(|made| made.recipe.digest == digest).collect();
    if same.iter().any(|made| made.version == here && made.name == name) {
        return Ok(true);
    }
    let whole = same.iter().filter(|made| made.kept_in.is_none() && made.version < here && made.name == name);
    let Some(earlier) = whole.map(|made| made.version).min() else { return Ok(false) };
    for made in same.iter().filter(|made| made.version == earlier) {
        let reused = Derivative { made_at: worker.archive().now(), ..made.reused_by(here) };
        worker.archive().report_derivative(&material.record.id, &reused).await?;
    }
    Ok(true)
}
