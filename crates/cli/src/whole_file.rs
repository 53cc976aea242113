//! Output that is never mistaken for whole before it is: written beside its name, then renamed.

use anyhow::Context;
use std::path::Path;
use volume::Trouble;

/// The file appears under its name only when whole.
pub(crate) fn write_whole(out: &Path, write: impl FnOnce(&Path) -> anyhow::Result<u64>) -> anyhow::Result<u64> {
    let mut part = out.as_os_str().to_owned();
    part.push(".part");
    let part = std::path::PathBuf::from(part);
    let renamed = write(&part).and_then(|bytes| {
        std::fs::rename(&part, out).with_context(|| format!("cannot rename to {}", out.display()))?;
        Ok(bytes)
    });
    if renamed.is_err() {
        // What is left of it is of no use to anybody.
        let _ = std::fs::remove_file(&part);
    }
    renamed.map_err(|error| in_its_name(error, &part, out))
}

/// Nobody asked for the file beside: what went wrong with it went wrong with `out`.
fn in_its_name(mut error: anyhow::Error, part: &Path, out: &Path) -> anyhow::Error {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    if let Some(trouble) = error.downcast_mut::<Trouble>()
        && trouble.file == name(part)
    {
        trouble.file = name(out);
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_told_of_the_file_that_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("jaw.stl");
        let told = write_whole(&out, |part| {
            std::fs::write(part, "half").unwrap();
            let mut trouble = Trouble::new("writing failed (no space)", "Make room");
            trouble.file = part.file_name().map(|name| name.to_string_lossy().into_owned());
            Err(trouble.into())
        });
        assert_eq!(told.unwrap_err().to_string(), "jaw.stl: writing failed (no space). Make room");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left of it");
        assert_eq!(write_whole(&out, |part| Ok(std::fs::write(part, "whole").map(|()| 5)?)).unwrap(), 5);
        assert_eq!(std::fs::read(&out).unwrap(), b"whole");
    }
}
