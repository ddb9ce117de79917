//! Invented notices and contacts. The telephone numbers are nobody's, the addresses end in `.example`.

use std::collections::BTreeSet;

use qihang_db::entity::college;
use qihang_db::{Role, Scope};
use qihang_sheet::write::{self, Column};

use crate::app::App;
use crate::auth::{Can, policy};
use crate::class_year::model::ClassYear;
use crate::notice::contacts::{self, ContactForm};
use crate::notice::model::{Content, Readership};
use crate::notice::rules;
use crate::web::AppError;

const ACTIVATION: &str = "\
请各位毕业生在截止日前登录**就业服务网**，核对个人信息并激活账户。

## 怎么做

1. 点“学生登录”，用学校统一身份认证登录；
2. 逐项核对信息，有误的点“信息有误”；
3. 补全手机、邮箱、通讯地址等联系方式；
4. 勾选“已核对”，点“激活”。

## 哪些信息由哪里更正

| 信息 | 更正的地方 |
|---|---|
| 生源所在地、婚姻状况、政治面貌 | 个人信息门户 |
| 姓名、性别、出生日期、民族 | 本科生：教务处；研究生：所在学院研究生办公室 |

未激活的同学不能填写推荐表、签订就业协议。遇到问题请先问本院的就业专员。";

const FAIR: &str = "\
秋季校园双选会将在东校区体育馆举行，请同学们带好简历，着装整洁。

- 入场请出示校园卡；
- 会场内请勿代投简历；
- 用人单位名单会前一周公布。";

const TRAINING: &str = "\
请各院就业专员和负责人参加本届生源信息核对培训。

> 带上本院的应毕业名单和延长学制学生名单。

会后请在系统中完成名单确认，并由院系负责人签署“核对无遗漏”。";

const COLLEGE: &str = "\
本院同学核对信息时如发现姓名、生源所在地等有误，请先在系统中点“信息有误”，再到学生事务室登记。

就业专员每个工作日下午在学生事务室答疑。";

/// Purpose, campus, type of student, name, telephone, e-mail, room, hours.
const CONTACTS: &[[&str; 8]] = &[
    [
        "advice",
        "",
        "",
        "学生就业指导中心",
        "000-0000 0000",
        "career@univ.example",
        "学生活动中心 101",
        "工作日 8:30–11:30，14:00–17:00",
    ],
    [
        "advice",
        "东校区",
        "graduate",
        "研究生就业科",
        "000-0000 0001",
        "graduate@univ.example",
        "学生活动中心 103",
        "工作日 8:30–11:30",
    ],
    [
        "advice",
        "西校区",
        "",
        "西校区就业服务室",
        "000-0000 0002",
        "west@univ.example",
        "西校区综合楼 205",
        "周二、周四 14:00–17:00",
    ],
    [
        "student_sign_in",
        "",
        "",
        "统一身份认证服务台",
        "000-0000 0003",
        "account@univ.example",
        "",
        "工作日 8:00–20:00",
    ],
    [
        "staff_sign_in",
        "",
        "",
        "系统管理员",
        "000-0000 0004",
        "qihang@univ.example",
        "",
        "",
    ],
    [
        "employers",
        "",
        "",
        "用人单位服务科",
        "000-0000 0005",
        "employer@univ.example",
        "学生活动中心 102",
        "",
    ],
];

fn notice(title: &str, body: &str, readership: Readership) -> Content {
    Content {
        title: title.to_owned(),
        body: body.to_owned(),
        readership,
        pinned: false,
        publish_on: None,
        ends_on: None,
    }
}

fn students(colleges: BTreeSet<i64>, class_year: Option<ClassYear>) -> Readership {
    Readership::Students {
        colleges,
        student_type: None,
        class_year,
    }
}

/// A form as offices hand out, so that there is an attachment to look at.
fn worksheet() -> Result<Vec<u8>, AppError> {
    let columns: Vec<Column> = ["学号", "姓名", "须更正的信息", "正确内容", "证明材料"]
        .iter()
        .map(|heading| Column::new(*heading, 18.0))
        .collect();
    let mut file = tempfile::NamedTempFile::new().map_err(AppError::internal)?;
    let out = file.reopen().map_err(AppError::internal)?;
    let writer = write::xlsx(out, "信息更正登记表", &columns, &[]).map_err(AppError::internal)?;
    writer.finish().map_err(AppError::internal)?;
    let mut content = Vec::new();
    std::io::Read::read_to_end(file.as_file_mut(), &mut content).map_err(AppError::internal)?;
    Ok(content)
}

/// Writes contacts, and notices of every audience and state; `college` writes one to its students.
///
/// # Errors
///
/// When database or file store do not answer.
pub async fn write_notices(app: &App, year: ClassYear, college: &college::Model) -> Result<(), AppError> {
    let can = Can::<policy::ManageContacts>::at_the_console(Scope::Everyone);
    for [purpose, campus, student_type, name, telephone, email, room, hours] in CONTACTS {
        let form = ContactForm {
            purpose: (*purpose).to_owned(),
            campus: (*campus).to_owned(),
            student_type: (*student_type).to_owned(),
            name: (*name).to_owned(),
            telephone: (*telephone).to_owned(),
            email: (*email).to_owned(),
            room: (*room).to_owned(),
            hours: (*hours).to_owned(),
        };
        contacts::save(&app.db, &can, None, &form)
            .await
            .map_err(AppError::internal)?;
    }
    let can = Can::<policy::WriteNotices>::at_the_console(Scope::Everyone);
    let activation = Content {
        pinned: true,
        ..notice(
            &format!("关于 {year} 届毕业生核对信息、激活账户的通知"),
            ACTIVATION,
            Readership::Public,
        )
    };
    let staff = Readership::Staff {
        colleges: BTreeSet::new(),
        roles: BTreeSet::from([Role::Officer, Role::Head]),
    };
    let own = BTreeSet::from([college.id]);
    for (college_id, content) in [
        (None, notice("秋季校园双选会安排", FAIR, Readership::Public)),
        (
            None,
            notice(&format!("{year} 届生源信息核对培训"), TRAINING, staff),
        ),
        (
            None,
            notice(
                &format!("{year} 届毕业生证件照采集安排"),
                "请按学院通知的时间到采集点拍照，着深色上衣。",
                students(BTreeSet::new(), Some(year)),
            ),
        ),
        (
            Some(college.id),
            notice(
                &format!("{}信息核对答疑安排", college.name),
                COLLEGE,
                students(own, Some(year)),
            ),
        ),
        (None, activation),
    ] {
        let id = rules::create(&app.db, &can, college_id, &content).await?;
        if content.pinned {
            rules::attach(app, &can, id, "信息更正登记表.xlsx", worksheet()?)
                .await
                .map_err(AppError::internal)?;
        }
        rules::publish(&app.db, &can, id).await?;
    }
    let draft = notice(
        "（草稿）寒假期间就业服务安排",
        "寒假期间就业中心值班安排待定。",
        Readership::Public,
    );
    rules::create(&app.db, &can, None, &draft).await?;
    Ok(())
}
