//! The owner's side of the widget: how it looks, where it may be used, and the secret that proves who
//! its customers are.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deskhand_domain::action::FieldError;
use deskhand_domain::id::{AgentId, WorkspaceId};
use deskhand_domain::limits;
use deskhand_domain::secret::Secret;
use deskhand_domain::widget::WidgetSettings;
use jiff::SignedDuration;
use url::{Host, Url};

use crate::{Result, Service, ServiceError};

/// What identity secrets begin with.
const PREFIX: &str = "dhi_";
const SECRET_BYTES: usize = 32;
/// Longest time for which a secret that was replaced goes on proving.
const OVERLAP_MAX_SECONDS: u32 = 30 * 24 * 3600;

impl Service {
    /// How an agent's widget looks.
    pub async fn widget(&self, workspace: WorkspaceId, agent: AgentId) -> Result<WidgetSettings> {
        self.store().agent(workspace, agent).await?;
        let stored = self.store().widget(workspace, agent).await?;
        Ok(stored.unwrap_or_default())
    }

    /// Replaces it.
    pub async fn set_widget(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
        settings: WidgetSettings,
    ) -> Result<WidgetSettings> {
        let errors = settings.check();
        if !errors.is_empty() {
            return Err(ServiceError::Invalid(errors));
        }
        let now = self.now();
        self.store()
            .put_widget(workspace, agent, &settings, now)
            .await?;
        Ok(settings)
    }

    /// Makes a new identity secret; the one before goes on proving for `overlap_seconds`.
    pub async fn rotate_identity_secret(
        &self,
        workspace: WorkspaceId,
        overlap_seconds: u32,
    ) -> Result<Secret> {
        if overlap_seconds > OVERLAP_MAX_SECONDS {
            return Err(ServiceError::field(
                "overlap_seconds",
                format!("must be at most {OVERLAP_MAX_SECONDS} (30 days)"),
            ));
        }
        let mut random = [0u8; SECRET_BYTES];
        self.entropy().fill(&mut random);
        let secret = Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random)));
        let now = self.now();
        let old_until = now
            .checked_add(SignedDuration::from_secs(i64::from(overlap_seconds)))
            .unwrap_or(now);
        self.store()
            .rotate_identity_secret(workspace, &secret, now, old_until)
            .await?;
        Ok(secret)
    }
}

/// Origins as browsers write them, each once, in the order given.
pub(crate) fn read_origins(given: &[String]) -> std::result::Result<Vec<String>, Vec<FieldError>> {
    let most = limits::WIDGET_ORIGINS;
    if given.len() > most {
        let message = format!("names {} origins; at most {most}", given.len());
        return Err(vec![FieldError::new("widget_origins", message)]);
    }
    let (mut origins, mut errors) = (Vec::new(), Vec::new());
    for (i, text) in given.iter().enumerate() {
        match read_origin(text) {
            Ok(origin) if origins.contains(&origin) => {}
            Ok(origin) => origins.push(origin),
            Err(mend) => errors.push(FieldError::new(format!("widget_origins.{i}"), mend)),
        }
    }
    if errors.is_empty() {
        Ok(origins)
    } else {
        Err(errors)
    }
}

/// One origin, as a browser writes it in its `Origin` header (RFC 6454 §6.2).
fn read_origin(text: &str) -> std::result::Result<String, &'static str> {
    const MEND: &str = "must be an origin such as https://shop.example: scheme and host, a port if \
                        it is not the usual one, and nothing after it";
    let url = Url::parse(text).map_err(|_| MEND)?;
    // The parser mends what is not written so; an origin says all that there is to it.
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let nobody = url.username().is_empty() && url.password().is_none();
    let plain = text
        .bytes()
        .all(|byte| byte > b' ' && !b"@\\*?#".contains(&byte));
    let (true, Some(host)) = (bare && nobody && plain, url.host()) else {
        return Err(MEND);
    };
    match url.scheme() {
        "https" => Ok(url.origin().ascii_serialization()),
        "http" if is_loopback(&host) => Ok(url.origin().ascii_serialization()),
        "http" => Err(
            "must begin with https://: over http anybody on the way can change the page. Only \
             addresses of the machine itself, such as http://localhost:3000, may go without",
        ),
        _ => Err(MEND),
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn origins_are_kept_as_browsers_write_them() {
        for (given, kept) in [
            ("https://shop.example", "https://shop.example"),
            ("https://shop.example/", "https://shop.example"),
            ("HTTPS://Shop.Example:443", "https://shop.example"),
            ("https://shop.example:8443", "https://shop.example:8443"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("https://203.0.113.7", "https://203.0.113.7"),
            ("https://[2001:db8::1]:444", "https://[2001:db8::1]:444"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://app.localhost", "http://app.localhost"),
            ("http://127.0.0.1:80", "http://127.0.0.1"),
            ("http://[::1]:5173", "http://[::1]:5173"),
        ] {
            assert_eq!(read_origin(given).as_deref(), Ok(kept), "{given}");
        }
    }

    #[test]
    fn what_is_no_origin_or_no_safe_one_is_refused() {
        for given in [
            "",
            "null",
            "*",
            "shop.example",
            "https://",
            "https://*.shop.example",
            "https://shop.example/page",
            "https://shop.example?",
            "https://shop.example#",
            "https://ada@shop.example",
            "https://@shop.example",
            "https://shop.example\\page",
            " https://shop.example",
            "https://shop.example\n",
            "http://shop.example",
            "http://localhost.shop.example",
            "http://10.0.0.1",
            "ftp://shop.example",
            "data:text/html,x",
            "file:///",
            "chrome-extension://abc",
        ] {
            assert!(read_origin(given).is_err(), "{given}");
        }
    }

    #[test]
    fn each_is_kept_once_and_the_wrong_one_is_named() {
        let texts = |given: &[&str]| {
            given
                .iter()
                .map(|one| (*one).to_owned())
                .collect::<Vec<_>>()
        };
        let given = texts(&[
            "https://b.example",
            "https://a.example/",
            "https://B.example",
        ]);
        let kept = read_origins(&given).unwrap();
        assert_eq!(kept, ["https://b.example", "https://a.example"]);
        let wrong = read_origins(&texts(&["https://a.example", "x", "y"])).unwrap_err();
        let fields: Vec<&str> = wrong.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["widget_origins.1", "widget_origins.2"]);
        let many = texts(&["https://a.example"; limits::WIDGET_ORIGINS + 1]);
        assert_eq!(read_origins(&many).unwrap_err()[0].field, "widget_origins");
    }

    proptest! {
        /// What is kept is read as itself, and is https or the machine's own.
        #[test]
        fn what_is_kept_is_an_origin(given in "(https?://)?[a-zA-Z0-9.:/@%\\[\\]_ -]{0,30}|\\PC{0,30}") {
            if let Ok(kept) = read_origin(&given) {
                prop_assert_eq!(read_origin(&kept), Ok(kept.clone()));
                let url = Url::parse(&kept).unwrap();
                prop_assert!(url.scheme() == "https" || is_loopback(&url.host().unwrap()));
                prop_assert_eq!(url.origin().ascii_serialization(), kept);
            }
        }
    }
}
