//! How the owners want the surface of their volume to be made: taken here, and the model files are made again by it, of released
//! versions too: like pictures they are derived from them and no part of what was released.

use crate::{
    Archive, Refusal, Visitor,
    refusal::{hint, said},
    reuse::inside,
    sight::At,
};
use record::{
    Record,
    access::Aspect,
    derivative::{Derivative, DerivativeKind, Recipe},
    event::Happening,
    id::RecordId,
    job::Job,
    kind::Kind,
    surface::{GreyValues, SurfaceChoice},
    version::Version,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// Of the document in which a volume keeps its statistics; ours have some ten thousand bytes.
const DOCUMENT_BYTES_MAX: u64 = 4 << 20;

impl Archive {
    /// Takes the choice of an owner in place of the one before.
    pub async fn choose_surface(&self, visitor: &Visitor, id: &RecordId, choice: SurfaceChoice) -> Result<Record, Refusal> {
        let grey = self.grey_values(visitor, At::working(id)).await?;
        let mut change = self.catalogue().change().await?;
        let mut record = self.grip_working(&mut change, visitor, id, Aspect::Change).await?.record;
        check_surface(record.kind, &choice, grey.as_ref())?;
        let choice = choice.in_order();
        if record.surface == choice {
            return Ok(record);
        }
        record.surface = choice;
        let now = self.now();
        let is_its_volume = |made: &Derivative| made.kind.name() == "volume" && made.version == record.version;
        if change.derivatives(id).await?.iter().any(is_its_volume) {
            change.enqueue(&Job::Surface { record: id.clone() }, now, now).await?;
        }
        change.enqueue(&Job::Preserve { record: id.clone() }, now.plus_seconds(10), now).await?;
        self.save(&mut change, &mut record, visitor, &Happening::SurfaceChosen).await?;
        self.commit(change, &[id]).await?;
        Ok(record)
    }

    /// How often which grey value occurs in the record's volume; nothing as long as there is none.
    pub async fn grey_values(&self, visitor: &Visitor, at: impl Into<At>) -> Result<Option<GreyValues>, Refusal> {
        let at: At = at.into();
        let derivatives = self.derivatives(visitor, &at).await?;
        match derivatives.iter().find(|made| made.kind.name() == "volume") {
            Some(volume) => self.grey_values_of(&at.id, volume).await,
            None => Ok(None),
        }
    }

    /// The statistics as they stand in the volume's own document, which every program can read.
    pub async fn grey_values_of(&self, id: &RecordId, volume: &Derivative) -> Result<Option<GreyValues>, Refusal> {
        let DerivativeKind::Volume(facts) = &volume.kind else { return Ok(None) };
        let key = inside(id, volume, &format!("{}.ome.zarr/zarr.json", volume.name));
        let Some(blob) = self.store().blob(&key).await?.filter(|blob| blob.bytes <= DOCUMENT_BYTES_MAX) else { return Ok(None) };
        let Ok(document) = serde_json::from_slice::<Value>(&blob.read_all().await?) else { return Ok(None) };
        Ok(read_grey_values(&document, &facts.element_type))
    }

    /// The surface of a version is whole under this recipe: what another choice left of it goes.
    pub async fn report_surface(&self, id: &RecordId, version: Version, digest: &str) -> Result<(), Refusal> {
        let mut change = self.catalogue().change().await?;
        let all = change.derivatives(id).await?;
        let is_left = |made: &Derivative| made.version == version && made.recipe.step == Recipe::SURFACE && made.recipe.digest != digest;
        let (left, others): (Vec<Derivative>, Vec<Derivative>) = all.into_iter().partition(is_left);
        if left.is_empty() {
            return Ok(());
        }
        for made in &left {
            change.delete_derivative(id, version, &made.name).await?;
        }
        self.commit(change, &[id]).await?;
        let homes: BTreeSet<(Version, &str)> = left.iter().map(|made| (made.home(), made.recipe.digest.as_str())).collect();
        for (home, digest) in homes {
            let is_used = others.iter().any(|other| other.home() == home && other.recipe.digest == digest);
            if home == version && !is_used {
                self.store().delete_recipe(id, home, digest).await?;
            }
        }
        Ok(())
    }
}

/// Whether the surface of a record of this kind can be made like that; of grey values where they are known.
pub fn check_surface(kind: Kind, choice: &SurfaceChoice, grey: Option<&GreyValues>) -> Result<(), Refusal> {
    if !kind.has_volume() {
        return Err(Refusal::Conflict {
            what: said(
                "no-body-to-draw",
                "Surfaces are made of volumes, and this kind of record has none.",
                "Oberflächen werden aus Volumen gemacht, und diese Art von Eintrag hat keines.",
            ),
            hint: hint("There is nothing to choose here.", "Hier gibt es nichts zu wählen."),
        });
    }
    match choice.fault(grey) {
        None => Ok(()),
        Some(fault) => Err(Refusal::invalid(
            fault.field,
            said("surface-cannot-be", fault.en, fault.de),
            hint("Choose by the histogram.", "Wählen Sie nach dem Histogramm."),
        )),
    }
}

fn read_grey_values(document: &Value, element_type: &str) -> Option<GreyValues> {
    let attributes = &document["attributes"];
    let statistics = &attributes["science3d"]["statistics"];
    let bins: Vec<u64> = statistics["histogram"].as_array()?.iter().map(Value::as_u64).collect::<Option<_>>()?;
    let (minimum, maximum) = (statistics["min"].as_f64()?, statistics["max"].as_f64()?);
    // Long integers are counted by their first twelve bits, which tell apart what is below 16 wherever bins end.
    let is_short = matches!(element_type, "uint8" | "int8" | "uint16" | "int16");
    let is_whole = is_short || !element_type.starts_with("float") && minimum >= 0.0 && maximum < 16.0;
    // Labels are made coarser by the most frequent of eight.
    let is_label = attributes["ome"]["multiscales"][0]["type"] == "mode";
    let is_sound = minimum.is_finite() && maximum.is_finite() && minimum <= maximum && bins.iter().any(|count| *count > 0);
    is_sound.then_some(GreyValues { minimum, maximum, bins, is_label, is_whole })
}
