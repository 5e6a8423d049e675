//! Statements on SQLite, each prepared once for its connection.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use rusqlite::ffi;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Statement, ToSql};

use super::{Row, SqlError, Value};
use crate::error::{DatabaseError, Fault};

/// Statements that a connection keeps prepared: all that this crate has, and some.
const PREPARED: usize = 256;

/// A connection to an SQLite database.
pub(crate) struct SqliteConn {
    sqlite: rusqlite::Connection,
    /// What is known of the statements run before, by their text: all of it ours, so that the hash need not
    /// withstand anybody.
    shapes: Shapes,
}

type Shapes = HashMap<String, Shape, RandomState>;

/// What need not be asked of a prepared statement again.
struct Shape {
    columns: Arc<[Box<str>]>,
    /// For each parameter of SQLite's, in its order, the place of its value: `$3` is the third.
    places: Vec<usize>,
}

impl SqliteConn {
    pub(crate) fn new(sqlite: rusqlite::Connection) -> Self {
        sqlite.set_prepared_statement_cache_capacity(PREPARED);
        Self {
            sqlite,
            shapes: Shapes::default(),
        }
    }

    pub(super) fn batch(&mut self, sql: &str) -> Result<(), SqlError> {
        Ok(self.sqlite.execute_batch(sql)?)
    }

    pub(super) fn close(self) -> Result<(), SqlError> {
        self.sqlite.close().map_err(|(_, error)| error.into())
    }

    /// Whether a transaction is open.
    pub(super) fn is_in_transaction(&self) -> bool {
        !self.sqlite.is_autocommit()
    }

    /// Rows inserted, changed and deleted since it was opened, those that were rolled back not left out.
    pub(super) fn changes(&self) -> u64 {
        self.sqlite.total_changes()
    }

    pub(super) fn execute(&mut self, sql: &str, values: &[Value]) -> rusqlite::Result<u64> {
        let mut statement = self.sqlite.prepare_cached(sql)?;
        let shape = shape(&mut self.shapes, sql, &statement);
        bind(&mut statement, &shape.places, values)?;
        Ok(statement.raw_execute()? as u64)
    }

    pub(super) fn rows(
        &mut self,
        sql: &str,
        values: &[Value],
        most: usize,
    ) -> rusqlite::Result<Vec<Row>> {
        let mut statement = self.sqlite.prepare_cached(sql)?;
        let shape = shape(&mut self.shapes, sql, &statement);
        bind(&mut statement, &shape.places, values)?;
        let mut found = Vec::new();
        let mut rows = statement.raw_query();
        while found.len() < most
            && let Some(row) = rows.next()?
        {
            let values = (0..shape.columns.len())
                .map(|at| owned(row.get_ref(at)?, at))
                .collect::<rusqlite::Result<_>>()?;
            found.push(Row {
                columns: shape.columns.clone(),
                values,
            });
        }
        Ok(found)
    }
}

/// A migration that another process runs may change what `*` stands for: SQLite then prepares the
/// statement anew, and the number of columns tells.
fn shape<'s>(shapes: &'s mut Shapes, sql: &str, statement: &Statement<'_>) -> &'s Shape {
    let known = shapes
        .get(sql)
        .is_some_and(|shape| shape.columns.len() == statement.column_count());
    if !known {
        let places = (1..=statement.parameter_count())
            .map(|at| place(statement.parameter_name(at)).unwrap_or(at) - 1)
            .collect();
        let columns = statement.column_names().map(Box::from).collect();
        shapes.insert(sql.to_owned(), Shape { columns, places });
    }
    &shapes[sql]
}

/// The number in `$3`.
fn place(name: Option<&str>) -> Option<usize> {
    name?.strip_prefix('$')?.parse().ok().filter(|n| *n > 0)
}

/// Every parameter gets its value; one without a value is a mistake of ours, and an error.
fn bind(statement: &mut Statement<'_>, places: &[usize], values: &[Value]) -> rusqlite::Result<()> {
    for (at, place) in places.iter().enumerate() {
        let value = values
            .get(*place)
            .ok_or(rusqlite::Error::InvalidParameterCount(values.len(), *place))?;
        statement.raw_bind_parameter(at + 1, value)?;
    }
    Ok(())
}

fn owned(value: ValueRef<'_>, at: usize) -> rusqlite::Result<Value<'static>> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(n) => Ok(Value::Integer(n)),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Value::Text(Cow::Owned(text.to_owned()))),
            Err(error) => Err(rusqlite::Error::Utf8Error(at, error)),
        },
        other @ (ValueRef::Real(_) | ValueRef::Blob(_)) => Err(rusqlite::Error::InvalidColumnType(
            at,
            String::new(),
            other.data_type(),
        )),
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Bool(yes) => ValueRef::Integer(i64::from(*yes)),
            Self::Integer(n) => ValueRef::Integer(*n),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// What SQLite's codes mean for who asked.
fn fault(code: i32) -> Fault {
    // The lowest byte is the kind, the rest the detail.
    match code & 0xff {
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED | ffi::SQLITE_PROTOCOL => Fault::Away,
        ffi::SQLITE_CANTOPEN => Fault::NotOpened,
        ffi::SQLITE_FULL => Fault::Full,
        ffi::SQLITE_READONLY => Fault::ReadOnly,
        ffi::SQLITE_IOERR | ffi::SQLITE_CORRUPT => Fault::Damaged,
        ffi::SQLITE_NOTADB => Fault::NoDatabase,
        _ => Fault::Other,
    }
}

impl From<rusqlite::Error> for SqlError {
    fn from(error: rusqlite::Error) -> Self {
        let code = match &error {
            rusqlite::Error::SqliteFailure(cause, _) => cause.extended_code,
            _ => ffi::SQLITE_OK,
        };
        match code {
            ffi::SQLITE_CONSTRAINT_UNIQUE
            | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            | ffi::SQLITE_CONSTRAINT_ROWID => Self::Unique(DatabaseError::new(error)),
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Self::ForeignKey,
            _ => Self::Database(DatabaseError::new(error).because(fault(code))),
        }
    }
}
