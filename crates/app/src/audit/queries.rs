//! The audit log, and counts that must be nought in a database that is whole.

use chrono::{DateTime, Utc};
use qihang_db::entity::{audit_event, audit_seal};
use qihang_db::{Action, records};
use sea_orm::sea_query::LikeExpr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};

use crate::web::Step;

/// Events on a page.
pub(super) const PAGE_SIZE: usize = 50;

/// What the log is cut down to.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    /// From this instant on.
    pub(super) from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub(super) before: Option<DateTime<Utc>>,
    /// Login, `cli` or `system`.
    pub(super) actor: Option<String>,
    pub(super) action: Option<Action>,
    /// Beginning of the subject.
    pub(super) subject: Option<String>,
}

/// Where a page of the log begins: row ids, newest first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    pub(super) after: Option<i64>,
    pub(super) before: Option<i64>,
}

/// Events of a page, one more than fits, in reading order of `step`.
pub(super) async fn events(
    connection: &impl ConnectionTrait,
    filter: &Filter,
    step: &Step,
    position: Position,
) -> Result<Vec<audit_event::Model>, DbErr> {
    use audit_event::Column;
    let mut select = records::<audit_event::Entity>();
    if let Some(from) = filter.from {
        select = select.filter(Column::OccurredAt.gte(from));
    }
    if let Some(before) = filter.before {
        select = select.filter(Column::OccurredAt.lt(before));
    }
    if let Some(actor) = &filter.actor {
        select = select.filter(Column::Actor.eq(actor));
    }
    if let Some(action) = filter.action {
        select = select.filter(Column::Action.eq(action.code()));
    }
    if let Some(subject) = &filter.subject {
        let escaped = subject
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        let beginning = LikeExpr::new(format!("{escaped}%")).escape('\\');
        select = select.filter(Column::Subject.like(beginning));
    }
    if let Some(after) = position.after {
        select = select.filter(Column::Id.lt(after));
    }
    if let Some(before) = position.before {
        select = select.filter(Column::Id.gt(before));
    }
    let select = if step.is_backwards() {
        select.order_by_asc(Column::Id)
    } else {
        select.order_by_desc(Column::Id)
    };
    select.limit(PAGE_SIZE as u64 + 1).all(connection).await
}

/// The last seal.
pub(super) async fn last_seal(connection: &impl ConnectionTrait) -> Result<Option<audit_seal::Model>, DbErr> {
    records::<audit_seal::Entity>()
        .order_by_desc(audit_seal::Column::Id)
        .one(connection)
        .await
}

/// Whether a seal with this digest is in the chain.
pub(super) async fn has_seal(connection: &impl ConnectionTrait, digest: &str) -> Result<bool, DbErr> {
    let found = records::<audit_seal::Entity>()
        .filter(audit_seal::Column::Digest.eq(digest))
        .one(connection)
        .await?;
    Ok(found.is_some())
}

/// Events that no seal covers yet.
pub(super) async fn unsealed(connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
    records::<audit_event::Entity>()
        .filter(audit_event::Column::SealId.is_null())
        .count(connection)
        .await
}

