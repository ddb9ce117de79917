//! The form in which a notice is written.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use qihang_db::{Audience, Role, StudentType};
use serde::Deserialize;

use crate::class_year::model::ClassYear;
use crate::notice::model::{BODY_LENGTH, Content, Readership, TITLE_LENGTH};

/// What follows when the form is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Then {
    #[default]
    Save,
    Preview,
}

/// The form as it was posted; the text is kept when there is a mistake in it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::notice) struct NoticeForm {
    pub(super) title: String,
    pub(super) body: String,
    /// The 院 that writes, where the author has several.
    pub(super) college: String,
    pub(super) audience: String,
    pub(super) for_college: Vec<i64>,
    pub(super) for_role: Vec<String>,
    pub(super) student_type: String,
    pub(super) class_year: String,
    pub(super) pinned: String,
    pub(super) publish_on: String,
    pub(super) ends_on: String,
    pub(super) then: Then,
}

/// What is wrong with the form, field by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mistakes {
    pub(super) title: Option<String>,
    pub(super) body: Option<String>,
    pub(super) college: Option<String>,
    pub(super) audience: Option<String>,
    pub(super) for_college: Option<String>,
    pub(super) for_role: Option<String>,
    pub(super) student_type: Option<String>,
    pub(super) class_year: Option<String>,
    pub(super) publish_on: Option<String>,
    pub(super) ends_on: Option<String>,
}

/// In whose name the author may write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Publisher {
    /// For the centre: for anybody.
    Centre,
    /// For one of these 院: for its students.
    Colleges(Vec<(i64, String)>),
}

/// What the form offers to choose from.
pub(super) struct Offer {
    pub(super) publisher: Publisher,
    pub(super) colleges: Vec<(i64, String)>,
    pub(super) years: Vec<ClassYear>,
}

/// One thing to choose.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) chosen: bool,
}

fn choice(value: &str, label: &str, chosen: bool) -> Choice {
    Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        chosen,
    }
}

/// An optional field with one of a closed list.
fn one_of<T>(text: &str, read: impl Fn(&str) -> Option<T>, mistake: &mut Option<String>) -> Option<T> {
    if text.is_empty() {
        return None;
    }
    let found = read(text);
    if found.is_none() {
        *mistake = Some("没有这个选项，请重新选择。".into());
    }
    found
}

fn day(text: &str, mistake: &mut Option<String>) -> Option<NaiveDate> {
    let day = text.trim().parse().ok();
    if day.is_none() && !text.trim().is_empty() {
        *mistake = Some("请填写日期，例如 2026-09-15。".into());
    }
    day
}

impl NoticeForm {
    pub(super) fn of(content: &Content) -> Self {
        let text = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let readership = &content.readership;
        Self {
            title: content.title.clone(),
            body: content.body.clone(),
            college: String::new(),
            audience: readership.audience().code().to_owned(),
            for_college: readership.colleges().collect(),
            for_role: readership.roles().map(|role| role.code().to_owned()).collect(),
            student_type: readership
                .student_type()
                .map_or_else(String::new, |one| one.code().to_owned()),
            class_year: readership
                .class_year()
                .map_or_else(String::new, |year| year.to_string()),
            pinned: if content.pinned { "1" } else { "" }.to_owned(),
            publish_on: text(content.publish_on),
            ends_on: text(content.ends_on),
            then: Then::Save,
        }
    }

    /// Reads all fields, or says what is wrong with each. Answers the 院 that writes, and what it writes.
    pub(super) fn read(&self, offer: &Offer) -> Result<(Option<i64>, Content), Box<Mistakes>> {
        let mut mistakes = Box::<Mistakes>::default();
        let title = self.title.trim();
        if title.is_empty() || title.chars().count() > TITLE_LENGTH || title.contains(char::is_control) {
            mistakes.title = Some(format!("请填写标题，一行，最多 {TITLE_LENGTH} 个字。"));
        }
        // A browser sends lines with CR LF; NUL is no character for a database.
        let body = self.body.replace("\r\n", "\n").replace('\0', "");
        let body = body.trim();
        if body.is_empty() {
            mistakes.body = Some("请填写正文。".into());
        } else if body.chars().count() > BODY_LENGTH {
            mistakes.body = Some(format!("正文最多 {BODY_LENGTH} 个字，较长的内容请作为附件。"));
        }
        let college_id = self.college(offer, &mut mistakes);
        let readership = self.readership(offer, college_id, &mut mistakes);
        let publish_on = day(&self.publish_on, &mut mistakes.publish_on);
        let ends_on = day(&self.ends_on, &mut mistakes.ends_on);
        if let (Some(first), Some(last)) = (publish_on, ends_on)
            && last < first
        {
            mistakes.ends_on = Some("结束日期不能早于发布日期。".into());
        }
        match readership {
            Some(readership) if *mistakes == Mistakes::default() => Ok((
                college_id,
                Content {
                    title: title.to_owned(),
                    body: body.to_owned(),
                    readership,
                    pinned: self.pinned == "1",
                    publish_on,
                    ends_on,
                },
            )),
            _ => Err(mistakes),
        }
    }

