//! EMD of the Berkeley Lab (0.2) and of py4DSTEM's emdfile (1.0): a group marked with `emd_group_type` holds `data` and, for each
//! of its axes, a dataset of places with a name and units. Thermo Fisher's Velox means something else by the same ending.
//! Source: the EMD specification, and what ncempy and emdfile write.

use super::{Said, attribute_of, step_um, value};
use crate::format::hdf5::attribute::Value;
use crate::format::hdf5::choice::Choice;
use crate::format::hdf5::tree::Tree;
use crate::header::clean_text;

pub(super) fn is_volume(tree: &Tree, path: &str) -> bool {
    let Some(group) = path.strip_suffix("/data") else { return false };
    match attribute_of(tree, group, "emd_group_type") {
        Some(Value::Numbers(kind)) => kind == [1.0],
        Some(Value::Text(kind)) => kind == ["array"],
        None => false,
    }
}

/// `/Data/Image/…/Data`, with 32 hexadecimal digits between.
pub(super) fn is_velox(path: &str) -> bool {
    let name = path.strip_prefix("/Data/Image/").and_then(|rest| rest.strip_suffix("/Data"));
    name.is_some_and(|name| name.len() == 32 && name.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

pub(super) fn said(tree: &Tree, choice: &Choice) -> Said {
    let mut said = Said::default();
    let group = choice.path.strip_suffix("/data").unwrap_or_default();
    // Version 0.2 counts axes from one, 1.0 from zero.
    let from = usize::from(tree.find(&tree.master, &format!("{group}/dim0")).is_err());
    let all: Vec<usize> = (from..from + choice.shape.len()).collect();
    let Ok(own) = <[usize; 3]>::try_from(choice.axes.among(&all)) else { return said };
    let paths = own.map(|number| format!("{group}/dim{number}"));
    let text = |path: &String, name: &str| attribute_of(tree, path, name).and_then(|text| clean_text(text.text()?));
    let names = paths.each_ref().map(|path| text(path, "name").unwrap_or_else(|| "?".into()));
    let steps = paths.each_ref().map(|path| {
        let Some(Value::Numbers(values)) = value(tree, path) else { return None };
        // Written as [n_m].
        let unit = text(path, "units")?.trim_matches(['[', ']']).replace('_', "");
        step_um(&values, &unit)
    });
    said.found.other.insert("axes".into(), names.join(", "));
    if let [Some(z), Some(y), Some(x)] = steps {
        said.voxel_size_um = Some([z, y, x]);
        said.size_from = Some(format!("dim{} to dim{} of {group}", own[0], own[2]));
    } else {
        let names = names.join(", ");
        said.warnings.push(format!("Its axes ({names}) are not all lengths at even distances, so the voxel size is not known."));
    }
    said
}
