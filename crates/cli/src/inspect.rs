//! `science3d inspect`: what is this file or folder, volume or model?

use crate::model;
use crate::voxels::{AskedOptions, words_for_shape};
use serde_json::json;
use std::path::PathBuf;
use volume::{Found, HeadFacts, Header, Trouble};

/// Where the size of a voxel stands in the file, where its reader says it.
const SIZE_FROM: &str = "voxel_size_from";

#[derive(Debug, Clone, clap::Args)]
pub struct Inspect {
    /// A file, or a folder of slices; models (STL, PLY, OBJ, GLB, 3MF) are checked for holes and other faults
    path: PathBuf,
    #[command(flatten)]
    asked: AskedOptions,
    /// Print one JSON object on standard output
    #[arg(long)]
    json: bool,
}

impl Inspect {
    pub fn run(self) -> anyhow::Result<()> {
        if model::is_model(&self.path) {
            return model::inspect(&self.path, self.json);
        }
        match volume::inspect_asked(&self.path, &self.asked.asked()?) {
            Ok(header) if self.json => println!("{}", object_of(&header)?),
            Ok(header) => print_words(&header),
            Err(trouble) => {
                self.print_what_is_known(&trouble)?;
                return Err(trouble.into());
            }
        }
        Ok(())
    }

    /// Voxels that cannot be read take nothing away from what else the file tells.
    fn print_what_is_known(&self, trouble: &Trouble) -> anyhow::Result<()> {
        let Some(known) = &trouble.known else { return Ok(()) };
        if self.json {
            // The names that a header has, and what is wrong.
            let mut object = serde_json::to_value(known)?;
            let shape = known.depth.zip(known.height).zip(known.width);
            object["shape"] = shape.map_or(serde_json::Value::Null, |((z, y), x)| json!([z, y, x]));
            object["dtype"] = known.element.map(|element| element.name()).into();
            object["trouble"] = json!({"file": trouble.file, "what": trouble.what, "hint": trouble.hint});
            println!("{object}");
        } else {
            print_known(known);
        }
        Ok(())
    }
}

/// The header as it is, with the name `dtype` that NumPy people look for.
fn object_of(header: &Header) -> anyhow::Result<serde_json::Value> {
    let mut object = serde_json::to_value(header)?;
    object["dtype"] = header.element.name().into();
    Ok(object)
}

fn print_words(header: &Header) {
    println!("format:      {}", header.format);
    println!("shape:       {} (z, y, x)", words_for_shape(header.shape));
    println!("type:        {}", header.element);
    let from = header.found.other.get(SIZE_FROM);
    match header.voxel_size_um {
        Some([z, y, x]) => {
            let from = from.map(|from| format!(", from {from}")).unwrap_or_default();
            println!("voxel size:  {z} × {y} × {x} µm (z, y, x){from}");
        }
        None => println!("voxel size:  not in the file"),
    }
    if let Some(orientation) = &header.orientation {
        let [z, y, x] = orientation.direction;
        println!("orientation: z {z:?}, y {y:?}, x {x:?} in {}", orientation.space);
        if let Some([first, second, third]) = orientation.origin_um {
            println!("origin:      {first}, {second}, {third} µm");
        }
    }
    println!("files:       {}", header.files.len());
    print_found(&header.found, &header.warnings);
}

fn print_known(known: &HeadFacts) {
    println!("format:      {}", known.format);
    if let (Some(depth), Some(height), Some(width)) = (known.depth, known.height, known.width) {
        println!("shape:       {} (z, y, x)", words_for_shape([depth, height, width]));
    }
    if let Some(element) = known.element {
        println!("type:        {element}");
    }
    if let Some([z, y, x]) = known.voxel_size_um {
        println!("voxel size:  {z} × {y} × {x} µm (z, y, x)");
    }
    print_found(&known.found, &known.warnings);
}

fn print_found(found: &Found, warnings: &[String]) {
    let facts = [
        ("sample", &found.sample),
        ("instrument", &found.instrument),
        ("facility", &found.facility),
        ("date", &found.date),
        ("software", &found.software),
        ("description", &found.description),
    ];
    for (name, fact) in facts {
        if let Some(fact) = fact {
            println!("{:13}{fact}", format!("{name}:"));
        }
    }
    if let Some(energy) = found.energy_kev {
        println!("energy:      {energy} keV");
    }
    for (name, value) in found.other.iter().filter(|(name, _)| *name != SIZE_FROM) {
        println!("{name} = {value}");
    }
    for warning in warnings {
        println!("warning:     {warning}");
    }
}
