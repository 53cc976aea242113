//! The list of institutions: what is used, and bringing all of ROR's instead of the program's own.

use crate::taxa::write;
use clap::Subcommand;
use std::path::{Path, PathBuf};
use vocabulary::{About, Builder, Organisations, read_ror};

#[derive(Debug, Subcommand)]
pub(crate) enum Ror {
    /// Read the JSON file of ROR's dump (version 2 of its schema, also as .json.gz); a restart uses it
    Import {
        dump: PathBuf,
        /// Where the names are from, as the list will say
        #[arg(long, default_value = "Research Organization Registry")]
        source: String,
    },
    /// What the list knows under a name
    Find { name: String },
}

impl Ror {
    pub(crate) fn run(self, place: &Path) -> anyhow::Result<()> {
        match self {
            Ror::Import { dump, source } => import(&dump, source, place),
            Ror::Find { name } => find(&name, place),
        }
    }
}

fn import(dump: &Path, source: String, place: &Path) -> anyhow::Result<()> {
    let mut builder = Builder::default();
    let institutions = read_ror(dump, &mut builder)?;
    let left_out = builder.left_out();
    write(builder, &About { source, licence: "CC0-1.0".to_owned() }, place, "names of countries and institutions")?;
    if left_out > 0 {
        println!("{left_out} names are longer than a list can hold and were left out.");
    }
    println!("{institutions} institutions. Restart the server to use them.");
    Ok(())
}

fn find(name: &str, place: &Path) -> anyhow::Result<()> {
    let list = if place.exists() { Organisations::open(place)? } else { Organisations::built_in() };
    println!("from {}", list.about().source);
    for found in list.suggest(name, 10) {
        let by = found.found_by.map(|other| format!(" (found as {other})")).unwrap_or_default();
        println!("https://ror.org/{}  {}{by}  {}", found.ror, found.name, found.country);
    }
    Ok(())
}
