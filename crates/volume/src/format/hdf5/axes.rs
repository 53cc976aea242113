//! Which axes of a dataset are z, y and x where it has more than three, or where one may be colour: chosen, never guessed.

use crate::asks::{may_be_colour, places};
use crate::{About, Asks, Offer, Trouble};

/// Three axes of a dataset, or two, and where the others stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Axes {
    /// Indexes along the first axes.
    pub(super) leading: Vec<u64>,
    /// The index along the last axis, where that one is colour.
    pub(super) colour: Option<u64>,
}

impl Axes {
    /// Of something for every axis of the dataset, that of the axes of the volume.
    pub(super) fn among<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        let end = all.len() - usize::from(self.colour.is_some()).min(all.len());
        all[..end].get(self.leading.len()..).unwrap_or_default()
    }
}

/// Which axis is asked about when it is as short as colours are many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColourAxis {
    /// The convention of the file says what the axes are.
    Known,
    /// The last one: nobody's volume is three voxels wide.
    Last,
    /// Of what colours are stored in the first one too; three slices of anything else are a thin volume.
    LastOrFirst,
}

/// Without a word about the axes: those before the last three must have one index, and none may be colour where that is asked.
pub(super) fn lead(shape: &[u64], path: &str, colour: ColourAxis) -> Result<Axes, Trouble> {
    let rank = shape.len();
    if colour != ColourAxis::Known && rank >= 3 {
        let last_is_short = may_be_colour(shape[rank - 1], [shape[rank - 3], shape[rank - 2]]);
        let first_is_short = colour == ColourAxis::LastOrFirst && may_be_colour(shape[rank - 3], [shape[rank - 2], shape[rank - 1]]);
        let ones_before = |axes: usize| shape[..rank - axes].iter().all(|&size| size == 1);
        if rank >= 4 && last_is_short && ones_before(4) {
            return Err(coloured(shape, path));
        }
        if (last_is_short || first_is_short) && ones_before(3) {
            return Err(perhaps_coloured(shape, path, last_is_short));
        }
    }
    let extra = shape.get(..rank.saturating_sub(3)).unwrap_or_default();
    if extra.iter().all(|&size| size == 1) {
        return Ok(Axes { leading: vec![0; extra.len()], colour: None });
    }
    // Programs that think in channels put an axis of one behind the volume.
    if let [ones @ .., _, _, _, 1] = shape
        && ones.iter().all(|&size| size == 1)
    {
        return Ok(Axes { leading: vec![0; ones.len()], colour: Some(0) });
    }
    Err(several(shape, path, extra))
}

/// What somebody wrote in brackets behind the path: `3,0` along the first axes, or all axes, with `:` for those of the volume.
pub(super) fn checked(shape: &[u64], path: &str, written: &str) -> Result<Axes, Trouble> {
    let wrong = || Trouble::new(format!("“{path}[{written}]” is no dataset with indexes"), "Write it as /entry/data or /entry/data[0]");
    let parts: Vec<&str> = written.split(',').map(str::trim).collect();
    let extra = shape.get(..shape.len().saturating_sub(3)).unwrap_or_default();
    let index = |part: &&str| part.parse::<u64>().map_err(|_| wrong());
    let Some(first) = parts.iter().position(|part| *part == ":") else {
        let leading: Vec<u64> = parts.iter().map(index).collect::<Result<_, _>>()?;
        let fits = leading.len() == extra.len() && leading.iter().zip(extra).all(|(index, size)| index < size);
        return if fits { Ok(Axes { leading, colour: None }) } else { Err(several(shape, path, extra)) };
    };
    let open = parts[first..].iter().take_while(|part| **part == ":").count();
    let leading: Vec<u64> = parts[..first].iter().map(index).collect::<Result<_, _>>()?;
    let colour = match &parts[first + open..] {
        [] => None,
        [one] => Some(index(one)?),
        _ => return Err(wrong()),
    };
    let within = leading.iter().zip(shape).chain(colour.iter().zip(shape.last())).all(|(index, size)| index < size);
    if parts.len() != shape.len() || !(2..=3).contains(&open) || !within {
        return Err(Trouble::new(
            format!("{path} has {} axes {shape:?}, and [{written}] does not choose a volume of them", shape.len()),
            "Give one index or : for each axis, with two or three : beside each other",
        ));
    }
    Ok(Axes { leading, colour })
}

/// Several volumes along the first axes.
fn several(shape: &[u64], path: &str, extra: &[u64]) -> Trouble {
    let axes = extra.len();
    if axes == 0 {
        let what = format!("{path} has {} axes, none of which is to be chosen along", shape.len());
        return Trouble::new(what, "Name it without an index");
    }
    let choices: Vec<String> = extra.iter().map(|size| format!("0 to {}", size.saturating_sub(1))).collect();
    let hint = format!("Choose along the first {axes} ({}): --dataset '{path}[{}]'", choices.join(", "), vec!["0"; axes].join(","));
    let (listed, count) = places(extra);
    let write = |place: &Vec<u64>| place.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    let offer = |place: Vec<u64>| Offer { shape: shape[axes..].to_vec(), ..Offer::named(format!("{path}[{}]", write(&place))) };
    let asks = Asks::one_of(About::Time, listed.into_iter().map(offer), count);
    Trouble::new(format!("{path} has {} axes {shape:?}, and a volume has three", shape.len()), hint).asking(asks)
}

/// `[:,:,0]` behind a path: an index along one axis and all of the others.
fn along(path: &str, rank: usize, axis: usize, index: u64) -> String {
    let parts: Vec<String> = (0..rank).map(|other| if other == axis { index.to_string() } else { ":".into() }).collect();
    format!("{path}[{}]", parts.join(","))
}

