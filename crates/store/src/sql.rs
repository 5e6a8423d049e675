//! Statements, the values that go into them, and the rows that come out. A statement runs whole on
//! the thread that calls it, and is prepared once for each connection.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use rusqlite::ffi;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Statement, ToSql};

use crate::error::{DatabaseError, Trouble};

/// Statements that a connection keeps prepared: all that this crate has, and some.
const PREPARED: usize = 256;

/// A connection to a database.
pub(crate) struct Conn {
    sqlite: rusqlite::Connection,
    /// What is known of the statements run before, by their text.
    shapes: HashMap<String, Shape>,
}

/// What need not be asked of a prepared statement again.
struct Shape {
    columns: Arc<[Box<str>]>,
    /// For each parameter of SQLite's, in its order, the place of its value: `$3` is the third.
    places: Vec<usize>,
}

/// A value of a column or a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value<'v> {
    Null,
    Bool(bool),
    Integer(i64),
    Text(Cow<'v, str>),
}

/// A statement and its values, in the order `$1`, `$2`, …
pub(crate) struct Query<'q> {
    sql: Cow<'q, str>,
    values: Vec<Value<'q>>,
}

/// A row, with a copy of its values.
#[derive(Debug)]
pub(crate) struct Row {
    columns: Arc<[Box<str>]>,
    values: Vec<Value<'static>>,
}

/// Why a statement failed.
#[derive(Debug)]
pub(crate) enum SqlError {
    /// A row with these unique values is there already.
    Unique(DatabaseError),
    /// It refers to a row that is not there.
    ForeignKey,
    /// The database itself failed.
    Database(DatabaseError),
}

/// Begins a statement.
pub(crate) fn query<'q>(sql: impl Into<Cow<'q, str>>) -> Query<'q> {
    Query {
        sql: sql.into(),
        values: Vec::new(),
    }
}

impl<'q> Query<'q> {
    /// Gives the next value.
    pub(crate) fn bind(mut self, value: impl Into<Value<'q>>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Adds to the text.
    pub(crate) fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.to_mut().push_str(sql);
        self
    }

    /// Adds a parameter to the text, and its value.
    pub(crate) fn push_bind(&mut self, value: impl Into<Value<'q>>) -> &mut Self {
        self.values.push(value.into());
        let place = format!("${}", self.values.len());
        self.push(&place)
    }

    /// Holds the rows found until the transaction ends: nobody else changes them meanwhile. SQLite has
    /// one writer, so there it goes without saying.
    #[allow(dead_code)]
    pub(crate) fn for_update(self) -> Self {
        self
    }

    /// The same, passing over rows that another transaction holds.
    #[allow(dead_code)]
    pub(crate) fn skip_locked(self) -> Self {
        self
    }

    /// Makes it ask how SQLite would run it.
    #[cfg(test)]
    pub(crate) fn explain(&mut self) {
        self.sql = Cow::Owned(format!("EXPLAIN QUERY PLAN {}", self.sql));
    }

    /// Runs it; gives how many rows it changed.
    pub(crate) fn execute(self, conn: &mut Conn) -> Result<u64, SqlError> {
        Ok(conn.execute(&self.sql, &self.values)?)
    }

    /// Runs it; gives all rows.
    pub(crate) fn fetch_all(self, conn: &mut Conn) -> Result<Vec<Row>, SqlError> {
        Ok(conn.rows(&self.sql, &self.values, usize::MAX)?)
    }

    /// Runs it; gives the first row, if there is one.
    pub(crate) fn fetch_optional(self, conn: &mut Conn) -> Result<Option<Row>, SqlError> {
        Ok(conn.rows(&self.sql, &self.values, 1)?.pop())
    }

    /// Runs it; gives the first row, which there must be.
    pub(crate) fn fetch_one(self, conn: &mut Conn) -> Result<Row, SqlError> {
        self.fetch_optional(conn)?
            .ok_or_else(|| rusqlite::Error::QueryReturnedNoRows.into())
    }
}

