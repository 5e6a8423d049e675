//! Statements, the values that go into them, and the rows that come out. A statement runs whole on
//! the thread that calls it, and is prepared once for each connection.

mod postgres;
mod sqlite;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::error::DatabaseError;
pub(crate) use postgres::{PostgresConn, Trouble, said};
pub(crate) use sqlite::SqliteConn;

/// A connection to a database.
pub(crate) enum Conn {
    Sqlite(SqliteConn),
    Postgres(Box<PostgresConn>),
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
    /// What PostgreSQL reads after the text.
    hold: &'static str,
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
        hold: "",
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

    /// Holds the rows found until the transaction ends: nobody else changes, holds or removes them
    /// meanwhile, but others may refer to them. SQLite has one writer, so there it goes without saying.
    pub(crate) fn for_update(mut self) -> Self {
        self.hold = " FOR NO KEY UPDATE";
        self
    }

    /// The same, passing over rows that another transaction holds.
    pub(crate) fn skip_locked(mut self) -> Self {
        self.hold = " FOR NO KEY UPDATE SKIP LOCKED";
        self
    }

    fn for_postgres(&self) -> Cow<'_, str> {
        match self.hold {
            "" => Cow::Borrowed(&self.sql),
            hold => Cow::Owned(format!("{}{hold}", self.sql)),
        }
    }

    /// Makes it ask how SQLite would run it.
    #[cfg(test)]
    pub(crate) fn explain(&mut self) {
        self.sql = Cow::Owned(format!("EXPLAIN QUERY PLAN {}", self.sql));
    }

    /// Runs it; gives how many rows it changed.
    pub(crate) fn execute(self, conn: &mut Conn) -> Result<u64, SqlError> {
        conn.execute(&self)
    }

    /// Runs it; gives all rows.
    pub(crate) fn fetch_all(self, conn: &mut Conn) -> Result<Vec<Row>, SqlError> {
        conn.rows(&self, usize::MAX)
    }

    /// Runs it; gives the first row, if there is one.
    pub(crate) fn fetch_optional(self, conn: &mut Conn) -> Result<Option<Row>, SqlError> {
        Ok(conn.rows(&self, 1)?.pop())
    }

    /// Runs it; gives the first row, which there must be.
    pub(crate) fn fetch_one(self, conn: &mut Conn) -> Result<Row, SqlError> {
        self.fetch_optional(conn)?.ok_or_else(|| {
            SqlError::Database(DatabaseError::new("a row that must be there is not"))
        })
    }
}

impl Conn {
    /// Runs statements without parameters, and drops what they give.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), SqlError> {
        match self {
            Self::Sqlite(conn) => conn.batch(sql),
            Self::Postgres(conn) => conn.batch(sql),
        }
    }

    /// SQLite's only: whether a transaction is open.
    pub(crate) fn is_in_transaction(&self) -> bool {
        matches!(self, Self::Sqlite(conn) if conn.is_in_transaction())
    }

    /// SQLite's only: counts the rows that have been inserted, changed and deleted, also where that has
    /// been rolled back.
    pub(crate) fn changes(&self) -> u64 {
        match self {
            Self::Sqlite(conn) => conn.changes(),
            Self::Postgres(_) => 0,
        }
    }

    /// Whether it is to PostgreSQL. To be asked only where one text cannot serve both.
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Closes it; SQLite's last connection to go folds the log into the database.
    pub(crate) fn close(self) -> Result<(), SqlError> {
        match self {
            Self::Sqlite(conn) => conn.close(),
            Self::Postgres(conn) => conn.close(),
        }
    }

    fn execute(&mut self, query: &Query<'_>) -> Result<u64, SqlError> {
        match self {
            Self::Sqlite(conn) => Ok(conn.execute(&query.sql, &query.values)?),
            Self::Postgres(conn) => conn.execute(&query.for_postgres(), &query.values),
        }
    }

    fn rows(&mut self, query: &Query<'_>, most: usize) -> Result<Vec<Row>, SqlError> {
        match self {
            Self::Sqlite(conn) => Ok(conn.rows(&query.sql, &query.values, most)?),
            Self::Postgres(conn) => conn.rows(&query.for_postgres(), &query.values, most),
        }
    }
}

impl fmt::Debug for Conn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Conn")
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
