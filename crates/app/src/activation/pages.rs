//! What the student's pages show.

use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Asia::Shanghai;
use qihang_db::entity::student;

use super::contact::{LONGEST, Mistake, Typed};
use super::fields::{Field, PORTAL, Section, Source};
use super::model::Block;
use super::rules::Demand;
use crate::class_year::model::DaysLeft;
use crate::roster::list::columns::{Identity, Names};
use crate::web::StudentShell;

/// A field of the record: read only, with where it is mended.
pub(crate) struct RecordRow {
    pub code: &'static str,
    pub heading: &'static str,
    pub is_required: bool,
    pub value: String,
    /// What stands in the way, and who mends it.
    pub blocks: Vec<Block>,
    /// The page where the student mends it at any time; `None` where an office does.
    pub href: Option<&'static str>,
    pub is_under_correction: bool,
}

/// A part of the record.
pub(crate) struct RecordSection {
    pub heading: &'static str,
    pub rows: Vec<RecordRow>,
}

/// The parts of the record of a student.
pub(super) fn record(
    student: &student::Model,
    names: &Names,
    demand: &Demand,
    identity: Identity,
) -> Vec<RecordSection> {
    let row = |field: Field| {
        let blocks = demand.blocks.iter().filter(|block| block.field == field);
        RecordRow {
            code: field.code(),
            heading: field.heading(),
            is_required: demand.rules.is_required(field),
            value: field.shown(student, names, identity).into_owned(),
            blocks: blocks.cloned().collect(),
            href: (field.source() == Source::Portal).then_some(PORTAL),
            is_under_correction: demand.corrections.contains(&field),
        }
    };
    [Section::Person, Section::Study]
        .into_iter()
        .map(|section| RecordSection {
            heading: section.heading(),
            rows: section
                .fields()
                .filter(|field| field.concerns(student))
                .map(row)
                .collect(),
        })
        .collect()
}

/// A field that the student enters.
pub(super) struct ContactRow {
    pub code: &'static str,
    pub heading: &'static str,
    pub is_required: bool,
    pub value: String,
    pub error: Option<String>,
    /// Kind of keyboard on a telephone.
    pub input_mode: &'static str,
    /// What a browser may fill in by itself.
    pub autocomplete: &'static str,
    pub hint: &'static str,
    pub longest: usize,
    /// Why it cannot be changed; `None` when it can.
    pub closed: Option<String>,
}

/// The fields that the student enters, with what was typed.
pub(super) fn contact_rows(typed: &Typed, demand: &Demand, mistakes: &[Mistake]) -> Vec<ContactRow> {
    Section::Contact
        .fields()
        .map(|field| {
            let (input_mode, autocomplete, hint) = match field {
                Field::Mobile => ("tel", "tel-national", "11 位手机号"),
                Field::Email => ("email", "email", "毕业后仍能使用的邮箱"),
                Field::Qq => ("numeric", "off", ""),
                Field::Address => ("text", "street-address", "能收到信件的地址，写到门牌"),
                Field::Postcode => ("numeric", "postal-code", "6 位数字"),
                Field::HomePhone => ("tel", "off", "固定电话加区号，或家长手机"),
                _ => ("text", "off", ""),
            };
            ContactRow {
                code: field.code(),
                heading: field.heading(),
                is_required: demand.rules.is_required(field),
                value: typed.get(field).to_owned(),
                error: mistakes
                    .iter()
                    .find(|mistake| mistake.field == field)
                    .map(|mistake| mistake.text.clone()),
                input_mode,
                autocomplete,
                hint,
                longest: LONGEST,
                closed: None,
            }
        })
        .collect()
}

/// A line of the summary at the top: what stands in the way, and where on the page.
pub(super) struct Obstacle {
    pub text: String,
    pub anchor: &'static str,
}

/// What stands in the way, in the order of the form.
pub(super) fn obstacles(blocks: &[Block], mistakes: &[Mistake], is_unchecked: bool) -> Vec<Obstacle> {
    let in_record = blocks.iter().map(|block| Obstacle {
        text: format!("{}。{}", block.problem, block.mender.advice),
        anchor: block.field.code(),
    });
    let typed = mistakes.iter().map(|mistake| Obstacle {
        text: format!("{}：{}", mistake.field.heading(), mistake.text),
        anchor: mistake.field.code(),
    });
    let unchecked = is_unchecked.then(|| Obstacle {
        text: "请在核对每一项之后勾选“已逐项核对”".into(),
        anchor: "checked",
    });
    in_record.chain(typed).chain(unchecked).collect()
}

/// The due day of a student.
pub(super) struct Due {
    pub day: NaiveDate,
    pub left: DaysLeft,
}

/// 修改激活信息.
#[derive(Template)]
#[template(path = "activation/form.html")]
pub(super) struct FormPage {
    pub shell: StudentShell,
    pub class_year: i32,
    pub due: Option<Due>,
    pub entry_id: i64,
    pub seen: String,
    pub sections: Vec<RecordSection>,
    pub contact: Vec<ContactRow>,
    pub obstacles: Vec<Obstacle>,
    /// Whether the page answers a press on 激活, so that the focus goes to what stands in the way.
    pub is_answer: bool,
    pub is_unchecked: bool,
    /// Whether the record has changed since the page was shown.
    pub is_stale: bool,
    /// When the draft was kept.
    pub saved_at: Option<String>,
}

/// A confirmed value that has changed.
pub(super) struct ChangeRow {
    pub heading: &'static str,
    /// `None` where the history does not say.
    pub was: Option<String>,
    pub becomes: String,
    pub blocks: Vec<Block>,
}

/// What was confirmed: after activation.
#[derive(Template)]
#[template(path = "activation/done.html")]
pub(super) struct DonePage {
    pub shell: StudentShell,
    pub class_year: i32,
    pub activated_at: String,
    /// What has to be confirmed again; none when everything stands.
    pub changes: Vec<ChangeRow>,
    pub is_blocked: bool,
    pub is_stale: bool,
    pub seen: String,
    pub sections: Vec<RecordSection>,
    pub contact: Vec<ContactRow>,
    pub has_mistakes: bool,
}

/// What became of a draft, in its place on the form.
#[derive(Template)]
#[template(path = "activation/draft.html")]
pub(super) struct DraftState {
    pub is_saved: bool,
    pub text: String,
}

/// The time of day in Shanghai, to the second: two saves in a minute are two.
pub(super) fn clock_text(instant: DateTime<Utc>) -> String {
    instant.with_timezone(&Shanghai).format("%H:%M:%S").to_string()
}
