//! The records as they are.

use std::collections::HashMap;

use chrono::NaiveDate;
use qihang_db::entity::{account, assignment, heading_mapping};
use qihang_db::{CollegeKind, Scope, records};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, QueryFilter};

use crate::exchange::model::{
    Catalogue, Cells, Dataset, Existing, KnownCollege, KnownMajor, Mappings, Records, cells_of, officer_key,
    years_text,
};
use crate::school::queries as school;
use crate::{directed, portal};

/// All 院 and 专业.
pub(crate) async fn catalogue(connection: &impl ConnectionTrait) -> Result<Catalogue, DbErr> {
    let colleges = school::colleges(connection)
        .await?
        .into_iter()
        .map(|row| KnownCollege {
            id: row.id,
            code: row.code,
            name: row.name,
            kind: CollegeKind::from_code(&row.kind),
        });
    let majors = school::majors(connection)
        .await?
        .into_iter()
        .map(|row| KnownMajor {
            id: row.id,
            code: row.code,
            national_code: row.national_code,
            name: row.name,
            college_id: row.college_id,
            degree_level: row.degree_level,
            length_half_years: row.length_half_years,
        });
    Ok(Catalogue::new(colleges.collect(), majors.collect()))
}

/// What people said about headings.
pub(crate) async fn mappings(connection: &impl ConnectionTrait, dataset: Dataset) -> Result<Mappings, DbErr> {
    let rows = records::<heading_mapping::Entity>()
        .filter(heading_mapping::Column::Dataset.eq(dataset.code()))
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (row.heading, row.field)).collect())
}

/// Every record of a dataset, by key.
pub(crate) async fn existing(
    connection: &impl ConnectionTrait,
    dataset: Dataset,
    catalogue: &Catalogue,
    today: NaiveDate,
) -> Result<Records, DbErr> {
    let present = |cells| Existing {
        cells,
        has_vanished: false,
    };
    Ok(match dataset {
        Dataset::Units => school::colleges(connection)
            .await?
            .into_iter()
            .map(|row| {
                let cells = Cells::pack([&row.code, &row.name, &row.kind, &row.campus.unwrap_or_default()]);
                (row.code, present(cells))
            })
            .collect(),
        Dataset::Majors => school::majors(connection)
            .await?
            .into_iter()
            .map(|row| {
                let college = catalogue
                    .college(row.college_id)
                    .map_or("", |college| college.code.as_str());
                let length = row.length_half_years.map(years_text).unwrap_or_default();
                let cells = Cells::pack([
                    &row.code,
                    &row.national_code,
                    &row.name,
                    college,
                    &row.degree_level,
                    &length,
                ]);
                (row.code, present(cells))
            })
            .collect(),
        Dataset::Students => {
            // What a student mended, or an officer filled in, lies over the exchange's value; a file is compared with what
            // the exchange had.
            let mended = portal::queries::standing(connection, &Scope::Everyone, None).await?;
            let units = directed::queries::standing(connection, &Scope::Everyone, None).await?;
            let students = school::all_students(connection).await?.into_iter();
            let as_brought = students.map(|mut row| {
                if let Some(unit) = units.get(&row.id) {
                    row.directed_unit.clone_from(&unit.exchange_value);
                }
                match mended.get(&row.id) {
                    Some(mended) => portal::model::as_brought(row, mended),
                    None => row,
                }
            });
            as_brought
                .map(|row| {
                    let record = Existing {
                        cells: cells_of(&row, catalogue),
                        has_vanished: row.vanished_at.is_some(),
                    };
                    (row.student_no, record)
                })
                .collect()
        }
        Dataset::Officers => officers(connection, catalogue, today).await?,
    })
}

/// Every role that an account has beyond today. One that ends today has been ended.
async fn officers(
    connection: &impl ConnectionTrait,
    catalogue: &Catalogue,
    today: NaiveDate,
) -> Result<Records, DbErr> {
    let accounts: HashMap<i64, account::Model> = records::<account::Entity>()
        .all(connection)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let roles = records::<assignment::Entity>()
        .filter(
            Condition::any()
                .add(assignment::Column::EndsOn.is_null())
                .add(assignment::Column::EndsOn.gt(today)),
        )
        .all(connection)
        .await?;
    Ok(roles
        .into_iter()
        .filter_map(|role| {
            let account = accounts.get(&role.account_id)?;
            let unit = match role.college_id {
                Some(id) => catalogue.college(id)?.code.as_str(),
                None => "",
            };
            let cells = Cells::pack([
                account.login.as_str(),
                &account.name,
                &role.role,
                unit,
                &account.mobile,
                &account.email,
            ]);
            let record = Existing {
                cells,
                has_vanished: false,
            };
            Some((officer_key(&account.login, &role.role, unit), record))
        })
        .collect())
}
