//! One table, row by row in the order of its keys.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use super::CopiedTable;
use super::schema::Table;
use crate::Result;
use crate::row::{Conn, Row, damaged, hex};
use crate::sql::{Query, Value, query};

/// Rows read at once. One may hold a megabyte.
const ROWS: usize = 100;
/// Values in one statement that writes: SQLite takes 32,766.
const VALUES: usize = 2_000;

impl Table {
    pub(super) fn is_empty(&self, conn: &mut Conn) -> Result<bool> {
        let row = query(format!("SELECT 1 FROM {} LIMIT 1", self.name)).fetch_optional(conn)?;
        Ok(row.is_none())
    }

    /// Copies every row.
    pub(super) fn copy(&self, source: &mut Conn, target: &mut Conn) -> Result<CopiedTable> {
        self.each(source, |rows| self.write(target, rows))
    }

    /// Reads every row, for the sum.
    pub(super) fn sum(&self, conn: &mut Conn) -> Result<CopiedTable> {
        self.each(conn, |_| Ok(()))
    }

    fn each(
        &self,
        conn: &mut Conn,
        mut work: impl FnMut(&[Vec<Value<'static>>]) -> Result<()>,
    ) -> Result<CopiedTable> {
        let (mut digest, mut count) = (Sha256::new(), 0);
        let mut last: Option<Vec<Value<'static>>> = None;
        loop {
            let rows = self.after(last.as_deref()).fetch_all(conn)?;
            let rows = rows
                .iter()
                .map(|row| self.read(row))
                .collect::<Result<Vec<_>>>()?;
            let Some(end) = rows.last() else {
                break;
            };
            last = Some(self.key_of(end));
            for value in rows.iter().flatten() {
                add(&mut digest, value);
            }
            count += rows.len() as u64;
            work(&rows)?;
        }
        Ok(CopiedTable {
            name: self.name.clone(),
            rows: count,
            checksum: hex(&digest.finalize()),
        })
    }

    /// The rows that follow on a key.
    fn after<'q>(&self, key: Option<&'q [Value<'static>]>) -> Query<'q> {
        let names: Vec<_> = self.columns.iter().map(|c| c.name.as_str()).collect();
        let keys = self.key.join(", ");
        let mut query = query(format!("SELECT {} FROM {}", names.join(", "), self.name));
        if let Some(key) = key {
            query.push(" WHERE (").push(&keys).push(") > (");
            for (at, value) in key.iter().enumerate() {
                query.push(if at == 0 { "" } else { ", " });
                query.push_bind(value.clone());
            }
            query.push(")");
        }
        query.push(" ORDER BY ").push(&keys);
        query.push(&format!(" LIMIT {ROWS}"));
        query
    }

    /// The values of a row, as either database would give them.
    fn read(&self, row: &Row) -> Result<Vec<Value<'static>>> {
        self.columns
            .iter()
            .map(|column| {
                let value = row.value(&column.name);
                let value = value.map_err(|why| damaged(&column.name, why))?;
                Ok(match value {
                    Value::Integer(n) if column.is_boolean => Value::Bool(*n != 0),
                    // PostgreSQL keeps it so.
                    Value::Text(text) if text.contains('\0') => {
                        Value::Text(Cow::Owned(text.replace('\0', "\u{fffd}")))
                    }
                    value => value.clone(),
                })
            })
            .collect()
    }

    fn key_of(&self, values: &[Value<'static>]) -> Vec<Value<'static>> {
        let at = |key: &String| self.columns.iter().position(|c| c.name == *key);
        self.key
            .iter()
            .filter_map(at)
            .map(|at| values[at].clone())
            .collect()
    }

    fn write(&self, target: &mut Conn, rows: &[Vec<Value<'static>>]) -> Result<()> {
        let names: Vec<_> = self.columns.iter().map(|c| c.name.as_str()).collect();
        for rows in rows.chunks((VALUES / names.len()).max(1)) {
            let mut query = query(format!("INSERT INTO {} ({})", self.name, names.join(", ")));
            for (i, row) in rows.iter().enumerate() {
                query.push(if i == 0 { " VALUES (" } else { ", (" });
                for (at, value) in row.iter().enumerate() {
                    query.push(if at == 0 { "" } else { ", " });
                    query.push_bind(value.clone());
                }
                query.push(")");
            }
            query.execute(target)?;
        }
        Ok(())
    }
}

/// Adds a value to a sum, so that no two rows give the same bytes.
fn add(digest: &mut Sha256, value: &Value<'_>) {
    match value {
        Value::Null => digest.update([0]),
        Value::Bool(yes) => digest.update([1, u8::from(*yes)]),
        Value::Integer(n) => {
            digest.update([2]);
            digest.update(n.to_be_bytes());
        }
        Value::Text(text) => {
            digest.update([3]);
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text.as_bytes());
        }
    }
}