/// Four axes of which the last can only be colour.
fn coloured(shape: &[u64], path: &str) -> Trouble {
    let rank = shape.len();
    let first = vec!["0,"; rank - 4].concat();
    let name = |channel: u64| format!("{path}[{first}:,:,:,{channel}]");
    let offer = |channel: u64| Offer { shape: shape[rank - 4..rank - 1].to_vec(), ..Offer::named(name(channel)) };
    let asks = Asks::one_of(About::Channel, (0..shape[rank - 1]).map(offer), shape[rank - 1] as usize);
    // The answer is an index of the dataset, not the number of a channel.
    let asks = Asks { about: About::Colour, ..asks };
    Trouble::new(
        format!("{path} has the shape {shape:?}; its last axis is taken for colour, and a volume has one value per voxel"),
        format!("Choose one channel: --dataset '{}'", name(0)),
    )
    .asking(asks)
}

/// Three axes of which one may be colour, or very short.
fn perhaps_coloured(shape: &[u64], path: &str, last: bool) -> Trouble {
    let rank = shape.len();
    let axis = if last { rank - 1 } else { rank - 3 };
    let ones = vec!["0,"; rank - 3].concat();
    let sizes = &shape[rank - 3..];
    let bare = |index: u64| along("", 3, axis + 3 - rank, index).replace('[', &format!("{path}[{ones}"));
    let whole = Offer { shape: sizes.to_vec(), ..Offer::named(format!("{path}[{ones}:,:,:]")) };
    let plane: Vec<u64> = sizes.iter().enumerate().filter(|(at, _)| *at != axis + 3 - rank).map(|(_, size)| *size).collect();
    let planes = (0..shape[axis]).map(|index| Offer { shape: plane.clone(), ..Offer::named(bare(index)) });
    let asks = Asks::one_of(About::Colour, std::iter::once(whole).chain(planes), 1 + shape[axis] as usize);
    Trouble::new(
        format!("{path} has the shape {shape:?}; its axis of {} may be colour", shape[axis]),
        format!("Say that it is a volume, --dataset '{path}[{ones}:,:,:]', or choose one channel, --dataset '{}'", bare(0)),
    )
    .asking(asks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(trouble: Trouble) -> Vec<String> {
        trouble.asks.unwrap().offers.into_iter().map(|offer| offer.answer).collect()
    }

    #[test]
    fn an_axis_of_three_is_asked_about_and_each_answer_is_understood() {
        let shapes: [&[u64]; 5] = [&[200, 100, 3], &[3, 200, 100], &[50, 200, 100, 4], &[1, 50, 200, 100, 3], &[1, 200, 100, 3]];
        for shape in shapes {
            let trouble = lead(shape, "/data", ColourAxis::LastOrFirst).unwrap_err();
            let asks = trouble.asks.clone().unwrap();
            assert_eq!(asks.about, About::Colour, "{shape:?}");
            for offer in asks.offers {
                let written = offer.answer.strip_prefix("/data[").and_then(|rest| rest.strip_suffix(']')).unwrap();
                let axes = checked(shape, "/data", written).unwrap();
                assert_eq!(axes.among(shape), offer.shape, "{} of {shape:?}", offer.answer);
            }
        }
        assert_eq!(
            answers(lead(&[200, 100, 3], "/d", ColourAxis::LastOrFirst).unwrap_err()),
            ["/d[:,:,:]", "/d[:,:,0]", "/d[:,:,1]", "/d[:,:,2]"]
        );
        assert_eq!(answers(lead(&[3, 200, 100], "/d", ColourAxis::LastOrFirst).unwrap_err())[1], "/d[0,:,:]");
        assert_eq!(answers(lead(&[2, 5, 200, 100], "/d", ColourAxis::LastOrFirst).unwrap_err()), ["/d[0]", "/d[1]"]);
        // An axis of one is no choice, wherever it stands.
        assert_eq!(lead(&[1, 50, 200, 100], "/d", ColourAxis::Last).unwrap(), Axes { leading: vec![0], colour: None });
        assert_eq!(lead(&[50, 200, 100, 1], "/d", ColourAxis::Last).unwrap(), Axes { leading: vec![], colour: Some(0) });
        assert_eq!(lead(&[1, 50, 200, 100, 1], "/d", ColourAxis::Last).unwrap().among(&[1, 50, 200, 100, 1]), [50, 200, 100]);
        // Small things, long axes and known conventions are what they say.
        let (any, last, known) = (ColourAxis::LastOrFirst, ColourAxis::Last, ColourAxis::Known);
        for (shape, colour) in [(&[4, 3, 2][..], any), (&[200, 100, 5], any), (&[3, 200, 100], last), (&[200, 100, 3], known)] {
            assert_eq!(lead(shape, "/d", colour).unwrap(), Axes::default());
        }
    }

    #[test]
    fn what_chooses_no_volume_is_refused() {
        for written in ["", "a", "9", "0,0", ":,:", "0,:,:,:,:", ":,:,:,:", "0,:,:,99", "9,:,:,:", ":,0,:,:", "0,:,:,0,0"] {
            assert!(checked(&[2, 5, 20, 30], "/d", written).is_err(), "{written}");
        }
        assert_eq!(checked(&[2, 5, 20, 30], "/d", "1").unwrap().leading, [1]);
        assert_eq!(checked(&[2, 5, 20, 30], "/d", "1,4,:,:").unwrap().leading, [1, 4]);
    }
}
