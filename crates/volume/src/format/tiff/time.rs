//! One time step of several: chosen by the person, never guessed.

use super::super::Asked;
use crate::{About, Asks, Offer, Trouble};

/// The step that a wished dataset names, counted from 0: `t=3`.
pub(super) fn wished(asked: &Asked) -> Option<usize> {
    asked.dataset.as_deref()?.split(',').find_map(|part| part.trim().strip_prefix("t=")?.parse().ok())
}

/// The step that was asked for; without a question there must be only one.
pub(super) fn choose(steps: usize, wished: Option<usize>) -> Result<usize, Trouble> {
    let hint = || format!("Choose one of them with --dataset t=0 to --dataset t={}", steps.saturating_sub(1));
    match wished {
        None if steps <= 1 => Ok(0),
        None => {
            let offers = (0..steps).map(|step| Offer::named(format!("t={step}")));
            let what = format!("it holds {steps} time steps, and a volume is one of them");
            Err(Trouble::new(what, hint()).asking(Asks::one_of(About::Time, offers, steps)))
        }
        Some(step) if step < steps.max(1) => Ok(step),
        Some(step) => Err(Trouble::new(format!("it has no time step {step}"), hint())),
    }
}
