//! A PostgreSQL server for tests: one for a whole run, in a directory of its own, on a socket file. It
//! forgets everything when the run ends: nothing is synced to disk.
//!
//! The tests of the store include this file by its path, since to use this crate they would have to wait
//! for everything that it is made of; so it uses nothing but the standard library.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio, id};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A server, and where it is.
#[derive(Debug)]
pub struct PostgresServer {
    bin: PathBuf,
    directory: PathBuf,
    durability: Durability,
}

/// Whether what is committed outlives the machine's loss of power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// It outlives the server only, which is enough for tests, and quick.
    Process,
    /// As PostgreSQL comes.
    Power,
}

/// The user `nobody`: the server refuses to be run by root.
const NOBODY: u32 = 65_534;

/// How the server is run: for as many tests as run at once, and on its socket only.
const FLAGS: &str = "-c listen_addresses= -c max_connections=400 -c shared_buffers=64MB \
    -c autovacuum=off -c max_wal_size=4GB -c checkpoint_timeout=1h";
/// What is left out where only the server may die.
const NOT_SYNCED: &str = "-c fsync=off -c full_page_writes=off";

/// Removes everything once the process that runs the tests has ended, however it has.
const WATCH: &str = r#"
    while kill -0 "$1" 2>/dev/null; do sleep 1; done
    kill -QUIT "$(head -n 1 "$2/data/postmaster.pid")" 2>/dev/null
    sleep 1
    rm -rf "$2""#;

/// The URL of a new, empty database. `None` if PostgreSQL is not installed, which is said loudly, or is
/// a failure where `DESKHAND_REQUIRE_POSTGRES` is 1.
///
/// # Panics
/// If PostgreSQL is installed but does not start.
pub fn postgres_database() -> Option<String> {
    static SERVER: OnceLock<Option<PostgresServer>> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let server = SERVER.get_or_init(|| PostgresServer::of_this_run().expect("PostgreSQL starts"));
    let Some(server) = server else {
        let required = env("DESKHAND_REQUIRE_POSTGRES").is_some_and(|yes| yes == "1");
        assert!(!required, "PostgreSQL is not installed");
        // Tests say it to whoever runs them.
        #[expect(clippy::print_stderr)]
        {
            eprintln!("!! PostgreSQL is not installed: NOT TESTED with it");
        }
        return None;
    };
    server.drop_abandoned();
    let name = format!("t{}_{}", id(), NEXT.fetch_add(1, Ordering::Relaxed));
    Some(server.create_database(&name))
}