/// What must not exist, with a query that counts it. They count across all students on purpose and show none.
const NOUGHT: &[(&str, &str, &str)] = &[
    (
        "roster_student",
        "生源库记录都有对应的学生",
        "SELECT count(*) AS n FROM roster_entry r LEFT JOIN student s ON s.id = r.student_id WHERE s.id IS NULL",
    ),
    (
        "roster_class_year",
        "生源库记录都有对应的届别",
        "SELECT count(*) AS n FROM roster_entry r LEFT JOIN class_year c ON c.year = r.class_year WHERE c.year IS NULL",
    ),
    (
        "roster_open_once",
        "每名学生至多在一个进行中的生源库",
        "SELECT count(*) AS n FROM (SELECT student_id FROM roster_entry WHERE state = 'open' \
         GROUP BY student_id HAVING count(*) > 1) d",
    ),
    (
        "activation_entry",
        "激活记录与其生源库记录是同一学生、同一届别",
        "SELECT count(*) AS n FROM activation a JOIN roster_entry r ON r.id = a.entry_id \
         WHERE a.student_id <> r.student_id OR a.class_year <> r.class_year",
    ),
    (
        "activation_contact",
        "激活的学生都有联系方式",
        "SELECT count(*) AS n FROM activation a LEFT JOIN student_contact c ON c.student_id = a.student_id \
         WHERE c.student_id IS NULL",
    ),
    (
        "recommendation_entry",
        "推荐表与其生源库记录是同一学生、同一届别",
        "SELECT count(*) AS n FROM recommendation_form f JOIN roster_entry r ON r.id = f.entry_id \
         WHERE f.student_id <> r.student_id OR f.class_year <> r.class_year",
    ),
    (
        "recommendation_version",
        "推荐表的状态与其最新版本一致",
        "SELECT count(*) AS n FROM recommendation_form f \
         LEFT JOIN recommendation_version v ON v.form_id = f.id AND v.number = f.version \
         WHERE f.version > 0 AND (v.id IS NULL OR NOT (v.state = f.state \
         OR (f.state = 'draft' AND v.state IN ('recalled', 'approved')) \
         OR (f.state = 'returned' AND v.state = 'recalled')))",
    ),
    (
        "recommendation_number",
        "各院推荐表编号从 1 起连续、不重复",
        "SELECT count(*) AS n FROM recommendation_counter c LEFT JOIN (SELECT class_year, number_college_id, \
         count(*) AS forms, max(number) AS highest FROM recommendation_form WHERE number IS NOT NULL \
         GROUP BY class_year, number_college_id) f \
         ON f.class_year = c.class_year AND f.number_college_id = c.college_id \
         WHERE coalesce(f.forms, 0) <> c.last_number OR coalesce(f.highest, 0) <> c.last_number",
    ),
    (
        "roster_state",
        "在库记录只属于进行中的届别，归档记录只属于已关闭的届别",
        "SELECT count(*) AS n FROM roster_entry r JOIN class_year c ON c.year = r.class_year \
         WHERE (r.state = 'open' AND c.state <> 'open') OR (r.state = 'closed' AND c.state <> 'closed')",
    ),
    (
        "student_college",
        "学生都有存在的学院、专业和管理院系",
        "SELECT count(*) AS n FROM student s LEFT JOIN college a ON a.id = s.college_id \
         LEFT JOIN college b ON b.id = s.school_id LEFT JOIN major m ON m.id = s.major_id \
         WHERE a.id IS NULL OR b.id IS NULL OR m.id IS NULL",
    ),
    (
        "own_value",
        "学生在门户修改的值已在学生记录中生效",
        "SELECT count(*) AS n FROM own_value o JOIN student s ON s.id = o.student_id \
         WHERE o.adopted_at IS NULL AND o.value <> CASE o.field WHEN 'origin' THEN s.origin \
         WHEN 'marital_status' THEN s.marital_status ELSE s.political_status END",
    ),
    (
        "directed_unit",
        "院系填写的定向委培单位已在学生记录中生效",
        "SELECT count(*) AS n FROM directed_unit o JOIN student s ON s.id = o.student_id \
         WHERE o.state = 'standing' AND s.directed_unit <> CASE o.exchange_value WHEN '' THEN o.unit \
         ELSE o.exchange_value END",
    ),
    (
        "assignment_account",
        "角色都有对应的账号和院系",
        "SELECT count(*) AS n FROM assignment g LEFT JOIN account a ON a.id = g.account_id \
         LEFT JOIN college c ON c.id = g.college_id \
         WHERE a.id IS NULL OR (g.college_id IS NOT NULL AND c.id IS NULL)",
    ),
];

/// How many there are of each thing that must not be: code, label, count.
pub(super) async fn counts_of_nought(
    connection: &impl ConnectionTrait,
) -> Result<Vec<(&'static str, &'static str, i64)>, DbErr> {
    let mut counts = Vec::new();
    for (code, label, sql) in NOUGHT {
        counts.push((*code, *label, count(connection, sql).await?));
    }
    Ok(counts)
}

async fn count(connection: &impl ConnectionTrait, sql: &str) -> Result<i64, DbErr> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await?;
    row.map_or(Ok(0), |row| row.try_get("", "n"))
}

/// Names of the triggers that keep the log append only, as they stand in the database.
pub(super) async fn append_only_triggers(connection: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let sql = match connection.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT count(*) AS n FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
             WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND c.oid IN ('audit_event'::regclass, 'audit_seal'::regclass, \
             'assessment_freeze'::regclass, 'assessment_rule'::regclass)"
        }
        _ => {
            "SELECT count(*) AS n FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN \
             ('audit_event', 'audit_seal', 'assessment_freeze', 'assessment_rule')"
        }
    };
    count(connection, sql).await
}

/// Triggers that there should be: see migrations 5 and 18.
pub(super) const fn triggers_expected(backend: DbBackend) -> i64 {
    match backend {
        DbBackend::Postgres => 5,
        _ => 8,
    }
}

/// What SQLite says about its own file: nothing when all is well. PostgreSQL checks its pages itself.
pub(super) async fn file_faults(connection: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    if connection.get_database_backend() != DbBackend::Sqlite {
        return Ok(Vec::new());
    }
    let pragma = |sql: &str| Statement::from_string(DbBackend::Sqlite, sql);
    let mut faults = Vec::new();
    for row in connection
        .query_all_raw(pragma("PRAGMA integrity_check(20)"))
        .await?
    {
        let text: String = row.try_get_by_index(0)?;
        if text != "ok" {
            faults.push(text);
        }
    }
    for row in connection
        .query_all_raw(pragma("PRAGMA foreign_key_check"))
        .await?
    {
        let table: String = row.try_get_by_index(0)?;
        let parent: String = row.try_get_by_index(2)?;
        faults.push(format!("{table} → {parent}"));
    }
    Ok(faults)
}
