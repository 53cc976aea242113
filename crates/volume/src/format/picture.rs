//! Series of single pictures (PNG, JPEG, BMP, JPEG 2000): each file is one slice, decoded as a whole.

use std::fs::File;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::contiguous::read_at;
use super::{Asked, Opened, Planes, channel, check_shape, limit, open_with_length};
use crate::trouble::file_name;
use crate::{ElementType, Found, HeadFacts, Header, ONE_AT_A_TIME, Trouble};

/// One kind of picture.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// How much of a file `look` needs at most.
    pub(crate) head_bytes: u64,
    /// What the first bytes of a file say.
    pub(crate) look: fn(&[u8]) -> Result<Picture, Trouble>,
    /// All samples of a whole file: little-endian, row after row, channels side by side.
    pub(crate) decode: fn(&[u8], &Picture) -> Result<Vec<u8>, Trouble>,
}

/// What a picture is before its pixels are decoded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) element: ElementType,
    /// Names of the samples of a pixel; one for a grey picture.
    pub(crate) channels: Vec<String>,
    pub(crate) warnings: Vec<String>,
}

impl Picture {
    fn bytes(&self) -> usize {
        self.width * self.height * self.element.bytes() * self.channels.len()
    }

    fn checked(self) -> Result<Self, Trouble> {
        let samples = self.element.bytes() * self.channels.len();
        check_shape([1, self.height as u64, self.width as u64], samples)?;
        if self.bytes() > limit::PICTURE_BYTES {
            return Err(Trouble::new("the picture is larger than 1 GiB", "Save it as TIFF"));
        }
        Ok(self)
    }
}

/// A picture that must come out of a piece of another format.
pub(crate) struct Wanted {
    pub(crate) width: usize,
    /// No more than so many rows.
    pub(crate) height: usize,
    /// And no fewer than so many.
    pub(crate) rows: usize,
    pub(crate) channels: usize,
    pub(crate) element: ElementType,
}

/// Fills `out` with interleaved little-endian samples of a whole picture; returns how many bytes came.
pub(crate) fn expand(kind: &Kind, packed: &[u8], wanted: &Wanted, out: &mut [u8]) -> Result<usize, Trouble> {
    let picture = (kind.look)(packed)?;
    let Picture { width, height, element, ref channels, .. } = picture;
    let fits = width == wanted.width && (wanted.rows..=wanted.height).contains(&height);
    if !fits || channels.len() != wanted.channels || element != wanted.element {
        let what = format!("one of its pieces is {width} × {height} pixels of {} × {element}, the page says otherwise", channels.len());
        return Err(Trouble::new(what, "The file is damaged; save or upload it again"));
    }
    let samples = (kind.decode)(packed, &picture)?;
    let count = samples.len().min(out.len());
    out[..count].copy_from_slice(&samples[..count]);
    Ok(count)
}

struct Series {
    kind: &'static Kind,
    paths: Vec<PathBuf>,
    picture: Picture,
    channel: usize,
}

pub(crate) fn open(kind: &'static Kind, paths: Vec<PathBuf>, asked: &Asked) -> Result<Opened, Trouble> {
    let looked: Vec<(Picture, u64)> =
        paths.par_iter().map(|path| look(kind, path).map_err(|trouble| trouble.in_file(path))).collect::<Result<_, _>>()?;
    let picture = looked[0].0.clone();
    for ((other, _), path) in looked.iter().zip(&paths) {
        check_same(&picture, other).map_err(|trouble| trouble.in_file(path))?;
    }
    let channel =
        channel::choose("it is a colour picture", &picture.channels, asked.channel).map_err(|trouble| trouble.in_file(&paths[0]))?;
    let header = Header {
        format: if paths.len() > 1 { format!("{} stack", kind.name) } else { kind.name.to_string() },
        shape: [paths.len(), picture.height, picture.width],
        element: picture.element,
        // What such files call a resolution is that of a printer or a screen.
        voxel_size_um: None,
        orientation: None,
        found: Found::default(),
        warnings: picture.warnings.clone(),
        files: paths.iter().map(|path| file_name(path)).collect(),
    };
    let largest = looked.iter().map(|(_, length)| *length).max().unwrap_or(0);
    // The file, the picture, and what decoders hold: JPEG 2000 thinks in 32-bit numbers, several of them for a sample.
    let samples = (picture.width * picture.height * picture.channels.len()) as u64;
    let scratch_bytes = largest + picture.bytes() as u64 + 16 * samples;
    let bytes_in = looked.iter().map(|(_, length)| *length).sum();
    let planes = Box::new(Series { kind, paths, picture, channel });
    Ok(Opened { header, planes, bytes_in, scratch_bytes })
}

