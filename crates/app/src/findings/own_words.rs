//! 为什么不在名单里, in the words of the student who asks (R19). The conditions and what decides them are those of
//! [`explain`](super::explain); only the wording is another. Pure.

use chrono::NaiveDate;
use qihang_db::entity::student;
use qihang_db::{ClassYearState, StudyStatus};

use super::explain::{Case, Code, EntryEnd, Explanation, is_doctoral, registrar};
use crate::class_year::model::ClassYear;
use crate::roster::model::Expectation;

/// Why the student is not on a roster: one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnReason {
    /// As sentences to the student.
    pub text: String,
    /// Who can change it; empty when nobody has to.
    pub who: &'static str,
}

/// The answer to the student.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnAnswer {
    /// The class year that was looked at.
    pub class_year: i32,
    /// The class year that the data suggests, as a sentence.
    pub suggested: String,
    /// Every reason; never empty while the student is not on its roster.
    pub reasons: Vec<OwnReason>,
}

const COLLEGE: &str = "本院就业专员";
const CENTRE: &str = "学生就业指导中心";

/// The class year that the data suggests, whatever the status; `None` where there is none to speak of.
fn suggested_year(student: &student::Model) -> Option<i32> {
    let is_extended = StudyStatus::from_code(&student.study_status) == Some(StudyStatus::Extended);
    student
        .expected_year
        .or(student.nominal_year)
        .filter(|_| !is_extended)
}

/// Which class year a student is told about: the one that the data suggests, where the centre has set it up; otherwise the
/// one of today.
pub fn year_to_explain(student: &student::Model, today: NaiveDate, known: &[i32]) -> i32 {
    suggested_year(student)
        .filter(|year| known.contains(year))
        .unwrap_or_else(|| ClassYear::of_day(today).year())
}

/// Puts the answer into the student's words. What officers typed when they removed a student is theirs and may name others:
/// the student is told the day, and whom to ask.
pub fn to_student(case: &Case, answer: &Explanation) -> OwnAnswer {
    let unmet: Vec<Code> = answer
        .conditions
        .iter()
        .filter(|condition| !condition.verdict.is_met())
        .map(|condition| condition.code)
        .collect();
    let mut reasons: Vec<OwnReason> = unmet
        .iter()
        .filter(|code| !follows_from_another(case, **code, &unmet))
        .filter_map(|code| reason(case, answer.class_year, *code))
        .collect();
    if reasons.is_empty() && !answer.is_on_roster {
        reasons.push(OwnReason {
            text: format!(
                "你符合 {} 届的全部条件，只是本院还没有把你加入名单。",
                answer.class_year
            ),
            who: COLLEGE,
        });
    }
    OwnAnswer {
        class_year: answer.class_year,
        suggested: suggested(case),
        reasons,
    }
}

fn suggested(case: &Case) -> String {
    match suggested_year(&case.student) {
        Some(year) if is_doctoral(case) => format!("你列入 {year} 届毕业信息采集名单。"),
        Some(year) => format!("按你的入学年份和学制，你应在 {year} 年毕业，属于 {year} 届。"),
        None => "按现有数据还不能确定你属于哪一届。".to_owned(),
    }
}

/// Whether the student would be told the same thing twice.
fn follows_from_another(case: &Case, code: Code, unmet: &[Code]) -> bool {
    let is_extended = StudyStatus::from_code(&case.student.study_status) == Some(StudyStatus::Extended);
    match code {
        Code::Active => unmet.contains(&Code::NotExtended),
        Code::ExpectedYear => is_extended || unmet.contains(&Code::Length),
        Code::InExchange
        | Code::Length
        | Code::NotExtended
        | Code::College
        | Code::ClassYearOpen
        | Code::NotElsewhere
        | Code::OnRoster => false,
    }
}

fn reason(case: &Case, year: i32, code: Code) -> Option<OwnReason> {
    let registrar = registrar(case);
    let told = |text: String, who| Some(OwnReason { text, who });
    match code {
        Code::InExchange => told(
            format!(
                "{}起，数据交换平台不再提供你的学籍记录。如果你仍在校，请{registrar}核实学籍。",
                case.vanished_on.as_deref().unwrap_or_default()
            ),
            registrar,
        ),
        Code::Active => told(status_text(case, year), registrar),
        Code::Length => told(
            "你的记录和所在专业都没有学制，推算不出毕业年份。".to_owned(),
            registrar,
        ),
        Code::ExpectedYear => Some(expected_year(case, year)),
        Code::NotExtended => told(
            format!(
                "你已延长学制。延长学制学生由{CENTRE}按教务处的名单统一添加，院系不能添加，你不需要办手续。"
            ),
            CENTRE,
        ),
        Code::ClassYearOpen => told(
            match case.year_state {
                Some(ClassYearState::Closed) => format!("{year} 届已经关闭，名单不能再变动。"),
                Some(ClassYearState::Planned | ClassYearState::Open) | None => {
                    format!("{year} 届还没有开启，开启后由本院确认名单。")
                }
            },
            CENTRE,
        ),
        Code::NotElsewhere => told("你在另一届的生源信息库中，届别须由中心调整。".to_owned(), CENTRE),
        Code::OnRoster => removed(case, year),
        // Every student has a 院; there is nothing to say about it.
        Code::College => None,
    }
}

fn status_text(case: &Case, year: i32) -> String {
    let found = &case.student.study_status;
    match StudyStatus::from_code(found) {
        Some(StudyStatus::Suspended) => {
            "你的学籍状态是休学。复学后学籍会更新，届时由本院把你加入名单。".to_owned()
        }
        Some(StudyStatus::Extended) => {
            format!("你的学籍状态是延长学制。确定在 {year} 年毕业的，请告诉本院就业专员。")
        }
        Some(
            status @ (StudyStatus::Withdrawn
            | StudyStatus::Transferred
            | StudyStatus::Graduated
            | StudyStatus::Active),
        ) => format!("你的学籍状态是{}，不进入毕业生名单。", status.label()),
        None if found.is_empty() => "你的学籍状态是空的，需要先补上。".to_owned(),
        None => format!("你的学籍状态“{found}”无法识别，需要先更正。"),
    }
}

fn expected_year(case: &Case, year: i32) -> OwnReason {
    if Expectation::from_code(&case.student.expectation) == Some(Expectation::DoctoralUnlisted) {
        return OwnReason {
            text: format!(
                "博士生以毕业信息采集名单为准，你还没有列入。确定在 {year} 年毕业的，请告诉本院就业专员。"
            ),
            who: COLLEGE,
        };
    }
    OwnReason {
        text: match case.student.nominal_year {
            Some(own) => {
                format!("现在进行的是 {year} 届，而你属于 {own} 届。如果入学年份或学制有误，请更正。")
            }
            None => "按现有数据推算不出你的毕业年份。".to_owned(),
        },
        who: registrar(case),
    }
}

fn removed(case: &Case, year: i32) -> Option<OwnReason> {
    let on = case.entries.iter().rev().find_map(|entry| match &entry.end {
        EntryEnd::Ended { on, .. } if entry.class_year == year => Some(on),
        EntryEnd::Ended { .. } | EntryEnd::Open | EntryEnd::Closed => None,
    })?;
    Some(OwnReason {
        text: format!("你在 {on} 被移出 {year} 届名单。移出的原因请向本院就业专员了解。"),
        who: COLLEGE,
    })
}
