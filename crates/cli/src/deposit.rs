//! `science3d deposit`: makes a record on a server out of a folder, and goes on where an earlier run stopped.

use crate::{
    client::Client,
    description::read_metadata,
    folder::{LocalFile, files_of},
    memory::{Memory, Remembered},
    progress::words_for_bytes,
    question::{self, SaidOptions},
    send::send_files,
};
use anyhow::{Context, bail};
use api::{ReadinessView, RecordView};
use record::{doi::Doi, id::RecordId, kind::Kind, metadata::Metadata};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

const WAIT_SECONDS_MAX: u64 = 3600;

/// Make a record on a server out of a file or folder; a second run goes on where the first stopped.
#[derive(Debug, Clone, clap::Args)]
pub struct Deposit {
    /// File or folder to deposit; the tree below a folder is kept
    #[arg(required_unless_present = "doi")]
    pub path: Option<PathBuf>,
    /// What it is: tomography-biology, tomography-materials, electron-microscopy, model, movie, lesson, publication, reference
    #[arg(long, required_unless_present_any = ["doi", "new_version_of"])]
    pub kind: Option<Kind>,
    /// Title of the record
    #[arg(long, required_unless_present_any = ["doi", "new_version_of"])]
    pub title: Option<String>,
    /// Begin a new version of this released record, or go on with it: its files stay but for those of the folder, which take the place of
    /// files under the same path
    #[arg(long, value_name = "RECORD", conflicts_with_all = ["doi", "kind", "template"])]
    pub new_version_of: Option<RecordId>,
    /// Register a publication that has this DOI; the server asks Crossref or DataCite what it is
    #[arg(long, value_name = "DOI", conflicts_with_all = ["path", "kind", "title", "metadata"])]
    pub doi: Option<Doi>,
    /// JSON or TOML file that describes it, with the field names of the API
    #[arg(long, value_name = "FILE")]
    pub metadata: Option<PathBuf>,
    /// Begin with the words of this record of the server
    #[arg(long, value_name = "RECORD")]
    pub template: Option<RecordId>,
    #[command(flatten)]
    pub(crate) said: SaidOptions,
    /// Address of the server
    #[arg(long, env = "SCIENCE3D_SERVER", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    pub server: String,
    /// API token, made on the page “API tokens” with the scope deposit (release, to release)
    #[arg(long, env = "SCIENCE3D_TOKEN", hide_env_values = true, value_name = "T")]
    pub token: Option<String>,
    /// Give it its DOI and make its entry page public; files stay closed
    #[arg(long)]
    pub register: bool,
    /// Open the files to everyone (registers first); for texts: publish
    #[arg(long)]
    pub release: bool,
    /// Replace files that are on the server with other content
    #[arg(long)]
    pub replace: bool,
    /// Wait until the server has made everything it makes of the files
    #[arg(long)]
    pub wait: bool,
    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
    /// Where unfinished deposits are remembered
    #[arg(long, env = "XDG_STATE_HOME", hide = true)]
    pub state_home: Option<PathBuf>,
}

/// What a deposit came to.
#[derive(Debug)]
pub struct Deposited {
    pub record: RecordView,
    pub readiness: ReadinessView,
    pub files: usize,
    pub bytes: u64,
    pub sent_bytes: u64,
}

impl Deposit {
    pub async fn run(self) -> anyhow::Result<()> {
        let began = Instant::now();
        let as_json = self.json;
        let done = self.deposit().await?;
        if as_json {
            println!("{}", summary(&done, began.elapsed()));
        } else {
            print_words(&done);
        }
        Ok(())
    }

    pub async fn deposit(&self) -> anyhow::Result<Deposited> {
        match (&self.doi, &self.path, self.kind, &self.new_version_of) {
            (Some(doi), ..) => self.register_publication(doi).await,
            (None, Some(path), _, Some(of)) => self.deposit_version(path, of).await,
            (None, Some(path), Some(kind), None) => self.deposit_record(path, kind).await,
            _ => bail!("give a file or folder with --kind and --title or with --new-version-of, or --doi for a publication"),
        }
    }

    /// Nothing is sent but the DOI.
    async fn register_publication(&self, doi: &Doi) -> anyhow::Result<Deposited> {
        let client = Client::new(&self.server, self.token.clone())?;
        let id: RecordId = client.enter_publication(doi).await?.id.parse()?;
        let readiness = self.go_further(&client, &id, Kind::Publication).await?;
        Ok(Deposited { record: client.record(&id).await?, readiness, files: 0, bytes: 0, sent_bytes: 0 })
    }

