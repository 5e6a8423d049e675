//! Settings as they are read and refused.

use deskhand_domain::limits;

use super::*;

#[test]
fn the_documented_defaults_are_the_defaults() {
    let config = merge(None, |_| None).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.database_url, "sqlite://deskhand.db");
    assert_eq!(config.model, "builtin");
    assert_eq!(config.log, "info");
    assert_eq!(config.drain(), Duration::from_secs(60));
    assert_eq!(config.callback_duration(), limits::CALLBACK_DURATION);
    assert!(config.secret_key.is_none() && config.egress_addresses.is_empty());
}

#[test]
fn every_setting_is_documented() {
    for name in NAMES {
        let documented = EXAMPLE.lines().any(|line| {
            line.trim_start_matches("# ")
                .starts_with(&format!("{name} = "))
        });
        assert!(documented, "{name} is not in config.example.toml");
    }
}

#[test]
fn the_environment_wins_over_the_file() {
    let config = merge(Some("model = \"openai::a\"\nlog = \"debug\""), |name| {
        (name == "DESKHAND_MODEL").then(|| "openai::b".into())
    })
    .unwrap();
    assert_eq!(config.model, "openai::b");
    assert_eq!(config.log, "debug");
}

#[test]
fn empty_means_not_set() {
    let config = merge(None, |name| {
        [
            "DESKHAND_MODEL_URL",
            "DESKHAND_LISTEN",
            "DESKHAND_SECRET_KEY",
        ]
        .contains(&name)
        .then(OsString::new)
    })
    .unwrap();
    assert!(config.model_url.is_none() && config.secret_key.is_none());
    assert_eq!(config.listen.port(), 8080);
}

#[test]
fn errors_name_the_setting_and_no_secret() {
    let error = |name: &'static str, value: &'static str| {
        let result = merge(None, |asked| match asked {
            "DESKHAND_SECRET_KEY" => Some("canary-canary".into()),
            _ => (asked == name).then(|| value.into()),
        });
        format!("{:#}", result.unwrap_err())
    };
    for (name, value, part) in [
        ("DESKHAND_EGRESS_ADDRESSES", "1.2.3", "egress_addresses"),
        ("DESKHAND_TRUSTED_PROXIES", "nginx", "trusted_proxies"),
        ("DESKHAND_TRUSTED_PROXIES", "0.0.0.0/0", "trusted_proxies"),
        ("DESKHAND_LISTEN", "localhost", "listen"),
        ("DESKHAND_LISTEN", "8080", "listen"),
        (
            "DESKHAND_DATABASE_URL",
            "mysql://u:canary@db/x",
            "database_url",
        ),
        ("DESKHAND_CALLBACK_HOURS", "0", "callback_hours"),
        ("DESKHAND_CALLBACK_HOURS", "721", "callback_hours"),
        ("DESKHAND_CALLBACK_HOURS", "a day", "callback_hours"),
        ("DESKHAND_DRAIN_SECONDS", "3601", "drain_seconds"),
        ("DESKHAND_DRAIN_SECONDS", "soon", "drain_seconds"),
        ("DESKHAND_PUBLIC_URL", "deskhand.example.com", "public_url"),
        ("DESKHAND_PUBLIC_URL", "ftp://x", "public_url"),
        ("DESKHAND_PUBLIC_URL", "https://", "public_url"),
        ("DESKHAND_PUBLIC_URL", "https://x/a", "public_url"),
        ("DESKHAND_MODEL_API_KEY", "canary\nb", "model_api_key"),
    ] {
        let text = error(name, value);
        assert!(!text.contains("canary"), "{text}");
        assert!(text.contains(part), "{text}");
    }
    let typo = merge(Some("lisen = \"x\""), |_| None).unwrap_err();
    assert!(format!("{typo:#}").contains("no setting lisen"));
}

#[test]
fn a_broken_file_is_described_without_its_secrets() {
    for (text, part) in [
        ("\nsecret_key = \"canary", "line 2"),
        ("model_api_key = 5", "model_api_key"),
        ("listen = [\"canary\"]", "listen"),
    ] {
        let error = format!("{:#}", merge(Some(text), |_| None).unwrap_err());
        assert!(error.contains(part) && !error.contains("canary"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_not_passed_over() {
    use std::os::unix::ffi::OsStringExt;
    let error = merge(None, |name| {
        (name == "DESKHAND_LISTEN").then(|| OsString::from_vec(vec![0xff]))
    })
    .unwrap_err();
    assert!(format!("{error:#}").contains("DESKHAND_LISTEN"));
}

#[test]
fn without_a_public_url_it_is_where_the_server_listens() {
    for (listen, url) in [
        ("127.0.0.1:80", "http://127.0.0.1:80"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("0.0.0.0:8080", "http://localhost:8080"),
        ("[::]:8080", "http://localhost:8080"),
    ] {
        let config = merge(Some(&format!("listen = \"{listen}\"")), |_| None).unwrap();
        assert_eq!(config.public_url(), url);
    }
}

#[test]
fn a_public_url_is_a_host_with_or_without_a_port() {
    for url in ["https://d.example.com", "http://[::1]:8080/", "http://h:80"] {
        assert!(check_public_url(Some(url)).is_ok(), "{url}");
    }
}
