//! The file that describes a record on the command line: JSON or TOML, with the field names of the API.

use anyhow::{Context, bail};
use record::{field, metadata::Metadata};
use serde_json::Value;
use std::path::Path;

/// What does not fit is told as the server would tell it, before anything is sent.
pub(crate) fn read_metadata(file: &Path) -> anyhow::Result<Metadata> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let is_toml = file.extension().is_some_and(|extension| extension == "toml");
    let document: anyhow::Result<Value> =
        if is_toml { toml::from_str(&text).map_err(anyhow::Error::from) } else { serde_json::from_str(&text).map_err(anyhow::Error::from) };
    let document = document.with_context(|| format!("{} does not describe a record", file.display()))?;
    let faults = field::faults(&document);
    if !faults.is_empty() {
        let list: Vec<String> = faults.iter().map(|fault| format!("  - {fault}")).collect();
        bail!("{} does not describe a record:\n{}", file.display(), list.join("\n"));
    }
    serde_json::from_value(document).with_context(|| format!("{} does not describe a record", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_told_with_field_and_example() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("scan.toml");
        std::fs::write(&file, "titel = \"Jaw\"\n[acquisition]\nenergy_kev = \"much\"\nvoxel_size_um = [5, 5, 5]\n").unwrap();
        let told = read_metadata(&file).unwrap_err().to_string();
        assert!(told.contains("Did you mean title?") && told.contains("Photon energy: “much” does not fit"), "{told}");
        std::fs::write(&file, "title = \"Jaw\"\n[acquisition]\nenergy_kev = 25\nvoxel_size_um = [5, 5, 5]\n").unwrap();
        assert_eq!(read_metadata(&file).unwrap().acquisition.voxel_size_um, Some([5.0; 3]));
    }
}