    async fn deposit_record(&self, path: &Path, kind: Kind) -> anyhow::Result<Deposited> {
        let root = std::fs::canonicalize(path).with_context(|| format!("cannot find {}", path.display()))?;
        let metadata = self.described()?;
        let client = Client::new(&self.server, self.token.clone())?;
        let memory = Memory::of(&self.state_folder(), &root, client.server());
        let files = files_to_send(&root, kind)?;
        let id = self.record_to_fill(&client, &memory, &root, kind, metadata).await?;
        let done = self.fill(&client, &id, kind, &files, self.replace).await?;
        if self.register || self.release {
            memory.forget();
        }
        Ok(done)
    }

    /// A second run finds the draft on the server, so nothing need be remembered here.
    async fn deposit_version(&self, path: &Path, of: &RecordId) -> anyhow::Result<Deposited> {
        let root = std::fs::canonicalize(path).with_context(|| format!("cannot find {}", path.display()))?;
        let metadata = self.described()?;
        let client = Client::new(&self.server, self.token.clone())?;
        let now = client.record(of).await?;
        let files = files_to_send(&root, now.kind)?;
        match now.state.as_str() {
            "revising" => eprintln!("going on with version {} of record {of}", now.version),
            "released" | "published" => {
                let draft = client.begin_version(of).await?;
                eprintln!("began version {} of record {of} on {}", draft.version, client.server());
            }
            state => bail!("record {of} is {state}; a new version begins from a released one, so deposit into the record itself"),
        }
        if metadata != Metadata::default() {
            let mut said = serde_json::to_value(&metadata)?;
            if let (Some(fields), true) = (said.as_object_mut(), metadata.title.is_empty()) {
                fields.remove("title");
            }
            client.patch(of, said).await?;
        }
        self.fill(&client, of, now.kind, &files, true).await
    }

    async fn fill(&self, client: &Client, id: &RecordId, kind: Kind, files: &[LocalFile], replace: bool) -> anyhow::Result<Deposited> {
        let answers = self.said.answers()?;
        if !answers.is_empty() {
            client.answer(id, &answers).await?;
        }
        let bytes = files.iter().map(|file| file.bytes).sum();
        let sent_bytes = send_files(client, id, files, replace).await?;
        wait_for_labour(client, id, self.wait, |words| eprintln!("{words}")).await?;
        let readiness = self.go_further(client, id, kind).await?;
        Ok(Deposited { record: client.record(id).await?, readiness, files: files.len(), bytes, sent_bytes })
    }

    /// The metadata file with the title of the command line in it.
    fn described(&self) -> anyhow::Result<Metadata> {
        let mut metadata = match &self.metadata {
            None => Metadata::default(),
            Some(file) => read_metadata(file)?,
        };
        if let Some(title) = &self.title {
            metadata.title.clone_from(title);
        }
        Ok(metadata)
    }

    fn state_folder(&self) -> PathBuf {
        let home = || std::env::home_dir().map(|home| home.join(".local/state"));
        self.state_home.clone().or_else(home).unwrap_or_else(|| PathBuf::from(".")).join("science3d")
    }

    /// The record that an earlier run made of this folder while it still takes files, else a new one.
    async fn record_to_fill(
        &self,
        client: &Client,
        memory: &Memory,
        root: &Path,
        kind: Kind,
        metadata: Metadata,
    ) -> anyhow::Result<RecordId> {
        if let Some(known) = memory.recall() {
            match client.record(&known.record).await {
                Ok(record) if matches!(record.state.as_str(), "draft" | "registered") => {
                    eprintln!("going on with record {}", known.record);
                    client.patch(&known.record, serde_json::to_value(&metadata)?).await?;
                    return Ok(known.record);
                }
                Ok(_) => {}
                Err(gone) if matches!(gone.status(), Some(404 | 410)) => {}
                Err(failed) => return Err(failed.into()),
            }
        }
        let record = self.new_record(client, kind, metadata).await?;
        eprintln!("made record {record} on {}", client.server());
        let what = Remembered { server: client.server().to_owned(), folder: root.to_owned(), record: record.clone() };
        memory.remember(&what).context("cannot remember which record this folder goes to")?;
        Ok(record)
    }

    async fn new_record(&self, client: &Client, kind: Kind, metadata: Metadata) -> anyhow::Result<RecordId> {
        let Some(template) = &self.template else { return Ok(client.create(kind, metadata).await?.id.parse()?) };
        let of_template = client.record(template).await?.kind;
        if of_template != kind {
            bail!("record {template} is of the kind {of_template}, so it is no template for {kind}; use --kind {of_template}");
        }
        let id: RecordId = client.copy(template).await?.id.parse()?;
        client.patch(&id, serde_json::to_value(&metadata)?).await?;
        Ok(id)
    }

