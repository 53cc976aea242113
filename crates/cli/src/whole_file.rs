//! Output that is never mistaken for whole before it is: written beside its name, then renamed. Who writes has asked
//! [`volume::refuse_to_overwrite`] before.

use anyhow::Context;
use std::path::Path;

/// The file appears under its name only when whole.
pub(crate) fn write_whole<T>(out: &Path, write: impl FnOnce(&Path) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let mut part = out.as_os_str().to_owned();
    part.push(".part");
    let part = std::path::PathBuf::from(part);
    let renamed = write(&part).and_then(|told| {
        std::fs::rename(&part, out).with_context(|| format!("cannot rename to {}", out.display()))?;
        Ok(told)
    });
    if renamed.is_err() {
        // What is left of it is of no use to anybody.
        let _ = std::fs::remove_file(&part);
    }
    renamed
}