    /// The 院 that writes; `None` is the centre.
    fn college(&self, offer: &Offer, mistakes: &mut Mistakes) -> Option<i64> {
        let own = match &offer.publisher {
            Publisher::Centre => return None,
            Publisher::Colleges(own) => own,
        };
        let chosen = match (own.as_slice(), self.college.as_str()) {
            ([(only, _)], _) => Some(*only),
            (_, text) => own.iter().map(|(id, _)| *id).find(|id| id.to_string() == text),
        };
        if chosen.is_none() {
            mistakes.college = Some("请选择以哪个院的名义发布。".into());
        }
        chosen
    }

    fn readership(
        &self,
        offer: &Offer,
        college_id: Option<i64>,
        mistakes: &mut Mistakes,
    ) -> Option<Readership> {
        let student_type = one_of(
            &self.student_type,
            StudentType::from_code,
            &mut mistakes.student_type,
        );
        let year = |text: &str| offer.years.iter().copied().find(|year| year.to_string() == text);
        let class_year = one_of(&self.class_year, year, &mut mistakes.class_year);
        if offer.publisher != Publisher::Centre {
            return Some(Readership::Students {
                colleges: college_id.into_iter().collect(),
                student_type,
                class_year,
            });
        }
        let audience = Audience::from_code(&self.audience);
        if audience.is_none() {
            mistakes.audience = Some("请选择发送对象。".into());
        }
        let audience = audience?;
        let colleges: BTreeSet<i64> = self.for_college.iter().copied().collect();
        if colleges
            .iter()
            .any(|id| offer.colleges.iter().all(|(known, _)| known != id))
        {
            mistakes.for_college = Some("没有这个院，请重新选择。".into());
        }
        let mut roles = BTreeSet::new();
        for code in &self.for_role {
            roles.extend(one_of(code, Role::from_code, &mut mistakes.for_role));
        }
        // What does not fit is said, never dropped: the author meant to narrow the audience, and it would be wider.
        if audience == Audience::Public && !colleges.is_empty() {
            mistakes.for_college = Some("公开通知面向所有人，不能限定院系。".into());
        }
        if audience != Audience::Staff && !roles.is_empty() {
            mistakes.for_role = Some("只有面向教师的通知才能限定角色。".into());
        }
        let only_students = || Some("只有面向学生的通知才能限定此项。".to_owned());
        if audience != Audience::Students && student_type.is_some() {
            mistakes.student_type = only_students();
        }
        if audience != Audience::Students && class_year.is_some() {
            mistakes.class_year = only_students();
        }
        Some(match audience {
            Audience::Public => Readership::Public,
            Audience::Students => Readership::Students {
                colleges,
                student_type,
                class_year,
            },
            Audience::Staff => Readership::Staff { colleges, roles },
        })
    }

    pub(super) fn audiences(&self) -> Vec<Choice> {
        let audience = |one: &Audience| choice(one.code(), one.label(), self.audience == one.code());
        Audience::ALL.iter().map(audience).collect()
    }

    pub(super) fn roles(&self) -> Vec<Choice> {
        let role = |one: &Role| {
            choice(
                one.code(),
                one.label(),
                self.for_role.iter().any(|code| code == one.code()),
            )
        };
        Role::ALL.iter().map(role).collect()
    }

    pub(super) fn types(&self) -> Vec<Choice> {
        let kind = |one: &StudentType| choice(one.code(), one.label(), self.student_type == one.code());
        StudentType::ALL.iter().map(kind).collect()
    }

    pub(super) fn years(&self, offer: &Offer) -> Vec<Choice> {
        let year = |one: &ClassYear| {
            let text = one.to_string();
            choice(&text, &format!("{one} 届"), self.class_year == text)
        };
        offer.years.iter().map(year).collect()
    }

    pub(super) fn colleges(&self, offer: &Offer) -> Vec<Choice> {
        let college =
            |(id, name): &(i64, String)| choice(&id.to_string(), name, self.for_college.contains(id));
        offer.colleges.iter().map(college).collect()
    }

    pub(super) fn publishers(&self, offer: &Offer) -> Vec<Choice> {
        match &offer.publisher {
            Publisher::Centre => Vec::new(),
            Publisher::Colleges(own) => own
                .iter()
                .map(|(id, name)| choice(&id.to_string(), name, self.college == id.to_string()))
                .collect(),
        }
    }
}
