//! Pages: who has reported, one list and its draft, its versions, files in and out.

mod files;
mod group;
mod overview;
mod page;
mod versions;

pub(super) use files::{replace, template, upload};
pub(super) use group::{add, change, discard, member, remove, shift, show, submit, take_over};
pub(super) use overview::{current, export, overview, remind};
pub(super) use versions::version;

use qihang_db::entity::college;

use super::queries::Place;
use crate::app::App;
use crate::auth::{Can, policy};
use crate::class_year::model::{ClassYear, Details};
use crate::school;
use crate::web::AppError;

/// The list of an address.
struct Here {
    college: college::Model,
    details: Details,
    place: Place,
}

impl Here {
    /// Reads the address; a 院 outside the scope does not exist.
    async fn find(
        app: &App,
        can: &Can<policy::ReportLeadership>,
        (year, code): (i32, &str),
    ) -> Result<Self, AppError> {
        let details = details(app, year).await?;
        let college = school::queries::find_college(app.db.reader(), code)
            .await?
            .filter(|college| can.scope().covers(college.id))
            .ok_or(AppError::NotFound)?;
        Ok(Self {
            place: Place {
                college_id: college.id,
                year,
            },
            college,
            details,
        })
    }

    /// The address of the list.
    fn href(&self) -> String {
        format!("{}/{}/{}", super::PATH, self.place.year, self.college.code)
    }
}

/// The class year of an address, where the centre has planned or opened it.
async fn details(app: &App, year: i32) -> Result<Details, AppError> {
    let year = ClassYear::new(year).ok_or(AppError::NotFound)?;
    crate::class_year::queries::find(app.db.reader(), year)
        .await?
        .ok_or(AppError::NotFound)
}
