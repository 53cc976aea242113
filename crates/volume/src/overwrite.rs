//! What is written never takes the place of what it is made of.

use std::path::{Path, PathBuf};

use crate::Trouble;
use crate::format::zarr::is_container;

/// Refuses an output that is the input, holds it, or lies in it where its own files are: writing it, or only growing it beside its
/// place, would destroy what is read. `files` are the names of the input's own files, as its header lists them.
pub fn refuse_to_overwrite(input: &Path, files: &[String], out: &Path) -> Result<(), Trouble> {
    let whole = std::fs::canonicalize(input).map_err(|error| Trouble::io("looking at", input, &error))?;
    let folder = if whole.is_dir() { whole.as_path() } else { whole.parent().unwrap_or(Path::new("/")) };
    let own: Vec<Option<PathBuf>> = files.iter().map(|name| std::fs::canonicalize(folder.join(name)).ok()).collect();
    for place in places_of(out) {
        let is_within = |path: &PathBuf| path.starts_with(&place);
        if is_within(&whole) || own.iter().flatten().any(is_within) {
            return Err(Trouble::new("the output would take the place of the input", "Choose another name for it").in_file(out));
        }
        if !whole.is_dir() || !place.starts_with(&whole) {
            continue;
        }
        // A container is one thing; of a plain folder only the files that are read matter, as long as it is known which they are.
        if is_container(&whole) || place.exists() && own.contains(&None) {
            return Err(Trouble::new("the output would lie inside of the input", "Choose a place outside of it").in_file(out));
        }
    }
    Ok(())
}

/// Where something is written: at the name itself, at what it points to, and where it grows until it is whole.
fn places_of(out: &Path) -> Vec<PathBuf> {
    let Some(name) = out.file_name() else { return std::fs::canonicalize(out).into_iter().collect() };
    let mut growing = name.to_os_string();
    growing.push(".part");
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let parent = std::fs::canonicalize(parent).ok();
    let named = [name, &growing].into_iter().filter_map(|name| parent.as_ref().map(|parent| parent.join(name)));
    let pointed_to = [out.to_path_buf(), out.with_file_name(&growing)].into_iter().filter_map(|path| std::fs::canonicalize(path).ok());
    named.chain(pointed_to).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_output_that_costs_the_input_is_refused() {
        let scratch = tempfile::tempdir().unwrap();
        let at = |name: &str| scratch.path().join(name);
        std::fs::create_dir_all(at("bone.ome.zarr/0")).unwrap();
        std::fs::write(at("bone.ome.zarr/zarr.json"), "{}").unwrap();
        std::fs::create_dir_all(at("slices/old.ome.zarr")).unwrap();
        std::fs::write(at("slices/1.tif"), "1").unwrap();
        std::fs::write(at("a.mhd"), "").unwrap();
        std::fs::write(at("a.raw"), "").unwrap();
        std::fs::create_dir_all(at("b.ome.zarr.part")).unwrap();
        std::os::unix::fs::symlink(at("bone.ome.zarr"), at("link.ome.zarr")).unwrap();
        let slices = ["1.tif".to_owned()];
        for (input, files, out) in [
            ("bone.ome.zarr", &[][..], "bone.ome.zarr"),
            ("bone.ome.zarr/0", &[], "bone.ome.zarr"),
            ("bone.ome.zarr", &[], "bone.ome.zarr/0"),
            ("bone.ome.zarr", &[], "bone.ome.zarr/new"),
            ("link.ome.zarr", &[], "bone.ome.zarr"),
            ("bone.ome.zarr", &[], "link.ome.zarr"),
            ("bone.ome.zarr", &[], "slices/../bone.ome.zarr"),
            ("b.ome.zarr.part", &[], "b.ome.zarr"),
            ("slices", &slices, "slices"),
            ("slices", &slices, "slices/1.tif"),
            ("slices", &["gone.tif".to_owned()], "slices/old.ome.zarr"),
            ("a.mhd", &["a.raw".to_owned()], "a.raw"),
            ("a.raw", &[], "./a.raw"),
        ] {
            let told = refuse_to_overwrite(&at(input), files, &at(out)).expect_err(&format!("{input} into {out}")).to_string();
            assert!(told.contains("the input"), "{told}");
        }
        for (input, files, out) in [
            ("bone.ome.zarr", &[][..], "other.ome.zarr"),
            ("slices", &slices, "slices/new.ome.zarr"),
            ("slices", &slices, "slices/old.ome.zarr"),
            ("a.mhd", &["a.raw".to_owned()], "b.raw"),
            ("a.raw", &[], "nowhere/at/all.raw"),
        ] {
            refuse_to_overwrite(&at(input), files, &at(out)).unwrap();
        }
    }
}
