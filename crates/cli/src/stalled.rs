//! Clients that stop reading. What is written to one that takes nothing piles up in buffers, and its
//! connection stays for as long as it likes; a client that is merely told nothing is another matter.

use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready as ready_or_wait};
use std::time::Duration;

use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// How long a client may take nothing of what is written to it.
const STALLED: Duration = Duration::from_secs(60);

/// Gives accepted connections up whose clients do not read for [`STALLED`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct GiveUpStalled;

impl<I, S> Accept<I, S> for GiveUpStalled {
    type Stream = Impatient<I>;
    type Service = S;
    type Future = Ready<io::Result<(Self::Stream, S)>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        ready(Ok((Impatient::new(stream), service)))
    }
}

/// A stream whose writes fail once one has waited for [`STALLED`].
#[derive(Debug)]
pub(crate) struct Impatient<I> {
    inner: I,
    /// When the write that waits is given up. Every byte that is taken begins it anew.
    until: Option<Pin<Box<Sleep>>>,
}

impl<I> Impatient<I> {
    fn new(inner: I) -> Self {
        Self { inner, until: None }
    }

    /// Lets a write wait, but not for ever.
    fn bounded<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.until = None;
            return written;
        }
        let until = self
            .until
            .get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + STALLED)));
        ready_or_wait!(until.as_mut().poll(cx));
        let what = "the client has read nothing for too long";
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, what)))
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Impatient<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Impatient<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.bounded(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, pieces);
        self.bounded(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        // A flush that has nothing to do is no byte taken, and forgets no write that waits.
        match flushed {
            Poll::Ready(_) => flushed,
            Poll::Pending => self.bounded(cx, flushed),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.bounded(cx, closed)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http_body_util::channel::Channel;
    use hyper::service::service_fn;
    use hyper::{Request, Response};
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_given_up() {
        let (ours, _theirs) = duplex(16);
        let mut ours = Impatient::new(ours);
        ours.write_all(&[0; 16]).await.unwrap();
        let start = Instant::now();
        let error = ours.write_all(&[0; 16]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed(), STALLED);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_client_is_not() {
        let (ours, mut theirs) = duplex(16);
        let mut ours = Impatient::new(ours);
        let reading = tokio::spawn(async move {
            let mut read = 0;
            loop {
                tokio::time::sleep(STALLED - Duration::from_secs(1)).await;
                match theirs.read(&mut [0; 1]).await.unwrap() {
                    0 => return read,
                    more => read += more,
                }
            }
        });
        ours.write_all(&[0; 48]).await.unwrap();
        drop(ours);
        assert_eq!(reading.await.unwrap(), 48);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_is_told_nothing_is_not() {
        let (ours, mut theirs) = duplex(16);
        let mut ours = Impatient::new(ours);
        for _ in 0..3 {
            tokio::time::sleep(STALLED * 60).await;
            ours.write_all(&[7; 16]).await.unwrap();
            ours.flush().await.unwrap();
            theirs.read_exact(&mut [0; 16]).await.unwrap();
        }
    }

    /// A stream of events over a connection as the server makes it.
    #[tokio::test(start_paused = true)]
    async fn a_stream_that_nobody_reads_ends_with_its_connection() {
        let (ours, mut theirs) = duplex(1_024);
        let service = service_fn(|_: Request<hyper::body::Incoming>| async {
            let (mut events, body) = Channel::<&[u8], Infallible>::new(1);
            tokio::spawn(async move { while events.send_data(b"data: x\n\n").await.is_ok() {} });
            Ok::<_, Infallible>(Response::new(body))
        });
        theirs
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            .await
            .unwrap();
        let start = Instant::now();
        let served = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(Impatient::new(ours)), service)
            .await;
        assert!(served.is_err());
        assert_eq!(start.elapsed(), STALLED);
    }
}
