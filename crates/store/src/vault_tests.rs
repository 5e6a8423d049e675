use std::sync::atomic::{AtomicU8, Ordering};

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

#[derive(Debug, Default)]
struct Counting(AtomicU8);
impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
    }
}

fn vault(master: u8) -> Vault {
    Vault::new(&MasterKey::new([master; 32]), Arc::new(Counting::default()))
}

fn workspace(ms: i64) -> WorkspaceId {
    WorkspaceId::new(
        Timestamp::from_millisecond(ms).unwrap(),
        &Counting::default(),
    )
}

fn key(vault: &Vault, ms: i64) -> DataKey {
    let wrapped = vault.make_data_key(workspace(ms)).unwrap();
    vault.unwrap_data_key(workspace(ms), &wrapped).unwrap()
}

fn place(ms: i64, column: &'static str, row: &'static str) -> Place<'static> {
    Place {
        workspace: workspace(ms),
        table: "secrets",
        column,
        row,
    }
}

#[test]
fn what_was_sealed_opens_in_its_place() {
    let vault = vault(1);
    let key = key(&vault, 1);
    let secret = Secret::new("Bearer kölnisch");
    let sealed = vault.seal(&key, place(1, "sealed", "a"), &secret).unwrap();
    assert_eq!(
        vault.open(&key, place(1, "sealed", "a"), &sealed).unwrap(),
        secret
    );
}

#[test]
fn a_ciphertext_moved_elsewhere_does_not_open() {
    let vault = vault(1);
    let key = key(&vault, 1);
    let sealed = vault
        .seal(&key, place(1, "sealed", "a"), &Secret::new("x"))
        .unwrap();
    for elsewhere in [
        place(1, "sealed", "b"),
        place(1, "other", "a"),
        place(2, "sealed", "a"),
        Place {
            table: "tables",
            ..place(1, "sealed", "a")
        },
    ] {
        assert!(vault.open(&key, elsewhere, &sealed).is_err());
    }
}

#[test]
fn another_workspaces_key_does_not_open() {
    let vault = vault(1);
    let (one, two) = (key(&vault, 1), key(&vault, 2));
    let sealed = vault
        .seal(&one, place(1, "sealed", "a"), &Secret::new("x"))
        .unwrap();
    assert!(vault.open(&two, place(1, "sealed", "a"), &sealed).is_err());
}

#[test]
fn a_wrapped_key_opens_only_with_its_master_key_and_in_its_workspace() {
    let wrapped = vault(1).make_data_key(workspace(1)).unwrap();
    assert!(vault(1).unwrap_data_key(workspace(1), &wrapped).is_ok());
    assert!(vault(1).unwrap_data_key(workspace(2), &wrapped).is_err());
    assert!(vault(2).unwrap_data_key(workspace(1), &wrapped).is_err());
}

#[test]
fn the_same_secret_is_never_sealed_the_same_way_twice() {
    let vault = vault(1);
    let key = key(&vault, 1);
    let seal = || {
        vault
            .seal(&key, place(1, "sealed", "a"), &Secret::new("x"))
            .unwrap()
    };
    assert_ne!(seal(), seal());
}

#[test]
fn another_format_is_refused() {
    let vault = vault(1);
    let key = key(&vault, 1);
    let sealed = vault
        .seal(&key, place(1, "sealed", "a"), &Secret::new("x"))
        .unwrap();
    let mut bytes = STANDARD.decode(sealed).unwrap();
    bytes[0] = 2;
    let other = STANDARD.encode(bytes);
    assert!(vault.open(&key, place(1, "sealed", "a"), &other).is_err());
}

proptest! {
    #[test]
    fn one_changed_bit_is_refused(text in ".{0,40}", at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let vault = vault(1);
        let key = key(&vault, 1);
        let sealed = vault.seal(&key, place(1, "sealed", "a"), &Secret::new(text)).unwrap();
        let mut bytes = STANDARD.decode(sealed).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let changed = STANDARD.encode(bytes);
        prop_assert!(vault.open(&key, place(1, "sealed", "a"), &changed).is_err());
    }

    #[test]
    fn any_other_text_is_refused(text in ".{0,120}") {
        let vault = vault(1);
        let key = key(&vault, 1);
        prop_assert!(vault.open(&key, place(1, "sealed", "a"), &text).is_err());
    }
}

#[test]
fn nothing_shows_a_key() {
    assert_eq!(format!("{:?}", MasterKey::new([7; 32])), "[redacted]");
    assert_eq!(format!("{:?}", vault(7)), "Vault");
}
