//! Which office mends which field: the centre's setting.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use qihang_db::Office;

use super::staff::HERE;
use crate::activation::fields::Field;
use crate::app::App;
use crate::auth::{Can, Staff, policy};
use crate::correction::offices::{Offices, Pair};
use crate::correction::{queries, rules};
use crate::home;
use crate::web::{AppError, Flash, Form, Shell, html, redirect};

/// A field with its two offices.
struct Line {
    field: Field,
    pair: Pair,
}

#[derive(Template)]
#[template(path = "correction/offices.html")]
struct OfficesPage {
    shell: Shell,
    lines: Vec<Line>,
}

pub(in crate::correction) async fn offices(
    State(app): State<App>,
    _can: Can<policy::SetOffices>,
    staff: Staff,
) -> Result<Response, AppError> {
    let set = queries::offices(app.db.reader()).await?;
    html(&OfficesPage {
        shell: home::shell(&app, &staff, HERE).await?,
        lines: Offices::fields()
            .map(|field| Line {
                field,
                pair: set.pair(field),
            })
            .collect(),
    })
}

/// Pairs of `field.type` and the code of an office.
type Chosen = Vec<(String, String)>;

pub(in crate::correction) async fn set_offices(
    State(app): State<App>,
    can: Can<policy::SetOffices>,
    staff: Staff,
    Form(form): Form<Chosen>,
) -> Result<Response, AppError> {
    let chosen = |field: Field, of: &str| {
        let name = format!("{}.{of}", field.code());
        let found = form.iter().find(|(key, _)| *key == name);
        found
            .and_then(|(_, code)| Office::from_code(code))
            .ok_or_else(|| AppError::BadRequest(format!("{}的更正单位无法识别。", field.heading())))
    };
    let mut pairs = Vec::new();
    for field in Offices::fields() {
        let pair = Pair {
            undergraduate: chosen(field, "undergraduate")?,
            graduate: chosen(field, "graduate")?,
        };
        pairs.push((field, pair));
    }
    rules::set_offices(&app.db, &can, &Offices::new(pairs)).await?;
    home::flash(&staff, Flash::success("已保存。之前报告的仍在原单位的列表中。")).await?;
    Ok(redirect("/manage/corrections/offices"))
}
