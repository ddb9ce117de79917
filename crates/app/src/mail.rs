//! Mail, out by SMTP. Where no server is set up, letters are laid into a folder instead, so that a trial sends nothing.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp;
use lettre::{Address, AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;

use crate::config::Config;

/// Where letters go. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Mail {
    settings: Arc<Settings>,
    /// Made when it is first needed: a command that sends nothing needs no folder.
    transport: Arc<OnceCell<Transport>>,
}

#[derive(Debug)]
struct Settings {
    smtp_url: Option<SecretString>,
    from: String,
    folder: PathBuf,
    pause: Duration,
}

#[derive(Debug)]
enum Transport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(AsyncFileTransport<Tokio1Executor>),
}

/// A letter to one person.
#[derive(Clone, Debug)]
pub struct Letter {
    /// A name that is this letter's alone: if it has to be sent a second time, mail programs know it for the same.
    pub id: String,
    /// 姓名.
    pub name: String,
    /// The address.
    pub to: String,
    /// In one line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// When it is written.
    pub at: DateTime<Utc>,
}

/// Why a letter was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The server refuses this letter for good.
    #[error("refused: {0}")]
    Refused(String),
    /// The server does not take this letter now.
    #[error("put off: {0}")]
    Later(String),
    /// There is no server to speak with.
    #[error("no mail server: {0}")]
    Away(String),
}

/// How long to wait for the server before giving up.
const PATIENCE: Duration = Duration::from_secs(20);

/// The address in `text`, if it is one that mail can be sent to.
pub fn address(text: &str) -> Option<String> {
    let text = text.trim();
    text.parse::<Address>().ok().map(|_| text.to_owned())
}

/// Whether letters can be sent by this address of a server.
pub fn is_server(url: &str) -> bool {
    AsyncSmtpTransport::<Tokio1Executor>::from_url(url).is_ok()
}

/// Whether letters can come from this sender, such as `就业服务网 <job@university.example>`.
pub fn is_sender(text: &str) -> bool {
    text.parse::<Mailbox>().is_ok()
}

impl Mail {
    /// As the settings say.
    pub fn new(config: &Config) -> Self {
        let settings = Settings {
            smtp_url: config.smtp_url.clone(),
            from: config.mail_from.clone(),
            folder: config.data_dir.join("mail"),
            pause: Duration::from_mins(1) / config.mails_per_minute.max(1),
        };
        Self {
            settings: Arc::new(settings),
            transport: Arc::default(),
        }
    }

    /// Whether letters leave the house at all.
    pub fn is_sent_by_a_server(&self) -> bool {
        self.settings.smtp_url.is_some()
    }

    /// The time from one letter to the next, so that no server takes us for a nuisance.
    pub fn pause(&self) -> Duration {
        self.settings.pause
    }

    async fn transport(&self) -> Result<&Transport, MailError> {
        let away = |error: &dyn std::fmt::Display| MailError::Away(error.to_string());
        self.transport
            .get_or_try_init(|| async {
                if let Some(url) = &self.settings.smtp_url {
                    return AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
                        .map(|builder| Transport::Smtp(builder.timeout(Some(PATIENCE)).build()))
                        .map_err(|error| away(&error));
                }
                std::fs::create_dir_all(&self.settings.folder).map_err(|error| away(&error))?;
                Ok(Transport::Folder(AsyncFileTransport::new(&self.settings.folder)))
            })
            .await
    }

    /// Whether there is a server that lets us in. To be asked before a series of letters: a server that refuses us is no
    /// reason to believe that it refuses the addresses.
    ///
    /// # Errors
    ///
    /// [`MailError::Away`].
    pub async fn knock(&self) -> Result<(), MailError> {
        match self.transport().await? {
            Transport::Folder(_) => Ok(()),
            Transport::Smtp(server) => match server.test_connection().await {
                Ok(true) => Ok(()),
                Ok(false) => Err(MailError::Away("the server does not answer".into())),
                Err(error) => Err(MailError::Away(words(&error))),
            },
        }
    }

