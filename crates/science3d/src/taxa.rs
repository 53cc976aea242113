//! The list of organisms: what is used, and bringing a larger one than the program's own.

use anyhow::Context;
use clap::Subcommand;
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};
use vocabulary::{About, Builder, Taxonomy, read_source};

/// Strongest of those that still take seconds.
const PACKING_LEVEL: i32 = 19;

#[derive(Debug, Subcommand)]
pub(crate) enum Taxa {
    /// Read NCBI's taxdump (folder or tar.gz), GBIF's Taxon.tsv, or a table with a head; a restart uses it
    Import {
        #[arg(required = true)]
        sources: Vec<PathBuf>,
        /// Where the names are from, as the list will say
        #[arg(long, default_value = "NCBI Taxonomy")]
        source: String,
        #[arg(long, default_value = "public domain")]
        licence: String,
        /// Write here instead of the data folder; a name that ends in .zst is packed
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// What the list knows under a name
    Find { name: String },
}

impl Taxa {
    pub(crate) fn run(self, place: &Path) -> anyhow::Result<()> {
        match self {
            Taxa::Import { sources, source, licence, out } => import(&sources, &About { source, licence }, out.as_deref().unwrap_or(place)),
            Taxa::Find { name } => find(&name, place),
        }
    }
}

fn import(sources: &[PathBuf], about: &About, place: &Path) -> anyhow::Result<()> {
    let mut builder = Builder::default();
    for source in sources {
        read_source(source, &mut builder)?;
    }
    if builder.left_out() > 0 {
        println!("{} names are longer than a list can hold and were left out.", builder.left_out());
    }
    write(builder, about, place, "taxa")?;
    println!("Restart the server to use them; delete its search index so that records are found by their wider names.");
    Ok(())
}

/// Puts a list of names in its place; a server that runs keeps the one it has open.
pub(crate) fn write(builder: Builder, about: &About, place: &Path, what: &str) -> anyhow::Result<()> {
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut beside = tempfile::NamedTempFile::new_in(folder).with_context(|| format!("cannot write in {}", folder.display()))?;
    let taxa = if place.extension().is_some_and(|extension| extension == "zst") {
        let mut bytes = Vec::new();
        let taxa = builder.write(about, &mut bytes)?;
        beside.write_all(&vocabulary::packed(&bytes, PACKING_LEVEL)?)?;
        taxa
    } else {
        let mut out = BufWriter::new(beside.as_file_mut());
        let taxa = builder.write(about, &mut out)?;
        out.flush()?;
        taxa
    };
    beside.as_file().sync_all()?;
    make_readable(beside.as_file())?;
    beside.persist(place).with_context(|| format!("cannot put the list at {}", place.display()))?;
    println!("{taxa} {what}, {} bytes, in {}", std::fs::metadata(place)?.len(), place.display());
    Ok(())
}

/// The server may run under another account than the operator's.
fn make_readable(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

fn find(name: &str, place: &Path) -> anyhow::Result<()> {
    let taxa = if place.exists() { Taxonomy::open(place)? } else { Taxonomy::built_in() };
    println!("{} taxa from {}", taxa.len(), taxa.about().source);
    for found in taxa.suggest(name, 10) {
        let lineage: Vec<String> = taxa.lineage(found.taxon.id).into_iter().map(|taxon| taxon.name).collect();
        let by = found.found_by.map(|other| format!(" (found as {other})")).unwrap_or_default();
        println!("{:>9}  {}  {}{by}  {}", found.taxon.id, found.taxon.name, found.taxon.rank, lineage.join(" › "));
    }
    Ok(())
}
