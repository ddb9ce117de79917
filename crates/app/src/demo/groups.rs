//! Invented 定向委培单位 that students proposed, and 就业工作领导小组 that some 院 reported. The telephone numbers are nobody's, the
//! addresses end in `.example`.

use qihang_db::{Actor, Db, Scope};
use sea_orm::DbErr;

use crate::auth::{Can, policy};
use crate::class_year::model::ClassYear;
use crate::directed::model::Unit;
use crate::directed::rules::{UnitError, propose_as};
use crate::leadership::edit::Edit;
use crate::leadership::model::{Member, Typed};
use crate::leadership::queries::{self, Place};
use crate::leadership::rules::{self as leadership, GroupError, Seen};
use crate::school;

/// What students propose, one each.
const UNITS: &[&str] = &["虚构县第一中学", "虚构市人民医院", "虚构师范学校"];

/// Some of the directed students without a unit have proposed one.
///
/// # Errors
///
/// When the database does not answer.
pub async fn propose_units(db: &Db, year: ClassYear) -> Result<(), DbErr> {
    let students = super::queries::without_unit(db.reader(), &Scope::Everyone, year).await?;
    for (student, unit) in students.iter().zip(UNITS) {
        let Ok(unit) = Unit::parse(unit) else { continue };
        // Whoever may not propose a unit proposes none.
        if let Err(UnitError::Db(error)) =
            propose_as(db, &Actor::student(student.id, None), student, &unit).await
        {
            return Err(error);
        }
    }
    Ok(())
}

/// Post, name and role of each member.
const MEMBERS: &[[&str; 3]] = &[
    ["党委书记", "程启航", "组长"],
    ["院长", "方致远", "副组长"],
    ["党委副书记", "沈知行", "副组长"],
    ["学生工作办公室主任", "陆明远", "成员"],
    ["就业专员", "何思齐", "联络员/秘书"],
];

/// 院 that have reported, and one that has only begun.
const REPORTED: &[&str] = &["S02", "001"];
const BEGUN: &str = "003";

/// Some 院 have reported their group.
///
/// # Errors
///
/// When the database does not answer.
pub async fn report_groups(db: &Db, year: ClassYear) -> Result<(), DbErr> {
    for code in REPORTED.iter().chain([&BEGUN]) {
        let Some(college) = school::queries::find_college(db.reader(), code).await? else {
            continue;
        };
        let can = Can::<policy::ReportLeadership>::at_the_console(Scope::of_college(college.id));
        let place = Place {
            college_id: college.id,
            year: year.year(),
        };
        let few = if *code == BEGUN { 2 } else { MEMBERS.len() };
        let members = (1..)
            .zip(MEMBERS)
            .take(few)
            .filter_map(|(number, [post, name, role])| {
                let typed = Typed {
                    name: (*name).to_owned(),
                    post: (*post).to_owned(),
                    role: (*role).to_owned(),
                    telephone: format!("000-{number:08}"),
                    email: format!("leader{number}@univ.example"),
                };
                Member::parse(&typed).ok()
            });
        let step = Edit::Replace(members.collect());
        let mut done = leadership::edit(db, &can, place, Some(Seen::default()), step).await;
        if done.is_ok() && *code != BEGUN {
            let draft = queries::current(db.reader(), place).await?;
            let seen = Seen::of(draft.as_ref().map(|report| &report.row));
            done = leadership::submit(db, &can, place, Some(seen)).await;
        }
        if let Err(GroupError::Db(error)) = done {
            return Err(error);
        }
    }
    Ok(())
}
