//! Writing very many rows: one way for both engines, each in the manner that is quick on it.

use sea_orm::sea_query::{Expr, ExprTrait, Func, InsertStatement, OnConflict, Query, Value};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ConnectionTrait, DbBackend, DbErr, EntityName, EntityTrait, IdenStatic,
    Iterable, Statement,
};

/// Values that SQLite takes in one statement.
const SQLITE_VALUES: usize = 32_766;
/// Rows in one statement for PostgreSQL: some megabytes of JSON.
const POSTGRES_ROWS: usize = 5_000;

/// Inserts rows, all of which must set the same columns; answers how many were written. Indexes and constraints say which
/// of them meet rows that are there already, `on_conflict` what becomes of these.
///
/// # Errors
///
/// When the database does not answer or refuses a row.
pub async fn insert<A: ActiveModelTrait>(
    tx: &impl ConnectionTrait,
    rows: Vec<A>,
    on_conflict: Option<&OnConflict>,
) -> Result<u64, DbErr> {
    let Some(first) = rows.first() else { return Ok(0) };
    let columns: Vec<Column<A>> = Column::<A>::iter()
        .filter(|column| !matches!(first.get(*column), ActiveValue::NotSet))
        .collect();
    let backend = tx.get_database_backend();
    let at_once = match backend {
        DbBackend::Postgres => POSTGRES_ROWS,
        _ => SQLITE_VALUES / columns.len().max(1),
    };
    let mut written = 0;
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        let some = rows.by_ref().take(at_once);
        let mut statement = match backend {
            DbBackend::Postgres => from_json::<A>(&columns, some)?,
            _ => from_values::<A>(&columns, some)?,
        };
        if let Some(on_conflict) = on_conflict {
            statement.on_conflict(on_conflict.clone());
        }
        written += tx.execute(&statement).await?.rows_affected();
    }
    Ok(written)
}

type Column<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Column;

fn value_of<A: ActiveModelTrait>(row: &mut A, column: Column<A>) -> Result<Value, DbErr> {
    match row.take(column) {
        ActiveValue::Set(value) | ActiveValue::Unchanged(value) => Ok(value),
        ActiveValue::NotSet => Err(DbErr::AttrNotSet(column.as_str().to_owned())),
    }
}

/// `INSERT … VALUES (…), (…)`: what SQLite is quickest with, once the statement is prepared.
fn from_values<A: ActiveModelTrait>(
    columns: &[Column<A>],
    rows: impl Iterator<Item = A>,
) -> Result<InsertStatement, DbErr> {
    let mut insert = Query::insert();
    insert
        .into_table(A::Entity::default().table_ref())
        .columns(columns.iter().copied());
    for mut row in rows {
        let values = columns
            .iter()
            .map(|column| Ok(Expr::val(value_of(&mut row, *column)?)))
            .collect::<Result<Vec<_>, DbErr>>()?;
        insert
            .values(values)
            .map_err(|error| DbErr::Custom(error.to_string()))?;
    }
    Ok(insert)
}

/// `INSERT … SELECT … FROM json_populate_recordset(…)`: PostgreSQL plans thousands of parameters slowly, and one of some
/// megabytes quickly. The table itself says of which type each value is.
#[expect(clippy::disallowed_methods, reason = "it selects from the rows to be written")]
fn from_json<A: ActiveModelTrait>(
    columns: &[Column<A>],
    rows: impl Iterator<Item = A>,
) -> Result<InsertStatement, DbErr> {
    let table = A::Entity::default();
    let mut json = String::from("[");
    for mut row in rows {
        json.push_str(if json.len() > 1 { ",{" } else { "{" });
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                json.push(',');
            }
            json.push('"');
            json.push_str(column.as_str());
            json.push_str("\":");
            json.push_str(&as_json(value_of(&mut row, *column)?)?);
        }
        json.push('}');
    }
    json.push(']');
    let none = Expr::cust(format!("NULL::\"{}\"", table.table_name()));
    let records = Func::cust("json_populate_recordset").args([none, Expr::val(json).cast_as("json")]);
    let mut select = Query::select();
    select.from_function(records, "written");
    for column in columns {
        select.expr(Expr::col(("written", *column)));
    }
    let mut insert = Query::insert();
    insert
        .into_table(table.table_ref())
        .columns(columns.iter().copied())
        .select_from(select)
        .map_err(|error| DbErr::Custom(error.to_string()))?;
    Ok(insert)
}

fn as_json(value: Value) -> Result<String, DbErr> {
    match value {
        Value::String(Some(text)) => serde_json::to_string(&text),
        Value::ChronoDateTimeUtc(Some(instant)) => serde_json::to_string(&instant),
        Value::ChronoDate(Some(day)) => serde_json::to_string(&day),
        other => serde_json::to_string(&sea_orm::sea_query::value::sea_value_to_json_value(&other)),
    }
    .map_err(|error| DbErr::Json(error.to_string()))
}

/// The indexes of a table that are no constraints, while they are away.
#[derive(Debug)]
#[must_use = "the indexes are gone until they are put back"]
pub struct Indexes {
    definitions: Vec<String>,
}

/// Takes the indexes of a table away that are no constraints, until [`Indexes::put_back`]. Making an index of all rows at
/// once is several times quicker than entering row after row, which is most of what loading a table costs.
///
/// For a load that brings more rows than there are: PostgreSQL lets nobody read the table until the transaction ends. A
/// transaction that is rolled back leaves the indexes as they were.
///
/// # Errors
///
/// When the database does not answer.
pub async fn take_indexes_away<E: EntityTrait>(tx: &impl ConnectionTrait) -> Result<Indexes, DbErr> {
    let backend = tx.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => {
            "SELECT relation.relname AS name, pg_get_indexdef(relation.oid) AS definition
             FROM pg_index JOIN pg_class AS relation ON relation.oid = pg_index.indexrelid
             WHERE pg_index.indrelid = CAST($1 AS regclass) AND NOT pg_index.indisunique ORDER BY relation.relname"
        }
        _ => {
            "SELECT index_list.name AS name, sqlite_master.sql AS definition
             FROM pragma_index_list($1) AS index_list JOIN sqlite_master ON sqlite_master.name = index_list.name
             WHERE index_list.\"unique\" = 0 AND sqlite_master.type = 'index' ORDER BY index_list.name"
        }
    };
    let table = E::default().table_name().to_owned();
    let rows = tx
        .query_all_raw(Statement::from_sql_and_values(backend, sql, [table.into()]))
        .await?;
    let mut definitions = Vec::with_capacity(rows.len());
    for row in rows {
        let name: String = row.try_get("", "name")?;
        definitions.push(row.try_get("", "definition")?);
        tx.execute_unprepared(&format!("DROP INDEX \"{name}\"")).await?;
    }
    Ok(Indexes { definitions })
}

impl Indexes {
    /// Makes them anew.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn put_back(self, tx: &impl ConnectionTrait) -> Result<(), DbErr> {
        for definition in self.definitions {
            tx.execute_unprepared(&definition).await?;
        }
        Ok(())
    }
}
