//! Printing: only what counts, as it was approved; a draft for the own eyes; a class as one file.

use qihang_db::entity::{recommendation_form, recommendation_version};
use qihang_db::{Action, Actor, AuditEvent, Clock, Scope};
use qihang_paper::{Check, Press, RecommendationForm, is_printable_photo};
use sea_orm::DbErr;
use serde_json::json;

use super::{desk, facts_of, subject};
use crate::activation::gate::{Passed, step};
use crate::app::App;
use crate::auth::{Can, policy};
use crate::files::FileError;
use crate::portal::photo::queries::find as find_photo;
use crate::press::PrintError;
use crate::recommendation::model::facts::from_column;
use crate::recommendation::model::seal::{Statement, seal, sha256};
use crate::recommendation::model::{Code, Fact, Text, tidy};
use crate::recommendation::queries::printing::{self, Printable};
use crate::recommendation::queries::{forms, versions};
use crate::recommendation::{CHECK_PATH, keys};

/// Forms in one file at the most: as many as one file of signed facts is read back from.
pub const MOST_IN_ONE_FILE: u64 = 600;

/// Why a form is not printed.
#[derive(Debug, thiserror::Error)]
pub enum PrintingError {
    /// There is no version that counts.
    #[error("only what is approved and counts is printed")]
    NothingValid,
    /// Something of this form cannot be put on paper: for the person.
    #[error("{0}")]
    Unprintable(String),
    /// The key that signs.
    #[error(transparent)]
    Key(#[from] keys::KeyError),
    /// The press.
    #[error(transparent)]
    Print(#[from] PrintError),
    /// The file store.
    #[error("a photo could not be read: {0}")]
    File(#[from] FileError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// A file that was printed.
#[derive(Debug)]
pub struct Printed {
    /// What the file is called.
    pub name: String,
    /// The PDF.
    pub pdf: Vec<u8>,
}

/// The characters of these texts that no font has, as a sentence would quote them; `None` where all can be printed.
pub fn unprintable<'a>(press: &Press, texts: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut missing = Vec::new();
    for character in texts.into_iter().flat_map(|text| press.unprintable(text)) {
        if !missing.contains(&character) {
            missing.push(character);
        }
    }
    // A hundred emoji need not all be named.
    let named: Vec<String> = missing.iter().take(10).map(|one| format!("“{one}”")).collect();
    (!missing.is_empty()).then(|| named.concat())
}

/// Label and value, as the paper has them.
fn pairs(facts: &[Fact]) -> Vec<(String, String)> {
    facts
        .iter()
        .map(|fact| (fact.heading.clone(), fact.value.clone()))
        .collect()
}

/// What a draft prints: what would be submitted now.
///
/// # Errors
///
/// [`PrintingError`].
pub async fn draft(app: &App, passed: &Passed<step::Recommendation>) -> Result<Vec<u8>, PrintingError> {
    let (reader, student, entry) = (app.db.reader(), passed.student(), passed.entry());
    let form = forms::of_entry(reader, student.id(), entry).await?;
    let desk = desk(reader, entry.class_year, form.as_ref()).await?;
    let photo = match find_photo(reader, &student.scope()).await? {
        Some(photo) => picture(app, &photo.file_key).await?,
        None => None,
    };
    let paper = RecommendationForm {
        university: app.config.university.clone(),
        class_year: entry.class_year,
        facts: pairs(&facts_of(reader, student.record()).await?),
        photo: photo.filter(|bytes| is_printable_photo(bytes)),
        sections: desk
            .sections
            .iter()
            .map(|section| (section.heading.clone(), tidy(desk.body(&section.code))))
            .collect(),
        ..RecommendationForm::default()
    };
    Ok(app
        .printing
        .print(move |press| press.recommendation(&[paper]))
        .await?)
}

async fn picture(app: &App, key: &str) -> Result<Option<Vec<u8>>, FileError> {
    match app.files.get(key).await {
        Ok(content) => Ok(Some(content)),
        Err(FileError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What stands on the paper of a version that counts, signed.
///
/// # Errors
///
/// [`PrintingError::Unprintable`] for what cannot be put on paper as it was approved.
async fn paper(
    app: &App,
    (version, form): (&recommendation_version::Model, &recommendation_form::Model),
    texts: &[Text],
) -> Result<RecommendationForm, PrintingError> {
    let form_no = form.form_no.clone().ok_or(PrintingError::NothingValid)?;
    let code = version
        .check_code
        .as_deref()
        .and_then(Code::of_column)
        .ok_or(PrintingError::NothingValid)?;
    let refused = |what: &str| PrintingError::Unprintable(format!("编号 {form_no} 的推荐表无法打印：{what}"));
    let photo = match &version.photo_key {
        Some(key) => {
            let found = picture(app, key).await?;
            let content = found.filter(|bytes| is_printable_photo(bytes));
            Some(
                content
                    .ok_or_else(|| refused("照片文件缺失或损坏，请学生重新上传照片，修改推荐表后重新提交"))?,
            )
        }
        None => None,
    };
    let facts = pairs(&from_column(&version.facts));
    let sections: Vec<(String, String)> = texts
        .iter()
        .map(|text| (text.heading.clone(), text.body.clone()))
        .collect();
    let opinion = version.opinion.clone().unwrap_or_default();
    let words = facts
        .iter()
        .chain(&sections)
        .flat_map(|(label, text)| [label.as_str(), text.as_str()])
        .chain([opinion.as_str()]);
    if let Some(missing) = unprintable(app.printing.press().await?, words) {
        return Err(refused(&format!(
            "没有{missing}的字形，请系统管理员添加含有该字的字体"
        )));
    }
    let address = serde_html_form::to_string([("no", form_no.as_str()), ("code", code.as_str())]);
    let url = format!(
        "{}{CHECK_PATH}?{}",
        app.config.public_url,
        address.unwrap_or_default()
    );
    let day = Clock::day_of(version.decided_at.unwrap_or(version.submitted_at));
    let statement = Statement {
        university: app.config.university.clone(),
        class_year: form.class_year,
        form_no,
        version: version.number,
        date: day.format("%Y年%-m月%-d日").to_string(),
        facts,
        sections,
        opinion,
        photo: photo.as_deref().map(sha256),
        url,
    };
    let key = keys::signing_key(&app.config.data_dir)?;
    Ok(RecommendationForm {
        check: Some(Check {
            url: statement.url.clone(),
            code: code.grouped(),
            attachment: Some(seal(&statement, &key)),
        }),
        university: statement.university,
        class_year: statement.class_year,
        form_no: Some(statement.form_no),
        date: Some(statement.date),
        facts: statement.facts,
        photo,
        sections: statement.sections,
        college_opinion: Some(statement.opinion),
    })
}

/// What a class prints to, before it is noted.
pub(in crate::recommendation) struct Class {
    /// The PDF; `None` where not one form can be printed.
    pub pdf: Option<Vec<u8>>,
    /// Row ids of the versions in it.
    pub versions: Vec<i64>,
    /// Why the others are not in it.
    pub left: Vec<String>,
}

/// Prints versions that count as one file. What cannot be printed is left out, and it is said why.
pub(in crate::recommendation) async fn class(
    app: &App,
    scope: &Scope,
    rows: &[Printable],
) -> Result<Class, PrintingError> {
    let ids = rows.iter().map(|(version, _)| version.id);
    let mut texts = versions::texts(app.db.reader(), scope, ids).await?;
    let (mut papers, mut printed, mut left) = (Vec::new(), Vec::new(), Vec::new());
    for (version, form) in rows {
        let texts = texts.remove(&version.id).unwrap_or_default();
        match paper(app, (version, form), &texts).await {
            Ok(paper) => {
                papers.push(paper);
                printed.push(version.id);
            }
            Err(PrintingError::Unprintable(why)) => left.push(why),
            Err(error) => return Err(error),
        }
    }
    let pdf = if papers.is_empty() {
        None
    } else {
        Some(
            app.printing
                .print(move |press| press.recommendation(&papers))
                .await?,
        )
    };
    Ok(Class {
        pdf,
        versions: printed,
        left,
    })
}

async fn one(app: &App, (scope, actor): (&Scope, &Actor), form_id: i64) -> Result<Printed, PrintingError> {
    let row = printing::of_form(app.db.reader(), scope, form_id)
        .await?
        .ok_or(PrintingError::NothingValid)?;
    let facts = from_column(&row.0.facts);
    let name = facts.iter().find(|fact| fact.code == "name");
    let name = format!(
        "{}_{}.pdf",
        row.1.form_no.as_deref().unwrap_or_default(),
        name.map_or("推荐表", |fact| &fact.value)
    );
    let rows = [row];
    let class = class(app, scope, &rows).await?;
    let Some(pdf) = class.pdf else {
        return Err(PrintingError::Unprintable(class.left.concat()));
    };
    let change = app.db.change(actor).await?;
    printing::mark(change.tx(), &class.versions, change.now()).await?;
    let event = AuditEvent::new(Action::RecommendationPrinted, subject(form_id))
        .after(json!({"version": rows[0].0.number}));
    change.commit(event).await?;
    Ok(Printed { name, pdf })
}

/// The own form, as it was approved.
///
/// # Errors
///
/// [`PrintingError`].
pub async fn own(app: &App, passed: &Passed<step::Recommendation>) -> Result<Printed, PrintingError> {
    let student = passed.student();
    let form = forms::of_entry(app.db.reader(), student.id(), passed.entry())
        .await?
        .ok_or(PrintingError::NothingValid)?;
    one(app, (&student.scope(), &student.actor()), form.row.id).await
}

/// The form of a student, for an officer.
///
/// # Errors
///
/// [`PrintingError`].
pub async fn of_student(
    app: &App,
    can: &Can<policy::ViewRecommendations>,
    form_id: i64,
) -> Result<Printed, PrintingError> {
    one(app, (can.scope(), can.actor()), form_id).await
}
