//! A body read into memory, up to a limit. What is longer is read to its end all the same, within bounds, and thrown away: a client
//! that is still sending would see a broken connection instead of the answer.

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;

/// Read for nobody; who sends more must take the broken connection.
const THROWN_AWAY_BYTES_MAX: usize = 64 << 20;

/// It was longer than allowed, or did not come whole.
#[derive(Debug)]
pub(crate) struct NotTaken;

pub(crate) async fn read(mut body: Body, bytes_max: usize) -> Result<Bytes, NotTaken> {
    let mut kept = Vec::new();
    let mut total = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| NotTaken)?.into_data() else { continue };
        total += data.len();
        if total > THROWN_AWAY_BYTES_MAX.max(bytes_max) {
            break;
        }
        if total <= bytes_max {
            kept.extend_from_slice(&data);
        } else {
            kept = Vec::new();
        }
    }
    if total > bytes_max { Err(NotTaken) } else { Ok(kept.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    };

    #[tokio::test]
    async fn what_is_too_long_is_heard_out_and_not_kept() {
        let taken = read(Body::from("abc"), 3).await.unwrap();
        assert_eq!(&taken[..], b"abc");
        assert!(read(Body::from("abcd"), 3).await.is_err());
        let heard = Arc::new(AtomicUsize::new(0));
        let count = heard.clone();
        let pieces = (0..40).map(move |_| {
            count.fetch_add(1, Relaxed);
            Ok::<_, std::io::Error>(Bytes::from_static(&[7; 1000]))
        });
        assert!(read(Body::from_stream(futures::stream::iter(pieces)), 2000).await.is_err());
        assert_eq!(heard.load(Relaxed), 40, "to its end");
    }
}
