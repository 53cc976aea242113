//! A throw-away PostgreSQL server in a temporary folder, reached by a socket there; it ends with the test.
//! Where PostgreSQL is not installed, tests that want it skip themselves by name.

use std::{
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

/// A running server; dropped, it is stopped and its files are gone.
pub struct Cluster {
    folder: tempfile::TempDir,
    programs: PathBuf,
    server: Child,
    owner: Option<(u32, u32)>,
    databases: AtomicU32,
}

const ROLE: &str = "science3d";
const START_ATTEMPTS: u32 = 150;

impl Cluster {
    /// The error says why there is none, for the line `skipped: …`.
    pub fn start() -> Result<Self, String> {
        let programs = programs().ok_or("PostgreSQL is not installed")?;
        let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
        let owner = unprivileged(folder.path())?;
        let data = folder.path().join("data");
        // A server that sorts like a dictionary: whoever needs the order of bytes must say so.
        let mut initdb = Command::new(programs.join("initdb"));
        initdb
            .args([
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
                "--locale-provider=icu",
                "--icu-locale=en",
                "--username",
                ROLE,
                "--pgdata",
            ])
            .arg(&data);
        run(as_owner(&mut initdb, owner))?;
        let mut postgres = Command::new(programs.join("postgres"));
        postgres.arg("-D").arg(&data).arg("-k").arg(folder.path());
        postgres.args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", "deadlock_timeout=200ms", "-c", "max_connections=200"]);
        let server = as_owner(&mut postgres, owner).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let server = server.map_err(|error| format!("postgres does not start: {error}"))?;
        let cluster = Self { folder, programs, server, owner, databases: AtomicU32::new(0) };
        cluster.wait_until_it_answers()?;
        Ok(cluster)
    }

    /// The address of a new, empty database.
    pub fn new_database(&self) -> Result<String, String> {
        let name = format!("play_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut createdb = Command::new(self.programs.join("createdb"));
        run(createdb.arg("-h").arg(self.folder.path()).args(["-U", ROLE, &name]))?;
        Ok(format!("postgres:///{name}?host={}&user={ROLE}", self.folder.path().display()))
    }

    fn wait_until_it_answers(&self) -> Result<(), String> {
        for _ in 0..START_ATTEMPTS {
            let mut ready = Command::new(self.programs.join("pg_isready"));
            if run(ready.arg("-q").arg("-h").arg(self.folder.path()).args(["-U", ROLE, "-d", "postgres"])).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err("postgres started but does not answer".to_owned())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Immediately: the data vanish anyway. Killed outright, it would leave children that still write into the folder.
        let mut stop = Command::new(self.programs.join("pg_ctl"));
        stop.args(["stop", "--silent", "--mode=immediate", "--pgdata"]).arg(self.folder.path().join("data"));
        if run(as_owner(&mut stop, self.owner)).is_err() {
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
    }
}

/// Where `initdb` lies: on the path, or where Debian keeps it off the path; the newest version there.
fn programs() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let mut debian: Vec<PathBuf> =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin")).collect();
    debian.sort();
    let complete =
        |folder: &PathBuf| ["initdb", "postgres", "createdb", "pg_isready", "pg_ctl"].iter().all(|program| folder.join(program).exists());
    debian.into_iter().rev().chain(on_path).find(complete)
}

/// PostgreSQL refuses to run as root; then the folder and the processes are given to the user `postgres`.
fn unprivileged(folder: &Path) -> Result<Option<(u32, u32)>, String> {
    let root = std::fs::metadata(folder).map_err(|error| format!("no temporary folder: {error}"))?.uid() == 0;
    if !root {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let line =
        users.lines().find(|line| line.starts_with("postgres:")).ok_or("PostgreSQL does not run as root and there is no user postgres")?;
    let mut numbers = line.split(':').skip(2).map_while(|field| field.parse::<u32>().ok());
    let (Some(user), Some(group)) = (numbers.next(), numbers.next()) else {
        return Err("the user postgres has no number".to_owned());
    };
    chown(folder, Some(user), Some(group)).map_err(|error| format!("the folder cannot be given to postgres: {error}"))?;
    Ok(Some((user, group)))
}

fn as_owner(command: &mut Command, owner: Option<(u32, u32)>) -> &mut Command {
    match owner {
        Some((user, group)) => command.uid(user).gid(group).current_dir("/"),
        None => command,
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() { Ok(()) } else { Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim())) }
}
