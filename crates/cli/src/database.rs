//! Database URLs, as settings and commands give them.

use std::path::PathBuf;

use anyhow::{anyhow, bail};
use deskhand_store::StoreError;

/// Refuses what is no URL of a database. The refusal does not quote it: it may hold a password.
pub(crate) fn check(url: &str) -> anyhow::Result<()> {
    if !url.starts_with("sqlite:") && !is_postgres(url) {
        bail!(
            "database_url must be sqlite:// and a path, such as sqlite://deskhand.db, or \
             postgres://user:password@host/database"
        );
    }
    if !is_postgres(url) && url.contains('?') {
        bail!(
            "database_url takes no options for SQLite: leave out the ? and what follows it, as in \
             sqlite://deskhand.db"
        );
    }
    Ok(())
}

/// Whether it is one of a PostgreSQL server.
pub(crate) fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// The file behind `sqlite://path`; `None` for a database in memory or on a server.
pub(crate) fn path(url: &str) -> Option<PathBuf> {
    if is_postgres(url) {
        return None;
    }
    let rest = url.strip_prefix("sqlite:").unwrap_or(url);
    let path = rest.strip_prefix("//").unwrap_or(rest);
    (path != ":memory:" && !path.is_empty()).then(|| PathBuf::from(path))
}

/// A URL as it may be shown: without the password that it may hold.
pub(crate) fn shown(url: &str) -> String {
    if !is_postgres(url) {
        return url.to_owned();
    }
    let (url, options) = match url.split_once('?') {
        Some((url, options)) => (url, Some(options)),
        None => (url, None),
    };
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let shown = match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{host}")
        }
        None => url.to_owned(),
    };
    match options {
        Some(options) if !options.contains("password") => format!("{shown}?{options}"),
        _ => shown,
    }
}

/// What has failed, and what can be done about it.
pub(crate) fn failed(what: &str, error: StoreError) -> anyhow::Error {
    match &error {
        StoreError::Database(cause) => match cause.mend() {
            Some(mend) => anyhow!("{what}: {cause}; {mend}"),
            None => anyhow!("{what}: {cause}"),
        },
        _ => anyhow!("{what}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_path() {
        assert_eq!(path("sqlite://deskhand.db"), Some("deskhand.db".into()));
        assert_eq!(path("sqlite:///var/lib/d.db"), Some("/var/lib/d.db".into()));
        assert_eq!(path("sqlite::memory:"), None);
        assert_eq!(path("postgres://db/x"), None);
    }

    #[test]
    fn options_are_for_postgresql() {
        assert!(check("postgres://db/x?sslmode=require").is_ok());
        assert!(check("sqlite://deskhand.db").is_ok());
        for url in [
            "sqlite://b.db?x=1",
            "sqlite://b.db?",
            "sqlite::memory:?cache=shared",
        ] {
            let error = check(url).unwrap_err().to_string();
            assert!(error.contains("leave out the ?"), "{error}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        for (url, expected) in [
            ("sqlite://d.db", "sqlite://d.db"),
            ("postgres://db/x", "postgres://db/x"),
            (
                "postgres://ada:s3cret@db:5432/x",
                "postgres://ada@db:5432/x",
            ),
            (
                "postgres://ada:s@3:cret@db/x?sslmode=require",
                "postgres://ada@db/x?sslmode=require",
            ),
            (
                "postgres://db/x?user=ada&password=s3cret",
                "postgres://db/x",
            ),
        ] {
            assert_eq!(shown(url), expected);
        }
    }
}
