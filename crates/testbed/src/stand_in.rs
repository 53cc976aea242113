//! A server that stands in for another institution: real HTTP on the loopback, and it may fail, stall and lie.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// One request, without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    /// With the query, as it came.
    pub target: String,
    pub head: String,
}

impl Asked {
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or("")
    }
    /// A value of the query, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        let query = self.target.split_once('?')?.1;
        let value = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name)?.1;
        let mut bytes = Vec::new();
        let mut rest = value.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            let hex = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok()).and_then(|pair| u8::from_str_radix(pair, 16).ok());
            match (first, hex) {
                (b'%', Some(byte)) => {
                    bytes.push(byte);
                    rest = &after[2..];
                }
                (b'+', _) => {
                    bytes.push(b' ');
                    rest = after;
                }
                (byte, _) => {
                    bytes.push(*byte);
                    rest = after;
                }
            }
        }
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}

#[derive(Debug, Clone, Default)]
pub struct Reply {
    pub status: u16,
    pub heads: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// How long it thinks before it answers.
    pub delay: Duration,
    /// The body is announced longer than what is sent, and then nothing more comes.
    pub breaks_off: bool,
}

impl Reply {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: body.into(), ..Self::default() }
    }
}

pub struct StandIn {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    serving: JoinHandle<()>,
}

impl StandIn {
    /// Answers every request with what the closure says.
    pub async fn open(answers: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let (asked, answers) = (Arc::new(Mutex::new(Vec::new())), Arc::new(answers));
        let kept = asked.clone();
        let serving = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (kept, answers) = (kept.clone(), answers.clone());
                tokio::spawn(async move {
                    let _ = serve(socket, &kept, &*answers).await;
                });
            }
        });
        Self { url, asked, serving }
    }

    /// Everything that was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(mut socket: TcpStream, kept: &Mutex<Vec<Asked>>, answers: &(impl Fn(&Asked) -> Reply + ?Sized)) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = socket.read_u8().await?;
        head.push(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut words = head.split(' ');
    let asked = Asked {
        method: words.next().unwrap_or_default().to_owned(),
        target: words.next().unwrap_or_default().to_owned(),
        head: head.clone(),
    };
    kept.lock().unwrap_or_else(PoisonError::into_inner).push(asked.clone());
    let reply = answers(&asked);
    tokio::time::sleep(reply.delay).await;
    let length = reply.body.len() + usize::from(reply.breaks_off) * 1000;
    let mut answer = format!("HTTP/1.1 {} Stand-in\r\nContent-Length: {length}\r\nConnection: close\r\n", reply.status);
    for (name, value) in &reply.heads {
        answer.push_str(&format!("{name}: {value}\r\n"));
    }
    socket.write_all(answer.as_bytes()).await?;
    socket.write_all(b"\r\n").await?;
    socket.write_all(&reply.body).await?;
    if reply.breaks_off {
        tokio::time::sleep(Duration::from_secs(120)).await;
    }
    socket.shutdown().await
}
