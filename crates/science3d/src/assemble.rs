//! Puts the house together: settings become catalogue, store, index, archive, worker and door.

use crate::{
    config::Config,
    setting::{Register, Secret},
    sources,
};
use anyhow::{Context, bail};
use archive::{Archive, Parts, Settings, clock::Clock, publication::Publications};
use catalogue::Catalogue;
use exchange::{Postman, Registrar};
use record::{doi::Prefix, limits::Limits};
use search::Index;
use std::path::{Path, PathBuf};
use storage::{S3Options, Store};
use vocabulary::{Organisations, Taxonomy};

/// Where everything lies on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) database_url: String,
    pub(crate) storage_url: String,
    pub(crate) staging: PathBuf,
    pub(crate) index: PathBuf,
    pub(crate) scratch: PathBuf,
    /// The imported list of organisms, where there is one.
    pub(crate) taxa: PathBuf,
    pub(crate) organisations: PathBuf,
}

impl Layout {
    pub(crate) fn new(config: &Config, data: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(data).with_context(|| format!("cannot make the data folder {}", data.display()))?;
        let data = std::fs::canonicalize(data).with_context(|| format!("cannot open the data folder {}", data.display()))?;
        let folder = |chosen: &str, name: &str| if chosen.is_empty() { data.join(name) } else { PathBuf::from(chosen) };
        let url = |chosen: &str, scheme: &str, name: &str| {
            if chosen.is_empty() { format!("{scheme}:{}", data.join(name).display()) } else { chosen.to_owned() }
        };
        Ok(Self {
            database_url: url(&config.database_url.0, "sqlite", "catalogue.db"),
            storage_url: url(&config.storage_url, "file", "store"),
            staging: folder(&config.storage_staging, "staging"),
            index: folder(&config.search_folder, "index"),
            scratch: folder(&config.work_scratch, "scratch"),
            taxa: data.join("vocabularies").join("taxa"),
            organisations: data.join("vocabularies").join("organisations"),
        })
    }
}

/// Which search index a process holds: there is one writer to each folder.
pub(crate) enum IndexUse {
    /// The one that pages are searched in.
    Own,
    /// An empty one that goes away with the process, for commands that do not search.
    Passing,
}

pub(crate) struct House {
    pub(crate) archive: Archive,
    pub(crate) layout: Layout,
    /// Keeps the folder of a passing index until the end.
    _passing: Option<tempfile::TempDir>,
}

pub(crate) async fn house(config: &Config, data: &Path, base_url: String, which: IndexUse) -> anyhow::Result<House> {
    let layout = Layout::new(config, data)?;
    let catalogue = Catalogue::open(&layout.database_url).await.context("cannot open the catalogue; see database.url")?;
    let store = open_store(config, &layout).await?;
    std::fs::create_dir_all(&layout.scratch).with_context(|| format!("cannot make {}", layout.scratch.display()))?;
    let (index_folder, passing) = match which {
        IndexUse::Own => (layout.index.clone(), None),
        IndexUse::Passing => {
            let folder = tempfile::tempdir_in(&layout.scratch)?;
            (folder.path().to_owned(), Some(folder))
        }
    };
    let index = tokio::task::spawn_blocking(move || Index::open(&index_folder))
        .await?
        .context("cannot open the search index; is another server using this data folder?")?
        .index;
    let (taxa, organisations, settings) = (taxa(&layout)?, organisations(&layout)?, settings(config, base_url)?);
    let archive = Archive::new(Parts { catalogue, store, index, clock: Clock::System, taxa, organisations, settings });
    Ok(House { archive, layout, _passing: passing })
}

/// The imported list, or the one that the program brings.
fn taxa(layout: &Layout) -> anyhow::Result<Taxonomy> {
    if layout.taxa.exists() { Ok(Taxonomy::open(&layout.taxa)?) } else { Ok(Taxonomy::built_in()) }
}

fn organisations(layout: &Layout) -> anyhow::Result<Organisations> {
    if layout.organisations.exists() { Ok(Organisations::open(&layout.organisations)?) } else { Ok(Organisations::built_in()) }
}

async fn open_store(config: &Config, layout: &Layout) -> anyhow::Result<Store> {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let s3 = S3Options {
        endpoint: given(&config.storage_s3_endpoint),
        access_key: given(&config.storage_s3_access_key),
        secret_key: given(&config.storage_s3_secret_key.0),
        region: given(&config.storage_s3_region),
        allow_http: config.storage_s3_endpoint.starts_with("http://"),
    };
    Store::open(&layout.storage_url, &layout.staging, &s3)
        .await
        .with_context(|| format!("cannot open the storage {}; see storage.url", layout.storage_url))
}

fn settings(config: &Config, base_url: String) -> anyhow::Result<Settings> {
    let Some(prefix) = Prefix::parse(&config.doi_prefix) else {
        bail!("doi.prefix = “{}” is no DOI prefix such as {}", config.doi_prefix, Prefix::SANDBOX);
    };
    let (curator, sources) = sources::read(&config.publications_sources, Publications::default().curator)?;
    Ok(Settings {
        base_url,
        prefix,
        publisher: config.archive_publisher.clone(),
        contact: config.mail_from.clone(),
        sandbox: config.doi_registrar == Register::Sandbox,
        open_registration: config.archive_open_registration,
        publications: Publications {
            crossref_url: config.publications_crossref.clone(),
            datacite_url: config.publications_datacite.clone(),
            contact: config.publications_contact.clone(),
            curator,
            sources,
        },
        limits: Limits {
            file_bytes_max: config.limits_file_bytes,
            record_bytes_max: config.limits_record_bytes,
            files_per_record_max: config.limits_record_files,
            ..Limits::default()
        },
    })
}

/// Who is told about DOIs.
pub(crate) fn registrar(config: &Config) -> anyhow::Result<Registrar> {
    match config.doi_registrar {
        Register::Sandbox => Ok(Registrar::Sandbox),
        Register::DataCite if config.doi_repository.is_empty() => {
            bail!("doi.registrar = \"datacite\" needs doi.repository and doi.password")
        }
        Register::DataCite if config.server_base_url.is_empty() => {
            bail!("doi.registrar = \"datacite\" needs server.base_url: it is where DOIs will lead for ever")
        }
        Register::DataCite => {
            let registrar =
                Registrar::datacite(&config.doi_url, &config.doi_repository, &config.doi_password.0).context("doi.registrar")?;
            Ok(if config.doi_check_page { registrar.checking_pages() } else { registrar })
        }
    }
}

/// Who carries mails.
pub(crate) fn postman(config: &Config) -> anyhow::Result<Postman> {
    match &config.mail_url {
        Secret(url) if url.is_empty() => Ok(Postman::Outbox),
        Secret(url) => Postman::smtp(url).context("mail.url"),
    }
}
