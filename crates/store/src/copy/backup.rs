//! A copy of a running SQLite database. `VACUUM INTO` reads it in one transaction, so that the copy is of
//! one moment however much is written meanwhile; page by page, another process's writes would make it
//! begin again and again. It also leaves out what had been deleted.

use std::fs::{File, remove_file};
use std::path::Path;

use super::failure;
use crate::row::get;
use crate::sql::query;
use crate::sqlite::{Place, make_private_new};
use crate::{Result, StoreError};

pub(super) fn backup(url: &str, file: &Path) -> Result<()> {
    let source = match Place::of_existing(url)? {
        Place::File(path) => path,
        Place::Memory => return Err(failure("a database in memory has no copy".to_owned())),
    };
    make_private_new(file)?;
    let copied = copy(&source, file);
    if copied.is_err() {
        // What is half a copy must not pass for one.
        if let Err(error) = remove_file(file) {
            tracing::warn!(%error, file = %file.display(), "removing what is left of a copy");
        }
    }
    copied
}

fn copy(source: &Path, file: &Path) -> Result<()> {
    let into = file.to_str().ok_or_else(|| {
        failure("the file's name is not Unicode text; choose another one".to_owned())
    })?;
    let mut conn = Place::reader(source)?;
    query("VACUUM INTO $1").bind(into).execute(&mut conn)?;
    conn.close()?;
    File::open(file)
        .and_then(|file| file.sync_all())
        .map_err(|cause| StoreError::File {
            path: into.to_owned(),
            cause,
        })?;
    check(file)
}

fn check(file: &Path) -> Result<()> {
    let mut conn = Place::reader(file)?;
    let found = query("PRAGMA integrity_check(1)").fetch_one(&mut conn)?;
    let says: String = get(&found, "integrity_check")?;
    if says != "ok" {
        return Err(StoreError::Damaged(format!(
            "the copy is not sound: {says}"
        )));
    }
    let dangling = query("SELECT \"table\" AS name FROM pragma_foreign_key_check LIMIT 1");
    if let Some(row) = dangling.fetch_optional(&mut conn)? {
        let name: String = get(&row, "name")?;
        return Err(StoreError::Damaged(format!(
            "the copy is not sound: a row of {name} refers to one that is not there"
        )));
    }
    Ok(conn.close()?)
}