impl PostgresServer {
    /// The server that the tests of this run share. The first that asks starts it.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn of_this_run() -> io::Result<Option<Self>> {
        // cargo-nextest runs each test in a process of its own; what lasts is the process above it.
        let run = match env("NEXTEST_RUN_ID") {
            Some(_) => std::os::unix::process::parent_id(),
            None => id(),
        };
        Self::start(
            &std::env::temp_dir().join(format!("deskhand-pg-{run}")),
            run,
            Durability::Process,
        )
    }

    /// Starts one in this directory, unless one runs there, to be removed when the process `watched`
    /// ends. `None` if PostgreSQL is not installed.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(
        directory: &Path,
        watched: u32,
        durability: Durability,
    ) -> io::Result<Option<Self>> {
        let Some(bin) = binaries() else {
            return Ok(None);
        };
        let server = Self {
            bin,
            directory: directory.to_owned(),
            durability,
        };
        fs::create_dir_all(directory)?;
        let lock = File::create(directory.join("lock"))?;
        lock.lock()?;
        if !directory.join("ready").exists() {
            server.initialise()?;
            server.run("start")?;
            watch(watched, directory)?;
            File::create(directory.join("ready"))?;
        }
        lock.unlock()?;
        Ok(Some(server))
    }

    /// Makes an empty database and gives its URL.
    ///
    /// # Panics
    /// If that fails.
    pub fn create_database(&self, name: &str) -> String {
        let noted = self.directory.join("databases");
        fs::create_dir_all(&noted)
            .and_then(|()| File::create(noted.join(name)))
            .expect("a database is noted");
        let host = self.directory.display().to_string();
        let args = ["-h", &host, "-U", "postgres", "-T", "template0", name];
        run(self.command("createdb").args(args)).expect("a database is made");
        let host = host.replace('/', "%2F");
        format!("postgres://postgres@{host}/{name}")
    }

    /// Removes the databases of processes that have ended: each takes some megabytes, and a run makes
    /// hundreds.
    fn drop_abandoned(&self) {
        let names = fs::read_dir(self.directory.join("databases"));
        for name in names.into_iter().flatten().flatten() {
            let file = name.path();
            let name = name.file_name().to_string_lossy().into_owned();
            let process = name
                .strip_prefix('t')
                .and_then(|name| name.split('_').next());
            let ended = process.is_some_and(|process| {
                let exists = Command::new("kill").args(["-0", process]).output();
                exists.is_ok_and(|tried| !tried.status.success())
            });
            // Whoever removes the file removes the database.
            if ended && fs::remove_file(&file).is_ok() {
                let host = self.directory.display().to_string();
                let args = [
                    "-h",
                    &host,
                    "-U",
                    "postgres",
                    "--if-exists",
                    "--force",
                    &name,
                ];
                // One that stays is only in the way.
                let _ = run(self.command("dropdb").args(args));
            }
        }
    }

    /// The process that all of its others are children of.
    ///
    /// # Errors
    /// If it does not run.
    pub fn process(&self) -> io::Result<u32> {
        let file = fs::read_to_string(self.directory.join("data/postmaster.pid"))?;
        let first = file.lines().next().and_then(|line| line.parse().ok());
        first.ok_or_else(|| io::Error::other("postmaster.pid holds no process"))
    }

    /// Stops it at once, as a power cut would, or starts it again.
    ///
    /// # Errors
    /// If it does not.
    pub fn run(&self, what: &str) -> io::Result<()> {
        let socket = self.directory.display();
        let synced = match self.durability {
            Durability::Process => NOT_SYNCED,
            Durability::Power => "",
        };
        let flags = format!("{FLAGS} {synced} -c unix_socket_directories={socket}");
        let data = self.directory.join("data");
        let log = self.directory.join("data/log");
        let mut command = self.command("pg_ctl");
        command
            .arg(what)
            .arg("-w")
            .arg("-D")
            .arg(data)
            .arg("-l")
            .arg(log);
        match what {
            "stop" => command.args(["-m", "immediate"]),
            _ => command.args(["-o", &flags]),
        };
        run(&mut command)
    }

    fn initialise(&self) -> io::Result<()> {
        let data = self.directory.join("data");
        fs::create_dir_all(&data)?;
        if is_root() {
            for path in [&self.directory, &data] {
                std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY))?;
            }
        }
        run(self
            .command("initdb")
            .args([
                "-U",
                "postgres",
                "-A",
                "trust",
                "-N",
                "-E",
                "UTF8",
                "--locale=C",
            ])
            .arg("-D")
            .arg(data))
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin.join(name));
        command.current_dir("/").stdin(Stdio::null());
        if is_root() {
            std::os::unix::process::CommandExt::uid(&mut command, NOBODY);
            std::os::unix::process::CommandExt::gid(&mut command, NOBODY);
        }
        command
    }
}

/// Where `initdb`, `pg_ctl` and `createdb` are: the newest that there is.
fn binaries() -> Option<PathBuf> {
    let mut places: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    places.sort_by_key(|path| {
        let version = path.parent().and_then(Path::file_name)?;
        version.to_str()?.parse::<u32>().ok()
    });
    places.reverse();
    places.extend(std::env::split_paths(&env("PATH").unwrap_or_default()));
    let all = ["initdb", "pg_ctl", "createdb", "dropdb"];
    places
        .into_iter()
        .find(|place| all.iter().all(|name| place.join(name).exists()))
}

fn watch(process: u32, directory: &Path) -> io::Result<()> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", WATCH, "sh", &process.to_string()]);
    command.arg(directory).current_dir("/");
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(drop)
}

fn run(command: &mut Command) -> io::Result<()> {
    let log = std::env::temp_dir().join(format!("deskhand-pg-{}.out", id()));
    // A file, not a pipe: the server would keep that open for as long as it runs.
    let out = File::create(&log)?;
    let status = command.stdout(out.try_clone()?).stderr(out).status()?;
    let said = fs::read_to_string(&log)?;
    fs::remove_file(&log)?;
    match status.success() {
        true => Ok(()),
        false => Err(io::Error::other(format!("{command:?}: {said}"))),
    }
}

fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(
        &fs::metadata("/proc/self")
            .or_else(|_| fs::metadata("."))
            .expect("there is a directory"),
    ) == 0
}

#[expect(
    clippy::disallowed_methods,
    reason = "what stands around a test is no setting of the server"
)]
fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
