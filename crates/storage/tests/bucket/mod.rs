//! A real S3 server for a test: started on a free port, gone with the test.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use storage::S3Options;

pub(crate) struct Server {
    process: Child,
    port: u16,
}

pub(crate) const URL: &str = "s3://science3d-test/some/prefix";

impl Server {
    /// `None`, said by name, when this machine has no `moto_server`.
    pub(crate) fn start(test: &str) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let started = candidates().into_iter().find_map(|program| {
            let mut command = Command::new(program);
            command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
            command.spawn().ok()
        });
        let Some(process) = started else {
            eprintln!("skipped: {test}: no moto_server; `pip install 'moto[s3,server]'` and name it in SCIENCE3D_MOTO");
            return None;
        };
        let mut server = Self { process, port };
        let deadline = Instant::now() + Duration::from_secs(60);
        while server.make_bucket().is_none() {
            if server.process.try_wait().unwrap().is_some() || Instant::now() > deadline {
                eprintln!("skipped: {test}: moto_server does not start");
                return None;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Some(server)
    }

    fn make_bucket(&self) -> Option<()> {
        let mut socket = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        socket.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
        let host = format!("127.0.0.1:{}", self.port);
        write!(socket, "PUT /science3d-test HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok()?;
        let mut answer = [0; 12];
        socket.read_exact(&mut answer).ok()?;
        answer.ends_with(b"200").then_some(())
    }

    pub(crate) fn options(&self) -> S3Options {
        S3Options {
            endpoint: Some(format!("http://127.0.0.1:{}", self.port)),
            access_key: Some("test".to_owned()),
            secret_key: Some("test".to_owned()),
            region: Some("us-east-1".to_owned()),
            allow_http: true,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn candidates() -> Vec<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let cache = variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")));
    let mut found: Vec<PathBuf> = variable("SCIENCE3D_MOTO").into_iter().collect();
    found.extend(cache.map(|cache| cache.join("science3d/venv/bin/moto_server")));
    found.push("moto_server".into());
    found
}
