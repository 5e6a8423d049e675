//! One server process: started, killed, looked at.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use deskhand_domain::id::NodeId;
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::sleep;

use crate::client;

/// How often a process is looked at.
const LOOK: Duration = Duration::from_millis(2);
/// How long a start may take, on a busy machine.
const START: Duration = Duration::from_secs(60);
/// Ports that no outgoing connection is given, so that a server finds its own free when it comes back.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// What all nodes are started with.
pub struct Settings {
    pub program: PathBuf,
    pub environment: Vec<(String, String)>,
}

/// A server on its own port.
pub struct Node {
    pub address: SocketAddr,
    log: PathBuf,
    child: Option<Child>,
}

impl Node {
    /// One that does not run yet.
    pub fn new(folder: &Path, number: usize) -> Result<Self> {
        Ok(Self {
            address: free_address(number)?,
            log: folder.join(format!("node-{number}.log")),
            child: None,
        })
    }

    /// Starts it, without waiting for it.
    pub fn start(&mut self, settings: &Settings, crash_at: Option<&str>) -> Result<Pid> {
        // Of this life only: the lives before it ended as they were meant to.
        let log = File::create(&self.log)?;
        let mut command = Command::new(&settings.program);
        command
            .arg("serve")
            .current_dir(self.log.parent().unwrap_or(Path::new(".")))
            .envs(
                settings
                    .environment
                    .iter()
                    .map(|(name, value)| (name, value)),
            )
            .env("DESKHAND_LISTEN", self.address.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        if let Some(order) = crash_at {
            command.env("DESKHAND_CRASH_AT", order);
        }
        let child = command
            .spawn()
            .with_context(|| format!("starting {}", settings.program.display()))?;
        let pid = Pid::from_child(&child);
        self.child = Some(child);
        Ok(pid)
    }

    /// Waits until it takes requests. False: it has died before.
    pub async fn ready(&mut self) -> Result<bool> {
        let began = Instant::now();
        loop {
            if let Ok(answer) = client::request(self.address, "GET", "/readyz", &[], None).await
                && answer.status == 200
            {
                return Ok(true);
            }
            if self.ended()?.is_some() {
                return Ok(false);
            }
            if began.elapsed() > START {
                bail!("not ready after {START:?}: {}", self.log_tail());
            }
            sleep(LOOK).await;
        }
    }

    /// Waits until it has died, at most so long. Null: it lives.
    pub async fn died(&mut self, within: Duration) -> Result<Option<ExitStatus>> {
        let began = Instant::now();
        loop {
            let ended = self.ended()?;
            if ended.is_some() || began.elapsed() > within {
                return Ok(ended);
            }
            sleep(LOOK).await;
        }
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        match &mut self.child {
            Some(child) => Ok(child.try_wait()?),
            None => bail!("it was not started"),
        }
    }

    /// Whether it stands still (proc(5): the state after the name, which ends with the last `)`).
    pub fn is_stopped(&self) -> bool {
        let Some(child) = &self.child else {
            return false;
        };
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id()));
        stat.is_ok_and(|stat| {
            stat.rsplit_once(')')
                .is_some_and(|(_, rest)| rest.trim_start().starts_with('T'))
        })
    }

    /// Sends it a signal, unless it has ended.
    pub fn signal(&mut self, signal: Signal) -> Result<()> {
        if let (None, Some(child)) = (self.ended()?, &self.child) {
            kill_process(Pid::from_child(child), signal)?;
        }
        Ok(())
    }

    /// Kills it and waits for its end.
    pub fn kill(&mut self) -> Result<ExitStatus> {
        let child = self.child.as_mut().context("it was not started")?;
        child.kill()?;
        Ok(child.wait()?)
    }

    /// What it is called in the database in this life; `None` if it died before it had its lease.
    pub fn name(&self) -> Option<NodeId> {
        let text = std::fs::read_to_string(&self.log).ok()?;
        let (_, rest) = text.split_once("\"node\":\"")?;
        rest.split_once('"')?.0.parse().ok()
    }

    /// The last of what it said.
    pub fn log_tail(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(8)..].join("\n")
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn free_address(node: usize) -> Result<SocketAddr> {
    // Two harnesses at once, or two nodes, begin to look at different places.
    let offset = std::process::id() % 7_919 + 501 * node as u32;
    let ports = PORTS.len() as u32;
    for number in 0..ports {
        let port = PORTS.start + ((offset + number * 13) % ports) as u16;
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return Ok(listener.local_addr()?);
        }
    }
    bail!("no port is free")
}
