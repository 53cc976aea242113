//! `preview VOLUME.ome.zarr FOLDER`: the pictures of a record.

use std::path::Path;

fn main() -> Result<(), volume::Trouble> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, input, folder] = &arguments[..] else { panic!("preview VOLUME.ome.zarr FOLDER") };
    let volume = volume::zarr::Volume::open(Path::new(input))?;
    let material = volume::Material::Volume(Box::new(volume));
    let preset = picture::Preset::for_statistics(&material.statistics()?);
    let sitting = picture::Sitting { preset, camera: picture::Camera::default(), ground: picture::Ground::DEEP };
    for picture in picture::preview_set(&material, &sitting, &|_, _| ())? {
        println!("{} {} × {}, {} bytes: {}", picture.name, picture.width, picture.height, picture.bytes.len(), picture.alt);
        std::fs::write(Path::new(folder).join(&picture.name), &picture.bytes).expect("the folder can be written");
    }
    Ok(())
}
