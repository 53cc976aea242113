//! `phantom NAME FOLDER [SIZE] [neutron]`: writes a synthetic scan as a folder of slices.

use std::path::Path;

use volume::phantom::{Phantom, Probe};

fn main() -> Result<(), volume::Trouble> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, folder, rest @ ..] = &arguments[..] else { panic!("phantom NAME FOLDER [SIZE] [neutron]") };
    let phantom = Phantom::from_name(name).expect("a phantom of that name");
    let size = rest.first().and_then(|size| size.parse().ok()).unwrap_or(192);
    let probe = if rest.iter().any(|word| word == "neutron") { Probe::Neutron } else { Probe::XRay };
    let bytes = phantom.write_tiff_stack(Path::new(folder), [size; 3], 1, probe)?;
    println!("{bytes} bytes, voxel {:?} µm", phantom.voxel_size_um([size; 3]));
    Ok(())
}
