//! Everything from one database to another, whichever they are, and a copy of a file.

mod backup;
mod schema;
mod table;

use crate::database::is_postgres;
use crate::error::DatabaseError;
use crate::postgres::connect;
use crate::row::Conn;
use crate::sqlite::{Place, blocking};
use crate::{Database, Result, StoreError, migrate};
use schema::Table;

/// A table that was copied, and found to be the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedTable {
    /// Its name.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
    /// SHA-256 of all of them in the order of their keys, in lower-case hexadecimal.
    pub checksum: String,
}

impl Database {
    /// Copies every table of a database into another one, which must be empty, and reads all of it back
    /// to compare. Both are brought up to date first. It is one transaction: either all of it is there at
    /// the end, or nothing. No server may use either meanwhile; the source cannot be written to.
    ///
    /// Secrets are copied as they are, sealed: the new database needs the secret key of the old one.
    ///
    /// # Errors
    /// `Conflict` if the target is not empty, `Damaged` if what was read back is not what was copied,
    /// those of [`Database::open`] for the rest.
    pub async fn copy(from: &str, to: &str) -> Result<Vec<CopiedTable>> {
        let (from, to) = (from.to_owned(), to.to_owned());
        blocking(move || {
            let (mut source, mut target) = (opened(&from)?, opened(&to)?);
            let tables = schema::tables()?;
            source.batch(match source.is_postgres() {
                true => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                false => "BEGIN IMMEDIATE",
            })?;
            target.batch(match target.is_postgres() {
                true => "BEGIN",
                false => "BEGIN IMMEDIATE",
            })?;
            // Dropped without a commit, both are rolled back.
            let copied = copy_all(&mut source, &mut target, &tables)?;
            target.batch("COMMIT")?;
            target.close()?;
            source.close()?;
            Ok(copied)
        })
        .await
    }

    /// Copies a running SQLite database into a file that must not be there, and checks the copy. It holds
    /// what was committed when it began.
    ///
    /// # Errors
    /// `File` if the file cannot be made, `Damaged` if the copy is not sound, `Database` for the rest.
    pub async fn backup(url: &str, file: &std::path::Path) -> Result<()> {
        let (url, file) = (url.to_owned(), file.to_owned());
        blocking(move || backup::backup(&url, &file)).await
    }
}

fn opened(url: &str) -> Result<Conn> {
    let mut conn = match is_postgres(url) {
        true => connect(url)?,
        false => Place::of(url)?.writer()?,
    };
    migrate::run(&mut conn)?;
    Ok(conn)
}

fn copy_all(source: &mut Conn, target: &mut Conn, tables: &[Table]) -> Result<Vec<CopiedTable>> {
    for table in tables {
        if !table.is_empty(target)? {
            return Err(StoreError::Conflict("the target is not empty"));
        }
    }
    let mut copied = Vec::with_capacity(tables.len());
    for table in tables {
        copied.push(table.copy(source, target)?);
    }
    for (table, copied) in tables.iter().zip(&copied) {
        let read_back = table.sum(target)?;
        if read_back != *copied {
            return Err(StoreError::Damaged(format!(
                "table {}: {} rows were copied and {} read back, or they differ",
                copied.name, copied.rows, read_back.rows
            )));
        }
    }
    Ok(copied)
}

fn failure(why: String) -> StoreError {
    StoreError::Database(DatabaseError::new(why))
}
