//! Between columns and domain types. A value that does not parse is damage, and says which column.

use std::fmt::Display;
use std::str::FromStr;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::sql::FromValue;
use crate::{Result, StoreError};

pub(crate) use crate::sql::{Conn, Row};

pub(crate) fn damaged(column: &str, why: impl Display) -> StoreError {
    StoreError::Damaged(format!("column {column}: {why}"))
}

/// A plain value.
pub(crate) fn get<'r, T: FromValue<'r>>(row: &'r Row, column: &str) -> Result<T> {
    row.value(column)
        .and_then(T::from_value)
        .map_err(|e| damaged(column, e))
}

/// An id or a word of a closed list.
pub(crate) fn parse<T: FromStr<Err: Display>>(row: &Row, column: &str) -> Result<T> {
    get::<&str>(row, column)?
        .parse()
        .map_err(|e| damaged(column, e))
}

/// The same where there may be none.
pub(crate) fn parse_opt<T: FromStr<Err: Display>>(row: &Row, column: &str) -> Result<Option<T>> {
    get::<Option<&str>>(row, column)?
        .map(|text| text.parse().map_err(|e| damaged(column, e)))
        .transpose()
}

/// A JSON text.
pub(crate) fn json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<T> {
    serde_json::from_str(get(row, column)?).map_err(|e| damaged(column, e))
}

/// The same where there may be none.
pub(crate) fn json_opt<T: DeserializeOwned>(row: &Row, column: &str) -> Result<Option<T>> {
    get::<Option<&str>>(row, column)?
        .map(|text| serde_json::from_str(text).map_err(|e| damaged(column, e)))
        .transpose()
}

/// A moment.
pub(crate) fn time(row: &Row, column: &str) -> Result<Timestamp> {
    Timestamp::from_millisecond(get(row, column)?).map_err(|e| damaged(column, e))
}

/// The same where there may be none.
pub(crate) fn time_opt(row: &Row, column: &str) -> Result<Option<Timestamp>> {
    get::<Option<i64>>(row, column)?
        .map(|ms| Timestamp::from_millisecond(ms).map_err(|e| damaged(column, e)))
        .transpose()
}

/// A count.
pub(crate) fn count<T: TryFrom<i64, Error: Display>>(row: &Row, column: &str) -> Result<T> {
    T::try_from(get::<i64>(row, column)?).map_err(|e| damaged(column, e))
}

/// The same where there may be none.
pub(crate) fn count_opt<T>(row: &Row, column: &str) -> Result<Option<T>>
where
    T: TryFrom<i64, Error: Display>,
{
    get::<Option<i64>>(row, column)?
        .map(|n| T::try_from(n).map_err(|e| damaged(column, e)))
        .transpose()
}

/// A count for a column; no count of ours comes near the greatest number that it holds.
pub(crate) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A moment for a column.
pub(crate) fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// The first whole millisecond at or after a moment, to compare columns with.
pub(crate) fn ms_up(at: Timestamp) -> i64 {
    let floor = at.as_nanosecond().div_euclid(1_000_000);
    let ceiling = floor + i128::from(at.as_nanosecond().rem_euclid(1_000_000) != 0);
    i64::try_from(ceiling).unwrap_or(i64::MAX)
}

/// A JSON text for a column. Our types have string keys and no failing serialisers.
pub(crate) fn to_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| StoreError::Damaged(format!("not JSON: {e}")))
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]])
        .map(char::from)
        .collect()
}
