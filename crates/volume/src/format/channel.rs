//! One channel of several: chosen by the person, never guessed.

use crate::{About, Asks, Offer, Trouble};

/// Names that are listed in a refusal.
const LISTED: usize = 12;

/// The channel that was asked for, counted from 0; without a question there must be only one.
pub(crate) fn choose(what: &str, names: &[String], asked: Option<usize>) -> Result<usize, Trouble> {
    let list = || {
        let listed = names.iter().take(LISTED).enumerate().map(|(number, name)| format!("{number} {name}"));
        let more = (names.len() > LISTED).then(|| format!("… {}", names.len() - 1));
        listed.chain(more).collect::<Vec<_>>().join(", ")
    };
    match asked {
        None if names.len() == 1 => Ok(0),
        None => Err(Trouble::new(
            format!("{what}, and a volume has one value per voxel; its channels are {}", list()),
            "Save one channel as grey values, or convert it with --channel and its number",
        )
        .asking(asks(names))),
        Some(channel) if channel < names.len() => Ok(channel),
        Some(channel) => Err(Trouble::new(format!("it has no channel {channel}"), format!("Its channels are {}", list()))),
    }
}

fn asks(names: &[String]) -> Asks {
    let offer = |(number, name): (usize, &String)| Offer { says: Some(name.clone()), ..Offer::named(number.to_string()) };
    Asks::one_of(About::Channel, names.iter().enumerate().map(offer), names.len())
}
