//! Other processes: where they run, and what the kernel counts of them (proc(5)).

use std::fmt;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

/// Clock ticks of `/proc/<pid>/stat` in a second: 100 on every Linux that this runs on.
const TICKS_PER_SECOND: f64 = 100.0;

/// Which cores the server gets, and which the rest.
#[derive(Debug, Clone, Copy)]
pub struct Cores {
    count: usize,
    pinned: bool,
}

impl Cores {
    /// Pins where there is `taskset` and more than one core.
    pub fn find() -> Self {
        let count = std::thread::available_parallelism().map_or(1, usize::from);
        let has_taskset = Command::new("taskset")
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        Self {
            count,
            pinned: count > 1 && has_taskset,
        }
    }

    /// A program on the first core alone: what is measured.
    pub fn measured(&self, program: &std::path::Path) -> Command {
        self.on(program, "0".to_owned())
    }

    /// A program on the other cores: what the measured one talks to.
    pub fn others(&self, program: &std::path::Path) -> Command {
        self.on(program, format!("1-{}", self.count.saturating_sub(1)))
    }

    fn on(&self, program: &std::path::Path, list: String) -> Command {
        if !self.pinned {
            return Command::new(program);
        }
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", &list]).arg(program);
        command
    }

    /// Moves this process to the other cores, too.
    pub fn pin_self(&self) {
        if !self.pinned {
            return;
        }
        let moved = Command::new("taskset")
            .args(["--cpu-list", "--pid"])
            .arg(format!("1-{}", self.count - 1))
            .arg(std::process::id().to_string())
            .stdout(Stdio::null())
            .status();
        if !moved.is_ok_and(|status| status.success()) {
            eprintln!("The driver could not be moved away from the server's core.");
        }
    }
}

impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pinned {
            let others = self.count - 1;
            write!(
                f,
                "{} cores: one for the server, {others} for stubs and driver",
                self.count
            )
        } else {
            let why = if self.count > 1 {
                "no taskset"
            } else {
                "one core"
            };
            write!(f, "{} cores, not pinned ({why})", self.count)
        }
    }
}

/// Lets this process and those it starts open as many files as the system allows: a call that hangs
/// holds two sockets in the server.
pub fn raise_open_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        let raised = Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            eprintln!("The limit of open files stays as it is: {error}");
        }
    }
}

/// What the kernel has counted of a process.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    /// User and system time of all threads since the start.
    pub cpu_seconds: f64,
    /// Memory held now.
    pub resident_kib: u64,
    /// The most memory ever held.
    pub peak_kib: u64,
}

impl Counted {
    /// Of this process.
    pub fn of_self() -> Result<Self> {
        Self::of(std::process::id())
    }

    /// Of another.
    pub fn of(pid: u32) -> Result<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))
            .context("reading /proc, which only Linux has")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        Ok(Self {
            cpu_seconds: cpu_seconds(&stat).context("/proc/<pid>/stat")?,
            resident_kib: kib(&status, "VmRSS:").context("/proc/<pid>/status")?,
            peak_kib: kib(&status, "VmHWM:").context("/proc/<pid>/status")?,
        })
    }
}

/// CPU time of a process and of all that it has started, now or before.
pub fn cpu_seconds_of_family(pid: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .context("reading /proc, which only Linux has")?;
    let mut seconds = seconds(&stat, 4).context("/proc/<pid>/stat")?;
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
    for child in children.split_whitespace() {
        // One that has ended meanwhile counts as one that it has waited for.
        if let Ok(stat) = std::fs::read_to_string(format!("/proc/{child}/stat")) {
            seconds += cpu_seconds(&stat).unwrap_or_default();
        }
    }
    Ok(seconds)
}

/// Fields 14 and 15: user and system time.
fn cpu_seconds(stat: &str) -> Option<f64> {
    seconds(stat, 2)
}

/// The sum of so many fields from the 14th on: its own times, then those of children that it has waited
/// for. The second field, the program's name, may hold anything, and ends with the last `)`.
fn seconds(stat: &str, fields: usize) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let all: Vec<f64> = rest
        .split_whitespace()
        .skip(11)
        .take(fields)
        .map(|field| field.parse().ok())
        .collect::<Option<_>>()?;
    (all.len() == fields).then(|| all.iter().sum::<f64>() / TICKS_PER_SECOND)
}

fn kib(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 100 0 0 0 150 50 0 0 20 0";
        assert_eq!(cpu_seconds(stat), Some(2.0));
        assert_eq!(seconds(stat, 4), Some(2.0));
        assert_eq!(cpu_seconds("7 (a) S 1"), None);
    }

    #[test]
    fn memory_is_read_by_name() {
        let status = "Name:\tx\nVmHWM:\t   2048 kB\nVmRSS:\t   1024 kB\n";
        assert_eq!(kib(status, "VmHWM:"), Some(2_048));
        assert_eq!(kib(status, "VmSwap:"), None);
    }
}
