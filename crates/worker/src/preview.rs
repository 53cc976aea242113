//! Makes the pictures of the entry page from the volume.

use crate::{
    Pace, Worker, apart,
    convert::{PROGRAM_VERSION, VOLUME, recipe},
    may_pass, portrait, reuse,
    store_keys::StoreKeys,
};
use archive::{derive::recipe_digest, labour::Trouble, reuse::inside};
use picture::NamedPicture;
use record::{
    Record,
    derivative::{Derivative, DerivativeKind},
    id::RecordId,
};
use serde_json::json;
use volume::Material;

pub(crate) async fn preview(worker: &Worker, id: &RecordId, pace: &Pace) -> Result<(), Trouble> {
    let Some(material) = worker.archive().material(id).await? else { return Ok(()) };
    let Some(source) = material.derivatives.iter().find(|made| made.name == VOLUME && made.version == material.record.version) else {
        return Ok(());
    };
    let mut parameters = json!({ "volume": source.recipe.digest, "kind": material.record.kind, "formats": ["webp", "jpeg"] });
    portrait::write_into(&mut parameters, &material.record);
    let digest = recipe_digest("preview", PROGRAM_VERSION, &parameters, &source.recipe.inputs);
    if reuse::is_made(worker, &material, &digest, "thumb.jpg").await? {
        return Ok(());
    }
    let recipe = recipe("preview", parameters, source.recipe.inputs.summed(), digest);
    let pictures = develop(worker, id, (source, &material.record), pace).await?;
    for picture in pictures {
        let derivative = Derivative {
            name: picture.name.clone(),
            kind: DerivativeKind::Picture { width: picture.width as u32, height: picture.height as u32, alt: picture.alt, source: None },
            version: material.record.version,
            kept_in: None,
            recipe: recipe.clone(),
            bytes: picture.bytes.len() as u64,
            files: 1,
            made_at: worker.archive().now(),
        };
        let key = inside(id, &derivative, &picture.name);
        worker.archive().store().put(&key, picture.bytes.into()).await.map_err(|fault| may_pass(fault.to_string(), fault.hint()))?;
        worker.archive().report_derivative(id, &derivative).await?;
    }
    Ok(())
}

async fn develop(
    worker: &Worker,
    id: &RecordId,
    (source, record): (&Derivative, &Record),
    pace: &Pace,
) -> Result<Vec<NamedPicture>, Trouble> {
    let keys = StoreKeys::new(worker.archive().store().clone(), id.clone(), source.clone());
    let (pace, faults) = (pace.clone(), keys.faults());
    let (kind, choice) = (record.kind, record.picture);
    let work = move || {
        let volume = Material::Volume(Box::new(volume::zarr::Volume::open_keys(Box::new(keys))?));
        let sitting = portrait::sitting(kind, &choice, &volume.statistics()?);
        picture::preview_set(&volume, &sitting, &|done, total| pace.tell(done, total))
    };
    apart("Making the pictures", move || work().map_err(|trouble| faults.judge(trouble))).await
}
