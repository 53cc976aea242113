//! One TIFF file looked through: its pages, and which of them are the slices of the wanted channel.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::super::{Asked, channel, companion, limit};
use super::describe::{self, Described, Series};
use super::ifd::{Bytes, Layout};
use super::ome;
use super::page::{self, Page};
use super::time;
use crate::Trouble;
use crate::trouble::file_name;

/// One file's pages, by their number in the file.
pub(crate) struct Scanned {
    pub(crate) file: Option<File>,
    pub(crate) pages: Vec<(usize, Page)>,
    pub(crate) described: Described,
    pub(crate) length: u64,
    /// Samples of a pixel, and the channel that is wanted, counted over pages and samples.
    samples: usize,
    channel: usize,
    /// The time step that is wished.
    time: Option<usize>,
    /// More pages may come.
    is_arriving: bool,
}

/// What the first directory decides for all: the facts, the samples of a pixel and the wanted channel.
struct Choice {
    described: Described,
    samples: Vec<String>,
    channel: usize,
}

impl Choice {
    fn make(path: &Path, described: Described, samples: Vec<String>, asked: &Asked) -> Result<Self, Trouble> {
        let mut described = described;
        if let Series::Ome(ome) = &described.series
            && let Some(elsewhere) = ome.elsewhere.clone()
        {
            read_companion(path, &elsewhere, &mut described)?;
        }
        // ImageJ's channels are grey: pages of colour that a program calls channels are slices.
        if let (Series::Hyperstack { slices: 1, frames: 1, .. }, true) = (&described.series, samples.len() > 1) {
            described.series = Series::Pages;
        }
        let (what, names) = match &described.series {
            Series::Ome(ome) if ome.sizes[1] > 1 => ("it holds several channels", ome.channels()),
            Series::Hyperstack { channels, .. } if *channels > 1 => {
                let most = (*channels).min(limit::CHANNELS as usize);
                let name = |channel: usize, sample: &String| match samples.len() {
                    1 => format!("channel {channel}"),
                    _ => format!("channel {channel} {sample}"),
                };
                let names = (0..most).flat_map(|channel| samples.iter().map(move |sample| name(channel, sample)));
                ("it holds several channels", names.collect())
            }
            _ => ("it is a colour picture", samples.clone()),
        };
        let channel = channel::choose(what, &names, asked.channel)?;
        Ok(Self { described, samples, channel })
    }
}

/// OME-XML may lie in a file of its own beside the pictures.
fn read_companion(path: &Path, name: &str, described: &mut Described) -> Result<(), Trouble> {
    let beside = beside(path, name)?;
    let length = std::fs::metadata(&beside).map_err(|error| Trouble::io("opening its OME-XML", &beside, &error))?.len();
    if length > limit::TEXT {
        return Err(Trouble::new(format!("its OME-XML has {length} bytes, more than is read"), "Save it again").in_file(&beside));
    }
    let text = std::fs::read(&beside).map_err(|error| Trouble::io("reading its OME-XML", &beside, &error))?;
    described.series = Series::Ome(Box::new(ome::read(&String::from_utf8_lossy(&text), described)));
    Ok(())
}

/// A file that a file names must lie beside it: no folder, no way out.
pub(crate) fn beside(path: &Path, name: &str) -> Result<PathBuf, Trouble> {
    let plain = !name.is_empty() && !name.contains(['/', '\\', '\0']) && name != "." && name != "..";
    if !plain {
        return Err(Trouble::new(format!("it names “{}” as one of its files", clean(name)), "Name files without folders").in_file(path));
    }
    companion::inside(path, name)?.ok_or_else(|| {
        Trouble::new(format!("it names “{}” as one of its files, which is missing", clean(name)), "Upload that file too").in_file(path)
    })
}

fn clean(name: &str) -> String {
    crate::header::clean_text(name).unwrap_or_default()
}

