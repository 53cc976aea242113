//! A folder of slices is one volume: its files are put in natural order, and gaps and doubles are named.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::number::{Numbered, is_number, natural, numbered};
use super::{Asked, Format, Opened, Role, called, dicom, hdf5, head_of, limit, open_file, recognise, vendor, zarr};
use crate::trouble::file_name;
use crate::{About, Asks, Offer, Trouble};

/// How deep inner folders are followed, and how many.
const DEPTH: usize = 8;
const FOLDERS: usize = 10_000;
/// Series that a refusal lists.
const SERIES_LISTED: usize = 12;
/// Pictures beside other things are slices of a volume from this number on; fewer are photographs of the sample.
pub const PICTURES_MIN: usize = 8;

pub(crate) fn open(folder: &Path, asked: &Asked) -> Result<Opened, Trouble> {
    open_at(folder, asked, 0)
}

fn open_at(folder: &Path, asked: &Asked, depth: usize) -> Result<Opened, Trouble> {
    if zarr::is_container(folder) {
        return zarr::open_folder(folder, asked);
    }
    let listing = list(folder)?;
    if let Some((format, files)) = listing.largest_family() {
        let (slices, asked) =
            if format.role == Role::Series { (sorted(files), asked.clone()) } else { series(folder, format, files, asked)? };
        if !slices.is_empty() {
            let beside = listing.beside(format, &slices);
            let mut opened = vendor::complete((format.open)(slices, &asked)?, folder, true);
            opened.header.warnings.extend(beside);
            return Ok(opened);
        }
    }
    match (&listing.volumes[..], &listing.folders[..]) {
        ([volume], []) => open_file(volume, asked),
        (volumes, _) if !volumes.is_empty() && volumes.iter().all(|path| hdf5::family::is_member(&file_name(path))) => {
            hdf5::family::open_folder(folder, asked)
        }
        ([volume], _) => open_file(volume, asked),
        ([], []) => Err(nothing(folder, &listing)),
        ([], _) => with_slices(folder, &listing, asked, depth),
        (several, _) => {
            let wished = several.iter().find_map(|path| Some((path, wish_behind(asked, &file_name(path))?)));
            if let Some((path, dataset)) = wished {
                return open_file(path, &Asked { dataset, ..asked.clone() });
            }
            let asks = Asks::one_of(About::Dataset, several.iter().map(|path| Offer::named(file_name(path))), several.len());
            let what = format!("the folder holds {} volumes: {}", several.len(), names(several));
            Err(Trouble::new(what, "Choose one of them: --dataset NAME").in_file(folder).asking(asks))
        }
    }
}

/// The same in every run, although the order of names means nothing.
fn sorted(files: &[PathBuf]) -> Vec<PathBuf> {
    let mut files = files.to_vec();
    files.sort();
    files
}

/// Says what is there instead of slices.
fn nothing(folder: &Path, listing: &Listing) -> Trouble {
    let most = listing.others.iter().max_by_key(|(_, count)| **count);
    let instead = most.map_or(String::new(), |(ending, count)| format!(", but {count} {ending} files"));
    Trouble::new(format!("the folder holds no slices and no volume{instead}"), "Add TIFF slices, a multi-page TIFF, an MRC or an NRRD file")
        .in_file(folder)
}

