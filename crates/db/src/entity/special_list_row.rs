//! One row of a list of students that the centre received.

use sea_orm::entity::prelude::*;

/// One row of a list of students that the centre received. It knows its student by 学号 alone, so that it means the right
/// one whatever imports do later, and a student who is unknown today as soon as there is one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "special_list_row")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The list.
    pub list_id: i64,
    /// Row in the file as a spreadsheet shows it.
    pub line: i32,
    /// 学号 as found, normalised; empty where the cell is.
    pub student_no: String,
    /// 姓名 as found; empty where the list has none.
    pub name: String,
    /// 学院 as found; empty where the list has none.
    pub college_found: String,
    /// The 院 that `college_found` names; `None` where it names none.
    pub college_id: Option<i64>,
    /// Code of [`crate::ListOutcome`].
    pub outcome: String,
    /// Code of [`crate::ListDifference`]; `None` where there was no version before.
    pub difference: Option<String>,
    /// Why, in Chinese; empty where there is nothing to say.
    pub reason: String,
    /// The roster entry that the list made.
    pub entry_id: Option<i64>,
}

/// Relations, for joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    /// By 学号.
    #[sea_orm(
        belongs_to = "super::student::Entity",
        from = "Column::StudentNo",
        to = "super::student::Column::StudentNo"
    )]
    Student,
}

impl Related<super::student::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Student.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