    /// Sends a letter: the server has taken it, or the file is there.
    ///
    /// # Errors
    ///
    /// [`MailError`].
    pub async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        let message = self.message(letter)?;
        match self.transport().await? {
            Transport::Folder(folder) => folder
                .send(message)
                .await
                .map(|_| ())
                .map_err(|error| MailError::Away(error.to_string())),
            Transport::Smtp(server) => server.send(message).await.map(|_| ()).map_err(|error| {
                let words = words(&error);
                if error.is_permanent() {
                    MailError::Refused(words)
                } else if error.is_transient() {
                    MailError::Later(words)
                } else {
                    MailError::Away(words)
                }
            }),
        }
    }

    fn message(&self, letter: &Letter) -> Result<Message, MailError> {
        let from: Mailbox = self
            .settings
            .from
            .parse()
            .map_err(|_| MailError::Away("the sender is no address".into()))?;
        let to: Address = letter
            .to
            .parse()
            .map_err(|_| MailError::Refused("地址格式不正确".into()))?;
        let id = format!("<{}@{}>", letter.id, from.email.domain());
        let mut message = Message::builder()
            .message_id(Some(id))
            .date(letter.at.into())
            .from(from)
            .to(Mailbox::new(Some(letter.name.clone()), to))
            .subject(&letter.subject)
            .multipart(MultiPart::alternative_plain_html(
                letter.text.clone(),
                letter.html.clone(),
            ))
            .map_err(|error| MailError::Refused(error.to_string()))?;
        // Tells programs that answer by themselves not to (RFC 3834).
        message.headers_mut().insert_raw(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".into(),
        ));
        Ok(message)
    }
}

/// What the server said, with its code where it gave one.
fn words(error: &smtp::Error) -> String {
    let said = std::error::Error::source(error).map(ToString::to_string);
    match (error.status(), said) {
        (Some(code), Some(said)) => format!("{code} {said}"),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_not_written_to() {
        for text in [
            "",
            "无",
            "a@",
            "@b.example",
            "a b@c.example",
            "a@b.example\r\nBcc: c@d.example",
        ] {
            assert_eq!(address(text), None, "{text}");
        }
        assert_eq!(address(" li@mail.example "), Some("li@mail.example".to_owned()));
    }

    #[test]
    fn a_server_and_a_sender_are_judged_before_they_are_needed() {
        assert!(is_server("smtp://mail.example:25") && is_server("smtps://user:word@mail.example"));
        assert!(!is_server("mail.example") && !is_server("http://mail.example"));
        assert!(is_sender("job@university.example") && is_sender("就业服务网 <job@university.example>"));
        assert!(!is_sender("就业服务网"));
    }

    #[tokio::test]
    async fn the_password_of_a_server_is_not_shown() {
        let mail = Mail::new(&Config {
            smtp_url: Some("smtp://job:hunter2@127.0.0.1:1".into()),
            mail_from: "job@u.example".into(),
            ..Config::default()
        });

        // Only then is there a transport that knows the password, too.
        let away = mail.knock().await.unwrap_err();

        let shown = format!("{mail:?} {away} {away:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[tokio::test]
    async fn without_a_server_a_letter_is_laid_into_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            data_dir: folder.path().to_owned(),
            ..Config::default()
        };
        let mail = Mail::new(&config);
        let letter = Letter {
            id: "reminder-1".into(),
            name: "卢宇玉".into(),
            to: "lu@mail.example".into(),
            subject: "请激活".into(),
            text: "一".into(),
            html: "<p>一</p>".into(),
            at: "2026-09-10T02:00:00Z".parse().unwrap(),
        };

        mail.knock().await.unwrap();
        mail.send(&letter).await.unwrap();

        let files: Vec<_> = std::fs::read_dir(folder.path().join("mail")).unwrap().collect();
        assert_eq!(files.len(), 1);
        let text = std::fs::read_to_string(files[0].as_ref().unwrap().path()).unwrap();
        assert!(text.contains("lu@mail.example") && text.contains("Message-ID: <reminder-1@"));
        assert!(text.contains("Auto-Submitted: auto-generated"));
        assert!(!mail.is_sent_by_a_server());
    }
}
