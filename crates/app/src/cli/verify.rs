//! `qihang verify`.

use serde_json::json;

use super::{Failure, Outcome, say};
use crate::app::App;
use crate::audit::rules::{self, Check, Report};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// As JSON.
    #[arg(long)]
    json: bool,
    /// Digest of a seal written down earlier, which must still be in the chain: shows whether the end was cut off.
    #[arg(long, value_name = "DIGEST")]
    seal: Option<String>,
}

pub(super) async fn run(app: &App, args: &Args) -> Result<Outcome, Failure> {
    let report = rules::verify(&app.db, args.seal.as_deref()).await?;
    if args.json {
        say(as_json(&report));
    } else {
        print(&report);
    }
    Ok(if report.is_whole() {
        Outcome::Done
    } else {
        Outcome::Refused
    })
}

fn print(report: &Report) {
    let chain = &report.chain;
    if chain.breaks.is_empty() {
        say(format_args!(
            "✓ 审计日志完好：共 {} 条记录，其中 {} 条尚未封存",
            chain.events, chain.unsealed
        ));
    } else {
        say(format_args!("✗ 审计日志不完好：{} 处", chain.breaks.len()));
        for one in &chain.breaks {
            say(format_args!("    {}", one.message()));
        }
    }
    if let Some(seal) = &report.last_seal {
        say(format_args!("  最后封存 {}，指纹 {}", seal.id, seal.digest));
    }
    for Check { label, faults, .. } in &report.checks {
        if faults.is_empty() {
            say(format_args!("✓ {label}"));
        } else {
            say(format_args!("✗ {label}"));
            for fault in faults {
                say(format_args!("    {fault}"));
            }
        }
    }
    say(if report.is_whole() {
        "结论：完好。"
    } else {
        "结论：发现问题，见上。"
    });
}

fn as_json(report: &Report) -> serde_json::Value {
    let checks = report
        .checks
        .iter()
        .map(|check| json!({"code": check.code, "label": check.label, "faults": check.faults}));
    json!({
        "ok": report.is_whole(),
        "audit": {
            "events": report.chain.events,
            "unsealed": report.chain.unsealed,
            "breaks": report.chain.breaks.iter().map(qihang_db::audit::Break::message).collect::<Vec<_>>(),
            "last_seal": report.last_seal.as_ref().map(|seal| json!({"id": seal.id, "digest": seal.digest})),
        },
        "checks": checks.collect::<Vec<_>>(),
    })
}
