//! The receivers under `examples/`, made ready to run, and the certificate they run with.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::process::{Process, run};

/// Longest time that a language may take to say that it is here.
const ASK: Duration = Duration::from_secs(30);
/// Longest time that fetching packages may take.
const INSTALL: Duration = Duration::from_secs(120);
/// Longest time that building the receiver in Rust may take, where that has not been done.
const BUILD: Duration = Duration::from_secs(600);

#[derive(Debug, Clone, Copy)]
pub(crate) enum Language {
    Rust,
    Node,
    Python,
}

/// A certificate for 127.0.0.1, and the root it hangs from, as PEM files.
pub(crate) struct Certificate {
    pub(crate) folder: TempDir,
}

impl Certificate {
    pub(crate) fn make() -> Self {
        let mut ca = rcgen::CertificateParams::new(Vec::new()).unwrap();
        ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let ca_key = rcgen::KeyPair::generate().unwrap();
        let root = ca.self_signed(&ca_key).unwrap();
        let issuer = rcgen::Issuer::new(ca, ca_key);
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()])
            .unwrap()
            .signed_by(&key, &issuer)
            .unwrap();
        let made = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::write(made.root(), root.pem()).unwrap();
        fs::write(made.path("cert.pem"), certificate.pem()).unwrap();
        fs::write(made.path("key.pem"), key.serialize_pem()).unwrap();
        made
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.path("root.pem")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// A running receiver.
pub(crate) struct Receiver {
    pub(crate) process: Process,
    /// Where it listens: `127.0.0.1:<port>`.
    pub(crate) address: String,
}

impl Receiver {
    /// Starts one on a free port. `None` where its language is not here, which is said aloud.
    pub(crate) fn start(
        language: Language,
        certificate: &Certificate,
        secret: &str,
    ) -> Option<Self> {
        let mut command = ready(language)?;
        command
            .env("LISTEN", "127.0.0.1:0")
            .env("WEBHOOK_SECRET", secret)
            .env("TLS_CERT_FILE", certificate.path("cert.pem"))
            .env("TLS_KEY_FILE", certificate.path("key.pem"));
        let mut process = Process::start(&mut command);
        let line = process.line("listening on https://");
        let (_, address) = line.split_once("https://").unwrap();
        Some(Self {
            address: address.to_owned(),
            process,
        })
    }
}

/// How to run a receiver, or nothing where it cannot be run here.
pub(crate) fn ready(language: Language) -> Option<Command> {
    let ready = match language {
        Language::Rust => Ok(rust()),
        Language::Node => node(),
        Language::Python => python(),
    };
    match ready {
        Ok(command) => Some(command),
        Err(why) => {
            // Written past the test harness, which would swallow it.
            let said = writeln!(
                std::io::stderr(),
                "SKIPPED: the receiver in {language:?} was not tested: {why}"
            );
            said.unwrap();
            None
        }
    }
}

/// Built with the tests; built here where they were asked for without it.
fn rust() -> Command {
    let deskhand = Path::new(env!("CARGO_BIN_EXE_deskhand"));
    let folder = deskhand.parent().unwrap();
    let built = folder.join(format!(
        "examples/webhook-rust{}",
        std::env::consts::EXE_SUFFIX
    ));
    let source = example("webhook-rust").join("src/main.rs");
    let changed = |path: &Path| fs::metadata(path).and_then(|it| it.modified());
    let fresh = changed(&built).is_ok_and(|built| built >= changed(&source).unwrap());
    if !fresh {
        let profile = match folder.file_name().unwrap().to_str().unwrap() {
            "debug" => "dev",
            other => other,
        };
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(root()).args(["build", "--profile"]);
        cargo.args([profile, "--package", "deskhand", "--example"]);
        cargo.arg("webhook-rust");
        run(&mut cargo, BUILD).unwrap();
    }
    Command::new(built)
}

/// In a folder of its own with its packages, because that is where Node looks for them.
fn node() -> Result<Command, String> {
    let from = example("webhook-node");
    let packages = ["package.json", "package-lock.json"];
    run(Command::new("node").arg("--version"), ASK)?;
    let to = installed("node", &from, &packages, "server.js", |to| {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        npm.args(["--fetch-retries", "0", "--fetch-timeout", "30000"]);
        run(npm.current_dir(to), INSTALL)
    })?;
    let mut node = Command::new("node");
    node.arg(to.join("server.js"));
    Ok(node)
}

fn python() -> Result<Command, String> {
    let from = example("webhook-python");
    let interpreter = "environment/bin/python";
    let to = installed("python", &from, &["requirements.txt"], "server.py", |to| {
        let mut venv = Command::new("python3");
        run(
            venv.args(["-m", "venv"]).arg(to.join("environment")),
            INSTALL,
        )?;
        let mut pip = Command::new(to.join(interpreter));
        pip.args(["-m", "pip", "install", "--quiet", "--retries", "0"]);
        pip.args(["--timeout", "30", "--requirement", "requirements.txt"]);
        run(pip.current_dir(to), INSTALL)
    })?;
    run(Command::new(to.join(interpreter)).arg("--version"), ASK)?;
    let mut python = Command::new(to.join(interpreter));
    python.arg(to.join("server.py"));
    Ok(python)
}

/// A folder under `target/` with a copy of the program and of the files that name its packages, and
/// what `install` adds to it, which is kept for as long as those stay the same. One test installs, the
/// others wait for it.
fn installed(
    name: &str,
    from: &Path,
    packages: &[&str],
    program: &str,
    install: impl Fn(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("receiver-{name}"));
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let is_same = |file: &str| {
        let copy = fs::read(folder.join(file)).ok();
        copy.is_some_and(|copy| copy == fs::read(from.join(file)).unwrap())
    };
    let copy = |file: &str| fs::copy(from.join(file), folder.join(file)).unwrap();
    let done = folder.join("installed");
    if !done.exists() || !packages.iter().all(|file| is_same(file)) {
        // If this is cut off, the next test begins again.
        if done.exists() {
            fs::remove_file(&done).unwrap();
        }
        for file in packages {
            copy(file);
        }
        install(&folder)?;
        File::create(&done).unwrap();
    }
    // Another test may be running it just now.
    if !is_same(program) {
        copy(program);
    }
    Ok(folder)
}

fn example(name: &str) -> PathBuf {
    root().join("examples").join(name)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
