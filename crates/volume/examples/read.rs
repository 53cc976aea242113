//! `read IN [ROUNDS]`: only reads voxels, to measure a reader without the writer.

use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), volume::Trouble> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, input, rest @ ..] = &arguments[..] else { panic!("read IN [ROUNDS]") };
    for _ in 0..rest.first().and_then(|rounds| rounds.parse().ok()).unwrap_or(1) {
        let start = Instant::now();
        let bytes = volume::read_through(Path::new(input), &volume::Asked::default())?;
        let seconds = start.elapsed().as_secs_f64();
        println!("{bytes} bytes of voxels in {seconds:.3} s, {:.0} MB/s", bytes as f64 / 1e6 / seconds);
    }
    Ok(())
}
