//! What tables there are, as the migrations make them: an SQLite database in memory is asked, and
//! answers for PostgreSQL too.

use std::collections::HashSet;

use super::failure;
use crate::row::{Conn, get};
use crate::sql::query;
use crate::sqlite::Place;
use crate::{Result, migrate};

/// A table, with what is needed to copy any row of it.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// The columns of the key, by which rows are ordered.
    pub(super) key: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) is_boolean: bool,
}

/// All tables but that of the migrations, each after those that it refers to.
pub(super) fn tables() -> Result<Vec<Table>> {
    let mut conn = Place::Memory.writer()?;
    migrate::run(&mut conn)?;
    let names: Vec<String> = query(
        "SELECT name FROM sqlite_master
         WHERE type = 'table' AND name <> 'migrations' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .fetch_all(&mut conn)?
    .iter()
    .map(|row| get(row, "name"))
    .collect::<Result<_>>()?;
    let mut waiting = names
        .into_iter()
        .map(|name| {
            let before = refers_to(&mut conn, &name)?;
            Ok((read(&mut conn, name)?, before))
        })
        .collect::<Result<Vec<_>>>()?;
    let mut placed = HashSet::new();
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let ready = waiting
            .iter()
            .position(|(_, before)| before.is_subset(&placed))
            .ok_or_else(|| failure("tables refer to each other in a circle".to_owned()))?;
        let (table, _) = waiting.remove(ready);
        placed.insert(table.name.clone());
        ordered.push(table);
    }
    Ok(ordered)
}

fn read(conn: &mut Conn, name: String) -> Result<Table> {
    let rows = query("SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid")
        .bind(name.as_str())
        .fetch_all(conn)?;
    let mut columns = Vec::with_capacity(rows.len());
    let mut key: Vec<(i64, String)> = Vec::new();
    for row in &rows {
        let column: String = get(row, "name")?;
        let place: i64 = get(row, "pk")?;
        if place > 0 {
            key.push((place, column.clone()));
        }
        columns.push(Column {
            name: column,
            is_boolean: get::<&str>(row, "type")? == "BOOLEAN",
        });
    }
    key.sort();
    if key.is_empty() {
        return Err(failure(format!("table {name} has no key")));
    }
    Ok(Table {
        name,
        columns,
        key: key.into_iter().map(|(_, column)| column).collect(),
    })
}

fn refers_to(conn: &mut Conn, name: &str) -> Result<HashSet<String>> {
    query("SELECT DISTINCT \"table\" AS other FROM pragma_foreign_key_list($1)")
        .bind(name)
        .fetch_all(conn)?
        .iter()
        .map(|row| get(row, "other"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_comes_after_those_that_it_refers_to() {
        let tables = tables().unwrap();
        let place = |name: &str| tables.iter().position(|t| t.name == name).unwrap();
        assert!(place("workspaces") < place("agents"));
        assert!(place("turns") < place("messages"));
        assert!(place("invocations") < place("attempts"));
        assert!(tables.iter().all(|table| table.name != "migrations"));
        let agents = &tables[place("agents")];
        assert_eq!(agents.key, ["workspace_id", "id"]);
        let booleans = agents.columns.iter().filter(|c| c.is_boolean).count();
        assert_eq!(booleans, 1);
    }
}