fn look(kind: &Kind, path: &Path) -> Result<(Picture, u64), Trouble> {
    let (file, length) = open_with_length(path)?;
    let mut head = vec![0; length.min(kind.head_bytes) as usize];
    read_at(&file, 0, &mut head).map_err(|error| Trouble::io("reading", path, &error))?;
    Ok(((kind.look)(&head)?.checked()?, length))
}

/// Every picture must fit the first; the one that does not is named.
fn check_same(first: &Picture, other: &Picture) -> Result<(), Trouble> {
    if (other.width, other.height) != (first.width, first.height) {
        return Err(Trouble::new(
            format!("it is {} × {} pixels, the first slice {} × {}", other.width, other.height, first.width, first.height),
            "Remove it or save it again in the size of the others",
        ));
    }
    if other.element != first.element || other.channels.len() != first.channels.len() {
        let words = |picture: &Picture| format!("{} of {}", picture.channels.len(), picture.element);
        return Err(Trouble::new(
            format!("its pixels are {}, those of the first slice {}", words(other), words(first)),
            "Save all slices with the same type of pixel",
        ));
    }
    Ok(())
}

impl Planes for Series {
    fn read(&self, first: usize, out: &mut [u8]) -> Result<(), Trouble> {
        let plane = self.picture.width * self.picture.height * self.picture.element.bytes();
        out.par_chunks_mut(plane).enumerate().with_max_len(ONE_AT_A_TIME).try_for_each(|(index, plane)| {
            let path = &self.paths[first + index];
            self.read_one(path, plane).map_err(|trouble| trouble.in_file(path))
        })
    }
}

impl Series {
    fn read_one(&self, path: &Path, plane: &mut [u8]) -> Result<(), Trouble> {
        let file = File::open(path).map_err(|error| Trouble::io("opening", path, &error))?;
        let length = file.metadata().map_err(|error| Trouble::io("opening", path, &error))?.len();
        let mut packed = vec![0; length as usize];
        read_at(&file, 0, &mut packed).map_err(|error| Trouble::io("reading", path, &error))?;
        let samples = (self.kind.decode)(&packed, &self.picture)?;
        if samples.len() != self.picture.bytes() {
            return Err(Trouble::new(
                format!("{} of {} bytes of its pixels came out", samples.len(), self.picture.bytes()),
                "The file is damaged; save or upload it again",
            ));
        }
        let size = self.picture.element.bytes();
        let channels = self.picture.channels.len();
        if channels == 1 {
            plane.copy_from_slice(&samples);
            return Ok(());
        }
        for (pixel, voxel) in samples.chunks_exact(channels * size).zip(plane.chunks_exact_mut(size)) {
            voxel.copy_from_slice(&pixel[self.channel * size..][..size]);
        }
        Ok(())
    }
}

pub(crate) fn head_facts(kind: &Kind, head: &[u8]) -> Option<HeadFacts> {
    let mut facts = HeadFacts { format: kind.name.into(), ..HeadFacts::default() };
    // A header that has not arrived is no fault: the whole file will be inspected in the end.
    let Ok(picture) = (kind.look)(head).and_then(Picture::checked) else { return Some(facts) };
    facts.width = Some(picture.width);
    facts.height = Some(picture.height);
    facts.element = Some(picture.element);
    facts.warnings = picture.warnings;
    let channel = channel::choose("it is a colour picture", &picture.channels, None);
    if let Err(trouble) = channel {
        facts.warnings.push(trouble.to_string());
        facts.asks = trouble.asks;
    }
    Some(facts)
}
