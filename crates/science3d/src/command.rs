//! What can be asked for on the command line.

use crate::{admin::Admin, config::Config, demo, harvest, keep, logging, serve};
use clap::{Args, Parser, Subcommand};
use record::id::RecordId;
use std::path::PathBuf;

/// An open catalogue for volumes: deposit, register, convert, release, look inside.
#[derive(Debug, Parser)]
#[command(name = "science3d", version, propagate_version = true)]
pub(crate) struct Science3d {
    #[command(subcommand)]
    does: Does,
}

#[derive(Debug, Subcommand)]
enum Does {
    /// Web, API and workers in one process; needs no configuration
    Serve(Serve),
    /// A worker process only
    Work(Place),
    /// Like serve, on a catalogue that it fills itself through the public API when empty
    Demo(Serve),
    /// What is this file or folder: format, shape, element type, voxel size, metadata, warnings
    Inspect(cli::inspect::Inspect),
    /// Any volume in, OME-Zarr 0.5 out
    Convert(cli::convert::Convert),
    /// The surface of a volume as STL, PLY, OBJ, GLB or 3MF
    Mesh(cli::mesh::Mesh),
    /// A picture or a movie of a volume
    Render(cli::render::Render),
    /// Exactly the voxels of a box, as TIFF, NRRD, RAW or a volume of its own
    Cut(cli::cut::Cut),
    Deposit(cli::deposit::Deposit),
    /// Read what has changed in publication databases; the server does it by itself on schedule
    Harvest {
        #[command(flatten)]
        place: Place,
        /// The source; all when none is named
        source: Option<String>,
        /// Print the built-in table of fields, to be corrected and named in the file of sources, and end
        #[arg(long)]
        print_fields: bool,
        /// Print one JSON object a source on standard output
        #[arg(long)]
        json: bool,
    },
    /// Read stored bytes and compare them with their checksums
    Verify {
        #[command(flatten)]
        place: Place,
        /// Records to read; all when none is named
        records: Vec<RecordId>,
        /// Print one JSON object on standard output
        #[arg(long)]
        json: bool,
    },
    /// Make database and search index again from storage alone
    Rebuild {
        #[command(flatten)]
        place: Place,
        /// Print one JSON object on standard output
        #[arg(long)]
        json: bool,
    },
    /// Write the catalogue, not the stored bytes, into one file; the server may run meanwhile
    Backup(CatalogueFile),
    /// Bring the catalogue back from such a file, into an empty database of either kind
    Restore(CatalogueFile),
    /// Bring the database to this version of the program
    Migrate(Place),
    /// Users, tokens, jobs, DOIs
    Admin {
        #[command(flatten)]
        place: Place,
        #[command(subcommand)]
        what: Admin,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CatalogueFile {
    #[command(flatten)]
    place: Place,
    /// The backup
    file: PathBuf,
    /// Print one JSON object on standard output
    #[arg(long)]
    json: bool,
}

/// Where the catalogue is.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    /// Configuration file (TOML); every value has a default
    #[arg(long, value_name = "FILE", env = "SCIENCE3D_CONFIG", global = true)]
    config: Option<PathBuf>,
    /// Folder of catalogue, files and index
    #[arg(long, value_name = "DIR", env = "SCIENCE3D_DATA", default_value = "science3d-data", global = true)]
    pub(crate) data: PathBuf,
}

impl Place {
    pub(crate) fn config(&self, overrides: &[(&str, String)]) -> anyhow::Result<Config> {
        Ok(Config::load(self.config.as_deref(), overrides)?)
    }
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Leave the labour to other processes
    #[arg(long)]
    no_work: bool,
    /// Print every setting with its meaning and default, and end
    #[arg(long)]
    print_config: bool,
}

impl Serve {
    pub(crate) fn config(&self) -> anyhow::Result<Config> {
        let mut overrides = Vec::new();
        if let Some(listen) = &self.listen {
            overrides.push(("server.listen", listen.clone()));
        }
        if self.no_work {
            overrides.push(("work.here", "false".to_owned()));
        }
        self.place.config(&overrides)
    }
}

impl Science3d {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.does {
            Does::Serve(serve) | Does::Demo(serve) if serve.print_config => {
                print!("{}", serve.config()?.printed());
                Ok(())
            }
            Does::Serve(options) => with_house(&options.config()?, async |config| serve::serve(config, &options.place.data, None).await),
            Does::Demo(options) => with_house(&options.config()?, async |config| demo::demo(config, &options.place.data).await),
            Does::Work(place) => with_house(&place.config(&[])?, async |config| serve::work(config, &place.data).await),
            Does::Harvest { print_fields: true, .. } => {
                print!("{}", exchange::harvest::BUILT_IN);
                Ok(())
            }
            Does::Harvest { place, source, json, .. } => {
                with_house(&place.config(&[])?, async |config| harvest::harvest(config, &place.data, source.as_deref(), json).await)
            }
            Does::Verify { place, records, json } => {
                with_house(&place.config(&[])?, async |config| keep::verify(config, &place.data, records, json).await)
            }
            Does::Rebuild { place, json } => with_house(&place.config(&[])?, async |config| keep::rebuild(config, &place.data, json).await),
            Does::Backup(CatalogueFile { place, file, json }) => {
                with_house(&place.config(&[])?, async |config| keep::backup(config, &place.data, &file, json).await)
            }
            Does::Restore(CatalogueFile { place, file, json }) => {
                with_house(&place.config(&[])?, async |config| keep::restore(config, &place.data, &file, json).await)
            }
            Does::Migrate(place) => with_house(&place.config(&[])?, async |config| keep::migrate(config, &place.data).await),
            Does::Admin { place, what } => with_house(&place.config(&[])?, async |config| what.run(config, &place.data).await),
            Does::Inspect(inspect) => inspect.run(),
            Does::Convert(convert) => convert.run(),
            Does::Mesh(mesh) => mesh.run(),
            Does::Render(render) => render.run(),
            Does::Cut(cut) => cut.run(),
            Does::Deposit(deposit) => runtime()?.block_on(deposit.run()),
        }
    }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

fn with_house(config: &Config, what: impl AsyncFnOnce(&Config) -> anyhow::Result<()>) -> anyhow::Result<()> {
    logging::start(config)?;
    runtime()?.block_on(what(config))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Science3d::command().debug_assert();
    }
}
