//! Files that a header names beside itself, and which of several volumes is meant.

use std::path::{Component, Path, PathBuf};

use super::{Asked, Role, limit};
use crate::trouble::file_name;
use crate::{About, Asks, Offer, Trouble};

/// Which of the other files a volume file may need, as indexes; names are relative to its folder. The header itself decides later.
///
/// A header whose voxels lie elsewhere takes what has its own stem, and without such a file all that no format claims.
pub fn companions(volume: &str, beside: &[&str]) -> Vec<usize> {
    let lower = volume.to_lowercase();
    let is_called = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    let stem = lower.strip_suffix(".gz").unwrap_or(&lower);
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let fitting =
        |fits: &dyn Fn(&str) -> bool| -> Vec<usize> { (0..beside.len()).filter(|&index| fits(&beside[index].to_lowercase())).collect() };
    if is_called(&[".hdr", ".hdr.gz"]) {
        return fitting(&|other| [".img", ".img.gz"].iter().any(|ending| other.strip_suffix(ending) == Some(stem)));
    }
    if is_called(&[".mhd", ".nhdr"]) {
        let unclaimed = |other: &str| matches!(super::role_of(other.rsplit('/').next().unwrap_or(other)), None | Some(Role::Raw));
        let own = fitting(&|other| unclaimed(other) && other.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.')));
        return if own.is_empty() { fitting(&unclaimed) } else { own };
    }
    if is_called(super::mrc::FORMAT.endings) {
        return fitting(&|other| other.strip_suffix(".mdoc").is_some_and(|other| other == lower || other == stem));
    }
    Vec::new()
}

/// A file that a header names: in its own folder or below, never elsewhere. It must be there.
pub(crate) fn beside(header: &Path, name: &str) -> Result<PathBuf, Trouble> {
    inside(header, name)?.ok_or_else(|| {
        let shown: String = name.chars().filter(|sign| !sign.is_control()).take(200).collect();
        Trouble::new(format!("its voxels lie in {shown}, which is not beside it"), "Upload that file too, into the same folder")
            .in_file(header)
    })
}

/// As [`beside`]; nothing when the file is not there.
pub(crate) fn inside(header: &Path, name: &str) -> Result<Option<PathBuf>, Trouble> {
    let folder = header.parent().unwrap_or(Path::new(""));
    let stays = |name: &str| Path::new(name).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    // Windows writes the other slash.
    let turned = name.replace('\\', "/");
    if name.is_empty() || !stays(&turned) || turned.contains(':') {
        let shown: String = name.chars().filter(|sign| !sign.is_control()).take(200).collect();
        return Err(Trouble::new(
            format!("its voxels lie in “{shown}”, outside of its folder"),
            "Put that file beside the header and write only its name into the header",
        )
        .in_file(header));
    }
    Ok([name, &turned].map(|name| folder.join(name)).into_iter().find(|path| path.is_file()))
}

/// Longest pattern of names in bytes: as many names as there are slices are made of it.
const PATTERN_MAX: usize = 255;

/// Names such as "slice%03d.raw", for the numbers from `first` to `last`; nothing when the pattern cannot be one.
pub(crate) fn numbered(pattern: &str, first: i64, last: i64, step: i64) -> Option<Vec<String>> {
    let (before, rest) = pattern.split_once('%').filter(|_| pattern.len() <= PATTERN_MAX)?;
    let (width, after) = rest.split_once('d')?;
    let digits: usize = if width.is_empty() { 0 } else { width.parse().ok()? };
    if after.contains('%') || digits > 32 || step == 0 {
        return None;
    }
    let count = last.checked_sub(first)?.checked_div(step)?;
    if count < 0 || count >= limit::SLICES as i64 {
        return None;
    }
    let zeros = width.starts_with('0');
    let name = |index: i64| {
        // In range: it lies between the first and the last.
        let number = first + index * step;
        if zeros { format!("{before}{number:0digits$}{after}") } else { format!("{before}{number:digits$}{after}") }
    };
    Some((0..=count).map(name).collect())
}

/// Which of several volumes in one file, by its number from 0; with several, somebody must say it.
pub(crate) fn chosen_volume(volumes: u64, asked: &Asked) -> Result<u64, Trouble> {
    let last = volumes.saturating_sub(1);
    let choices = format!("Choose one of them by its number, --dataset 0 to --dataset {last}, or save one as a file of its own");
    match asked.dataset.as_deref() {
        Some(name) => match name.trim().parse::<u64>() {
            Ok(number) if number <= last => Ok(number),
            _ => Err(Trouble::new(format!("there is no volume “{name}” in it; it holds {volumes}"), choices)),
        },
        None if last == 0 => Ok(0),
        None => {
            let offers = (0..volumes).map(|number| Offer::named(number.to_string()));
            let asks = Asks::one_of(About::Time, offers, usize::try_from(volumes).unwrap_or(usize::MAX));
            Err(Trouble::new(format!("it holds {volumes} volumes (4D)"), choices).asking(asks))
        }
    }
}

/// A list of files, each holding the same number of planes.
pub(crate) fn planes_each(header: &Path, files: usize, planes: usize) -> Result<usize, Trouble> {
    if files == 0 || files > limit::SLICES || planes % files != 0 {
        return Err(Trouble::new(format!("{planes} slices cannot lie in {files} files"), "The header is damaged; save the file again")
            .in_file(header));
    }
    Ok(planes / files)
}

/// The names of all files that hold a volume, relative to the folder of the header, which comes first.
pub(crate) fn names(header: &Path, parts: &[super::stored::Part]) -> Vec<String> {
    let folder = header.parent().unwrap_or(Path::new(""));
    let relative = |path: &Path| path.strip_prefix(folder).unwrap_or(path).display().to_string();
    let mut names = vec![file_name(header)];
    names.extend(parts.iter().filter(|part| part.path != header).map(|part| relative(&part.path)));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_counted_through() {
        assert_eq!(numbered("s%03d.raw", 8, 12, 2).unwrap(), ["s008.raw", "s010.raw", "s012.raw"]);
        assert_eq!(numbered("%d", 3, 1, -1).unwrap(), ["3", "2", "1"]);
        assert_eq!(numbered("s%s", 0, 1, 1), None);
        assert_eq!(numbered("s%d", 0, 1, 0), None);
        assert_eq!(numbered("s%d", 0, i64::MAX, 1), None);
        // A long pattern many times over would fill the memory before anybody looks for a file.
        assert_eq!(numbered(&format!("{}%d", "s".repeat(253)), 0, 199_999, 1).unwrap().len(), 200_000);
        assert_eq!(numbered(&format!("{}%d", "s".repeat(254)), 0, 199_999, 1), None);
        assert_eq!(numbered("s%d", i64::MIN, i64::MAX, 1), None);
    }

    #[test]
    fn nobody_is_led_out_of_the_folder() {
        for name in ["/etc/passwd", "../secret.raw", "a/../../b", "", "C:\\data\\x.raw"] {
            let told = beside(Path::new("scan/x.mhd"), name).unwrap_err();
            assert!(told.what.contains("outside of its folder"), "{told}");
        }
        assert!(beside(Path::new("scan/x.mhd"), "x.raw").unwrap_err().what.contains("not beside it"));
    }
}
