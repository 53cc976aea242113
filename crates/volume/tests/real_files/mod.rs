//! Where the files of other people lie that several tests read: they are too large to be kept beside the tests.

use std::path::PathBuf;

/// The folder of them; without it the test says that it is skipped.
pub(crate) fn data(test: &str) -> Option<PathBuf> {
    let given = std::env::var_os("SCIENCE3D_SHARED").map(PathBuf::from);
    let folder = given.unwrap_or_else(|| PathBuf::from("../../../shared")).join("data");
    if !folder.is_dir() {
        eprintln!("skipped: {test} (no shared data)");
        return None;
    }
    Some(folder)
}
