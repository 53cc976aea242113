//! The connection as hyper writes to it. Bytes that are a window onto a file go out by sendfile(2), everything else
//! by sendmsg(2); a reader that stands still is given up.

use super::window;
use std::{
    fs::File,
    future::Future,
    io::{self, IoSlice},
    os::fd::{AsRawFd, RawFd},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep},
};

/// One call sends at most this much, so that one fast reader does not hold a thread for long.
const TURN_BYTES: usize = 2 << 20;
/// More slices than the kernel takes at once need another call.
const SLICES_MAX: usize = 64;

pub(crate) struct Wire {
    stream: TcpStream,
    /// How long a reader may take nothing at all.
    patience: Duration,
    standstill: Option<Pin<Box<Sleep>>>,
    standing: bool,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, patience: Duration) -> Self {
        Self { stream, patience, standstill: None, standing: false }
    }

    /// Ready when the socket takes bytes; fails when it has taken none for too long.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Poll::Ready(ready) = self.stream.poll_write_ready(cx) {
            return Poll::Ready(ready);
        }
        let deadline = Instant::now() + self.patience;
        let sleep = self.standstill.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if !self.standing {
            self.standing = true;
            sleep.as_mut().reset(deadline);
        }
        ready!(sleep.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the reader stands still")))
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.poll_room(cx))?;
            let socket = self.stream.as_raw_fd();
            match self.stream.try_io(Interest::WRITABLE, || send(socket, slices)) {
                Ok(count) => {
                    self.standing = false;
                    return Poll::Ready(Ok(count));
                }
                // The socket was full after all; readiness is cleared now, so the next turn waits.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Sends as much as the socket takes now, from the front. `WouldBlock` only when nothing was sent.
fn send(socket: RawFd, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    let mut sent = 0;
    let mut rest = slices;
    while let Some(first) = rest.first() {
        if first.is_empty() {
            rest = &rest[1..];
            continue;
        }
        let (asked, result) = match window::find(first) {
            Some((file, offset)) => {
                rest = &rest[1..];
                (first.len(), send_file(socket, &file, offset, first.len()))
            }
            None => {
                let count = rest.iter().take(SLICES_MAX).take_while(|slice| window::find(slice).is_none()).count();
                let (run, after) = rest.split_at(count);
                rest = after;
                // Before a file the head waits for it, so that both leave in one packet.
                (run.iter().map(|slice| slice.len()).sum(), send_memory(socket, run, !after.is_empty()))
            }
        };
        match result {
            Ok(count) => sent += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && sent > 0 => return Ok(sent),
            Err(error) => return Err(error),
        }
        if result.is_ok_and(|count| count < asked) || sent >= TURN_BYTES {
            return Ok(sent);
        }
    }
    Ok(sent)
}

fn send_memory(socket: RawFd, slices: &[IoSlice<'_>], more: bool) -> io::Result<usize> {
    let flags = libc::MSG_NOSIGNAL | if more { libc::MSG_MORE } else { 0 };
    // SAFETY: an all-zero msghdr is valid: no address, no control data.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    // `IoSlice` has the layout of `iovec` by its documentation; the kernel only reads through the pointer.
    message.msg_iov = slices.as_ptr().cast_mut().cast();
    message.msg_iovlen = slices.len() as _;
    // SAFETY: the slices live during the call, and their number is given.
    counted(|| unsafe { libc::sendmsg(socket, &message, flags) })
}

/// How often the kernel was handed a file; tests see by it that nothing was copied on the way.
#[cfg(test)]
pub(crate) static FILES_SENT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

fn send_file(socket: RawFd, file: &File, offset: u64, length: usize) -> io::Result<usize> {
    let mut position = offset as libc::off_t;
    let count = length.min(TURN_BYTES);
    #[cfg(test)]
    FILES_SENT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    // SAFETY: both descriptors are open during the call; the kernel writes only `position`.
    match counted(|| unsafe { libc::sendfile(socket, file.as_raw_fd(), &mut position, count) }) {
        Ok(0) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file is shorter than it was")),
        Err(error) if matches!(error.raw_os_error(), Some(libc::EINVAL | libc::ENOSYS)) => {
            send_file_by_reading(socket, file, offset, count)
        }
        result => result,
    }
}

/// For file systems that cannot be sent from.
fn send_file_by_reading(socket: RawFd, file: &File, offset: u64, length: usize) -> io::Result<usize> {
    use std::os::unix::fs::FileExt;
    let mut buffer = [0u8; 64 << 10];
    let wanted = length.min(buffer.len());
    let count = file.read_at(&mut buffer[..wanted], offset)?;
    if count == 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file is shorter than it was"));
    }
    send_memory(socket, &[IoSlice::new(&buffer[..count])], false)
}

fn counted(mut call: impl FnMut() -> isize) -> io::Result<usize> {
    loop {
        if let Ok(count) = usize::try_from(call()) {
            return Ok(count);
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use std::{io::Write, sync::Arc};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn pair() -> (Wire, TcpStream) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (Wire::new(listener.accept().await.unwrap().0, Duration::from_millis(300)), client)
    }

    fn window_of(name: &str, content: &[u8]) -> (std::path::PathBuf, Bytes) {
        let path = std::env::temp_dir().join(format!("science3d-wire-{name}-{}", std::process::id()));
        File::create(&path).unwrap().write_all(content).unwrap();
        let window = window::open_window(&Arc::new(File::open(&path).unwrap()), content.len() as u64).unwrap();
        (path, window)
    }

    async fn write_all(wire: &mut Wire, parts: &[&[u8]]) -> io::Result<()> {
        let mut parts: Vec<&[u8]> = parts.to_vec();
        while !parts.is_empty() {
            let slices: Vec<IoSlice<'_>> = parts.iter().map(|part| IoSlice::new(part)).collect();
            let mut count = wire.write_vectored(&slices).await?;
            while count > 0 || parts.first().is_some_and(|part| part.is_empty()) {
                let step = count.min(parts[0].len());
                parts[0] = &parts[0][step..];
                count -= step;
                if parts[0].is_empty() {
                    parts.remove(0);
                }
            }
        }
        Ok(())
    }

    #[tokio::test]
    async fn memory_and_files_arrive_in_their_order() {
        let content: Vec<u8> = (0..9_000_000u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let (path, window) = window_of("order", &content);
        let (mut wire, mut client) = pair().await;
        let reading = tokio::spawn(async move {
            let mut all = Vec::new();
            client.read_to_end(&mut all).await.map(|_| all)
        });
        write_all(&mut wire, &[b"head\r\n", b"", &window[5..], b"between", &window[..3], &window[8_999_999..], b"end"]).await.unwrap();
        drop(wire);
        let expected = [b"head\r\n", &content[5..], b"between", &content[..3], &content[8_999_999..], b"end"].concat();
        assert!(reading.await.unwrap().unwrap() == expected);
        std::fs::remove_file(path).unwrap();
    }

    #[tokio::test]
    async fn a_file_that_became_shorter_ends_the_connection_and_hangs_nobody() {
        let (path, window) = window_of("short", &[7; 100_000]);
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(10).unwrap();
        let (mut wire, _client) = pair().await;
        let fault = write_all(&mut wire, &[&window[..]]).await.unwrap_err();
        assert_eq!(fault.kind(), io::ErrorKind::UnexpectedEof);
        std::fs::remove_file(path).unwrap();
    }

    #[tokio::test]
    async fn a_reader_that_stands_still_is_given_up() {
        let (path, window) = window_of("still", &vec![7; 64 << 20]);
        let (mut wire, _client) = pair().await;
        let fault = tokio::time::timeout(Duration::from_secs(20), write_all(&mut wire, &[&window[..]])).await.unwrap().unwrap_err();
        assert_eq!(fault.kind(), io::ErrorKind::TimedOut);
        std::fs::remove_file(path).unwrap();
    }
}
