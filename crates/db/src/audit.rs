//! The audit log (R39): who, when, from where, what before, what after; append only, and verifiable.
//!
//! Every event carries a digest of its own content. Seals cover events in batches and chain to one another, so that
//! writers do not queue behind one another: an event that is changed breaks its own digest, one that is removed (or
//! slipped in behind a seal) breaks the seal, a removed seal breaks the chain.

use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::entity::{audit_event, audit_seal};
use crate::{Actor, Db, records};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $label:literal;)+) => {
        /// What can happen to a record. Closed, so that a log can be searched by it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Action { $($(#[$doc])* $name,)+ }

        impl Action {
            /// All of them, in the order of the definition.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// What stands in the column.
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }

            /// The word on screen.
            pub const fn label(self) -> &'static str { match self { $(Self::$name => $label,)+ } }

            /// The action with this code.
            pub fn from_code(code: &str) -> Option<Self> { match code { $($code => Some(Self::$name),)+ _ => None } }
        }
    };
}

actions! {
    /// Students were added to a roster.
    RosterAdded = "roster.added", "添加生源";
    /// A student was taken off a roster (R9).
    RosterRemoved = "roster.removed", "移出生源库";
    /// A student was moved to another class year (R4).
    RosterMoved = "roster.moved", "调整届别";
    /// A roster was exported (R10).
    RosterExported = "roster.exported", "导出生源";
    /// An identity number was shown in full (R21b).
    IdentityShown = "identity.shown", "查看证件号";
    /// A finding was settled with a reason (R8).
    FindingSettled = "finding.settled", "处理核查问题";
    /// A settlement was taken back.
    FindingReopened = "finding.reopened", "撤销处理";
    /// 核对无遗漏 was signed.
    SignedOff = "signoff.signed", "签署核对无遗漏";
    /// A signature was withdrawn by hand.
    SignOffWithdrawn = "signoff.withdrawn", "撤回核对签署";
    /// A class year was opened or planned.
    ClassYearOpened = "class_year.opened", "开启届别";
    /// Dates or rules of a class year were changed.
    ClassYearChanged = "class_year.changed", "修改届别设置";
    /// A class year was closed.
    ClassYearClosed = "class_year.closed", "关闭届别";
    /// What a class year asks for in the activation form was changed (R20).
    FieldsChanged = "class_year.fields", "设置激活字段";
    /// A student confirmed the own data and opened the account (R20).
    Activated = "activation.activated", "激活账户";
    /// A student confirmed what had changed since.
    ChangesConfirmed = "activation.confirmed", "确认信息变更";
    /// A student changed the own contact data.
    ContactChanged = "contact.changed", "修改联系方式";
    /// A 院 named its responsible officer (R12).
    ResponsibleNamed = "class_year.responsible", "指定负责人";
    /// A file was uploaded or read for an import.
    ImportPrepared = "import.prepared", "上传导入文件";
    /// An import was written.
    ImportCommitted = "import.committed", "执行导入";
    /// An import was cancelled before it wrote anything.
    ImportCancelled = "import.cancelled", "取消导入";
    /// An import was undone.
    ImportUndone = "import.undone", "撤销导入";
    /// A job was cancelled, or asked to stop (R40).
    JobCancelled = "job.cancelled", "取消任务";
    /// A heading was mapped to a field.
    HeadingsMapped = "import.mapped", "设置列对应";
    /// A refused row was settled by hand.
    RefusalSettled = "import.refusal_settled", "处理拒收记录";
    /// The duties of the 院 were changed.
    DutyChanged = "duty.changed", "调整管理范围";
    /// An account was created.
    AccountCreated = "account.created", "创建账号";
    /// An account was changed, ended or given back.
    AccountChanged = "account.changed", "修改账号";
    /// Somebody was given a role.
    RoleGranted = "account.granted", "授予角色";
    /// A role was ended.
    RoleEnded = "account.ended", "结束角色";
    /// A password was set.
    PasswordChanged = "account.password", "修改密码";
    /// A successful sign-in.
    SignedIn = "session.signed_in", "登录";
    /// An account was locked after wrong passwords.
    LockedOut = "session.locked", "锁定账号";
    /// All sessions of an account were ended.
    SignedOutEverywhere = "session.ended_all", "退出所有登录";
    /// A notice was drafted.
    NoticeCreated = "notice.created", "起草通知";
    /// Title, text, audience or dates of a notice were changed.
    NoticeChanged = "notice.changed", "修改通知";
    /// A notice was published.
    NoticePublished = "notice.published", "发布通知";
    /// A notice was withdrawn.
    NoticeWithdrawn = "notice.withdrawn", "撤回通知";
    /// A draft was thrown away.
    NoticeDiscarded = "notice.discarded", "删除通知草稿";
    /// A file was added to a notice.
    AttachmentAdded = "notice.attached", "添加通知附件";
    /// A file was taken away from a notice.
    AttachmentRemoved = "notice.detached", "删除通知附件";
    /// A contact was added or changed.
    ContactSaved = "contact.saved", "修改中心联系方式";
    /// A contact was taken away.
    ContactRemoved = "contact.removed", "删除中心联系方式";
    /// A setting was changed.
    SettingChanged = "setting.changed", "修改系统设置";
    /// A student mended own data in the portal (R16).
    OwnValueChanged = "portal.changed", "学生修改个人信息";
    /// What students mended was handed to the data exchange.
    OwnValuesExported = "portal.exported", "导出门户修改";
    /// A student's photo was replaced (R17).
    PhotoChanged = "photo.changed", "更换照片";
    /// A student reported a value of the own record as wrong (R15).
    CorrectionFiled = "correction.filed", "报告信息有误";
    /// A student took the report back.
    CorrectionWithdrawn = "correction.withdrawn", "撤回信息有误";
    /// The report was answered.
    CorrectionAnswered = "correction.answered", "答复信息有误";
    /// The list of reports was exported.
    CorrectionsExported = "correction.exported", "导出信息有误";
    /// Students were reminded to activate (R23).
    ReminderSent = "reminder.sent", "发送激活提醒";
    /// Somebody looked at a student's pages as the student sees them (R23).
    StudentViewed = "student.viewed", "以学生视角查看";
    /// A student submitted the recommendation form (R27).
    RecommendationSubmitted = "recommendation.submitted", "提交推荐表";
    /// A student took the form back before anybody had opened it.
    RecommendationRecalled = "recommendation.recalled", "撤回推荐表";
    /// A student began a new version of an approved form.
    RecommendationRevised = "recommendation.revised", "修改推荐表";
    /// Recommendation forms were approved.
    RecommendationApproved = "recommendation.approved", "通过推荐表";
    /// A form was returned with objections.
    RecommendationReturned = "recommendation.returned", "退回推荐表";
    /// An approved form was revoked.
    RecommendationRevoked = "recommendation.revoked", "撤销推荐表";
    /// Approved forms were printed (R28).
    RecommendationPrinted = "recommendation.printed", "打印推荐表";
    /// The sections of a class year's form were set.
    RecommendationSectionsSet = "recommendation.sections", "设置推荐表栏目";
    /// A 院 set its sentences for opinions or returns.
    RecommendationTemplatesSet = "recommendation.templates", "设置推荐表模板";
    /// A list of students was uploaded and compared (R6, R7).
    ListUploaded = "special_list.uploaded", "上传专项名单";
    /// A list came into force.
    ListCommitted = "special_list.committed", "执行专项名单";
    /// A list was thrown away before it came into force.
    ListCancelled = "special_list.cancelled", "放弃专项名单";
    /// A list was taken back.
    ListUndone = "special_list.undone", "撤销专项名单";
    /// 院 were reminded of the doctoral students they have not added (R7).
    CollegesReminded = "special_list.reminded", "提醒各院添加博士生";
    /// The figures of a class year were frozen at a due day (R24).
    AssessmentFrozen = "assessment.frozen", "冻结考核数据";
    /// Which masters count in the activation figures was changed (R24).
    AssessmentRuleSet = "assessment.rule", "设置考核口径";
    /// A student proposed the own 定向委培单位 (R15).
    UnitProposed = "directed.proposed", "提出定向委培单位";
    /// A student took the proposal back.
    UnitProposalWithdrawn = "directed.proposal_withdrawn", "撤回定向委培单位";
    /// An officer did not confirm a proposal.
    UnitDeclined = "directed.declined", "退回定向委培单位";
    /// An officer filled in a 定向委培单位 (R11).
    UnitFilled = "directed.filled", "填写定向委培单位";
    /// An officer took a 定向委培单位 back that lay over the data exchange.
    UnitUndone = "directed.undone", "撤销定向委培单位";
    /// The list of directed students was exported.
    DirectedExported = "directed.exported", "导出定向委培名单";
    /// The draft of a 就业工作领导小组 was changed (R36).
    LeadershipChanged = "leadership.changed", "修改领导小组草稿";
    /// A 院 reported its 就业工作领导小组.
    LeadershipSubmitted = "leadership.submitted", "报送领导小组";
    /// 院 were reminded to report.
    LeadershipReminded = "leadership.reminded", "提醒报送领导小组";
    /// The groups of all 院 were exported.
    LeadershipExported = "leadership.exported", "导出领导小组";
    /// The demo university was created.
    DemoCreated = "demo.created", "创建演示数据";
}

