//! The first look at a draft's files: pictures that stand in for those of the volume until there is one.

use crate::{Archive, Refusal, Visitor, sight::At};
use record::{access::Aspect, derivative::Derivative, id::RecordId, version::Version};
use std::collections::BTreeSet;

impl Archive {
    /// Enters the pictures of a first look in place of those before. They say nothing about the life of the record, so nothing
    /// is written into its log; and once there is a volume they are of no use.
    pub async fn report_look(&self, id: &RecordId, pictures: &[Derivative]) -> Result<(), Refusal> {
        let Some(version) = pictures.first().map(|picture| picture.version) else { return Ok(()) };
        let mut change = self.catalogue().change().await?;
        let working = match change.record(id).await? {
            Some(current) => Some(change.draft_of(id).await?.unwrap_or(current).record),
            None => None,
        };
        let is_volume = |made: &Derivative| made.kind.name() == "volume" && made.version == version;
        let is_late = change.derivatives(id).await?.iter().any(is_volume);
        if is_late || !working.is_some_and(|working| working.version == version && working.state.takes_files()) {
            drop(change);
            return self.delete_looks(id, pictures).await;
        }
        let before = forget(&mut change, id, version).await?;
        for picture in pictures {
            change.put_derivative(id, picture).await?;
        }
        self.commit(change, &[id]).await?;
        let replaced: Vec<Derivative> = before.into_iter().filter(|old| old.recipe.digest != pictures[0].recipe.digest).collect();
        self.delete_looks(id, &replaced).await
    }

    pub(crate) async fn delete_looks(&self, id: &RecordId, looks: &[Derivative]) -> Result<(), Refusal> {
        let recipes: BTreeSet<(Version, &str)> = looks.iter().map(|look| (look.version, look.recipe.digest.as_str())).collect();
        for (version, digest) in recipes {
            self.store().delete_recipe(id, version, digest).await?;
        }
        Ok(())
    }

    /// The pictures of a first look, for the page of the draft; nothing any more once there are better ones.
    pub async fn first_look(&self, visitor: &Visitor, at: impl Into<At>) -> Result<Vec<Derivative>, Refusal> {
        let record = self.see(visitor, at, Aspect::Inside).await?.record;
        let mut looks = self.catalogue().derivatives(&record.id).await?;
        looks.retain(|made| made.version == record.version && made.is_first_look());
        Ok(looks)
    }
}

/// Takes them out of the catalogue; their bytes are deleted after the change.
pub(crate) async fn forget(change: &mut catalogue::Change, id: &RecordId, version: Version) -> Result<Vec<Derivative>, Refusal> {
    let mut looks = change.derivatives(id).await?;
    looks.retain(|made| made.version == version && made.is_first_look());
    for look in &looks {
        change.delete_derivative(id, version, &look.name).await?;
    }
    Ok(looks)
}
