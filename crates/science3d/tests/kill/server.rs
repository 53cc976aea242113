//! The real program on a folder of its own, started, killed and started again.

use std::{
    fs::File,
    io::Write,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

const START_SECONDS_MAX: u64 = 60;

pub(crate) struct Server {
    scratch: tempfile::TempDir,
    address: String,
    child: Option<Child>,
}

impl Server {
    pub(crate) fn prepare() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { scratch: tempfile::tempdir().unwrap(), address: format!("http://127.0.0.1:{port}"), child: None }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_science3d"));
        // Movies take longer than everything that this play is about.
        command.args(words).arg("--data").arg(self.data()).env("SCIENCE3D_WORK_MOVIES", "false");
        command
    }

    /// One command on the same data.
    pub(crate) fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.scratch.path().join("data")
    }

    /// An account with a token that may release.
    pub(crate) fn make_account(&self, email: &str) -> String {
        let mut adding = self
            .command(&["admin", "user", "add", email, "--name", "Killed, Often", "--password-stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        adding.stdin.take().unwrap().write_all(b"correct horse battery staple\n").unwrap();
        assert!(adding.wait().unwrap().success());
        let made = self.command(&["admin", "token", "create", email, "--scope", "release"]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        String::from_utf8(made.stdout).unwrap().trim().to_owned()
    }

    pub(crate) async fn start(&mut self) {
        let log = File::options().create(true).append(true).open(self.scratch.path().join("log")).unwrap();
        let listen = self.address.trim_start_matches("http://").to_owned();
        self.child = Some(self.command(&["serve", "--listen", &listen]).stdout(Stdio::null()).stderr(log).spawn().unwrap());
        let began = Instant::now();
        while reqwest::get(format!("{}/healthz", self.address)).await.is_err() {
            let dead = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(
                dead.is_none() && began.elapsed() < crate::patience(START_SECONDS_MAX),
                "the server does not come back ({dead:?}):\n{}",
                self.last_words()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.scratch.path().join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(30).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// `Child::kill` is SIGKILL.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Asks it to stop, as an operator does.
    pub(crate) fn stop(&mut self) {
        let mut child = self.child.take().unwrap();
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        assert!(child.wait().unwrap().success(), "{}", self.last_words());
    }

    /// Every stored byte is what its checksum says.
    pub(crate) fn verify(&self) {
        let verified = self.run(&["verify", "--json"]);
        assert!(verified.status.success(), "{}{}", String::from_utf8_lossy(&verified.stdout), String::from_utf8_lossy(&verified.stderr));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("the server's last words:\n{}", self.last_words());
        }
    }
}