/// One event, before it has an id. Events hold ids and codes, not names, and never identity numbers.
#[derive(Clone, Debug)]
pub struct AuditEvent {
    action: Action,
    subject: String,
    before: Option<Value>,
    after: Option<Value>,
}

impl AuditEvent {
    /// An event about `subject`, named as a path such as `roster/2027` or `account/12`.
    pub fn new(action: Action, subject: impl Into<String>) -> Self {
        Self {
            action,
            subject: subject.into(),
            before: None,
            after: None,
        }
    }

    /// What happened.
    pub(crate) fn action(&self) -> Action {
        self.action
    }

    /// What was there before.
    #[must_use]
    pub fn before(mut self, before: Value) -> Self {
        self.before = Some(before);
        self
    }

    /// What is there now, or what was done.
    #[must_use]
    pub fn after(mut self, after: Value) -> Self {
        self.after = Some(after);
        self
    }
}

/// A digest as lower-case hexadecimal text.
pub(crate) fn hex(hasher: Sha256) -> String {
    hasher
        .finalize()
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            use std::fmt::Write;
            write!(text, "{byte:02x}").expect("writing to a string cannot fail");
            text
        })
}

/// Digest of an event's content. Each part is preceded by its length, so that no two contents share one text.
fn digest_of(occurred_at: DateTime<Utc>, account_id: Option<i64>, texts: [Option<&str>; 6]) -> String {
    let mut hasher = Sha256::new();
    let at = occurred_at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let account = account_id.map(|id| id.to_string());
    for part in [Some(at.as_str()), account.as_deref()].into_iter().chain(texts) {
        match part {
            Some(text) => {
                hasher.update(text.len().to_be_bytes());
                hasher.update(text.as_bytes());
            }
            None => hasher.update(u64::MAX.to_be_bytes()),
        }
    }
    hex(hasher)
}

