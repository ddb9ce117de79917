//! Settings: `qihang.toml` where there is one, overridden by the environment. Every setting has a default that works.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::Deserialize;

/// All settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `sqlite://…` or `postgres://…` (`DATABASE_URL`).
    pub database_url: String,
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
    /// Name of the university, on every page.
    pub university: String,
    /// Address of the university's own portal (`QIHANG_PORTAL_URL`), where students mend 生源所在地, 婚姻状况 and 政治面貌;
    /// without one they do it here.
    pub portal_url: Option<String>,
    /// What the data exchange shows when it asks us (`QIHANG_EXCHANGE_TOKEN`), at least 32 characters; without one it cannot.
    pub exchange_token: Option<String>,
    /// Share of all students, in per mille, whose change stops an import and asks (R13).
    pub safety_stop_permille: u32,
}

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
            university: "启航大学".into(),
            portal_url: None,
            exchange_token: None,
            safety_stop_permille: 100,
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
    #[error("{0}: {1}")]
    Parse(PathBuf, Box<toml::de::Error>),
    /// A variable of the environment is not what it should be.
    #[error("{0} is set to {1:?}, which is not {2}")]
    Variable(&'static str, String, &'static str),
}

/// Characters of a token at the least.
const SHORTEST_TOKEN: usize = 32;

impl Config {
    /// Reads `file` where it exists, then the environment.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when something is set and cannot be understood: a wrong setting is never replaced by a default.
    pub fn load(file: &Path, variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut config = match std::fs::read_to_string(file) {
            Ok(text) => {
                toml::from_str(&text).map_err(|error| ConfigError::Parse(file.to_owned(), Box::new(error)))?
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
            config.database_url = value;
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
        if let Some(value) = parsed("QIHANG_UNIVERSITY", "a name")? {
            config.university = value;
        }
        if let Some(value) = parsed("QIHANG_PORTAL_URL", "an address")? {
            config.portal_url = Some(value);
        }
        if let Some(value) = parsed("QIHANG_EXCHANGE_TOKEN", "a token")? {
            config.exchange_token = Some(value);
        }
        if config
            .exchange_token
            .as_ref()
            .is_some_and(|token| token.len() < SHORTEST_TOKEN)
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