/// Among all inner folders exactly one may hold slices (the others: logs, photographs).
fn with_slices(folder: &Path, listing: &Listing, asked: &Asked, depth: usize) -> Result<Opened, Trouble> {
    let mut holding = Vec::new();
    let mut waiting: Vec<(PathBuf, usize)> = listing.folders.iter().map(|inner| (inner.clone(), depth + 1)).collect();
    let (mut seen, mut only_hdf5) = (0, true);
    while let Some((inner, depth)) = waiting.pop() {
        seen += 1;
        if seen > FOLDERS {
            return Err(Trouble::new(format!("it holds more than {FOLDERS} folders"), "Divide it").in_file(folder));
        }
        if zarr::is_container(&inner) {
            only_hdf5 = false;
            holding.push((inner, depth));
            continue;
        }
        let listing = list(&inner)?;
        if !listing.slices.is_empty() || !listing.volumes.is_empty() {
            only_hdf5 &= listing.slices.is_empty() && listing.volumes.iter().all(|path| hdf5::family::is_member(&file_name(path)));
            holding.push((inner, depth));
        } else if depth < DEPTH {
            waiting.extend(listing.folders.into_iter().map(|inner| (inner, depth + 1)));
        }
    }
    holding.sort();
    if only_hdf5 && !holding.is_empty() {
        return hdf5::family::open_folder(folder, asked);
    }
    // Groups of N5 need no document of their own; levels that lie beside each other are one volume.
    let is_level =
        |(inner, depth_there): &(PathBuf, usize)| *depth_there == depth + 1 && zarr::is_container(inner) && zarr::called_level(inner);
    if holding.len() > 1 && holding.iter().all(is_level) {
        return zarr::open_folder(folder, asked);
    }
    match &holding[..] {
        [(one, depth)] => open_at(one, asked, *depth),
        [] => Err(nothing(folder, listing)),
        several => {
            if let Some((one, rest, depth)) = wished(folder, several, asked) {
                return open_at(&one, &Asked { dataset: rest, ..asked.clone() }, depth);
            }
            let paths: Vec<PathBuf> = several.iter().map(|(path, _)| path.clone()).collect();
            let what = format!("{} of its folders hold slices or volumes: {}", several.len(), names_in(folder, &paths));
            let offers = paths.iter().filter_map(|path| Some(Offer::named(path.strip_prefix(folder).ok()?.to_str()?)));
            let asks = Asks::one_of(About::Dataset, offers, paths.len());
            Err(Trouble::new(what, "Choose one of them: --dataset FOLDER").in_file(folder).asking(asks))
        }
    }
}

/// The folder that a wished dataset begins with, and what is wished inside of it.
fn wished(folder: &Path, holding: &[(PathBuf, usize)], asked: &Asked) -> Option<(PathBuf, Option<String>, usize)> {
    holding.iter().find_map(|(inner, depth)| {
        let relative = inner.strip_prefix(folder).ok()?.to_str()?;
        Some((inner.clone(), wish_behind(asked, relative)?, *depth))
    })
}

/// What is wished inside of the thing with this name; nothing at all when the wish begins with another name.
pub(crate) fn wish_behind(asked: &Asked, name: &str) -> Option<Option<String>> {
    let rest = asked.dataset.as_deref()?.trim_matches('/').strip_prefix(name)?;
    let rest = if rest.is_empty() { "" } else { rest.strip_prefix(['/', ','])? };
    Some(Some(rest.to_owned()).filter(|rest| !rest.is_empty()))
}

/// As [`names`], with the folders between.
fn names_in(folder: &Path, paths: &[PathBuf]) -> String {
    let relative = |path: &PathBuf| path.strip_prefix(folder).map_or_else(|_| path.clone(), Path::to_path_buf).display().to_string();
    let mut names: Vec<String> = paths.iter().take(8).map(relative).collect();
    if paths.len() > 8 {
        names.push("…".into());
    }
    names.join(", ")
}

fn names(paths: &[PathBuf]) -> String {
    let mut names: Vec<String> = paths.iter().take(3).map(|path| file_name(path)).collect();
    if paths.len() > 3 {
        names.push("…".into());
    }
    names.join(", ")
}

#[derive(Default)]
struct Listing {
    /// Files that may be slices, by the name of their format.
    slices: BTreeMap<&'static str, (&'static Format, Vec<PathBuf>)>,
    volumes: Vec<PathBuf>,
    /// Voxels without a header; asked only when nothing else is there.
    raws: Vec<PathBuf>,
    folders: Vec<PathBuf>,
    /// Pictures that are taken for photographs.
    photographs: Vec<PathBuf>,
    /// How many files there are of other endings.
    others: BTreeMap<String, usize>,
}

