//! `qihang account …`.

use qihang_db::Role;

use super::{Failure, Outcome, say};
use crate::accounts::rules::{self, NewAccount};
use crate::app::App;
use crate::auth::{Can, policy};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Create an account with one role, and print its one-time password.
    Create {
        /// 工号 or login name.
        login: String,
        /// 姓名.
        #[arg(long)]
        name: String,
        /// officer, head, centre or administrator.
        #[arg(long)]
        role: String,
        /// Code of the 院, for officer and head.
        #[arg(long)]
        college: Option<String>,
        /// The password, instead of a one-time one; then it need not be changed at first.
        #[arg(long, env = "QIHANG_PASSWORD", hide_env_values = true)]
        password: Option<String>,
    },
    /// Give an account a new one-time password, and end its sessions.
    Password {
        /// 工号 or login name.
        login: String,
    },
}

pub(super) async fn run(app: &App, command: Command) -> Result<Outcome, Failure> {
    let can = Can::<policy::ManageAccounts>::at_the_console(qihang_db::Scope::Everyone);
    match command {
        Command::Create {
            login,
            name,
            role,
            college,
            password,
        } => {
            let role = Role::find(&role).ok_or("角色应为 officer、head、centre 或 administrator 之一。")?;
            let account = NewAccount {
                login,
                name,
                role,
                college_code: college,
                password: password.clone(),
            };
            match rules::create(&app.db, &can, account).await {
                Ok(created) => {
                    say(format_args!("已创建账号 {}。", created.login));
                    if let Some(one_time) = created.one_time_password {
                        say(format_args!("一次性密码：{one_time}（首次登录须修改）"));
                    }
                    Ok(Outcome::Done)
                }
                Err(error) => Err(error.message().into()),
            }
        }
        Command::Password { login } => match rules::reset_password(&app.db, &can, &login).await {
            Ok(password) => {
                say(format_args!("一次性密码：{password}（登录后须修改）"));
                Ok(Outcome::Done)
            }
            Err(error) => Err(error.message().into()),
        },
    }
}
