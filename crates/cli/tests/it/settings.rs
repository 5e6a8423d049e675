//! `serve` with a setting that cannot be used.

use std::process::Command;

#[test]
fn a_setting_that_cannot_be_used_is_named_and_the_exit_code_is_1() {
    for (variable, value, part) in [
        ("DESKHAND_LISTEN", "localhost", "listen"),
        (
            "DESKHAND_DATABASE_URL",
            "sqlite://no/such/folder/d.db",
            "database_url",
        ),
        (
            "DESKHAND_DATABASE_URL",
            "sqlite://b.db?x=1",
            "leave out the ?",
        ),
        ("DESKHAND_PUBLIC_URL", "example.com", "public_url"),
        ("DESKHAND_SECRET_KEY", "short", "secret_key"),
        ("DESKHAND_BOOTSTRAP_API_KEY", "short", "BOOTSTRAP_API_KEY"),
        ("DESKHAND_MODEL", "nobody::x", "nobody"),
        ("DESKHAND_EGRESS_ALLOW", "10.0.0.0/8:443", "egress_allow"),
        ("DESKHAND_EGRESS_CA_FILE", "absent.pem", "egress_ca_file"),
        ("DESKHAND_EGRESS_ADDRESSES", "1.2.3", "egress_addresses"),
        ("DESKHAND_LOG", "loud", "log"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_deskhand"))
            .arg("serve")
            .env_clear()
            .current_dir(folder.path())
            .env("DESKHAND_LISTEN", "127.0.0.1:0")
            .env(variable, value)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{variable}: {said}");
        assert!(
            said.contains(part) && said.lines().count() == 1,
            "{variable}: {said}"
        );
        assert!(output.stdout.is_empty(), "{variable}");
    }
}

#[test]
fn a_variable_that_is_no_setting_is_named_with_what_may_be_meant() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_deskhand"))
        .arg("serve")
        .env_clear()
        .current_dir(folder.path())
        .env("DESKHAND_LISTEN", "127.0.0.1:0")
        .env("DESKHAND_MODLE", "builtin")
        // Stops the start right after.
        .env("DESKHAND_EGRESS_CA_FILE", "absent.pem")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    let warning = "there is no setting DESKHAND_MODLE, so it is ignored; is DESKHAND_MODEL meant?";
    assert!(said.contains(warning), "{said}");
}