fn digest_of_row(row: &audit_event::Model) -> String {
    digest_of(
        row.occurred_at,
        row.account_id,
        [
            Some(&row.actor),
            row.address.as_deref(),
            Some(&row.action),
            Some(&row.subject),
            row.before.as_deref(),
            row.after.as_deref(),
        ],
    )
}

pub(crate) async fn append(
    tx: &impl ConnectionTrait,
    actor: &Actor,
    now: DateTime<Utc>,
    event: AuditEvent,
) -> Result<(), DbErr> {
    let before = event.before.map(|value| value.to_string());
    let after = event.after.map(|value| value.to_string());
    let digest = digest_of(
        now,
        actor.account_id,
        [
            Some(&actor.label),
            actor.address.as_deref(),
            Some(event.action.code()),
            Some(&event.subject),
            before.as_deref(),
            after.as_deref(),
        ],
    );
    audit_event::ActiveModel {
        occurred_at: Set(now),
        account_id: Set(actor.account_id),
        actor: Set(actor.label.clone()),
        address: Set(actor.address.clone()),
        action: Set(event.action.code().to_owned()),
        subject: Set(event.subject),
        before: Set(before),
        after: Set(after),
        digest: Set(digest),
        seal_id: Set(None),
        ..Default::default()
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// The digest that the first seal follows.
const GENESIS: &str = "qihang";

/// Events under one seal at the most.
const SEAL_BATCH: u64 = 1_000;

fn seal_digest<'a>(previous: &str, events: impl Iterator<Item = (i64, &'a str)>) -> String {
    let mut hasher = Sha256::new();
    hasher.update(previous.as_bytes());
    for (id, digest) in events {
        hasher.update(id.to_be_bytes());
        hasher.update(digest.as_bytes());
    }
    hex(hasher)
}

