//! Settings: `qihang.toml` where there is one, overridden by the environment. Every setting has a default that works.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use openidconnect::ClientSecret;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::auth::sso;
use crate::mail;

/// All settings. What is secret, or holds a password, is so by its type: neither `Debug` nor a log shows it.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `sqlite://…` or `postgres://…` (`DATABASE_URL`).
    pub database_url: SecretString,
    /// Where to listen (`QIHANG_LISTEN`).
    pub listen: SocketAddr,
    /// The address people type, without a slash at the end (`QIHANG_PUBLIC_URL`). `https://` makes cookies secure.
    pub public_url: String,
    /// Folder for uploaded files (`QIHANG_DATA_DIR`).
    pub data_dir: PathBuf,
    /// A day to pretend, for trials only (`QIHANG_TODAY`): every page then carries a banner.
    pub today: Option<NaiveDate>,
    /// Whether a proxy in front sets `X-Forwarded-For` (`QIHANG_BEHIND_PROXY`): only then is it believed.
    pub behind_proxy: bool,
    /// Minutes without a request after which a member of staff has to sign in again.
    pub idle_minutes: i64,
    /// Hours after which a member of staff has to sign in again whatever happens.
    pub absolute_hours: i64,
    /// Server that mail is handed to, `smtp://…` or `smtps://…` (`QIHANG_SMTP_URL`). Without one, letters are laid into the
    /// folder `mail` of `data_dir`.
    pub smtp_url: Option<SecretString>,
    /// Whom letters come from, such as `就业服务网 <job@university.example>` (`QIHANG_MAIL_FROM`).
    pub mail_from: String,
    /// Letters a minute at the most (`QIHANG_MAILS_PER_MINUTE`).
    pub mails_per_minute: u32,
    /// Name of the university, on every page.
    pub university: String,
    /// Address of the university's own portal (`QIHANG_PORTAL_URL`), where students mend 生源所在地, 婚姻状况 and 政治面貌;
    /// without one they do it here.
    pub portal_url: Option<String>,
    /// What the data exchange shows when it asks us (`QIHANG_EXCHANGE_TOKEN`), at least 32 characters; without one it cannot.
    pub exchange_token: Option<SecretString>,
    /// Share of all students, in per mille, whose change stops an import and asks (R13).
    pub safety_stop_permille: u32,
    /// CAS server for the single sign-on, the address above `/login` (`QIHANG_CAS_URL`); see docs/sso.md.
    pub cas_url: Option<String>,
    /// The CAS attribute with 学号 or 工号 (`QIHANG_CAS_ATTRIBUTE`); where it is not set, the user name is that number.
    pub cas_attribute: Option<String>,
    /// OpenID Connect provider for the single sign-on, instead of CAS (`QIHANG_OIDC_ISSUER`).
    pub oidc_issuer: Option<String>,
    /// What the provider calls this system (`QIHANG_OIDC_CLIENT_ID`).
    pub oidc_client_id: Option<String>,
    /// Its secret, which it may do without (`QIHANG_OIDC_CLIENT_SECRET`).
    pub oidc_client_secret: Option<ClientSecret>,
    /// The claim with 学号 or 工号 (`QIHANG_OIDC_CLAIM`).
    pub oidc_claim: String,
    /// What is asked of the provider beside `openid`, words with spaces between (`QIHANG_OIDC_SCOPE`).
    pub oidc_scope: String,
}

/// Whom letters come from that nobody sends.
const NOBODY: &str = "就业服务网 <noreply@qihang.example>";

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: "sqlite://var/qihang.sqlite".into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: "http://127.0.0.1:8080".into(),
            data_dir: PathBuf::from("var"),
            today: None,
            behind_proxy: false,
            idle_minutes: 60,
            absolute_hours: 12,
            smtp_url: None,
            mail_from: NOBODY.into(),
            mails_per_minute: 300,
            university: "启航大学".into(),
            portal_url: None,
            exchange_token: None,
            safety_stop_permille: 100,
            cas_url: None,
            cas_attribute: None,
            oidc_issuer: None,
            oidc_client_id: None,
            oidc_client_secret: None,
            oidc_claim: "preferred_username".into(),
            oidc_scope: "profile".into(),
        }
    }
}

/// Why the settings could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is there and cannot be read.
    #[error("cannot read {0}: {1}")]
    Read(PathBuf, std::io::Error),
    /// The file is not what it should be.
    #[error("{0}, line {1}: {2}")]
    Parse(PathBuf, usize, String),
    /// A variable of the environment is not what it should be.
    #[error("{0} is set to {1:?}, which is not {2}")]
    Variable(&'static str, String, &'static str),
    /// The settings of the single sign-on do not go together.
    #[error(transparent)]
    SingleSignOn(#[from] sso::WrongSettings),
    /// A mail server is set, and nobody whom letters come from.
    #[error("QIHANG_SMTP_URL is set, and QIHANG_MAIL_FROM is not")]
    NoSender,
}