fn list(folder: &Path) -> Result<Listing, Trouble> {
    let trouble = |error: std::io::Error| Trouble::io("listing", folder, &error);
    let mut listing = Listing::default();
    for entry in std::fs::read_dir(folder).map_err(trouble)? {
        let path = entry.map_err(trouble)?.path();
        let name = file_name(&path).to_lowercase();
        // Finder and Explorer leave such things behind.
        if name.starts_with('.') || name == "thumbs.db" {
            continue;
        }
        let is_folder = std::fs::symlink_metadata(&path).map_err(trouble)?.is_dir();
        if is_folder {
            listing.folders.push(path);
            too_many(folder, listing.folders.len())?;
            continue;
        }
        let format = called(&name).filter(|format| is_called_rightly(format, &name, &path));
        match format.or_else(|| without_ending(&name, &path)) {
            Some(format) if matches!(format.role, Role::Slice | Role::Picture | Role::Series) => {
                let (_, files) = listing.slices.entry(format.name).or_insert_with(|| (format, Vec::new()));
                files.push(path);
                too_many(folder, files.len())?;
            }
            Some(format) if format.role == Role::Raw => listing.raws.push(path),
            Some(_) => listing.volumes.push(path),
            None if vendor::is_called(&name) => {}
            None => *listing.others.entry(ending(&path)).or_default() += 1,
        }
    }
    listing.set_photographs_aside();
    if listing.volumes.is_empty() && listing.slices.is_empty() {
        listing.volumes.append(&mut listing.raws);
    }
    listing.volumes.sort();
    listing.folders.sort();
    Ok(listing)
}

/// A name without an ending says too little; the first bytes must agree.
fn is_called_rightly(format: &Format, name: &str, path: &Path) -> bool {
    !dicom::is_bare_name(name) || head_of(path).is_ok_and(|head| (format.recognises)(&head))
}

/// What the first bytes say of a slice that is called by its number alone: "slice_0007", "slice.0007".
fn without_ending(name: &str, path: &Path) -> Option<&'static Format> {
    let is_bare = name.rsplit_once('.').is_none_or(|(_, ending)| is_number(ending));
    let is_numbered = name.bytes().any(|sign| sign.is_ascii_digit());
    let head = (is_bare && is_numbered && path.is_file()).then(|| head_of(path).ok()).flatten()?;
    recognise(&head).filter(|format| matches!(format.role, Role::Slice | Role::Picture | Role::Series))
}

fn ending(path: &Path) -> String {
    path.extension().map_or("other".to_string(), |ending| format!(".{}", ending.to_string_lossy().to_lowercase()))
}

fn too_many(folder: &Path, count: usize) -> Result<(), Trouble> {
    if count > limit::SLICES {
        return Err(Trouble::new(format!("the folder holds more than {} files", limit::SLICES), "Divide it").in_file(folder));
    }
    Ok(())
}

impl Listing {
    /// One picture is no volume, and a few beside other things are photographs of the sample.
    fn set_photographs_aside(&mut self) {
        let pictures = |(format, _): &(&Format, Vec<PathBuf>)| format.role == Role::Picture;
        let alone = self.volumes.is_empty() && self.folders.is_empty() && self.slices.values().all(pictures);
        let few = if alone { 2 } else { PICTURES_MIN };
        let aside: Vec<&str> =
            self.slices.iter().filter(|(_, family)| pictures(family) && family.1.len() < few).map(|(name, _)| *name).collect();
        for name in aside {
            for path in self.slices.remove(name).map(|(_, files)| files).unwrap_or_default() {
                *self.others.entry(ending(&path)).or_default() += 1;
                self.photographs.push(path);
            }
        }
    }

    /// Names what lies beside a series of slices and is left out: an overview, a flat, another series.
    fn beside(&self, format: &Format, slices: &[PathBuf]) -> Option<String> {
        let taken: BTreeSet<&PathBuf> = slices.iter().collect();
        let all = self.slices.values().flat_map(|(_, files)| files).chain(&self.photographs);
        let mut left: Vec<PathBuf> = all.filter(|path| !taken.contains(path)).cloned().collect();
        if left.is_empty() || format.role == Role::Series {
            return None;
        }
        left.sort_by(|a, b| natural(&file_name(a), &file_name(b)));
        Some(match left.len() {
            1 => format!("{} lies beside the slices and is no part of the volume.", names(&left)),
            count => format!("{count} pictures lie beside the slices and are no part of the volume: {}.", names(&left)),
        })
    }

