//! `convert IN OUT.ome.zarr`: the library in ten lines.

use std::path::Path;
use std::sync::atomic::AtomicBool;

fn main() -> Result<(), volume::Trouble> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, input, out, rest @ ..] = &arguments[..] else { panic!("convert IN OUT.ome.zarr [THREADS [CHANNEL]]") };
    let channel = rest.get(1).and_then(|channel| channel.parse().ok());
    let asked = volume::Asked { channel, ..Default::default() };
    println!("{:#?}", volume::inspect_asked(Path::new(input), &asked)?);
    let threads = rest.first().and_then(|threads| threads.parse().ok());
    let options = volume::ConvertOptions { name: "example".into(), threads, asked, ..Default::default() };
    let converted = volume::convert(Path::new(input), Path::new(out), &options, &|_| (), &AtomicBool::new(false))?;
    println!("{:?} {:?} planned {} MiB", converted.shape, converted.statistics.window, converted.peak_memory_bytes_planned >> 20);
    Ok(())
}
