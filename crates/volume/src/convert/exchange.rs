//! How a volume that is complete gets its name: at once, and without a moment in which the one before it is lost.

use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::remove;
use crate::Trouble;

/// Gives the folder `new` the name `out`. What has it already goes only when `replace` says so, and then last of all.
pub(super) fn put_in_place(new: &Path, out: &Path, replace: bool) -> Result<(), Trouble> {
    if !(replace && out.symlink_metadata().is_ok()) {
        return rename(new, out);
    }
    // Both names change at once; where the file system cannot do that, the one before is beside them meanwhile.
    if renameat_with(CWD, new, CWD, out, RenameFlags::EXCHANGE).is_ok() {
        return forget(new);
    }
    let before = before_path(out);
    rename(out, &before)?;
    rename(new, out).inspect_err(|_| _ = std::fs::rename(&before, out))?;
    forget(&before)
}

/// An exchange that was killed between its two renames is undone: the volume before has its name again.
pub(super) fn undo_half_done(out: &Path) -> Result<(), Trouble> {
    let before = before_path(out);
    if before.join("zarr.json").is_file() && out.symlink_metadata().is_err() {
        rename(&before, out)?;
    }
    Ok(())
}

fn before_path(out: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(out.file_name().unwrap_or_default());
    name.push(".before");
    out.with_file_name(name)
}

fn rename(from: &Path, to: &Path) -> Result<(), Trouble> {
    std::fs::rename(from, to).map_err(|error| Trouble::io("renaming", from, &error))
}

/// Of a link only the link goes, not what it points to.
fn forget(path: &Path) -> Result<(), Trouble> {
    if path.is_symlink() {
        return std::fs::remove_file(path).map_err(|error| Trouble::io("removing", path, &error));
    }
    remove(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_done_exchange_is_undone_and_a_whole_one_leaves_nothing_behind() {
        let scratch = tempfile::tempdir().unwrap();
        let volume = |name: &str, says: &str| {
            std::fs::create_dir(scratch.path().join(name)).unwrap();
            std::fs::write(scratch.path().join(name).join("zarr.json"), says).unwrap();
        };
        let out = scratch.path().join("a.ome.zarr");
        let says = || std::fs::read_to_string(out.join("zarr.json")).unwrap();
        volume(".a.ome.zarr.before", "old");
        undo_half_done(&out).unwrap();
        assert_eq!(says(), "old");
        volume("a.ome.zarr.part", "new");
        let new = scratch.path().join("a.ome.zarr.part");
        assert!(put_in_place(&new, &out, false).is_err() && says() == "old", "nobody said that it may go");
        put_in_place(&new, &out, true).unwrap();
        assert_eq!((says().as_str(), std::fs::read_dir(scratch.path()).unwrap().count()), ("new", 1));
    }
}
