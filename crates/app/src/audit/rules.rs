//! The proof that log and data are whole: `qihang verify`.

use qihang_db::Db;
use qihang_db::audit::{self, Verdict};
use sea_orm::DbErr;

use super::queries;
use crate::{activation, assessment, findings, school, special_list};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name for programs.
    pub code: &'static str,
    /// What should be so.
    pub label: &'static str,
    /// What is not so; empty when all is well. A long list is cut.
    pub faults: Vec<String>,
}

/// The last link of the chain. Who writes its digest down can tell later whether the end of the log was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastSeal {
    /// Row id.
    pub id: i64,
    /// Digest, hexadecimal.
    pub digest: String,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The audit chain.
    pub chain: Verdict,
    /// Its last seal.
    pub last_seal: Option<LastSeal>,
    /// Everything else.
    pub checks: Vec<Check>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.chain.breaks.is_empty() && self.checks.iter().all(|check| check.faults.is_empty())
    }
}

/// Faults named one by one.
const NAMED: usize = 20;

/// Looks at everything. `known_seal` is a digest that was written down earlier and must still be in the chain.
///
/// # Errors
///
/// When the database does not answer.
pub async fn verify(db: &Db, known_seal: Option<&str>) -> Result<Report, DbErr> {
    // One moment for all reads: the server may be at work beside us.
    let read = db.begin_read().await?;
    let chain = audit::verify(&read).await?;
    let last_seal = queries::last_seal(&read).await?.map(|seal| LastSeal {
        id: seal.id,
        digest: seal.digest,
    });
    let mut checks = Vec::new();
    if let Some(digest) = known_seal {
        let is_there = queries::has_seal(&read, digest).await?;
        let fault = (!is_there).then(|| "链中没有所给的指纹，日志末尾可能被截断".to_owned());
        checks.push(Check {
            code: "known_seal",
            label: "先前记下的封存指纹仍在链中",
            faults: fault.into_iter().collect(),
        });
    }
    let triggers = queries::append_only_triggers(&read).await?;
    let expected = queries::triggers_expected(db.backend());
    let fault = (triggers != expected).then(|| format!("应有 {expected} 个触发器，实有 {triggers} 个"));
    checks.push(Check {
        code: "append_only",
        label: "审计日志和考核数据的只增触发器完好",
        faults: fault.into_iter().collect(),
    });
    checks.push(Check {
        code: "database_file",
        label: "数据库文件和外键完好",
        faults: cut(queries::file_faults(&read).await?),
    });
    for (code, label, count) in queries::counts_of_nought(&read).await? {
        let fault = (count != 0).then(|| format!("{count} 条不符"));
        checks.push(Check {
            code,
            label,
            faults: fault.into_iter().collect(),
        });
    }
    let misplaced = school::duties::misplaced(&read).await?;
    let fault = (misplaced != 0).then(|| format!("{misplaced} 名学生不符"));
    checks.push(Check {
        code: "placement",
        label: "学生的管理院系与管理范围一致",
        faults: fault.into_iter().collect(),
    });
    let unmarked = activation::rules::verify(&read).await?;
    let faults = unmarked.iter().map(|id| format!("激活记录 {id}"));
    checks.push(Check {
        code: "activation_changes",
        label: "激活之后的信息变更都已标明需重新确认",
        faults: cut(faults.collect()),
    });
    let at_odds = special_list::queries::at_odds(&read).await?;
    let faults = at_odds.iter().map(|(id, _)| format!("学生编号 {id}"));
    checks.push(Check {
        code: "doctoral_lists",
        label: "博士生的预计届别与采集名单一致",
        faults: cut(faults.collect()),
    });
    checks.push(Check {
        code: "assessment",
        label: "考核的冻结数据与指纹一致，也与按历史重算的结果一致",
        faults: cut(assessment::rules::verify(&read).await?),
    });
    read.rollback().await?;
    checks.push(stored_findings(db).await?);
    Ok(Report {
        chain,
        last_seal,
        checks,
    })
}

async fn stored_findings(db: &Db) -> Result<Check, DbErr> {
    let differences = findings::rules::verify(db).await?;
    let faults = differences.iter().map(|one| {
        let which = if one.is_stored { "多余" } else { "缺少" };
        format!(
            "{} 届学生编号 {}：{which} {}",
            one.class_year, one.student_id, one.kind
        )
    });
    Ok(Check {
        code: "findings",
        label: "核查问题与重新计算的结果一致",
        faults: cut(faults.collect()),
    })
}

fn cut(mut faults: Vec<String>) -> Vec<String> {
    if faults.len() > NAMED {
        let all = faults.len();
        faults.truncate(NAMED);
        faults.push(format!("… 共 {all} 项"));
    }
    faults
}
