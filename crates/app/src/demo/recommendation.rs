//! Invented recommendation forms in every state, and the pictures that stand for photos.

use image::{ImageFormat, Rgb, RgbImage};
use qihang_db::entity::student;
use qihang_db::{Actor, Reopened, Scope};

use crate::activation::gate::Entry;
use crate::app::App;
use crate::auth::{Can, policy};
use crate::portal::photo;
use crate::recommendation::model::facts::seen;
use crate::recommendation::queries::forms;
use crate::recommendation::rules::{self, Seen, Typed};
use crate::web::AppError;

/// How far an invented form has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// There is none.
    NotBegun,
    /// Being written.
    Draft,
    /// Under review.
    Submitted,
    /// Returned with an objection.
    Returned,
    /// Approved.
    Approved,
}

impl Reached {
    /// How far the form of the student with this number is: every state has some, and most wait.
    pub const fn of(number: usize) -> Self {
        match number % 8 {
            0 => Self::NotBegun,
            1 => Self::Draft,
            2 => Self::Returned,
            3 | 4 => Self::Approved,
            _ => Self::Submitted,
        }
    }
}

const RANKS: [&str; 4] = [
    "平均学分绩点 3.7/4.3，专业排名 8/96",
    "加权平均成绩 86.4，专业排名 21/96",
    "",
    "平均学分绩点 3.2/4.3，专业排名前 40%",
];
const LANGUAGES: [&str; 2] = [
    "英语 CET-6 552；熟悉 Python、MATLAB",
    "英语 CET-4 498；计算机二级；能使用常用办公软件",
];
const AWARDS: [&str; 3] = [
    "2025年11月，学校一等奖学金；2025年7月，大学生机械创新设计竞赛省级二等奖",
    "2024年11月，学校三等奖学金",
    "无",
];
const PRACTICE: [&str; 2] = [
    "2026年7月至8月，启明集团有限公司实习，参与产线数据采集与整理。\n2025年寒假，社区志愿服务 40 小时。",
    "2026年暑期，虚构研究所科研助理，完成实验数据处理。",
];
const INTENTIONS: [&str; 2] = [
    "西北地区，装备制造或能源行业，技术岗位",
    "不限地区，软件开发、数据分析",
];
const APPRAISALS: [&str; 2] = [
    "学习踏实，注重动手能力；乐于与人合作，能按时完成承担的任务。希望在工作中继续学习，把所学用到实处。",
    "做事认真，有较强的自学能力和责任心，遇到困难愿意先想办法再求助。性格开朗，热心集体事务。",
];

fn pick<'a>(some: &[&'a str], number: usize) -> &'a str {
    some[number % some.len()]
}

fn texts(number: usize) -> Vec<Typed> {
    let texts = [
        ("rank", pick(&RANKS, number / 8)),
        ("languages", pick(&LANGUAGES, number)),
        (
            "duties",
            pick(&["2024年9月至2025年6月，班级学习委员", "无"], number),
        ),
        ("awards", pick(&AWARDS, number)),
        ("practice", pick(&PRACTICE, number)),
        ("strengths", pick(&["长跑，摄影", "书法", ""], number)),
        ("intention", pick(&INTENTIONS, number)),
        ("appraisal", pick(&APPRAISALS, number)),
    ];
    texts
        .map(|(section, body)| Typed {
            section: section.to_owned(),
            body: body.to_owned(),
            ..Typed::default()
        })
        .to_vec()
}

/// A figure before a light ground: nobody.
fn picture() -> Result<Vec<u8>, AppError> {
    let (width, height) = (photo::picture::WIDTH, photo::picture::HEIGHT);
    let inside = |x: u32, y: u32, (cx, cy): (f64, f64), (rx, ry): (f64, f64)| {
        let (dx, dy) = ((f64::from(x) - cx) / rx, (f64::from(y) - cy) / ry);
        dx * dx + dy * dy <= 1.0
    };
    let image = RgbImage::from_fn(width, height, |x, y| {
        if inside(x, y, (206.0, 230.0), (92.0, 118.0)) {
            Rgb([214, 190, 170])
        } else if inside(x, y, (206.0, 590.0), (190.0, 230.0)) {
            Rgb([52, 70, 98])
        } else {
            Rgb([168, 200, 230])
        }
    });
    let mut content = std::io::Cursor::new(Vec::new());
    image
        .write_to(&mut content, ImageFormat::Jpeg)
        .map_err(AppError::internal)?;
    Ok(content.into_inner())
}

/// Does what this student and an officer would, as far as `Reached::of(number)` says. Answers how far that was.
///
/// # Errors
///
/// When database or file store do not answer.
pub async fn recommend(
    app: &App,
    number: usize,
    (entry, student): (Entry, &student::Model),
) -> Result<Reached, AppError> {
    let reached = Reached::of(number);
    if reached == Reached::NotBegun {
        return Ok(reached);
    }
    let actor = Actor::student(student.id, None);
    // Not everybody has uploaded one.
    if !number.is_multiple_of(5) {
        photo::rules::replace_as(
            app,
            &actor,
            student.id,
            picture()?,
            photo::picture::Part::default(),
        )
        .await
        .map_err(AppError::internal)?;
    }
    let mut texts = texts(number);
    if reached == Reached::Draft {
        texts.truncate(4);
        rules::save_all_as(&app.db, student.id, entry, &texts).await?;
        return Ok(reached);
    }
    rules::submit_as(app, &actor, student.id, entry, 0, &texts)
        .await
        .map_err(AppError::internal)?;
    let form = forms::of_entry(app.db.reader(), student.id, entry)
        .await?
        .ok_or(AppError::NotFound)?;
    let can = Can::<policy::ReviewRecommendations>::at_the_console(Scope::Everyone);
    let decided_on = Seen {
        version: form.row.version,
        revision: form.row.revision,
    };
    match reached {
        Reached::NotBegun | Reached::Draft | Reached::Submitted => {}
        Reached::Returned => {
            let objection = (
                "practice".to_owned(),
                "请写明实习的起止时间和承担的工作。".to_owned(),
            );
            rules::return_form(
                &app.db,
                &can,
                form.row.id,
                decided_on,
                (Reopened::Objected, &[objection]),
            )
            .await
            .map_err(AppError::internal)?;
        }
        Reached::Approved => {
            let record = seen(&rules::facts_of(app.db.reader(), student).await?);
            rules::approve(
                app,
                &can,
                form.row.id,
                (decided_on, &record),
                "所填情况属实，同意推荐。",
            )
            .await
            .map_err(AppError::internal)?;
        }
    }
    Ok(reached)
}
