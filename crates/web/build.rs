//! Lets the crate build before the front end was: an empty `dist` then stands in for it.

use std::path::Path;

fn main() {
    let dist = Path::new("../../frontend/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    if !dist.exists()
        && let Err(error) = std::fs::create_dir_all(&dist)
    {
        println!("cargo::warning=cannot make {}: {error}", dist.display());
    }
}