pub(crate) fn scan(path: &Path, keep_open: bool, asked: &Asked) -> Result<Scanned, Trouble> {
    let file = File::open(path).map_err(|error| Trouble::io("opening", path, &error))?;
    let length = file.metadata().map_err(|error| Trouble::io("opening", path, &error))?.len();
    let bytes = match asked.arriving {
        Some(arriving) => Bytes::Arriving(&file, arriving),
        None => Bytes::File(&file, length),
    };
    let length = bytes.length();
    let layout = Layout::read(&bytes)?;
    let mut pages = Vec::new();
    let mut choice = None;
    let mut segments = 0;
    let walked = layout.walk(&bytes, |number, directory| {
        if number == 0 {
            let described = describe::describe(&layout, &bytes, &directory);
            choice = Some(Choice::make(path, described, page::channels_of(&layout, &bytes, &directory)?, asked)?);
        }
        if number > 0 && page::is_auxiliary(&layout, &bytes, &directory)? {
            return Ok(true);
        }
        let sample = choice.as_ref().filter(|choice| choice.samples.len() > 1).map(|choice| choice.channel % choice.samples.len());
        let page = Page::read(&layout, &bytes, &directory, sample).map_err(|mut trouble| {
            if number > 0 {
                trouble.what = format!("page {}: {}", number + 1, trouble.what);
            }
            trouble
        })?;
        segments += page.offsets.len();
        if segments > limit::TIFF_SEGMENTS_TOTAL {
            return Err(Trouble::new("it has more strips than can be handled", "Save it with larger strips"));
        }
        pages.push((number, page));
        Ok(true)
    });
    // Of a file on its way there are as many pages as directories have come.
    if asked.arriving.is_none() || pages.is_empty() {
        walked?;
    }
    let Some(Choice { described, samples, channel }) = choice else {
        return Err(Trouble::new("the TIFF file holds no page", "Save it again"));
    };
    let is_arriving = asked.arriving.is_some();
    // Many writers put all directories but the first behind the voxels: where those will lie can be told before.
    let images = described.images.or(described.pages.filter(|_| is_arriving));
    spread_single_page(&mut pages, images, described.format, length)?;
    let (file, samples) = (keep_open.then_some(file), samples.len());
    Ok(Scanned { file, pages, described, length, samples, channel, time: time::wished(asked), is_arriving })
}

/// Writers of stacks beyond 4 GiB keep one directory; the other slices follow the first without their own.
fn spread_single_page(pages: &mut Vec<(usize, Page)>, images: Option<u64>, format: &str, length: u64) -> Result<(), Trouble> {
    let ([(_, first)], Some(images @ 2..)) = (&pages[..], images) else { return Ok(()) };
    let Some(offset) = first.one_piece() else { return Ok(()) };
    let plane = first.plane_bytes() as u64;
    let whole = images.checked_mul(plane).and_then(|bytes| bytes.checked_add(offset));
    if images > limit::SLICES as u64 || whole.is_none_or(|end| end > length) {
        return Err(Trouble::new(
            format!("{} promises {images} slices, the file is too short for them", format.trim_end_matches(" TIFF")),
            "The file was cut off; upload it again",
        ));
    }
    let mut page = first.clone();
    *pages = (0..images)
        .map(|number| {
            page.lie_in_one_piece(offset + number * plane);
            (number as usize, page.clone())
        })
        .collect();
    Ok(())
}

impl Scanned {
    /// The slices of the wanted channel in this file, in order of z.
    pub(crate) fn take_slices(&mut self) -> Result<Vec<Page>, Trouble> {
        let wanted: Vec<usize> = match &self.described.series {
            Series::Pages => return Ok(std::mem::take(&mut self.pages).into_iter().map(|(_, page)| page).collect()),
            Series::Hyperstack { channels, slices, frames } => {
                let before = time::choose(*frames, self.time)?.saturating_mul(*slices);
                let most = (*slices).min(self.pages.len() + 1);
                let number = |z: usize| before.saturating_add(z).saturating_mul(*channels).saturating_add(self.channel / self.samples);
                (0..most).map(number).collect()
            }
            Series::Ome(ome) => ome.slices(self.channel, self.samples, self.time)?.into_iter().map(|(_, page)| page).collect(),
        };
        let is_arriving = self.is_arriving;
        let pages = wanted.into_iter().map(|number| self.take_page(number));
        if is_arriving { Ok(pages.map_while(Result::ok).collect()) } else { pages.collect() }
    }

    /// Where the slices lie among the files that the OME-XML names, if it names others than this one.
    pub(crate) fn set(&self, path: &Path) -> Result<Option<Vec<ome::Place>>, Trouble> {
        let Series::Ome(ome) = &self.described.series else { return Ok(None) };
        let own = file_name(path);
        let files = ome.files();
        let alone = match files.first() {
            None => true,
            // A single name that is not here was that of this file before somebody gave it another.
            Some(name) => files.len() == 1 && (*name == own || beside(path, name).is_err()),
        };
        if alone { Ok(None) } else { ome.slices(self.channel, self.samples, self.time).map(Some) }
    }

    pub(crate) fn take_page(&mut self, number: usize) -> Result<Page, Trouble> {
        let at = self.pages.binary_search_by_key(&number, |(number, _)| *number);
        at.map(|at| self.pages[at].1.clone()).map_err(|_| {
            Trouble::new(
                format!("its description names page {}, the file has {} pages", number.saturating_add(1), self.pages.len()),
                "The file was cut off; save or upload it again",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_staged_as_links_lie_beside() {
        let scratch = tempfile::tempdir().unwrap();
        let (store, staged) = (scratch.path().join("blob"), scratch.path().join("b.ome.tif"));
        std::fs::write(&store, b"II*").unwrap();
        std::os::unix::fs::symlink(&store, &staged).unwrap();
        let header = scratch.path().join("a.ome.tif");
        assert_eq!(beside(&header, "b.ome.tif").unwrap(), staged);
        std::fs::remove_file(&store).unwrap();
        assert!(beside(&header, "b.ome.tif").unwrap_err().what.contains("missing"));
        assert!(beside(&header, "../blob").is_err());
    }
}