impl Conn {
    pub(crate) fn new(sqlite: rusqlite::Connection) -> Self {
        sqlite.set_prepared_statement_cache_capacity(PREPARED);
        Self {
            sqlite,
            shapes: HashMap::new(),
        }
    }

    /// Runs statements without parameters, and drops what they give.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), SqlError> {
        Ok(self.sqlite.execute_batch(sql)?)
    }

    /// Closes it; the last connection to go folds the log into the database.
    pub(crate) fn close(self) -> Result<(), SqlError> {
        self.sqlite.close().map_err(|(_, error)| error.into())
    }

    fn execute(&mut self, sql: &str, values: &[Value]) -> rusqlite::Result<u64> {
        let mut statement = self.sqlite.prepare_cached(sql)?;
        let shape = shape(&mut self.shapes, sql, &statement);
        bind(&mut statement, &shape.places, values)?;
        Ok(statement.raw_execute()? as u64)
    }

    fn rows(&mut self, sql: &str, values: &[Value], most: usize) -> rusqlite::Result<Vec<Row>> {
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

impl fmt::Debug for Conn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Conn")
    }
}

/// A migration that another process runs may change what `*` stands for: SQLite then prepares the
/// statement anew, and the number of columns tells.
fn shape<'s>(
    shapes: &'s mut HashMap<String, Shape>,
    sql: &str,
    statement: &Statement<'_>,
) -> &'s Shape {
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

impl Row {
    /// The value of a column. An error says what is wrong with it.
    pub(crate) fn value(&self, column: &str) -> Result<&Value<'static>, &'static str> {
        self.columns
            .iter()
            .position(|name| **name == *column)
            .and_then(|at| self.values.get(at))
            .ok_or("there is no such column")
    }
}

/// What a column can be read as.
pub(crate) trait FromValue<'v>: Sized {
    fn from_value(value: &'v Value<'static>) -> Result<Self, &'static str>;
}

impl<'v> FromValue<'v> for i64 {
    fn from_value(value: &'v Value<'static>) -> Result<Self, &'static str> {
        match value {
            Value::Integer(n) => Ok(*n),
            _ => Err("not a number"),
        }
    }
}

impl<'v> FromValue<'v> for bool {
    fn from_value(value: &'v Value<'static>) -> Result<Self, &'static str> {
        match value {
            Value::Bool(yes) => Ok(*yes),
            // SQLite has no truth values of its own.
            Value::Integer(n @ (0 | 1)) => Ok(*n == 1),
            _ => Err("neither true nor false"),
        }
    }
}

impl<'v> FromValue<'v> for &'v str {
    fn from_value(value: &'v Value<'static>) -> Result<Self, &'static str> {
        match value {
            Value::Text(text) => Ok(text),
            _ => Err("not a text"),
        }
    }
}

impl<'v> FromValue<'v> for String {
    fn from_value(value: &'v Value<'static>) -> Result<Self, &'static str> {
        <&str>::from_value(value).map(str::to_owned)
    }
}

impl<'v, T: FromValue<'v>> FromValue<'v> for Option<T> {
    fn from_value(value: &'v Value<'static>) -> Result<Self, &'static str> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }
}

impl From<i64> for Value<'_> {
    fn from(n: i64) -> Self {
        Self::Integer(n)
    }
}

impl From<bool> for Value<'_> {
    fn from(yes: bool) -> Self {
        Self::Bool(yes)
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'v, T: Into<Value<'v>>> From<Option<T>> for Value<'v> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
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
fn trouble(code: i32) -> Trouble {
    // The lowest byte is the kind, the rest the detail.
    match code & 0xff {
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED | ffi::SQLITE_CANTOPEN | ffi::SQLITE_PROTOCOL => {
            Trouble::Away
        }
        ffi::SQLITE_FULL
        | ffi::SQLITE_READONLY
        | ffi::SQLITE_IOERR
        | ffi::SQLITE_CORRUPT
        | ffi::SQLITE_NOTADB => Trouble::Unwritable,
        _ => Trouble::Other,
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
            _ => Self::Database(DatabaseError::new(error).because(trouble(code))),
        }
    }
}
