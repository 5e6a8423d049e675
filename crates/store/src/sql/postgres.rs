//! Statements on PostgreSQL, each prepared once for its connection.

use std::borrow::Cow;
use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;

use postgres::error::SqlState;
use postgres::types::private::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, SimpleQueryMessage, Statement};

use super::{Row, SqlError, Value};
use crate::error::{DatabaseError, Fault};

/// Statements that a connection keeps prepared. Those of this crate are fewer, save the lists that name
/// each of their rows; when there are so many, all are prepared anew.
const PREPARED: usize = 256;

/// A connection to a PostgreSQL server. It must be used and dropped on a thread that may wait, never
/// on one that drives a runtime.
pub(crate) struct PostgresConn {
    client: Client,
    statements: HashMap<String, Prepared>,
    /// The schema that the statements were prepared for.
    schema: Option<String>,
    trouble: Option<Trouble>,
}

struct Prepared {
    statement: Statement,
    columns: Arc<[Box<str>]>,
}

/// What has gone wrong with a connection since it was last asked, where that is more than a statement
/// that failed for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A statement failed; its transaction can only be rolled back.
    Failed,
    /// Another transaction stood in the way, and the server gave this one up: it may be run again.
    Yielded,
    /// The schema has changed since a statement was prepared.
    Stale,
    /// The connection is gone.
    Lost,
}

impl PostgresConn {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            statements: HashMap::new(),
            schema: None,
            trouble: None,
        }
    }

    /// Begins a transaction. Gives its number, by which its end can be asked for.
    pub(crate) fn begin(&mut self) -> Result<String, SqlError> {
        self.trouble = None;
        // One way to the server and back: a step taken by a later version of the program meanwhile is
        // noticed before a statement is run that was prepared for the schema before it.
        let answers = self.simple(
            "BEGIN; SELECT pg_current_xact_id()::text,
                 (SELECT COALESCE(MAX(version), 0)::text FROM migrations)",
        )?;
        let (number, schema) = answers
            .iter()
            .find_map(|answer| match answer {
                SimpleQueryMessage::Row(row) => {
                    Some((row.get(0)?.to_owned(), row.get(1)?.to_owned()))
                }
                _ => None,
            })
            .ok_or_else(|| SqlError::Database(DatabaseError::new("a transaction has no number")))?;
        if self.schema.as_ref() != Some(&schema) {
            self.statements.clear();
            self.schema = Some(schema);
        }
        Ok(number)
    }

    /// What has gone wrong since it was last asked.
    pub(crate) fn take_trouble(&mut self) -> Option<Trouble> {
        self.trouble.take()
    }

    /// Forgets what is prepared.
    pub(crate) fn forget(&mut self) {
        self.statements.clear();
    }

    /// Whether it can be used.
    pub(crate) fn is_open(&self) -> bool {
        !self.client.is_closed()
    }

    /// The connection itself.
    pub(crate) fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), SqlError> {
        let done = self.client.batch_execute(sql);
        done.map_err(|error| self.failed(error))
    }

    fn simple(&mut self, sql: &str) -> Result<Vec<SimpleQueryMessage>, SqlError> {
        let done = self.client.simple_query(sql);
        done.map_err(|error| self.failed(error))
    }

    pub(super) fn close(self: Box<Self>) -> Result<(), SqlError> {
        let mut this = *self;
        this.statements.clear();
        let closed = this.client.close();
        closed.map_err(|error| SqlError::Database(said(&error)))
    }

    pub(super) fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, SqlError> {
        let statement = self.prepare(sql)?.statement.clone();
        let values: Vec<_> = values.iter().map(|v| v as &(dyn ToSql + Sync)).collect();
        let done = self.client.execute(&statement, &values);
        done.map_err(|error| self.failed(error))
    }

    pub(super) fn rows(
        &mut self,
        sql: &str,
        values: &[Value],
        most: usize,
    ) -> Result<Vec<Row>, SqlError> {
        let prepared = self.prepare(sql)?;
        let (statement, columns) = (prepared.statement.clone(), prepared.columns.clone());
        let values: Vec<_> = values.iter().map(|v| v as &(dyn ToSql + Sync)).collect();
        let found = self.client.query(&statement, &values);
        let found = found.map_err(|error| self.failed(error))?;
        let read = |row: &postgres::Row| -> Result<Row, postgres::Error> {
            let values = (0..columns.len())
                .map(|at| row.try_get::<_, Value<'static>>(at))
                .collect::<Result<_, _>>()?;
            Ok(Row {
                columns: columns.clone(),
                values,
            })
        };
        let rows = found.iter().take(most).map(read).collect::<Result<_, _>>();
        rows.map_err(|error| self.failed(error))
    }

    fn prepare(&mut self, sql: &str) -> Result<&Prepared, SqlError> {
        if !self.statements.contains_key(sql) {
            if self.statements.len() >= PREPARED {
                self.statements.clear();
            }
            let statement = self.client.prepare(sql);
            let statement = statement.map_err(|error| self.failed(error))?;
            let columns = statement.columns();
            let columns = columns.iter().map(|c| Box::from(c.name())).collect();
            let prepared = Prepared { statement, columns };
            self.statements.insert(sql.to_owned(), prepared);
        }
        Ok(&self.statements[sql])
    }

    /// Judges a failure by its code, never by its text.
    fn failed(&mut self, error: postgres::Error) -> SqlError {
        let Some(code) = error.code() else {
            // Not the server's word: either the connection is gone, or a value was not as expected.
            let lost = self.client.is_closed();
            self.note(if lost { Trouble::Lost } else { Trouble::Failed });
            return SqlError::Database(said(&error));
        };
        self.note(trouble_of(code));
        match *code {
            SqlState::UNIQUE_VIOLATION => SqlError::Unique(said(&error)),
            SqlState::FOREIGN_KEY_VIOLATION => SqlError::ForeignKey,
            _ => SqlError::Database(said(&error)),
        }
    }

    /// The first trouble is the cause of the others, but for the loss of the connection.
    fn note(&mut self, trouble: Trouble) {
        if trouble == Trouble::Lost || self.trouble.is_none() {
            self.trouble = Some(trouble);
        }
    }
}