    /// Registers and releases as asked; what stands before it is said in the server's words.
    async fn go_further(&self, client: &Client, id: &RecordId, kind: Kind) -> anyhow::Result<ReadinessView> {
        let readiness = client.readiness(id).await?;
        if !self.register && !self.release {
            return Ok(readiness);
        }
        let state = client.record(id).await?.state;
        if state == "draft" || (state == "revising" && kind.is_text()) {
            refuse_if_unready("registered", &readiness.register, id, client)?;
            if kind.is_text() {
                client.publish(id).await?
            } else {
                client.register(id).await?
            };
        }
        if self.release && kind.is_dataset() {
            refuse_if_unready("released", &client.readiness(id).await?.release, id, client)?;
            client.release(id).await?;
        }
        Ok(client.readiness(id).await?)
    }
}

fn files_to_send(root: &Path, kind: Kind) -> anyhow::Result<Vec<LocalFile>> {
    let files = files_of(root)?;
    if files.is_empty() && kind.is_dataset() {
        bail!("{} holds no file", root.display());
    }
    Ok(files)
}

fn refuse_if_unready(wanted: &str, obstacles: &[api::ObstacleView], id: &RecordId, client: &Client) -> anyhow::Result<()> {
    if obstacles.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = obstacles.iter().map(|obstacle| format!("  - {}", obstacle.says)).collect();
    bail!(
        "the files are safe in record {id}, but it cannot be {wanted} yet:\n{}\nDo it on {}/deposit/{id} or with --metadata, and run the same command again.",
        list.join("\n"),
        client.server()
    )
}

/// Always waits for the headers to be read, because that fills the form; for the rest only when asked.
pub(crate) async fn wait_for_labour(client: &Client, id: &RecordId, for_everything: bool, say: impl Fn(&str)) -> anyhow::Result<()> {
    let began = Instant::now();
    let mut said = String::new();
    while began.elapsed() < Duration::from_secs(WAIT_SECONDS_MAX) {
        let jobs = match client.jobs(id).await {
            Ok(jobs) => jobs,
            // A server that is started again goes on with its labour.
            Err(failed) if failed.may_pass() => {
                tokio::time::sleep(Duration::from_secs(2)).await;
                continue;
            }
            Err(failed) => return Err(failed.into()),
        };
        let awaited = |job: &&api::JobView| {
            job.kind == "inspect" || (for_everything && matches!(job.kind.as_str(), "convert" | "preview" | "preserve"))
        };
        let Some(running) = jobs.iter().filter(awaited).find(|job| !matches!(job.standing.as_str(), "failed" | "needless")) else {
            return jobs.iter().find(|job| job.standing == "failed").map_or(Ok(()), |failed| say_failure(failed, for_everything, say));
        };
        let words = format!("the server works: {}", running.kind);
        if words != said {
            say(&words);
            said = words;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    bail!("the server has not finished within an hour; the files are safe, see {}/deposit/{id}", client.server())
}

/// The files are safe whatever the server could make of them; only who waits for everything is told that it failed.
fn say_failure(failed: &api::JobView, is_refusal: bool, say: impl Fn(&str)) -> anyhow::Result<()> {
    let failure = failed.failure.as_ref().map_or(String::new(), |failure| {
        let file = failure.file.as_ref().map_or(String::new(), |file| format!("{file}: "));
        format!(": {file}{} {}", failure.what, failure.hint)
    });
    let words = format!("the files are safe, but the server could not {} them{failure}", failed.kind);
    if is_refusal {
        bail!(words);
    }
    say(&words);
    Ok(())
}

fn summary(done: &Deposited, elapsed: Duration) -> Value {
    json!({
        "record": done.record.id,
        "state": done.record.state,
        "doi": done.record.doi,
        "links": done.record.links,
        "files": done.files,
        "bytes": done.bytes,
        "sent_bytes": done.sent_bytes,
        "seconds": elapsed.as_secs_f64(),
        "readiness": done.readiness,
    })
}

fn print_words(done: &Deposited) {
    println!(
        "{} files, {} ({} sent) in record {}: {}",
        done.files,
        words_for_bytes(done.bytes),
        words_for_bytes(done.sent_bytes),
        done.record.id,
        done.record.state
    );
    if let Some(doi) = &done.record.doi {
        println!("DOI: {doi}");
    }
    println!("page: {}", done.record.links.html);
    question::print(&done.record.questions);
    let (step, missing) = match done.record.state.as_str() {
        "draft" => ("registered", &done.readiness.register),
        "registered" | "revising" => ("released", &done.readiness.release),
        _ => return,
    };
    if missing.is_empty() {
        println!("It can be {step} now.");
        return;
    }
    println!("Before it can be {step}:");
    for obstacle in missing {
        println!("  - {}", obstacle.says);
    }
}
