//! `qihang serve`.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_sessions::ExpiredDeletion;

use super::{Failure, Outcome};
use crate::app::{self, App};
use crate::assessment::rules::freeze_regularly;
use crate::auth;
use crate::job;
use crate::progress::reminders::delivery::try_again_regularly;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to listen; overrides the settings.
    #[arg(long)]
    listen: Option<SocketAddr>,
}

/// How often the audit log is sealed.
const SEAL_EVERY: Duration = Duration::from_secs(5);
/// How often expired sessions are thrown away.
const SWEEP_EVERY: Duration = Duration::from_mins(10);

pub(super) async fn run(app: App, args: Args) -> Result<Outcome, Failure> {
    let address = args.listen.unwrap_or(app.config.listen);
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("无法监听 {address}：{error}"))?;
    tracing::info!(%address, "Qihang is serving.");

    let sealing = tokio::spawn(seal_regularly(app.clone()));
    let sweeping = tokio::spawn(sweep_regularly(app.clone()));
    let freezing = tokio::spawn(freeze_regularly(app.clone()));
    let mailing = tokio::spawn(try_again_regularly(app.clone()));
    let stop = CancellationToken::new();
    let running = tokio::spawn(job::serve(app.clone(), stop.clone()));
    let service = app::service(app).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(async move {
            asked_to_stop().await;
            stop.cancel();
        })
        .await?;
    running.await?;
    sealing.abort();
    sweeping.abort();
    freezing.abort();
    mailing.abort();
    tracing::info!("Qihang has stopped.");
    Ok(Outcome::Done)
}

async fn seal_regularly(app: App) {
    loop {
        tokio::time::sleep(SEAL_EVERY).await;
        if let Err(error) = qihang_db::audit::seal(&app.db).await {
            tracing::error!(%error, "The audit log could not be sealed; it is tried again.");
        }
    }
}

async fn sweep_regularly(app: App) {
    let sessions = qihang_db::session::DbSessions::new(app.db.clone());
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        if let Err(error) = sessions.delete_expired().await {
            tracing::error!(%error, "Expired sessions could not be deleted; it is tried again.");
        }
        if let Err(error) = job::files::sweep(&app).await {
            tracing::error!(%error, "Old files of jobs could not be deleted; it is tried again.");
        }
        if let Err(error) = auth::sso::forget_old_tickets(&app).await {
            tracing::error!(%error, "Old tickets could not be deleted; it is tried again.");
        }
    }
}

async fn asked_to_stop() {
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::error!(%error, "SIGTERM cannot be waited for; only Ctrl-C stops the server cleanly.");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