/// What the server says of a failure, without the detail: that may quote rows, and goes into logs.
pub(crate) fn said(error: &postgres::Error) -> DatabaseError {
    DatabaseError::new(match error.as_db_error() {
        Some(db) => format!("{} (SQLSTATE {})", db.message(), db.code().code()),
        None => match error.source() {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        },
    })
    .because(fault_of(error))
}

/// Whether the server or the way to it is at fault.
fn fault_of(error: &postgres::Error) -> Fault {
    let Some(code) = error.code() else {
        let broken = error
            .source()
            .is_some_and(|cause| cause.is::<std::io::Error>());
        return if broken || error.is_closed() {
            Fault::Away
        } else {
            Fault::Other
        };
    };
    match *code {
        SqlState::DISK_FULL => Fault::Full,
        SqlState::READ_ONLY_SQL_TRANSACTION => Fault::ReadOnly,
        SqlState::IO_ERROR | SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED => Fault::Damaged,
        SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            Fault::NoEntry
        }
        SqlState::INVALID_CATALOG_NAME => Fault::NotThere,
        SqlState::INSUFFICIENT_PRIVILEGE => Fault::NoRight,
        SqlState::TOO_MANY_CONNECTIONS => Fault::Away,
        _ if trouble_of(code) == Trouble::Lost => Fault::Away,
        _ => Fault::Other,
    }
}

fn trouble_of(code: &SqlState) -> Trouble {
    match *code {
        SqlState::T_R_DEADLOCK_DETECTED | SqlState::T_R_SERIALIZATION_FAILURE => Trouble::Yielded,
        // "cached plan must not change result type": the one use of it that is met here.
        SqlState::FEATURE_NOT_SUPPORTED => Trouble::Stale,
        SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => Trouble::Lost,
        _ if code.code().starts_with("08") => Trouble::Lost,
        _ => Trouble::Failed,
    }
}

impl<'r> FromSql<'r> for Value<'static> {
    fn from_sql(ty: &Type, raw: &'r [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(match *ty {
            Type::BOOL => Self::Bool(bool::from_sql(ty, raw)?),
            Type::INT2 => Self::Integer(i16::from_sql(ty, raw)?.into()),
            Type::INT4 => Self::Integer(i32::from_sql(ty, raw)?.into()),
            Type::INT8 => Self::Integer(i64::from_sql(ty, raw)?),
            _ => Self::Text(Cow::Owned(String::from_sql(ty, raw)?)),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::BOOL | Type::INT2 | Type::INT4 | Type::INT8)
            || <String as FromSql>::accepts(ty)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, ty) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Bool(yes), &Type::BOOL) => yes.to_sql(ty, out),
            (Self::Integer(n), &Type::INT8) => n.to_sql(ty, out),
            (Self::Integer(n), &Type::INT4) => i32::try_from(*n)?.to_sql(ty, out),
            // PostgreSQL's text holds every character but this one.
            (Self::Text(text), ty) if text.contains('\0') => {
                text.replace('\0', "\u{fffd}").to_sql(ty, out)
            }
            (Self::Text(text), ty) if <&str as ToSql>::accepts(ty) => text.to_sql(ty, out),
            (_, ty) => {
                Err(format!("a value of another kind is given for a parameter of {ty}").into())
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