/// Seals what is not sealed yet; answers how many events that was. Two sealers at once: the unique predecessor lets one
/// win, the other tries again later.
pub async fn seal(db: &Db) -> Result<u64, DbErr> {
    let mut sealed = 0;
    loop {
        // A seal is not a change of a record, so it needs no event of its own: it would never end.
        let tx = db.begin_write().await?;
        let events: Vec<(i64, String)> = records::<audit_event::Entity>()
            .filter(audit_event::Column::SealId.is_null())
            .order_by_asc(audit_event::Column::Id)
            .limit(SEAL_BATCH)
            .select_only()
            .columns([audit_event::Column::Id, audit_event::Column::Digest])
            .into_tuple()
            .all(&tx)
            .await?;
        if events.is_empty() {
            tx.rollback().await?;
            return Ok(sealed);
        }
        let previous = records::<audit_seal::Entity>()
            .order_by_desc(audit_seal::Column::Id)
            .one(&tx)
            .await?
            .map_or_else(|| GENESIS.to_owned(), |seal| seal.digest);
        let ids: Vec<i64> = events.iter().map(|(id, _)| *id).collect();
        let digest = seal_digest(
            &previous,
            events.iter().map(|(id, digest)| (*id, digest.as_str())),
        );
        let seal = audit_seal::ActiveModel {
            sealed_at: Set(db.clock().now()),
            event_count: Set(ids.len().try_into().unwrap_or(i32::MAX)),
            events: Set(Value::from(ids.clone()).to_string()),
            previous_digest: Set(previous),
            digest: Set(digest),
            ..Default::default()
        };
        let seal = match seal.insert(&tx).await {
            Ok(seal) => seal,
            Err(error)
                if matches!(
                    error.sql_err(),
                    Some(sea_orm::SqlErr::UniqueConstraintViolation(_))
                ) =>
            {
                tx.rollback().await?;
                return Ok(sealed);
            }
            Err(error) => return Err(error),
        };
        let covered = audit_event::Entity::update_many()
            .col_expr(
                audit_event::Column::SealId,
                sea_orm::sea_query::Expr::value(seal.id),
            )
            .filter(audit_event::Column::Id.is_in(ids.iter().copied()))
            .filter(audit_event::Column::SealId.is_null())
            .exec(&tx)
            .await?;
        // Another sealer may have committed between our two reads: then its seal covers these events, and ours must not.
        if covered.rows_affected != ids.len() as u64 {
            tx.rollback().await?;
            return Ok(sealed);
        }
        tx.commit().await?;
        sealed += ids.len() as u64;
    }
}

/// What is wrong with the chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// The content of an event is not what it was when it was written.
    #[error("audit event {0} was changed")]
    EventChanged(i64),
    /// A sealed event is gone.
    #[error("audit event {0} is missing")]
    EventMissing(i64),
    /// An event claims a seal that does not know it.
    #[error("audit event {0} was slipped in")]
    EventInserted(i64),
    /// A seal is not what it was, or the one before it is gone.
    #[error("audit seal {0} does not follow its predecessor")]
    SealBroken(i64),
    /// Events name a seal that is gone.
    #[error("audit seal {0} is missing")]
    SealMissing(i64),
}

