//! What a reminder says, and when a letter is tried again. Pure.

use chrono::{NaiveDate, TimeDelta};
use qihang_db::ReminderAbout;

use crate::activation::fields::PORTAL;
use crate::class_year::model::ClassYear;
use crate::progress::filter::State;
use crate::recommendation::OWN_PATH;

/// The page where a student does what the reminder is about.
pub const STEP: &str = "/student/activation";

/// Where a student does what a reminder asks for.
pub const fn way(about: ReminderAbout) -> &'static str {
    match about {
        ReminderAbout::Activation => STEP,
        ReminderAbout::Origin => PORTAL,
        ReminderAbout::Recommendation => OWN_PATH,
    }
}

/// Characters of a title.
pub const LONGEST_TITLE: usize = 40;
/// Characters of a text.
pub const LONGEST_BODY: usize = 500;

/// What a reminder says: plain text, whatever it looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    title: String,
    body: String,
}

/// What is wrong with what an officer wrote, beside the field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordingMistakes {
    /// In the title.
    pub title: Option<String>,
    /// In the text.
    pub body: Option<String>,
}

fn check(text: &str, longest: usize, what: &str) -> Option<String> {
    let strange = |character: char| character.is_control() && character != '\n';
    if text.is_empty() {
        Some(format!("请填写{what}。"))
    } else if text.chars().count() > longest {
        Some(format!(
            "{what}不超过 {longest} 字，现在是 {} 字。",
            text.chars().count()
        ))
    } else if text.contains(strange) {
        Some(format!("{what}中有无法识别的字符，请重新输入。"))
    } else {
        None
    }
}

impl Wording {
    /// Reads what an officer wrote.
    ///
    /// # Errors
    ///
    /// [`WordingMistakes`], for the person.
    pub fn parse(title: &str, body: &str) -> Result<Self, WordingMistakes> {
        let title = title.trim();
        // Browsers send line breaks as two characters.
        let body = body.replace("\r\n", "\n");
        let body = body.trim();
        let mistakes = WordingMistakes {
            title: if title.contains('\n') {
                Some("标题只能是一行。".into())
            } else {
                check(title, LONGEST_TITLE, "标题")
            },
            body: check(body, LONGEST_BODY, "正文"),
        };
        if mistakes == WordingMistakes::default() {
            Ok(Self {
                title: title.to_owned(),
                body: body.to_owned(),
            })
        } else {
            Err(mistakes)
        }
    }

    /// What is said to a student whose 生源所在地 is empty.
    pub fn of_origin() -> Self {
        Self {
            title: "请补充生源所在地".to_owned(),
            body: "学校的学生数据中没有你的生源所在地（高考前的户籍所在地）。请在校内信息门户的个人信息中选择，须到省、市，\
                   直辖市须到行政区。"
                .to_owned(),
        }
    }

    /// What is said to a student who has not submitted the 推荐表.
    pub fn of_recommendation() -> Self {
        Self {
            title: "请填写并提交就业推荐表".to_owned(),
            body: "你的就业推荐表还没有提交审核。请登录就业服务网填写各栏目并提交；被退回的，请按老师写明的原因修改后重新提交。\
                   院系审核通过后才能打印推荐表。"
                .to_owned(),
        }
    }

    /// What is proposed: for students in this state, of a class year due on this day.
    pub fn proposed(state: State, year: ClassYear, due: NaiveDate, today: NaiveDate) -> Self {
        let day = due.format("%Y年%-m月%-d日");
        let (title, beginning) = match state {
            State::Again => (
                "请重新确认已更改的信息",
                "你激活就业账户之后，数据交换平台更改了你的部分信息。请登录就业服务网，核对更改的内容并确认。".to_owned(),
            ),
            State::Pending | State::Activated | State::All if today > due => (
                "就业账户激活已过截止日，请尽快办理",
                format!("{year} 届毕业生就业账户激活已于 {day}截止，你的账户还没有激活。请尽快登录就业服务网，核对信息并激活。"),
            ),
            State::Pending | State::Activated | State::All => (
                "请激活就业账户",
                format!("你已列入 {year} 届毕业生生源信息库，但就业账户还没有激活。请在 {day} 24:00 前登录就业服务网，逐项核对信息并激活。"),
            ),
        };
        Self {
            title: title.to_owned(),
            body: format!(
                "{beginning}\n未完成前，不能打印推荐表，也不能办理签约、去向登记和派遣。如有信息不对，页面上写明由谁更正。"
            ),
        }
    }

    /// In one line.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The text.
    pub fn body(&self) -> &str {
        &self.body
    }
}

/// How often a letter is tried.
pub const TRIES: i32 = 7;

/// After how many minutes a letter is tried again that was tried in vain so many times; `None` when it is given up.
pub fn try_again_after(tries: i32) -> Option<TimeDelta> {
    const MINUTES: [i64; 6] = [1, 5, 30, 120, 360, 720];
    let tries = usize::try_from(tries).unwrap_or_default();
    MINUTES
        .get(tries.saturating_sub(1))
        .map(|minutes| TimeDelta::minutes(*minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_proposed_can_be_sent_as_it_is() {
        let year = ClassYear::new(2027).unwrap();
        let due: NaiveDate = "2026-09-30".parse().unwrap();
        for state in State::ALL {
            for today in ["2026-09-30", "2026-10-01"] {
                let wording = Wording::proposed(*state, year, due, today.parse().unwrap());
                assert_eq!(
                    Wording::parse(wording.title(), wording.body()),
                    Ok(wording.clone())
                );
            }
        }
        let late = Wording::proposed(State::Pending, year, due, "2026-10-01".parse().unwrap());
        assert!(late.body().contains("已于 2026年9月30日截止"), "{}", late.body());
    }

    #[test]
    fn a_title_is_one_line_and_a_text_keeps_its_lines() {
        assert_eq!(
            Wording::parse(" 请激活 ", "一\r\n二 ").unwrap(),
            Wording {
                title: "请激活".into(),
                body: "一\n二".into()
            }
        );
        let mistakes = Wording::parse("甲\n乙", "").unwrap_err();
        assert!(mistakes.title.is_some() && mistakes.body.is_some());
        let long = Wording::parse(&"长".repeat(LONGEST_TITLE + 1), "一\u{7}").unwrap_err();
        assert!(long.title.is_some() && long.body.is_some());
    }

    #[test]
    fn a_letter_is_tried_again_less_and_less_often_and_then_given_up() {
        let waits: Vec<_> = (1..TRIES).map(|tries| try_again_after(tries).unwrap()).collect();
        assert!(waits.is_sorted());
        assert_eq!(try_again_after(TRIES), None);
    }
}
