//! 3MF (core specification 1.3): objects, components and build items of all model files in the package, each piece of XML and
//! all of it together bounded, because a ZIP can be made of nothing.

mod model;
mod rationed;

use std::collections::HashMap;
use std::fs::File;

use volume::{Trouble, zip::Directory};

use self::model::{Content, Count, Item, Model, Object, Run};
use super::broken;
use super::gather::Gather;
use super::gltf::Placement;
use crate::limit;
use crate::measure::is_closed;
use crate::write::ModelFormat;

pub(super) fn read(file: File, length: u64) -> Result<Gather, Trouble> {
    let directory = Directory::read(file, length)?;
    let names: Vec<usize> = (0..directory.entries.len())
        .filter(|&number| directory.entries[number].name.to_ascii_lowercase().ends_with(".model"))
        .take(limit::THREEMF_MODELS_MAX + 1)
        .collect();
    if names.is_empty() {
        return Err(Trouble::new("it is a ZIP without a 3MF model in it", "Unpack it and upload the model"));
    }
    if names.len() > limit::THREEMF_MODELS_MAX {
        return Err(broken(format!("it has more than {} models inside", limit::THREEMF_MODELS_MAX)));
    }
    let mut gather = Gather::new(ModelFormat::ThreeMf);
    let mut package = Package { models: HashMap::new() };
    let (mut left, mut count) = (limit::THREEMF_TEXT_BYTES_MAX, Count::default());
    for number in names {
        let entry = &directory.entries[number];
        let claims = entry.bytes.max(1);
        let ratio = claims / entry.packed_bytes.max(1);
        if claims > left || (claims > limit::THREEMF_RATIO_FREE_BYTES && ratio > limit::THREEMF_RATIO_MAX) {
            return Err(Trouble::new(
                format!("“{}” in it would become {claims} bytes out of {}", entry.name, entry.packed_bytes),
                "No model packs so well; save it again",
            ));
        }
        left -= claims;
        let model = model::read(directory.reader(entry)?, claims, &mut count)?;
        package.models.insert(path_of(&entry.name), model);
    }
    let root = package.root()?;
    gather.unit_is(package.models[&root].um);
    let items: Vec<Item> = package.models[&root].items.clone();
    let mut visits = 0;
    for item in items {
        let path = item.path.clone().map_or_else(|| root.clone(), |path| path_of(&path));
        package.put(&mut gather, &path, item.object, item.placement, 0, &mut visits)?;
    }
    Ok(gather)
}

/// Names in the ZIP and in the XML are compared without the slash before them and without case.
fn path_of(name: &str) -> String {
    name.trim_start_matches('/').to_ascii_lowercase()
}

struct Package {
    models: HashMap<String, Model>,
}

impl Package {
    /// The model that says what is built; when several do, the one with the usual name.
    fn root(&self) -> Result<String, Trouble> {
        let mut with_items: Vec<&String> = self.models.iter().filter(|(_, model)| !model.items.is_empty()).map(|(name, _)| name).collect();
        with_items.sort_by_key(|name| (name.as_str() != "3d/3dmodel.model", name.len(), name.as_str()));
        with_items.first().map(|name| (*name).clone()).ok_or_else(|| broken("it has nothing to build"))
    }

    fn put(&self, gather: &mut Gather, path: &str, id: u32, outer: Placement, depth: usize, visits: &mut usize) -> Result<(), Trouble> {
        *visits += 1;
        if depth > limit::NODE_DEPTH_MAX || *visits > limit::NODES_MAX {
            return Err(broken("its components contain each other, or are too many"));
        }
        let found = self.models.get(path).and_then(|model| model.objects.get(&id));
        let Object { look, content } = found.ok_or_else(|| broken(format!("it has no object {id}")))?;
        match content {
            Content::Components(components) => {
                for component in components {
                    let inner = component.path.as_deref().map_or_else(|| path.to_owned(), path_of);
                    self.put(gather, &inner, component.object, outer.around(component.placement), depth + 1, visits)?;
                }
                Ok(())
            }
            Content::Mesh { places, triangles, runs } => {
                let parts = runs.as_deref().filter(|runs| are_bodies(runs, places.len(), triangles)).unwrap_or_default();
                gather.part(&look.name, look.colour);
                let first = gather.vertices() as u64;
                for place in places {
                    gather.vertex(outer.place(place.map(f64::from)))?;
                }
                let mirrors = outer.mirrors();
                let mut parts = parts.iter().peekable();
                triangles.iter().enumerate().try_for_each(|(number, &[a, b, c])| {
                    if let Some(Run { look, .. }) = parts.next_if(|part| part.first_triangle == number) {
                        gather.part(&look.name, look.colour);
                    }
                    let corners = if mirrors { [a, c, b] } else { [a, b, c] };
                    gather.triangle(corners.map(|corner| first + u64::from(corner)))
                })
            }
        }
    }
}

/// Whether what has a material of its own is a body of its own: closed, and without corners that another one has as well. One body that is
/// painted in several colours is not taken apart.
fn are_bodies(runs: &[Run], places: usize, triangles: &[[u32; 3]]) -> bool {
    const NOBODY: u8 = u8::MAX;
    if runs.len() < 2 {
        return false;
    }
    let mut owners = vec![NOBODY; places];
    let ends = runs.iter().skip(1).map(|run| run.first_triangle).chain([triangles.len()]);
    runs.iter().zip(ends).zip(0u8..).all(|((run, end), number)| {
        let own = &triangles[run.first_triangle..end];
        let mut corners = own.iter().flatten();
        is_closed(own) && corners.all(|&corner| [NOBODY, number].contains(&std::mem::replace(&mut owners[corner as usize], number)))
    })
}
