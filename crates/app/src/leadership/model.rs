//! Who is in a 就业工作领导小组, and what may be written about each. Pure.

use qihang_db::GroupRole;
use serde::{Deserialize, Serialize};

use crate::activation::contact::{email, telephone};
use crate::exchange::model::tidy;

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $heading:literal, $aliases:expr, $width:literal, $longest:literal, $help:literal, $example:literal;)+) => {
        /// What is written about a member: the one definition that form, template, help and validator come from.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum MemberField { $($(#[$doc])* $name,)+ }

        impl MemberField {
            /// All of them, in order.
            pub const ALL: [Self; 5] = [$(Self::$name,)+];

            /// The name in forms.
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }

            /// The heading on screen, in the template and in exports.
            pub const fn heading(self) -> &'static str { match self { $(Self::$name => $heading,)+ } }

            /// Other headings that mean the same in a file.
            pub const fn aliases(self) -> &'static [&'static str] { match self { $(Self::$name => &$aliases,)+ } }

            /// Width of its column in files.
            pub const fn width(self) -> f64 { match self { $(Self::$name => $width,)+ } }

            /// Characters at the most.
            pub const fn longest(self) -> usize { match self { $(Self::$name => $longest,)+ } }

            /// What to write.
            pub const fn help(self) -> &'static str { match self { $(Self::$name => $help,)+ } }

            /// What stands in the template as an example.
            pub const fn example(self) -> &'static str { match self { $(Self::$name => $example,)+ } }
        }
    };
}

fields! {
    /// 姓名.
    Name = "name", "姓名", ["成员姓名", "名字"], 12.0, 30, "成员的姓名", "示例";
    /// 职务.
    Post = "post", "职务", ["行政职务", "现任职务"], 24.0, 50, "在本院的职务，例如：党委副书记、院长、就业专员", "党委副书记";
    /// 组内职责.
    Role = "role", "组内职责", ["职责", "小组职务", "组内职务"], 14.0, 20, "组长（有且只有一人）、副组长、成员、联络员/秘书，从列表中选择", "组长";
    /// 电话.
    Telephone = "telephone", "电话", ["联系电话", "手机", "办公电话"], 18.0, 40, "区号加号码（如 029-00000000）、11 位手机号，或以 + 开头的国际号码", "029-00000000";
    /// 邮箱.
    Email = "email", "邮箱", ["电子邮箱", "电子邮件", "E-mail"], 26.0, 100, "常用邮箱，类似 name@example.com", "example@univ.example";
}

impl MemberField {
    /// The only values allowed; none means any.
    pub fn choices(self) -> impl Iterator<Item = &'static str> {
        let roles: &[GroupRole] = if self == Self::Role { GroupRole::ALL } else { &[] };
        roles.iter().map(|role| role.label())
    }

    /// Whether only some values are allowed.
    pub fn has_choices(self) -> bool {
        self.choices().next().is_some()
    }

    /// The text in the form in which it is kept; or what is wrong with it, for the person.
    ///
    /// # Errors
    ///
    /// What to write instead.
    pub fn check(self, typed: &str) -> Result<String, String> {
        let text = tidy(typed);
        if text.is_empty() {
            return Err(format!("请填写{}", self.heading()));
        }
        if text.chars().count() > self.longest() {
            return Err(format!("最多 {} 个字，请缩短", self.longest()));
        }
        match self {
            Self::Name if !text.chars().any(char::is_alphabetic) => Err("请填写姓名".to_owned()),
            Self::Name | Self::Post => Ok(text),
            Self::Role => {
                let found = role(&text).map(|role| role.label().to_owned());
                found.ok_or_else(|| {
                    let choices: Vec<&str> = self.choices().collect();
                    format!("只能是：{}", choices.join("、"))
                })
            }
            Self::Telephone => telephone(&text).ok_or_else(|| {
                "电话应为区号加号码（如 029-00000000）、11 位手机号，或以 + 开头的国际号码".into()
            }),
            Self::Email => email(&text).ok_or_else(|| "邮箱格式不对，应类似 name@example.com".to_owned()),
        }
    }
}