    /// The kind of slices that is most here: an overview picture beside a stack of TIFF files is no volume.
    fn largest_family(&self) -> Option<(&'static Format, &[PathBuf])> {
        self.slices.values().max_by_key(|(_, files)| files.len()).map(|(format, files)| (*format, &files[..]))
    }
}

/// Files of one format whose names differ in their last number only.
type Group<'a> = Vec<(u64, &'a PathBuf)>;

/// The slices among the files of one format in a folder, in order; complete, or an error that names what is wrong. With them
/// what is still asked inside of them.
fn series(folder: &Path, format: &Format, files: &[PathBuf], asked: &Asked) -> Result<(Vec<PathBuf>, Asked), Trouble> {
    let mut groups: BTreeMap<(String, String), Group<'_>> = BTreeMap::new();
    let mut unnumbered = Vec::new();
    for path in files {
        let Numbered { around, number } = numbered(&file_name(path));
        match number {
            Some(number) => groups.entry(around).or_default().push((number, path)),
            None => unnumbered.push(path.clone()),
        }
    }
    let mut groups: Vec<Group<'_>> = groups.into_values().collect();
    for group in &mut groups {
        group.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| natural(&file_name(a.1), &file_name(b.1))));
    }
    // Single numbered pictures beside the stack (an overview, a projection) are not slices of it.
    if groups.iter().filter(|group| group.len() > 1).count() > 1 {
        return one_of_several(folder, &groups, asked);
    }
    if let Some(group) = groups.into_iter().max_by_key(Vec::len) {
        if group.len() > 1 {
            return Ok((paths_of(&group)?, asked.clone()));
        }
        unnumbered.extend(group.into_iter().map(|(_, path)| path.clone()));
    }
    unnumbered.sort_by(|a, b| natural(&file_name(a), &file_name(b)));
    match unnumbered.len() {
        0 | 1 => Ok((unnumbered, asked.clone())),
        count => Err(Trouble::new(
            format!("the folder holds {count} {} files without slice numbers: {}", format.name, names(&unnumbered)),
            "Number them in order of z, or keep only the one that is the volume",
        )
        .in_file(folder)),
    }
}

fn paths_of(group: &Group<'_>) -> Result<Vec<PathBuf>, Trouble> {
    check_complete(group)?;
    Ok(group.iter().map(|(_, path)| (*path).clone()).collect())
}

/// The series that is wished by the name of its first slice.
fn one_of_several(folder: &Path, groups: &[Group<'_>], asked: &Asked) -> Result<(Vec<PathBuf>, Asked), Trouble> {
    let several = || groups.iter().filter(|group| group.len() > 1);
    for group in several() {
        if let Some(dataset) = wish_behind(asked, &file_name(group[0].1)) {
            return Ok((paths_of(group)?, Asked { dataset, ..asked.clone() }));
        }
    }
    let count = several().count();
    let offer = |group: &Group<'_>| Offer {
        says: Some(format!("… {} ({})", file_name(group[group.len() - 1].1), group.len())),
        ..Offer::named(file_name(group[0].1))
    };
    let in_words = |group: &Group<'_>| format!("{} to {} ({})", file_name(group[0].1), file_name(group[group.len() - 1].1), group.len());
    let mut listed = several().take(SERIES_LISTED).map(in_words).collect::<Vec<_>>().join(", ");
    if count > SERIES_LISTED {
        listed.push_str(", …");
    }
    let asks = Asks::one_of(About::Series, several().map(offer), count);
    let hint = "Put each series into a folder of its own, or choose one by its first slice: --dataset NAME";
    Err(Trouble::new(format!("the folder holds {count} series of slices: {listed}"), hint).in_file(folder).asking(asks))
}