/// Characters of a token at the least.
const SHORTEST_TOKEN: usize = 32;

impl Config {
    /// Reads `file` where it exists, then the environment.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when something is set and cannot be understood: a wrong setting is never replaced by a default.
    #[expect(clippy::too_many_lines, reason = "one setting after the other")]
    pub fn load(file: &Path, variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut config = match std::fs::read_to_string(file) {
            Ok(text) => {
                toml::from_str(&text).map_err(|error| {
                    // Its own words for it would repeat the line, and there may be a password in it.
                    let before = error.span().map_or("", |span| &text[..span.start]);
                    let line = before.matches('\n').count() + 1;
                    ConfigError::Parse(file.to_owned(), line, error.message().to_owned())
                })?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::default(),
            Err(error) => return Err(ConfigError::Read(file.to_owned(), error)),
        };
        let parsed = |name: &'static str, wanted: &'static str| -> Result<Option<String>, ConfigError> {
            variable(name)
                .map(|value| {
                    if value.trim().is_empty() {
                        Err(ConfigError::Variable(name, value, wanted))
                    } else {
                        Ok(value)
                    }
                })
                .transpose()
        };
        if let Some(value) = parsed("DATABASE_URL", "a database address")? {
            config.database_url = value.into();
        }
        if let Some(value) = parsed("QIHANG_LISTEN", "an address and port")? {
            config.listen = value.parse().map_err(|_| {
                ConfigError::Variable(
                    "QIHANG_LISTEN",
                    value,
                    "an address and port such as 127.0.0.1:8080",
                )
            })?;
        }
        if let Some(value) = parsed("QIHANG_PUBLIC_URL", "an address")? {
            value.trim_end_matches('/').clone_into(&mut config.public_url);
        }
        if let Some(value) = parsed("QIHANG_DATA_DIR", "a folder")? {
            config.data_dir = PathBuf::from(value);
        }
        if let Some(value) = parsed("QIHANG_TODAY", "a day")? {
            config.today = Some(
                value
                    .parse()
                    .map_err(|_| ConfigError::Variable("QIHANG_TODAY", value, "a day such as 2026-09-01"))?,
            );
        }
        if let Some(value) = parsed("QIHANG_BEHIND_PROXY", "true or false")? {
            config.behind_proxy = value
                .parse()
                .map_err(|_| ConfigError::Variable("QIHANG_BEHIND_PROXY", value, "true or false"))?;
        }
        if let Some(value) = parsed("QIHANG_SMTP_URL", "an address")? {
            config.smtp_url = Some(value.into());
        }
        if let Some(value) = parsed("QIHANG_MAIL_FROM", "a sender")? {
            config.mail_from = value;
        }
        if let Some(value) = parsed("QIHANG_MAILS_PER_MINUTE", "a number")? {
            config.mails_per_minute = value.parse().map_err(|_| {
                ConfigError::Variable(
                    "QIHANG_MAILS_PER_MINUTE",
                    value,
                    "a number of letters such as 300",
                )
            })?;
        }
        config.check_mail()?;
        if let Some(value) = parsed("QIHANG_UNIVERSITY", "a name")? {
            config.university = value;
        }
        let single_sign_on = [
            ("QIHANG_CAS_URL", "an address", &mut config.cas_url),
            (
                "QIHANG_CAS_ATTRIBUTE",
                "the name of an attribute",
                &mut config.cas_attribute,
            ),
            ("QIHANG_OIDC_ISSUER", "an address", &mut config.oidc_issuer),
            ("QIHANG_OIDC_CLIENT_ID", "a client id", &mut config.oidc_client_id),
        ];
        for (name, wanted, setting) in single_sign_on {
            if let Some(value) = parsed(name, wanted)? {
                *setting = Some(value);
            }
        }
        if let Some(value) = parsed("QIHANG_OIDC_CLIENT_SECRET", "a client secret")? {
            config.oidc_client_secret = Some(ClientSecret::new(value));
        }
        if let Some(value) = parsed("QIHANG_OIDC_CLAIM", "the name of a claim")? {
            config.oidc_claim = value;
        }
        if let Some(value) = parsed("QIHANG_OIDC_SCOPE", "names of scopes")? {
            config.oidc_scope = value;
        }
        sso::Provider::of(&config)?;
        if let Some(value) = parsed("QIHANG_PORTAL_URL", "an address")? {
            config.portal_url = Some(value);
        }
        if let Some(value) = parsed("QIHANG_EXCHANGE_TOKEN", "a token")? {
            config.exchange_token = Some(value.into());
        }
        if config
            .exchange_token
            .as_ref()
            .is_some_and(|token| token.expose_secret().len() < SHORTEST_TOKEN)
        {
            // Not shown: part of it may be right.
            return Err(ConfigError::Variable(
                "QIHANG_EXCHANGE_TOKEN",
                "…".into(),
                "a token of at least 32 characters",
            ));
        }
        if let Some(address) = &config.portal_url
            && !["https://", "http://"]
                .iter()
                .any(|scheme| address.starts_with(scheme))
        {
            return Err(ConfigError::Variable(
                "QIHANG_PORTAL_URL",
                address.clone(),
                "an address that begins with https:// or http://",
            ));
        }
        Ok(config)
    }

    /// A mail server that cannot be one, or that nobody could get an answer from, is found out before the first letter.
    fn check_mail(&self) -> Result<(), ConfigError> {
        if let Some(url) = &self.smtp_url {
            if !mail::is_server(url.expose_secret()) {
                // Not the value itself: there may be a password in it.
                return Err(ConfigError::Variable(
                    "QIHANG_SMTP_URL",
                    "…".into(),
                    "an address such as smtps://user:password@mail.university.example",
                ));
            }
            if self.mail_from == NOBODY {
                return Err(ConfigError::NoSender);
            }
        }
        if !mail::is_sender(&self.mail_from) {
            return Err(ConfigError::Variable(
                "QIHANG_MAIL_FROM",
                self.mail_from.clone(),
                "a sender such as 就业服务网 <job@university.example>",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_file_and_without_variables_everything_has_a_default() {
        let config = Config::load(Path::new("/nowhere/qihang.toml"), |_| None).unwrap();
        assert_eq!(config.listen.port(), 8080);
        assert_eq!(config.today, None);
    }

    #[test]
    fn a_variable_that_cannot_be_understood_is_refused_by_name() {
        let error = Config::load(Path::new("/nowhere/qihang.toml"), |name| {
            (name == "QIHANG_TODAY").then(|| "last tuesday".to_owned())
        })
        .unwrap_err();
        assert!(error.to_string().contains("QIHANG_TODAY"), "{error}");
    }

    #[test]
    fn a_single_sign_on_that_cannot_work_is_refused_at_the_start() {
        let error = Config::load(Path::new("/nowhere/qihang.toml"), |name| {
            (name == "QIHANG_CAS_URL").then(|| "sso.example.edu.cn".to_owned())
        })
        .unwrap_err();
        assert!(error.to_string().contains("cas_url"), "{error}");
    }

    #[test]
    fn secrets_are_not_shown() {
        let config = Config::load(Path::new("/nowhere/qihang.toml"), |name| {
            let value = match name {
                "DATABASE_URL" => "postgres://qihang:hunter2@db.example/qihang",
                "QIHANG_SMTP_URL" => "smtps://job:hunter2@mail.example",
                "QIHANG_MAIL_FROM" => "job@u.example",
                "QIHANG_EXCHANGE_TOKEN" => "hunter2hunter2hunter2hunter2hunter2",
                "QIHANG_OIDC_CLIENT_SECRET" => "hunter2",
                _ => return None,
            };
            Some(value.to_owned())
        })
        .unwrap();
        let shown = format!("{config:?} {config:#?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        let token = config.exchange_token.unwrap();
        assert_eq!(token.expose_secret(), "hunter2hunter2hunter2hunter2hunter2");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_not_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("qihang.toml");
        std::fs::write(
            &file,
            "university = \"甲大学\"\nexchange_token = \"hunter2\nlisten = 1\n",
        )
        .unwrap();

        let error = Config::load(&file, |_| None).unwrap_err();

        let shown = format!("{error} {error:?}");
        assert!(shown.contains("qihang.toml, line 2: "), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn a_mail_server_needs_an_address_and_a_sender_and_its_password_is_not_repeated() {
        let load = |pairs: &'static [(&str, &str)]| {
            Config::load(Path::new("/nowhere/qihang.toml"), |name| {
                let found = pairs.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        let error = load(&[("QIHANG_SMTP_URL", "imap://me:secret@mail.example")]).unwrap_err();
        assert!(error.to_string().contains("QIHANG_SMTP_URL") && !error.to_string().contains("secret"));
        let error = load(&[("QIHANG_SMTP_URL", "smtp://mail.example")]).unwrap_err();
        assert!(matches!(error, ConfigError::NoSender));
        let config = load(&[
            ("QIHANG_SMTP_URL", "smtp://mail.example"),
            ("QIHANG_MAIL_FROM", "job@u.example"),
            ("QIHANG_MAILS_PER_MINUTE", "60"),
        ])
        .unwrap();
        assert_eq!(
            (config.mail_from.as_str(), config.mails_per_minute),
            ("job@u.example", 60)
        );
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("qihang.toml");
        std::fs::write(&file, "university = \"甲大学\"\nlisten = \"127.0.0.1:9000\"\n").unwrap();
        let config = Config::load(&file, |name| {
            (name == "QIHANG_LISTEN").then(|| "127.0.0.1:9001".to_owned())
        })
        .unwrap();
        assert_eq!(
            (config.university.as_str(), config.listen.port()),
            ("甲大学", 9001)
        );
    }
}