impl Break {
    /// For the person who runs the check.
    pub fn message(&self) -> String {
        match self {
            Self::EventChanged(id) => format!("审计记录 {id} 的内容被改动过"),
            Self::EventMissing(id) => format!("审计记录 {id} 已被删除"),
            Self::EventInserted(id) => format!("审计记录 {id} 是事后插入的"),
            Self::SealBroken(id) => format!("封存记录 {id} 与前一条不衔接"),
            Self::SealMissing(id) => format!("封存记录 {id} 已被删除"),
        }
    }
}

/// What [`verify`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Events looked at.
    pub events: u64,
    /// Of these, not under a seal yet: the last seconds before the check.
    pub unsealed: u64,
    /// Everything that is wrong; empty when the chain is whole.
    pub breaks: Vec<Break>,
}

/// Reads the whole log and recomputes every digest.
pub async fn verify(connection: &impl ConnectionTrait) -> Result<Verdict, DbErr> {
    let mut verdict = Verdict::default();
    let mut previous = GENESIS.to_owned();
    let mut last_seal = 0;
    while let Some(seal) = records::<audit_seal::Entity>()
        .filter(audit_seal::Column::Id.gt(last_seal))
        .order_by_asc(audit_seal::Column::Id)
        .one(connection)
        .await?
    {
        let expected: Vec<i64> = serde_json::from_str(&seal.events).unwrap_or_default();
        let events = records::<audit_event::Entity>()
            .filter(audit_event::Column::SealId.eq(seal.id))
            .order_by_asc(audit_event::Column::Id)
            .all(connection)
            .await?;
        let found: Vec<i64> = events.iter().map(|event| event.id).collect();
        verdict.breaks.extend(
            expected
                .iter()
                .filter(|id| !found.contains(id))
                .map(|id| Break::EventMissing(*id)),
        );
        verdict.breaks.extend(
            found
                .iter()
                .filter(|id| !expected.contains(id))
                .map(|id| Break::EventInserted(*id)),
        );
        verdict.breaks.extend(changed(&events));
        let whole = expected == found;
        let digest = seal_digest(
            &previous,
            events.iter().map(|event| (event.id, event.digest.as_str())),
        );
        if seal.previous_digest != previous || (whole && seal.digest != digest) {
            verdict.breaks.push(Break::SealBroken(seal.id));
        }
        verdict.events += events.len() as u64;
        previous = seal.digest;
        last_seal = seal.id;
    }
    verdict.breaks.extend(
        missing_seals(connection)
            .await?
            .into_iter()
            .map(Break::SealMissing),
    );
    let unsealed = records::<audit_event::Entity>()
        .filter(audit_event::Column::SealId.is_null())
        .order_by_asc(audit_event::Column::Id)
        .all(connection)
        .await?;
    verdict.breaks.extend(changed(&unsealed));
    verdict.events += unsealed.len() as u64;
    verdict.unsealed = unsealed.len() as u64;
    Ok(verdict)
}

/// Ids of seals that events name and that are not there.
async fn missing_seals(connection: &impl ConnectionTrait) -> Result<Vec<i64>, DbErr> {
    let known = records::<audit_seal::Entity>()
        .select_only()
        .column(audit_seal::Column::Id)
        .into_query();
    let named: Vec<Option<i64>> = records::<audit_event::Entity>()
        .select_only()
        .column(audit_event::Column::SealId)
        .distinct()
        .filter(audit_event::Column::SealId.is_not_null())
        .filter(audit_event::Column::SealId.not_in_subquery(known))
        .order_by_asc(audit_event::Column::SealId)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(named.into_iter().flatten().collect())
}

fn changed(events: &[audit_event::Model]) -> impl Iterator<Item = Break> {
    events
        .iter()
        .filter(|event| digest_of_row(event) != event.digest)
        .map(|event| Break::EventChanged(event.id))
}
