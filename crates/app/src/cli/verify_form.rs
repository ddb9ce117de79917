//! `qihang verify-form`: whether a PDF carries what this university signed. Asks no database and no network.

use std::path::PathBuf;

use super::{Failure, Outcome, say};
use crate::config::Config;
use crate::recommendation::keys;
use crate::recommendation::model::seal::{Statement, unseal};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The PDF: one form, or a class.
    file: PathBuf,
    /// Public key (PEM) to trust, instead of those in the folder `keys` of the data folder; may be given more than once.
    #[arg(long = "key", value_name = "PEM")]
    keys: Vec<PathBuf>,
}

pub(super) fn run(config: &Config, args: &Args) -> Result<Outcome, Failure> {
    let trusted = if args.keys.is_empty() {
        keys::trusted(&config.data_dir)?
    } else {
        let given = args.keys.iter().map(|path| keys::public_key(path));
        given.collect::<Result<_, _>>()?
    };
    if trusted.is_empty() {
        return Err("没有可信的公钥：请用 --key 指定学校公布的公钥文件。".into());
    }
    let pdf =
        std::fs::read(&args.file).map_err(|error| format!("无法读取 {}：{error}", args.file.display()))?;
    let attached = qihang_paper::attachments(&pdf)?;
    if attached.is_empty() {
        say("✗ 文件中没有签名数据：不是本系统打印的推荐表，或是打印后扫描、另存的文件。");
        return Ok(Outcome::Refused);
    }
    let mut outcome = Outcome::Done;
    for (number, attached) in attached.iter().enumerate() {
        match unseal(attached, &trusted) {
            Ok((statement, key)) => print(&statement, &key),
            Err(why) => {
                say(format_args!("✗ 第 {} 份：{why}", number + 1));
                outcome = Outcome::Refused;
            }
        }
    }
    if outcome == Outcome::Done {
        say("以上为签名所证明的内容，请与纸面或屏幕上的推荐表逐项核对；是否现行有效，以核验网址所示为准。");
    }
    Ok(outcome)
}

fn print(statement: &Statement, key: &str) {
    let Statement {
        university,
        class_year,
        form_no,
        version,
        date,
        ..
    } = statement;
    say(format_args!("✓ 签名有效（密钥 {key}）：编号 {form_no}"));
    say(format_args!(
        "  {university} {class_year} 届毕业生就业推荐表，第 {version} 版，{date}"
    ));
    for (label, text) in statement.facts.iter().chain(&statement.sections) {
        say(format_args!("  {label}：{}", text.replace('\n', "\n    ")));
    }
    say(format_args!(
        "  院系推荐意见：{}",
        statement.opinion.replace('\n', "\n    ")
    ));
    say(format_args!("  核验网址：{}", statement.url));
}
