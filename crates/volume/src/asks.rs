//! What a file leaves open, with the answers that it allows: for a form that asks instead of a person who guesses.

use serde::{Deserialize, Serialize};

use crate::{ElementType, RawShape, Trouble};

/// Answers that are offered one by one; what is beyond has to be written.
pub(crate) const OFFERS_MAX: usize = 64;

/// One open question; its answer goes into [`crate::Asked`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asks {
    pub about: About,
    pub offers: Vec<Offer>,
    /// How many further answers there are.
    pub more: usize,
}

/// What is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum About {
    /// Which of several datasets, images or files: `dataset`.
    Dataset,
    /// Which of several series of slices: `dataset`.
    Series,
    /// Which of several volumes that differ in time or another further axis: `dataset`.
    Time,
    /// Whether an axis of three or four is colour: `dataset`.
    Colour,
    /// Which of several channels: `channel`.
    Channel,
    /// How voxels without a header lie: `raw`. A name may suggest it.
    Raw { suggested: Option<RawShape>, bytes: u64 },
}

/// One possible answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// As it is to be written.
    pub answer: String,
    /// What it is, where its name says too little.
    pub says: Option<String>,
    /// Sizes of its axes, slowest first.
    pub shape: Vec<u64>,
    pub element: Option<String>,
}

impl Offer {
    pub(crate) fn named(answer: impl Into<String>) -> Self {
        Self { answer: answer.into(), ..Self::default() }
    }
}

impl Asks {
    pub(crate) fn one_of(about: About, offers: impl IntoIterator<Item = Offer>, count: usize) -> Self {
        let offers: Vec<Offer> = offers.into_iter().take(OFFERS_MAX).collect();
        Self { about, more: count.saturating_sub(offers.len()), offers }
    }
}

/// Whether one axis of a picture or volume is so short beside the others that it may be red, green and blue.
pub(crate) fn may_be_colour(short: u64, others: [u64; 2]) -> bool {
    const SIDE_MIN: u64 = 16;
    matches!(short, 3 | 4) && others.iter().all(|&side| side >= SIDE_MIN)
}

/// Which of three axes without names may be colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColourPlace {
    First,
    Last,
}

impl ColourPlace {
    /// The last one of anything: nobody's volume is three voxels wide. The first one of what colours are stored in.
    pub(crate) fn of([first, middle, last]: [u64; 3], element: ElementType) -> Option<Self> {
        match (may_be_colour(last, [first, middle]), may_be_colour(first, [middle, last]) && holds_colours(element)) {
            (true, _) => Some(Self::Last),
            (false, true) => Some(Self::First),
            (false, false) => None,
        }
    }

    /// What the axes are then called.
    pub(crate) const fn letters(self) -> &'static str {
        match self {
            Self::First => "cyx",
            Self::Last => "yxc",
        }
    }

    /// Asks whether it is a volume or which channel is meant; `before` is what is written already.
    pub(crate) fn ask(self, shape: [u64; 3], before: &[String]) -> Trouble {
        let [first, middle, last] = shape;
        let (plane, colours) = match self {
            Self::First => (vec![middle, last], first),
            Self::Last => (vec![first, middle], last),
        };
        let write = |further: Vec<String>| [before.to_vec(), further].concat().join(",");
        let whole = Offer { shape: shape.to_vec(), ..Offer::named(write(vec!["axes=zyx".into()])) };
        let letters = self.letters();
        let channel =
            |index: u64| Offer { shape: plane.clone(), ..Offer::named(write(vec![format!("axes={letters}"), format!("c={index}")])) };
        let asks = Asks::one_of(About::Colour, std::iter::once(whole).chain((0..colours).map(channel)), 1 + colours as usize);
        let hint =
            format!("Say what they are: --dataset axes=zyx for a volume, or --dataset axes={letters},c=0 for one channel of a picture");
        Trouble::new(format!("one of its three axes, {first} × {middle} × {last} without names, may be colour"), hint).asking(asks)
    }
}

/// Colours are whole numbers of 8 or 16 bits.
pub(crate) fn holds_colours(element: ElementType) -> bool {
    matches!(element, ElementType::U8 | ElementType::U16)
}

/// All indexes along several axes, the last one first to count, at most as many as are offered.
pub(crate) fn places(sizes: &[u64]) -> (Vec<Vec<u64>>, usize) {
    let count = sizes.iter().fold(1_u64, |product, &size| product.saturating_mul(size));
    let listed = count.min(OFFERS_MAX as u64);
    let place = |mut number: u64| {
        let mut place = vec![0; sizes.len()];
        for (at, size) in place.iter_mut().zip(sizes).rev() {
            (*at, number) = (number % size, number / size);
        }
        place
    };
    ((0..listed).map(place).collect(), usize::try_from(count).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_and_only_the_first_are_listed() {
        let (listed, count) = places(&[2, 3]);
        assert_eq!((listed[4].as_slice(), listed.len(), count), (&[1, 1][..], 6, 6));
        let (listed, count) = places(&[u64::MAX, 2]);
        assert_eq!((listed.len(), count), (OFFERS_MAX, usize::MAX));
        assert_eq!(places(&[0, 5]), (Vec::new(), 0));
    }
}