/// The role that a text means; either word of 联络员/秘书 will do.
fn role(text: &str) -> Option<GroupRole> {
    let is_one_of = |role: &GroupRole| role.label().split('/').any(|word| word == text);
    GroupRole::find(text).or_else(|| GroupRole::ALL.iter().copied().find(is_one_of))
}

/// What was typed about a member, exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Typed {
    /// 姓名.
    pub name: String,
    /// 职务.
    pub post: String,
    /// 组内职责, as its word.
    pub role: String,
    /// 电话.
    pub telephone: String,
    /// 邮箱.
    pub email: String,
}

impl Typed {
    /// The text of a field.
    pub fn get(&self, field: MemberField) -> &str {
        match field {
            MemberField::Name => &self.name,
            MemberField::Post => &self.post,
            MemberField::Role => &self.role,
            MemberField::Telephone => &self.telephone,
            MemberField::Email => &self.email,
        }
    }

    /// Writes the text of a field.
    pub fn set(&mut self, field: MemberField, text: String) {
        match field {
            MemberField::Name => self.name = text,
            MemberField::Post => self.post = text,
            MemberField::Role => self.role = text,
            MemberField::Telephone => self.telephone = text,
            MemberField::Email => self.email = text,
        }
    }

    /// What stands in the template as an example.
    pub fn example() -> Self {
        let mut example = Self::default();
        for field in MemberField::ALL {
            example.set(field, field.example().to_owned());
        }
        example
    }
}

/// What is wrong with a member, by field.
pub type Mistakes = Vec<(MemberField, String)>;

/// A member that was checked. The only ways to get one are [`Member::parse`] and the table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Member {
    /// 姓名.
    pub name: String,
    /// 职务.
    pub post: String,
    /// 组内职责.
    pub role: GroupRole,
    /// 电话.
    pub telephone: String,
    /// 邮箱.
    pub email: String,
}

impl Member {
    /// Checks every field.
    ///
    /// # Errors
    ///
    /// All mistakes, in order.
    pub fn parse(typed: &Typed) -> Result<Self, Mistakes> {
        let mut kept = Typed::default();
        let mut mistakes = Vec::new();
        for field in MemberField::ALL {
            match field.check(typed.get(field)) {
                Ok(text) => kept.set(field, text),
                Err(text) => mistakes.push((field, text)),
            }
        }
        match GroupRole::find(&kept.role) {
            Some(role) if mistakes.is_empty() => Ok(Self {
                name: kept.name,
                post: kept.post,
                role,
                telephone: kept.telephone,
                email: kept.email,
            }),
            _ => Err(mistakes),
        }
    }

    /// As it would be typed.
    pub fn typed(&self) -> Typed {
        Typed {
            name: self.name.clone(),
            post: self.post.clone(),
            role: self.role.label().to_owned(),
            telephone: self.telephone.clone(),
            email: self.email.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_template_is_a_member_and_its_help_fits_a_cell() {
        assert!(Member::parse(&Typed::example()).is_ok());
        for field in MemberField::ALL {
            assert!(field.help().encode_utf16().count() <= 255, "{field:?}");
            assert!(field.heading().encode_utf16().count() <= 32, "{field:?}");
            assert_eq!(
                MemberField::ALL
                    .iter()
                    .filter(|one| one.code() == field.code())
                    .count(),
                1
            );
        }
    }

    #[test]
    fn every_mistake_is_said_at_its_field() {
        let typed = Typed {
            name: " ".into(),
            post: "甲".repeat(51),
            role: "主席".into(),
            telephone: "82668888".into(),
            email: "a@b".into(),
        };
        let mistakes = Member::parse(&typed).unwrap_err();
        assert_eq!(
            mistakes.iter().map(|(field, _)| *field).collect::<Vec<_>>(),
            MemberField::ALL
        );
    }

    #[test]
    fn either_word_of_the_secretary_will_do() {
        for text in ["联络员", "秘书", "联络员/秘书"] {
            assert_eq!(MemberField::Role.check(text).unwrap(), "联络员/秘书");
        }
    }
}
