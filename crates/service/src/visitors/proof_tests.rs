use deskhand_domain::secret::Secret;
use proptest::prelude::*;
use serde_json::json;

use super::*;

const SECRET: &str = "dhi_the-secret-of-the-shop";

fn secrets() -> Vec<IdentitySecret> {
    [("new", "dhi_a-newer-secret"), ("old", SECRET)]
        .map(|(id, text)| IdentitySecret {
            id: id.to_owned(),
            secret: Secret::new(text),
        })
        .to_vec()
}

fn now() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn seconds() -> i64 {
    now().as_second()
}

fn sign(secret: &str, head: &str, claims: &str) -> String {
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(head),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    format!("{signed}.{signature}")
}

const HEAD: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

fn with_head(head: &str) -> Result<Proof, Broken> {
    let claims = claims(json!({})).to_string();
    verify(&sign(SECRET, head, &claims), &secrets(), now())
}

fn claims(changes: Value) -> Value {
    let mut claims = json!({"sub": "cus_42", "aud": "deskhand", "exp": seconds() + 600});
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

fn with(changes: Value) -> Result<Proof, Broken> {
    let token = sign(SECRET, HEAD, &claims(changes).to_string());
    verify(&token, &secrets(), now())
}

#[test]
fn a_token_proves_what_it_says_of_the_contact() {
    let proof = with(json!({
        "name": "Ada", "email": "ada@example.com", "phone": "+44 20 7946 0000",
        "timezone": "Europe/London", "locale": "en", "attributes": {"plan": "gold"},
        "iat": seconds(), "nbf": seconds(), "iss": "anybody", "jti": "1",
    }))
    .unwrap();
    assert_eq!(proof.secret_id, "old");
    assert_eq!(
        serde_json::to_value(&proof.contact).unwrap(),
        json!({
            "id": "cus_42", "name": "Ada", "email": "ada@example.com",
            "phone": "+44 20 7946 0000", "timezone": "Europe/London", "locale": "en",
            "attributes": {"plan": "gold"},
        })
    );
    assert_eq!(with(json!({})).unwrap().contact.name, None);
}

#[test]
fn the_algorithm_is_fixed() {
    for head in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"hs256"}"#,
        r#"{"alg":"HS384"}"#,
        r#"{"alg":"RS256","typ":"JWT"}"#,
    ] {
        assert_eq!(with_head(head), Err(Broken::Algorithm), "{head}");
    }
    for head in [
        "",
        "[]",
        "{}",
        r#"["HS256"]"#,
        r#"{"alg":["HS256"]}"#,
        r#"{"alg":"none","alg":"HS256"}"#,
    ] {
        assert_eq!(with_head(head), Err(Broken::Head), "{head}");
    }
    assert_eq!(
        with_head(r#"{"alg":"HS256","typ":"JWE"}"#),
        Err(Broken::Kind)
    );
    let critical = r#"{"alg":"HS256","crit":["exp"]}"#;
    assert_eq!(with_head(critical), Err(Broken::Critical));
    assert!(with_head(r#"{"alg":"HS256"}"#).is_ok());
    assert!(with_head(r#"{"alg":"HS256","typ":"jwt","kid":"1"}"#).is_ok());
}

#[test]
fn a_token_without_a_signature_proves_nothing() {
    let whole = sign(SECRET, r#"{"alg":"none"}"#, &claims(json!({})).to_string());
    let (signed, _) = whole.rsplit_once('.').unwrap();
    assert_eq!(
        verify(&format!("{signed}."), &secrets(), now()),
        Err(Broken::Algorithm)
    );
    let whole = sign(SECRET, HEAD, &claims(json!({})).to_string());
    let (signed, signature) = whole.rsplit_once('.').unwrap();
    for (token, why) in [
        (format!("{signed}."), Broken::Signature),
        (format!("{signed}.{}", &signature[..20]), Broken::Signature),
        (signed.to_owned(), Broken::Shape),
        (format!("{whole}="), Broken::Shape),
        (format!("{whole}.{signature}"), Broken::Shape),
        (format!(" {whole}"), Broken::Shape),
        (String::new(), Broken::Shape),
        ("a".repeat(TOKEN_BYTES + 1), Broken::Long),
    ] {
        assert_eq!(verify(&token, &secrets(), now()), Err(why), "{token}");
    }
}

#[test]
fn only_the_workspaces_secrets_count() {
    let token = |secret: &str| sign(secret, HEAD, &claims(json!({})).to_string());
    for secret in ["", "dhi_", "another", "dhi_the-secret-of-the-sho"] {
        assert_eq!(
            verify(&token(secret), &secrets(), now()),
            Err(Broken::Signature)
        );
    }
    assert_eq!(verify(&token(SECRET), &[], now()), Err(Broken::NoSecret));
    assert_eq!(
        verify(&token("dhi_a-newer-secret"), &secrets(), now())
            .unwrap()
            .secret_id,
        "new"
    );
}

#[test]
fn it_has_to_be_meant_for_us() {
    for aud in [
        json!(null),
        json!("other"),
        json!([]),
        json!(["other"]),
        json!(1),
        json!("Deskhand"),
    ] {
        assert_eq!(with(json!({"aud": aud})), Err(Broken::Audience), "{aud}");
    }
    assert!(with(json!({"aud": ["other", "deskhand"]})).is_ok());
}

#[test]
fn it_ends_within_the_hour() {
    let until = |end: Value| with(json!({"exp": end})).map(|_| ());
    assert_eq!(until(json!(null)), Err(Broken::NoEnd));
    assert_eq!(until(json!(seconds() + 3600)), Ok(()));
    assert_eq!(until(json!(seconds() + 3660)), Ok(()));
    assert_eq!(until(json!(seconds() + 3661)), Err(Broken::TooLong));
    assert_eq!(until(json!(1e300)), Err(Broken::TooLong));
    assert_eq!(until(json!(seconds() - 59)), Ok(()));
    assert_eq!(until(json!(seconds() - 60)), Err(Broken::Expired));
    assert_eq!(until(json!(-1)), Err(Broken::Expired));
    assert!(matches!(until(json!("soon")), Err(Broken::Claims(_))));
}

#[test]
fn it_may_have_begun_a_little_after_now() {
    for name in ["nbf", "iat"] {
        assert!(with(json!({name: seconds() + 60})).is_ok());
        assert_eq!(with(json!({name: seconds() + 61})), Err(Broken::NotYet));
    }
}

#[test]
fn it_names_the_contact() {
    for sub in [
        json!(null),
        json!(""),
        json!("  "),
        json!(42),
        json!("é".repeat(201)),
    ] {
        assert_eq!(with(json!({"sub": sub})), Err(Broken::Subject), "{sub}");
    }
    assert!(with(json!({"sub": "é".repeat(200)})).is_ok());
}

#[test]
fn claims_of_another_kind_are_refused() {
    for wrong in [
        json!({"name": 1}),
        json!({"attributes": []}),
        json!({"email": {}}),
    ] {
        assert!(matches!(with(wrong), Err(Broken::Claims(_))));
    }
    for claims in ["[]", "", "\"x\"", r#"{"sub":"a","sub":"b"}"#] {
        let token = sign(SECRET, HEAD, claims);
        assert!(
            matches!(verify(&token, &secrets(), now()), Err(Broken::Claims(_))),
            "{claims}"
        );
    }
}

proptest! {
    /// One token has one spelling: no other text passes in its place.
    #[test]
    fn a_changed_token_is_refused(at in 0usize..1000, to in "[ -~]") {
        let whole = sign(SECRET, HEAD, &claims(json!({"name": "Ada"})).to_string());
        let at = at % whole.len();
        let changed = format!("{}{to}{}", &whole[..at], &whole[at + 1..]);
        prop_assume!(changed != whole);
        prop_assert!(verify(&changed, &secrets(), now()).is_err());
    }

    #[test]
    fn any_text_is_judged(token in "\\PC{0,200}|[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,43}") {
        prop_assert!(verify(&token, &secrets(), now()).is_err());
    }

    /// Signed or not, what is in it never breaks the reader.
    #[test]
    fn any_signed_head_and_claims_are_judged(head in "\\PC{0,80}", claims in "\\PC{0,120}") {
        prop_assert!(verify(&sign(SECRET, &head, HEAD), &secrets(), now()).is_err());
        prop_assert!(verify(&sign(SECRET, HEAD, &claims), &secrets(), now()).is_err());
    }

    #[test]
    fn times_decide_alone(exp in -200_000i64..200_000, nbf in -200_000i64..200_000) {
        let passes = with(json!({"exp": seconds() + exp, "nbf": seconds() + nbf})).is_ok();
        prop_assert_eq!(passes, exp > -60 && exp <= 3660 && nbf <= 60);
    }

    #[test]
    fn another_secret_signs_nothing(secret in "[ -~]{0,60}") {
        prop_assume!(secrets().iter().all(|one| one.secret.expose() != secret));
        let token = sign(&secret, HEAD, &claims(json!({})).to_string());
        prop_assert_eq!(verify(&token, &secrets(), now()), Err(Broken::Signature));
    }
}
