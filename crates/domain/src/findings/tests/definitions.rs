//! Parameters, headers, the URL, and the definition as a whole.

use super::*;

#[test]
fn the_documentation_pages_action_is_clean_of_errors_and_warnings() {
    assert_eq!(
        brief(&found(&with(json!({})))),
        [("info", "read_marked_write", "effect")]
    );
    assert_eq!(brief(&found(&with(json!({"effect": "read"})))), []);
}

fn of_parameters(schema: Value) -> Vec<(String, String)> {
    found(&with(json!({"effect": "read", "parameters": schema})))
        .into_iter()
        .map(|f| (f.code.to_string(), f.field))
        .collect()
}

fn pair(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

#[test]
fn a_required_parameter_without_description_is_found() {
    let schema = json!({
        "type": "object",
        "properties": {
            "order_number": {"type": "string"},
            "reason": {"type": "string", "description": "  "},
            "note": {"type": "string"},
            "email": {"type": "string", "x-source": "contact.email"},
            "channel": {"const": "chat"}
        },
        "required": ["order_number", "reason", "email", "channel"]
    });
    assert_eq!(
        of_parameters(schema),
        [
            pair(
                "parameter_no_description",
                "parameters.properties.order_number"
            ),
            pair("parameter_no_description", "parameters.properties.reason"),
        ]
    );
}

#[test]
fn an_id_without_an_example_is_found() {
    let schema = json!({
        "type": "object",
        "properties": {
            "order_id": {"type": "string", "description": "The order's id"},
            "ticket_number": {"type": "string", "description": "Number of the ticket, e.g. T-77"},
            "claim_number": {"type": "string", "description": "The claim", "pattern": "^C[0-9]+$"},
            "invoiceId": {"type": "string", "description": "Invoice"},
            "phone_number": {"type": "string", "description": "The phone number"},
            "quantity": {"type": "integer", "description": "How many"},
            "colour": {"type": "string", "description": "The colour"}
        }
    });
    assert_eq!(
        of_parameters(schema),
        [
            pair("parameter_no_example", "parameters.properties.order_id"),
            pair("parameter_no_example", "parameters.properties.invoiceId"),
        ]
    );
}

#[test]
fn required_must_name_what_is_declared() {
    let schema = |more: Value| {
        let mut schema = json!({
            "type": "object",
            "properties": {"city": {"type": "string", "description": "The city"}},
            "required": ["city", "stret"]
        });
        for (key, value) in more.as_object().unwrap() {
            schema[key] = value.clone();
        }
        of_parameters(schema)
    };
    assert_eq!(
        schema(json!({})),
        [pair("required_undeclared", "parameters.required")]
    );
    assert_eq!(
        schema(json!({"additionalProperties": false})),
        [pair("required_undeclared", "parameters.required")]
    );
    assert_eq!(
        schema(json!({"allOf": [{"properties": {"stret": {}}}]})),
        []
    );
}

#[test]
fn a_parameter_is_called_what_every_provider_takes() {
    let named = |name: &str| {
        let mut properties = serde_json::Map::new();
        properties.insert(
            name.to_owned(),
            json!({"type": "integer", "description": "How big"}),
        );
        let definition = with(json!({
            "effect": "read",
            "parameters": {"type": "object", "properties": properties}
        }));
        found(&definition)
    };
    let long = "x".repeat(65);
    for (name, other) in [
        ("größe", "Give it a name"),
        ("shoe size", "\"shoe_size\""),
        (&long, "\"xxx"),
        ("尺寸", "Give it a name"),
    ] {
        let findings = named(name);
        let field = format!("parameters.properties.{name}");
        let warned = ("warning", "parameter_name_refused", &*field);
        assert_eq!(brief(&findings), [warned]);
        assert!(findings[0].suggestion.contains(other), "{findings:?}");
    }
    for name in [
        "order_number",
        "order-number",
        "a.b",
        "Size2",
        &"x".repeat(64),
    ] {
        assert_eq!(brief(&named(name)), [], "{name}");
    }
    // No model sees what the server fills in.
    let filled = json!({"effect": "read", "parameters": {
        "type": "object", "properties": {"größe": {"const": "M"}}
    }});
    assert_eq!(brief(&found(&with(filled))), []);
}

#[test]
fn credentials_in_the_clear_are_found_and_not_repeated() {
    let definition = with(json!({"effect": "read", "headers": [
        {"name": "authorization", "value": "Bearer canary-1"},
        {"name": "x-api-key", "value": "canary-2"},
        {"name": "x-shop-token", "value": "canary-3"},
        {"name": "x-shop", "value": "willow"},
        {"name": "x-secret", "has_secret": true}
    ]}));
    let findings = found(&definition);
    assert_eq!(
        brief(&findings),
        [
            ("warning", "secret_in_plain_header", "headers.0.value"),
            ("warning", "secret_in_plain_header", "headers.1.value"),
            ("warning", "secret_in_plain_header", "headers.2.value"),
        ]
    );
    assert!(!format!("{findings:?}").contains("canary"));
}

#[test]
fn credentials_in_the_url_are_found_and_not_repeated() {
    for (url, expected) in [
        ("https://api.example.com/hook?api_key=canary", 1),
        (
            "https://api.example.com/hook?shop=1&access_token=canary#x",
            1,
        ),
        ("https://api.example.com/hook?key=canary", 1),
        ("https://api.example.com/hook?shop=willow", 0),
        ("https://api.example.com/hook?token=", 0),
    ] {
        let findings = found(&with(json!({"effect": "read", "webhook_url": url})));
        assert_eq!(findings.len(), expected, "{url}");
        assert!(!format!("{findings:?}").contains("canary"));
    }
}

#[test]
fn a_long_wait_is_worth_a_thought() {
    let judge = |seconds: u32| {
        brief(&found(&with(
            json!({"effect": "read", "timeout_seconds": seconds}),
        )))
        .len()
    };
    assert_eq!((judge(30), judge(31), judge(120)), (0, 1, 1));
}

#[test]
fn what_was_observed_of_the_url_is_told() {
    let judge = |url| {
        let observed = Observed {
            url,
            ..Observed::default()
        };
        review(&with(json!({"effect": "read"})), &[], &observed)
    };
    assert_eq!(
        brief(&judge(UrlObserved::DoesNotResolve)),
        [("warning", "does_not_resolve", "webhook_url")]
    );
    let refused = judge(UrlObserved::Refused {
        rule: "scheme_not_https",
        message: "Only https:// URLs are called. Serve the endpoint over HTTPS.",
    });
    assert_eq!(
        refused,
        [Finding {
            severity: Severity::Error,
            code: FindingCode::UrlRefused,
            field: "webhook_url".to_owned(),
            message: "The URL is refused by rule scheme_not_https: Only https:// URLs are called."
                .to_owned(),
            suggestion: "Serve the endpoint over HTTPS.".to_owned(),
        }]
    );
}

#[test]
fn invalid_fields_come_first_and_silence_the_rest_about_them() {
    let observed = Observed {
        invalid: vec![
            FieldError::new("description", "is 2000 characters long; at most 1024"),
            FieldError::new("parameters.type", "must be \"object\""),
        ],
        url: UrlObserved::DoesNotResolve,
        p95_ms: None,
    };
    let definition = with(json!({
        "description": "Order lookup",
        "effect": "read",
        "parameters": {"properties": {"a": {}}, "required": ["a", "b"]},
    }));
    let findings = review(&definition, &[], &observed);
    assert_eq!(
        brief(&findings),
        [
            ("error", "invalid_field", "description"),
            ("error", "invalid_field", "parameters.type"),
            ("warning", "does_not_resolve", "webhook_url"),
        ]
    );
    assert_eq!(
        findings[0].message,
        "description is 2000 characters long; at most 1024."
    );
}
