//! Connections: accepts them, bounds their number and their slowness, and hands requests to the router.

use crate::{data::wire::Wire, front::Front};
use axum::{body::Body, extract::ConnectInfo};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use record::limits::Limits;
use std::{future::Future, io, net::SocketAddr, os::fd::AsRawFd, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tower::Service;

/// More wait in the kernel's queue until one of these has gone.
const CONNECTIONS_MAX: u64 = 8192;
/// Large reads make uploads cheap: one system call, one slice, one write.
const READ_BYTES_MAX: usize = 1 << 20;
/// How long running requests may take to end after the program was asked to stop.
const FAREWELL: Duration = Duration::from_secs(5);

/// Serves until `shutdown` resolves, then lets running requests end.
pub async fn serve(listener: TcpListener, front: impl Into<Front>, limits: Limits, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let front = front.into();
    if listener.local_addr().is_ok_and(|address| address.ip().is_loopback()) {
        unpace(&listener);
    }
    let slots = Arc::new(Semaphore::new(connections_max()));
    let (stop, stopping) = watch::channel(false);
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let slot = tokio::select! {
            () = &mut shutdown => break,
            slot = slots.clone().acquire_owned() => slot.map_err(io::Error::other)?,
        };
        let (stream, peer) = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(fault) => {
                    // Out of descriptors, or the visitor left again: neither is a reason to stop serving.
                    tracing::warn!(%fault, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            },
        };
        let connection = attend(stream, peer, front.clone(), limits.clone(), stopping.clone());
        tokio::spawn(async move {
            connection.await;
            drop(slot);
        });
    }
    drop(listener);
    let _ = stop.send(true);
    drop(stopping);
    if tokio::time::timeout(FAREWELL, stop.closed()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
    Ok(())
}

/// One connection, from its first request to its end.
async fn attend(stream: TcpStream, peer: SocketAddr, front: Front, limits: Limits, mut stopping: watch::Receiver<bool>) {
    if let Err(fault) = stream.set_nodelay(true) {
        tracing::debug!(%fault, "a connection ended before it began");
        return;
    }
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        // It is always ready, and cloning it is cheap.
        front.clone().call(request)
    });
    let wire = TokioIo::new(Wire::new(stream, Duration::from_secs(limits.body_idle_seconds_max)));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(limits.head_seconds_max))
        .max_buf_size(READ_BYTES_MAX)
        .writev(true) // and no pipeline_flush: it would copy every body into one buffer
        .serve_connection(wire, service);
    let mut connection = std::pin::pin!(connection);
    let early = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        _ = stopping.changed() => None,
    };
    let ended = match early {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(fault) = ended {
        tracing::debug!(%fault, %peer, "a connection broke");
    }
}

/// Who listens to this machine only has a proxy in front, or nobody: there is no network whose speed must be found out.
/// Where the system paces connections (BBR), its timers would be a third of the work of a range, and a connection once
/// paced stays so; hence it is asked for before the first one comes. A hint only.
fn unpace(listener: &TcpListener) {
    let plain = b"reno";
    let length = plain.len() as libc::socklen_t;
    // SAFETY: the descriptor is open, and the name lives during the call.
    unsafe { libc::setsockopt(listener.as_raw_fd(), libc::IPPROTO_TCP, libc::TCP_CONGESTION, plain.as_ptr().cast(), length) };
}

/// As many as the limit of descriptors allows, a quarter of it at most: the rest is for files, database and index.
fn connections_max() -> usize {
    usize::try_from(CONNECTIONS_MAX.min(descriptors_max() / 4)).unwrap_or(64).max(64)
}

/// Raises the limit of open descriptors as far as the system lets us, and says where it stands.
pub(crate) fn descriptors_max() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is ours and outlives the call.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) } != 0 {
        return 1024;
    }
    if limit.rlim_cur < limit.rlim_max {
        let raised = libc::rlimit { rlim_cur: limit.rlim_max, rlim_max: limit.rlim_max };
        // SAFETY: as above; only this process' soft limit changes.
        if unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raised) } == 0 {
            limit = raised;
        }
    }
    limit.rlim_cur
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{
        Router,
        routing::{get, post},
    };
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn start(limits: Limits) -> (SocketAddr, tokio::sync::oneshot::Sender<()>, tokio::task::JoinHandle<io::Result<()>>) {
        let router = Router::new()
            .route("/", get(async || "hello"))
            .route(
                "/slow",
                get(async || {
                    tokio::time::sleep(Duration::from_millis(300)).await;
                    "slow"
                }),
            )
            .route("/count", post(async |body: bytes::Bytes| body.len().to_string()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(serve(listener, router, limits, async {
            let _ = stopped.await;
        }));
        (address, stop, serving)
    }

    #[tokio::test]
    async fn requests_sent_at_once_are_answered_in_turn() {
        let (address, _stop, _) = start(Limits::default()).await;
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /slow HTTP/1.1\r\nHost: x\r\n\r\nPOST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc").await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        let order: Vec<_> = ["hello", "slow", "\r\n\r\n3"].iter().map(|word| answer.find(word).unwrap()).collect();
        assert!(order.is_sorted(), "{answer}");
    }

    #[tokio::test]
    async fn a_window_reaches_the_kernel_without_a_copy() {
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, &vec![7; 3_000_000]).unwrap();
        let window = crate::data::window::open_window(&Arc::new(file), 3_000_000).unwrap();
        let router = Router::new().route("/", get(async move || window));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, router, Limits::default(), std::future::pending()));
        let before = crate::data::wire::FILES_SENT.load(std::sync::atomic::Ordering::Relaxed);
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        assert!(answer.ends_with(&vec![7; 3_000_000]));
        assert!(crate::data::wire::FILES_SENT.load(std::sync::atomic::Ordering::Relaxed) > before);
    }

    #[tokio::test]
    async fn connections_within_the_machine_are_not_paced() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        unpace(&listener);
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (accepted, _) = listener.accept().await.unwrap();
        let mut name = [0u8; 16];
        let mut length = name.len() as libc::socklen_t;
        // SAFETY: the descriptor is open, and both places live during the call.
        let asked = unsafe {
            libc::getsockopt(accepted.as_raw_fd(), libc::IPPROTO_TCP, libc::TCP_CONGESTION, name.as_mut_ptr().cast(), &mut length)
        };
        assert!(asked == 0 && name.starts_with(b"reno"), "{name:?}");
        drop(client);
    }

    #[tokio::test]
    async fn who_sends_its_head_too_slowly_is_cut_off() {
        let (address, _stop, _) = start(Limits { head_seconds_max: 1, ..Limits::default() }).await;
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nHo").await.unwrap();
        let mut answer = Vec::new();
        tokio::time::timeout(Duration::from_secs(10), client.read_to_end(&mut answer)).await.unwrap().unwrap();
        assert!(!String::from_utf8_lossy(&answer).contains("hello"));
    }

    #[tokio::test]
    async fn a_running_request_ends_before_the_program() {
        let (address, stop, serving) = start(Limits::default()).await;
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        stop.send(()).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("slow"));
        serving.await.unwrap().unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }
}