/// Numbers rise by the same step from the first to the last.
fn check_complete(group: &[(u64, &PathBuf)]) -> Result<(), Trouble> {
    let step = group.windows(2).map(|pair| pair[1].0 - pair[0].0).filter(|&step| step > 0).min().unwrap_or(1);
    for pair in group.windows(2) {
        let ((before, first), (after, second)) = (pair[0], pair[1]);
        if before == after {
            return Err(Trouble::new(
                format!("slice {after} is there twice: {} and {}", file_name(first), file_name(second)),
                "Remove one of them",
            )
            .in_file(second));
        }
        if after - before != step {
            let missing = (after - before) / step - u64::from((after - before) % step == 0);
            let text = match missing {
                1 => format!("slice {} is missing", before + step),
                _ => format!("slices {} to {} are missing", before + step, after - step.min(after)),
            };
            return Err(Trouble::new(
                format!("{text}: after {} comes {}", file_name(first), file_name(second)),
                "Upload what is missing, or number the slices without a gap",
            )
            .in_file(second));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::tiff;

    /// A page of two rows of three pixels.
    fn slice(folder: &Path, name: &str, width: usize) {
        let page = crate::cut::StackPage { width, height: 2, element: crate::ElementType::U16, text: "", voxel_size_um: None };
        let mut file = b"II*\0\x08\0\0\0".to_vec();
        page.write(&mut file, (8 + page.directory_bytes()) as u32, 0);
        file.extend(vec![1; 4 * width]);
        std::fs::write(folder.join(name), file).unwrap();
    }

    #[test]
    fn slices_without_an_ending_are_known_by_their_first_bytes() {
        for pattern in ["slice.%", "slice_%", "%"] {
            let folder = tempfile::tempdir().unwrap();
            for number in 8..12 {
                slice(folder.path(), &pattern.replace('%', &format!("{number:04}")), 3);
            }
            std::fs::write(folder.path().join("README2"), "no slice").unwrap();
            let header = open(folder.path(), &Asked::default()).unwrap_or_else(|trouble| panic!("{trouble}")).header;
            assert_eq!((header.shape, &header.files[0][..]), ([4, 2, 3], &pattern.replace('%', "0008")[..]));
            assert_eq!(header.warnings, Vec::<String>::new(), "{pattern}");
        }
    }

    #[test]
    fn what_lies_beside_the_slices_is_named() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..12 {
            slice(folder.path(), &format!("bone_{number:03}.tif"), 3);
        }
        slice(folder.path(), "flat.tif", 5);
        std::fs::write(folder.path().join("overview.png"), b"\x89PNG\r\n\x1a\n").unwrap();
        let header = open(folder.path(), &Asked::default()).unwrap().header;
        assert_eq!(header.shape[0], 12);
        assert!(header.warnings.iter().any(|warning| warning.contains("flat.tif, overview.png")), "{:?}", header.warnings);
        for number in 3..6 {
            slice(folder.path(), &format!("tooth_{number}.tif"), 3);
        }
        let told = open(folder.path(), &Asked::default()).err().unwrap().to_string();
        assert!(told.contains("2 series of slices: bone_000.tif to bone_011.tif (12), tooth_3.tif to tooth_5.tif (3)"), "{told}");
    }

    #[test]
    fn gaps_and_doubles_are_named() {
        let paths: Vec<PathBuf> = ["s_1.tif", "s_2.tif", "s_5.tif"].iter().map(PathBuf::from).collect();
        let told = series(Path::new("scan"), &tiff::FORMAT, &paths, &Asked::default()).unwrap_err().to_string();
        assert!(told.contains("slices 3 to 4 are missing") && told.contains("s_5.tif"), "{told}");
        let paths: Vec<PathBuf> = ["s_1.tif", "s_2.tif", "s_02.tif", "s_3.tif"].iter().map(PathBuf::from).collect();
        let told = series(Path::new("scan"), &tiff::FORMAT, &paths, &Asked::default()).unwrap_err().to_string();
        assert!(told.contains("slice 2 is there twice"), "{told}");
        let every_second: Vec<PathBuf> = ["s_0.tif", "s_2.tif", "s_4.tif"].iter().map(PathBuf::from).collect();
        assert_eq!(series(Path::new("scan"), &tiff::FORMAT, &every_second, &Asked::default()).unwrap().0.len(), 3);
    }
}
