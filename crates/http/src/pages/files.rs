//! Where the built pages come from, and each of them with its compressed forms.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Bytes;

/// The pages of the dashboard and the widget. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pages(Source);

#[derive(Debug, Clone)]
enum Source {
    /// In memory, by `<package>/<path>`.
    Held(Arc<BTreeMap<String, Bytes>>),
    /// The folder `web`, read as asked for.
    #[cfg_attr(embed_pages, expect(dead_code, reason = "only for other builds"))]
    Folder(PathBuf),
}

/// How a file is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Brotli,
    Gzip,
    Identity,
}

impl Coding {
    /// The best first.
    pub(super) const ALL: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Identity];

    /// Its name in `Accept-Encoding` and `Content-Encoding`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }

    /// What the compressed file's name ends with.
    const fn ending(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Identity => "",
        }
    }
}

impl Pages {
    /// Those of this build: put in by a release build, else what now lies in the folders.
    pub fn built() -> Self {
        #[cfg(embed_pages)]
        {
            let files: &[(&str, &'static [u8])] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));
            let held = files
                .iter()
                .map(|(name, bytes)| ((*name).to_owned(), Bytes::from_static(bytes)));
            Self(Source::Held(Arc::new(held.collect())))
        }
        #[cfg(not(embed_pages))]
        Self(Source::Folder(
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web"),
        ))
    }

    /// Exactly these, by names such as `dashboard/index.html`.
    pub fn of<N: Into<String>, B: Into<Bytes>>(files: impl IntoIterator<Item = (N, B)>) -> Self {
        let files = files.into_iter();
        let held = files.map(|(name, bytes)| (name.into(), bytes.into()));
        Self(Source::Held(Arc::new(held.collect())))
    }

    /// One file in one form, if it is there. The name is `<package>/<path>`.
    pub(super) async fn read(&self, name: &str, coding: Coding) -> Option<Bytes> {
        if !is_plain(name) {
            return None;
        }
        let name = match coding {
            Coding::Identity => Cow::Borrowed(name),
            coding => Cow::Owned(format!("{name}{}", coding.ending())),
        };
        match &self.0 {
            Source::Held(files) => files.get(&*name).cloned(),
            Source::Folder(web) => {
                let (package, path) = name.split_once('/')?;
                let path = web.join(package).join("dist").join(path);
                let read = tokio::task::spawn_blocking(move || std::fs::read(path));
                // Whatever keeps it from being read, it is not there for a browser.
                read.await.ok()?.ok().map(Bytes::from)
            }
        }
    }
}

/// Whether a name leads down only, and to nothing hidden.
fn is_plain(name: &str) -> bool {
    name.split('/').all(|part| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_down_only() {
        for name in ["dashboard/index.html", "dashboard/assets/a-B_9.js"] {
            assert!(is_plain(name), "{name}");
        }
        for name in [
            "",
            "dashboard/",
            "dashboard//a.js",
            "dashboard/../widget/a.js",
            "dashboard/.env",
            "/etc/passwd",
            "dashboard/%2e%2e/a",
            "dashboard/..\\a",
            "dashboard/a\0.js",
        ] {
            assert!(!is_plain(name), "{name}");
        }
    }
}
