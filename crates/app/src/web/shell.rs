//! The frame around every staff page: menu, name, banners, the message after something was done.

use serde::{Deserialize, Serialize};

/// A message shown once, after something was done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Flash {
    /// `success`, `info`, `warning` or `danger`.
    pub kind: String,
    /// What happened, in Chinese.
    pub text: String,
}

impl Flash {
    /// It worked.
    pub fn success(text: impl Into<String>) -> Self {
        Self {
            kind: "success".into(),
            text: text.into(),
        }
    }

    /// It worked, but look.
    pub fn warning(text: impl Into<String>) -> Self {
        Self {
            kind: "warning".into(),
            text: text.into(),
        }
    }

    /// It was refused.
    pub fn danger(text: impl Into<String>) -> Self {
        Self {
            kind: "danger".into(),
            text: text.into(),
        }
    }
}

/// A group of the menu on the left.
#[derive(Clone, Debug)]
pub struct MenuGroup {
    /// Heading.
    pub title: &'static str,
    /// Name in the icon sprite.
    pub icon: &'static str,
    /// Its entries.
    pub items: Vec<MenuItem>,
}

/// An entry of the menu.
#[derive(Clone, Debug)]
pub struct MenuItem {
    /// The word on screen.
    pub title: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// Whether the page shown belongs to it.
    pub active: bool,
    /// A number beside it.
    pub badge: Option<u64>,
}

/// What is to be told of the own jobs.
#[derive(Clone, Debug)]
pub struct Told {
    /// Name in the icon sprite.
    pub icon: &'static str,
    /// How many jobs.
    pub count: u64,
    /// How they stand, in words that follow the number.
    pub words: &'static str,
}

/// What the frame of a student's page shows.
#[derive(Clone, Debug)]
pub struct StudentShell {
    /// 姓名.
    pub name: String,
    /// 学号.
    pub student_no: String,
    /// Messages that the student has not opened.
    pub unread: u64,
    /// Whether the database is a demo one.
    pub demo: bool,
    /// The day that the system pretends it is.
    pub pretend_today: Option<String>,
    /// A message, shown once.
    pub flash: Option<Flash>,
}

/// What the frame shows.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The menu, cut down to what the person may do.
    pub menu: Vec<MenuGroup>,
    /// 姓名.
    pub user_name: String,
    /// 角色.
    pub user_role: String,
    /// The 院 worked for, where there is one.
    pub college_name: Option<String>,
    /// Whether the database is a demo one.
    pub demo: bool,
    /// The day that the system pretends it is.
    pub pretend_today: Option<String>,
    /// A message, shown once.
    pub flash: Option<Flash>,
    /// What is to be told of the own jobs, where there is anything.
    pub jobs: Option<Told>,
    /// The class year worked on.
    pub class_year: Option<String>,
}
