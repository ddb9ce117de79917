//! What the settings say of the single sign-on.

use openidconnect::{ClientId, ClientSecret, IssuerUrl, RedirectUrl, Scope};
use url::Url;

use crate::config::Config;

/// The university's single sign-on: one of two protocols.
#[derive(Clone, Debug)]
pub enum Provider {
    /// CAS 3.0.
    Cas(Cas),
    /// OpenID Connect.
    Oidc(Oidc),
}

/// A CAS server.
#[derive(Clone, Debug)]
pub struct Cas {
    pub(super) client: qihang_cas::Client,
    /// Where 学号 or 工号 stands; `None`: it is the user name.
    pub(super) attribute: Option<String>,
    /// This system's front page, where the server may lead back to after signing out.
    pub(super) front_page: Url,
}

/// A provider of OpenID Connect.
#[derive(Clone, Debug)]
pub struct Oidc {
    pub(super) issuer: IssuerUrl,
    pub(super) client_id: ClientId,
    pub(super) client_secret: Option<ClientSecret>,
    pub(super) callback: RedirectUrl,
    pub(super) scopes: Vec<Scope>,
    /// Where 学号 or 工号 stands.
    pub(super) claim: String,
    /// As [`Cas::front_page`].
    pub(super) front_page: Url,
}

/// Settings that do not go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongSettings {
    /// Two protocols at once.
    #[error("cas_url and oidc_issuer are both set; the single sign-on is one of them")]
    Both,
    /// Not an address that a browser can be sent to.
    #[error("{0} is not an address that begins with http:// or https://")]
    Address(&'static str),
    /// OpenID Connect without a client.
    #[error("oidc_issuer is set without oidc_client_id")]
    NoClient,
}

fn address(setting: &'static str, text: &str) -> Result<Url, WrongSettings> {
    Url::parse(text)
        .ok()
        .filter(|address| matches!(address.scheme(), "http" | "https") && address.has_host())
        .ok_or(WrongSettings::Address(setting))
}

impl Provider {
    /// The provider of the settings; `None` where there is none.
    ///
    /// Our own addresses come from `public_url` alone: what a request says of itself (`Host`, `X-Forwarded-Host`) decides
    /// nothing here.
    ///
    /// # Errors
    ///
    /// [`WrongSettings`] when they do not go together; found at the start of the program.
    pub fn of(config: &Config) -> Result<Option<Self>, WrongSettings> {
        let own = |path: &str| address("public_url", &format!("{}{path}", config.public_url));
        match (&config.cas_url, &config.oidc_issuer) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(WrongSettings::Both),
            (Some(server), None) => Ok(Some(Self::Cas(Cas {
                client: qihang_cas::Client::new(address("cas_url", server)?, own("/sign-in/cas")?),
                attribute: config.cas_attribute.clone(),
                front_page: own("/")?,
            }))),
            (None, Some(issuer)) => {
                address("oidc_issuer", issuer)?;
                let client_id = config.oidc_client_id.clone().ok_or(WrongSettings::NoClient)?;
                let scopes = config.oidc_scope.split_whitespace();
                Ok(Some(Self::Oidc(Oidc {
                    // Kept as it is written: the provider's own name of itself has to be the same to the last slash.
                    issuer: IssuerUrl::new(issuer.clone())
                        .map_err(|_| WrongSettings::Address("oidc_issuer"))?,
                    client_id: ClientId::new(client_id),
                    client_secret: config.oidc_client_secret.clone(),
                    callback: RedirectUrl::from_url(own("/sign-in/oidc")?),
                    scopes: scopes.map(|scope| Scope::new(scope.to_owned())).collect(),
                    claim: config.oidc_claim.clone(),
                    front_page: own("/")?,
                })))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(change: impl FnOnce(&mut Config)) -> Result<Option<Provider>, WrongSettings> {
        let mut config = Config::default();
        change(&mut config);
        Provider::of(&config)
    }

    #[test]
    fn without_settings_there_is_none() {
        assert!(of(|_| {}).unwrap().is_none());
    }

    #[test]
    fn settings_that_do_not_go_together_are_named() {
        let error = |change: fn(&mut Config)| of(change).unwrap_err();
        assert_eq!(
            error(|config| {
                config.cas_url = Some("https://sso.example/cas".into());
                config.oidc_issuer = Some("https://sso.example".into());
            }),
            WrongSettings::Both
        );
        assert_eq!(
            error(|config| config.cas_url = Some("javascript:alert(1)".into())),
            WrongSettings::Address("cas_url")
        );
        assert_eq!(
            error(|config| config.oidc_issuer = Some("https://sso.example".into())),
            WrongSettings::NoClient
        );
        assert_eq!(
            error(|config| {
                config.cas_url = Some("https://sso.example/cas".into());
                config.public_url = "job.example".into();
            }),
            WrongSettings::Address("public_url")
        );
    }

    #[test]
    fn the_service_is_this_system_by_its_public_address() {
        let provider = of(|config| {
            config.cas_url = Some("https://sso.example/cas".into());
            config.public_url = "https://job.example".into();
        });
        let Ok(Some(Provider::Cas(cas))) = provider else {
            panic!("a CAS server")
        };
        assert_eq!(
            cas.client.login_url().as_str(),
            "https://sso.example/cas/login?service=https%3A%2F%2Fjob.example%2Fsign-in%2Fcas"
        );
    }
}
