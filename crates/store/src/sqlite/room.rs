//! Whether there is room beside a database.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::error::{DatabaseError, Fault};
use crate::{Result, StoreError};

/// Some turns' worth of what they store.
const BYTES: usize = 256 << 10;

/// Makes a file beside the database, and removes it again.
pub(super) fn look_for(database: &Path) -> Result<()> {
    let mut name = database.as_os_str().to_owned();
    name.push("-room");
    let path = PathBuf::from(name);
    let filled = fill(&path);
    // One that could not be made is not there.
    let removed = match fs::remove_file(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    };
    filled.and(removed).map_err(|error| {
        let fault = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Fault::Full,
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Fault::ReadOnly,
            _ => Fault::Damaged,
        };
        let why = format!("{}: {error}", path.display());
        StoreError::Database(DatabaseError::new(why).because(fault))
    })
}

fn fill(path: &Path) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(&vec![0; BYTES])?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_it() {
        let dir = tempfile::tempdir().unwrap();
        look_for(&dir.path().join("t.db")).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn where_nothing_can_be_made_it_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let nowhere = dir.path().join("nowhere/t.db");
        let said = look_for(&nowhere).unwrap_err().to_string();
        assert!(said.contains("t.db-room"), "{said}");
    }
}
