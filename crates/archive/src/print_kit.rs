//! Kits for a printer as readers want them: made when they are asked for, kept for the next one, and only so many of them.

use crate::{
    Archive, Refusal, Visitor,
    refusal::{hint, said},
    reuse::inside,
    sight::At,
};
use record::{
    Record,
    access::Aspect,
    derivative::{Derivative, DerivativeKind},
    id::RecordId,
    job::{Failure, Job, Standing},
    print_kit::{KitWish, is_kit, is_usual_kit},
    version::Version,
};
use std::net::IpAddr;

/// How far a kit is.
#[derive(Debug, Clone, PartialEq)]
pub enum KitStanding {
    Ready(Box<Derivative>),
    /// It waits or is being made.
    Coming,
    Failed(Failure),
    /// Nobody has asked for it, or others were asked for since.
    Absent,
}

impl Archive {
    /// How far it is, for everybody who may see the files.
    pub async fn print_kit(&self, visitor: &Visitor, at: impl Into<At>, wish: &KitWish) -> Result<KitStanding, Refusal> {
        let record = self.see(visitor, at, Aspect::Bytes).await?.record;
        self.kit_standing(&record, wish).await
    }

    async fn kit_standing(&self, record: &Record, wish: &KitWish) -> Result<KitStanding, Refusal> {
        let made = self.catalogue().derivative(&record.id, record.version, &wish.file_name()).await?;
        let whole = self.catalogue().derivative(&record.id, record.version, &shown(wish)).await?;
        // What was made of an earlier state of the draft is not meant.
        if let (Some(made), Some(whole)) = (made, &whole)
            && (wish.is_usual() || made.made_at >= whole.made_at)
        {
            return Ok(KitStanding::Ready(Box::new(made)));
        }
        let asked = Job::PrintKit { record: record.id.clone(), version: record.version, wish: wish.clone() };
        let job = self.catalogue().jobs_of(&record.id).await?.into_iter().find(|view| view.job == asked);
        Ok(match job.map(|view| view.standing) {
            Some(Standing::Waiting { .. } | Standing::Running { .. }) => KitStanding::Coming,
            Some(Standing::Failed { failure } | Standing::Needless { reason: failure }) => KitStanding::Failed(failure),
            None => KitStanding::Absent,
        })
    }

    /// Has it made, unless it is there or on its way.
    pub async fn ask_for_kit(&self, visitor: &Visitor, at: impl Into<At>, wish: &KitWish, from: IpAddr) -> Result<KitStanding, Refusal> {
        let at: At = at.into();
        let record = self.see(visitor, &at, Aspect::Bytes).await?.record;
        if record.metadata.licence.is_some_and(|licence| !licence.allows_derivatives()) {
            return Err(Refusal::Forbidden {
                what: said(
                    "no-print",
                    "There is nothing of this record that may be printed.",
                    "Von diesem Eintrag gibt es nichts, das gedruckt werden darf.",
                ),
            });
        }
        if !wish.fits() {
            return Err(Refusal::invalid(
                "size_mm",
                said("print-size", "A print is 20 to 300 mm long.", "Ein Druck ist 20 bis 300 mm lang."),
                hint("Give a whole number of millimetres.", "Geben Sie ganze Millimeter an."),
            ));
        }
        // Only what can be printed has the usual kit; and what is not the visitor's to see is not there.
        let usual = KitWish { size_mm: KitWish::USUAL_MM, base: Default::default(), halves: true, ..wish.clone() };
        if !self.derivatives(visitor, &at).await?.iter().any(|made| made.name == usual.file_name()) {
            return Err(Refusal::NotFound);
        }
        let standing = self.kit_standing(&record, wish).await?;
        if matches!(standing, KitStanding::Ready(_) | KitStanding::Coming) {
            return Ok(standing);
        }
        self.inner.attempts.admit(&[format!("kit from {from}")], self.now(), self.limits().print_kits_max)?;
        let jobs = self.catalogue().jobs_of(&record.id).await?;
        let waiting = jobs.iter().filter(|view| matches!(view.job, Job::PrintKit { .. }) && !view.has_ended()).count();
        if waiting >= self.limits().print_kits_waiting_max {
            return Err(Refusal::Forbidden {
                what: said(
                    "too-many-kits",
                    "Several kits of this record are being made already; ask again in a few minutes.",
                    "Es werden schon mehrere Druckpakete dieses Eintrags gemacht; versuchen Sie es in einigen Minuten noch einmal.",
                ),
            });
        }
        let mut change = self.catalogue().change().await?;
        let job = Job::PrintKit { record: record.id.clone(), version: record.version, wish: wish.clone() };
        change.enqueue(&job, self.now(), self.now()).await?;
        self.commit(change, &[&record.id]).await?;
        Ok(KitStanding::Coming)
    }

    /// What a kit is made of: that version of the record, and what was made of it. Nothing when it is gone.
    pub async fn material_of_version(&self, id: &RecordId, version: Version) -> Result<Option<(Record, Vec<Derivative>)>, Refusal> {
        let Some(current) = self.catalogue().record(id).await? else { return Ok(None) };
        let stored = match current.record.version == version {
            true => Some(current),
            false => self.catalogue().other_version(id, version).await?,
        };
        let Some(stored) = stored else { return Ok(None) };
        let mut derivatives = self.catalogue().derivatives(id).await?;
        derivatives.retain(|made| made.version == version);
        Ok(Some((stored.record, derivatives)))
    }

    /// Enters a kit whose bytes are durable, and lets the oldest go when there are too many. It says nothing about the life of the
    /// record, so nothing is written into its log.
    pub async fn report_kit(&self, id: &RecordId, kit: &Derivative) -> Result<(), Refusal> {
        let mut change = self.catalogue().change().await?;
        if change.record(id).await?.is_none() {
            drop(change);
            return Ok(self.store().delete_derivatives(id).await?);
        }
        let all = change.derivatives(id).await?;
        let mut before: Vec<&Derivative> = all.iter().filter(|made| made.version == kit.version && is_of_choice(made)).collect();
        before.sort_by_key(|made| (made.name != kit.name, std::cmp::Reverse(made.made_at.0)));
        let replaced = usize::from(before.first().is_some_and(|made| made.name == kit.name));
        let kept = self.limits().print_kits_kept_max.saturating_sub(1).saturating_add(replaced);
        let gone: Vec<&Derivative> = before[..replaced].iter().chain(before.iter().skip(kept)).copied().collect();
        for old in gone.iter().filter(|old| old.name != kit.name) {
            change.delete_derivative(id, old.version, &old.name).await?;
        }
        change.put_derivative(id, kit).await?;
        self.commit(change, &[id]).await?;
        for old in gone.iter().filter(|old| old.kept_in.is_none() && old.recipe.digest != kit.recipe.digest) {
            let is_used = all
                .iter()
                .any(|other| (other.version, &other.name) != (old.version, &old.name) && inside(id, other, "") == inside(id, old, ""));
            if !is_used {
                self.store().delete_recipe(id, old.version, &old.recipe.digest).await?;
            }
        }
        Ok(())
    }
}

fn is_of_choice(made: &Derivative) -> bool {
    matches!(made.kind, DerivativeKind::Model(_)) && is_kit(&made.name) && !is_usual_kit(&made.name)
}

/// What is shown of the model on the screen; it is made last, so everything else is there with it.
fn shown(wish: &KitWish) -> String {
    format!("{}.glb", wish.model)
}
