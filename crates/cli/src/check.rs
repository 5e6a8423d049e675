//! `deskhand check`: reviews definitions in files as the server would, with no server and no database.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use deskhand_domain::action::{ActionDefinition, ActionHeader};
use deskhand_domain::findings::{Finding, Severity};
use deskhand_service::{Draft, UrlCheck};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::assemble;
use crate::config::Config;
use crate::terminal::{Style, Terminal};

/// No errors, but warnings.
const WARNINGS: u8 = 1;
/// At least one error.
const ERRORS: u8 = 2;
/// Nothing was reviewed.
pub(crate) const UNREADABLE: u8 = 3;

/// What `deskhand check` takes.
#[derive(clap::Args)]
#[command(after_help = "Exit codes:
  0  nothing found, or only information
  1  warnings
  2  errors: a server would refuse to save it
  3  a file or the settings cannot be read; nothing was reviewed")]
pub(crate) struct Arguments {
    /// JSON files, each with one action, an array of them, or the answer of GET /v1/actions; `-` is
    /// standard input. All actions given are compared with each other.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Look the hosts of the webhook URLs up, too. Without it nothing leaves this machine.
    #[arg(long)]
    resolve: bool,
    /// Print JSON: an array of {"file", "action", "findings"}.
    #[arg(long)]
    json: bool,
}

/// One action of a file.
struct Entry {
    file: String,
    draft: Draft,
}

#[derive(Serialize)]
struct Reviewed<'a> {
    file: &'a str,
    action: &'a str,
    findings: Vec<Finding>,
}

/// Reviews and prints. The exit code says the worst that was found; an error, that nothing was
/// reviewed.
pub(crate) async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    let mut entries = Vec::new();
    for file in &arguments.files {
        let shown = shown(file);
        let definitions = read(file).with_context(|| shown.clone())?;
        entries.extend(definitions.into_iter().map(|fields| Entry {
            file: shown.clone(),
            draft: draft(fields),
        }));
    }
    if entries.is_empty() {
        bail!("there is no action in what was given");
    }
    let policy = assemble::policy(config)?;
    let client = if arguments.resolve {
        // Names are looked up and nothing is called, so no root certificates are needed.
        Some(assemble::webhook(config, false, None)?)
    } else {
        None
    };
    let url = client
        .as_ref()
        .map_or(UrlCheck::Text(&policy), UrlCheck::Resolve);

    let mut reviewed = Vec::with_capacity(entries.len());
    for (i, entry) in entries.iter().enumerate() {
        let others: Vec<&ActionDefinition> = entries
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != i)
            .map(|(_, other)| other.draft.definition())
            // One without a name is nobody's double.
            .filter(|definition| !definition.name.is_empty())
            .collect();
        reviewed.push(Reviewed {
            file: &entry.file,
            action: &entry.draft.definition().name,
            findings: entry.draft.review(&others, url).await,
        });
    }
    let mut out = Terminal::stdout();
    if arguments.json {
        out.line(&serde_json::to_string_pretty(&reviewed)?);
    } else {
        print(&mut out, &reviewed);
    }
    Ok(exit_code(&reviewed))
}

fn shown(file: &Path) -> String {
    if file == Path::new("-") {
        "standard input".to_owned()
    } else {
        file.display().to_string()
    }
}

/// The definitions in a file, in their order.
fn read(file: &Path) -> anyhow::Result<Vec<Map<String, Value>>> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text)?;
    } else {
        text = std::fs::read_to_string(file)?;
    }
    let value: Value =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).context("is not valid JSON")?;
    definitions(value)
}

fn definitions(value: Value) -> anyhow::Result<Vec<Map<String, Value>>> {
    let list = match value {
        Value::Object(mut fields) => match fields.remove("data") {
            Some(Value::Array(list)) if !fields.contains_key("name") => list,
            Some(data) => {
                fields.insert("data".to_owned(), data);
                return Ok(vec![fields]);
            }
            None => return Ok(vec![fields]),
        },
        Value::Array(list) => list,
        _ => bail!("holds neither an action nor an array of them"),
    };
    list.into_iter()
        .enumerate()
        .map(|(i, item)| match item {
            Value::Object(fields) => Ok(fields),
            _ => bail!("entry {i} is not a JSON object"),
        })
        .collect()
}

/// A definition that was exported has its secrets where it came from.
fn draft(fields: Map<String, Value>) -> Draft {
    let kept: Vec<ActionHeader> = fields
        .get("headers")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|header| header.get("has_secret") == Some(&Value::Bool(true)))
        .filter_map(|header| header.get("name")?.as_str())
        .map(|name| ActionHeader {
            name: name.to_ascii_lowercase(),
            value: None,
            has_secret: true,
        })
        .collect();
    Draft::read(fields, &kept)
}

fn print(out: &mut Terminal, reviewed: &[Reviewed<'_>]) {
    for one in reviewed {
        let name = if one.action.is_empty() {
            "(no name)"
        } else {
            one.action
        };
        let title = out.styled(Style::Strong, &plain(name));
        let file = out.styled(Style::Faint, &plain(one.file));
        if one.findings.is_empty() {
            let good = out.styled(Style::Good, "nothing found");
            out.line(&format!("{title}  {file}  {good}"));
            continue;
        }
        out.line(&format!("{title}  {file}"));
        for finding in &one.findings {
            print_finding(out, finding);
        }
    }
    out.line(&summary(reviewed));
}

fn print_finding(out: &mut Terminal, finding: &Finding) {
    let style = match finding.severity {
        Severity::Error => Style::Bad,
        Severity::Warning => Style::Doubtful,
        Severity::Info => Style::Faint,
    };
    let severity = out.styled(style, &format!("{:<7}", finding.severity.as_str()));
    let code = out.styled(Style::Faint, finding.code.as_str());
    out.line(&format!("  {severity}  {}  {code}", plain(&finding.field)));
    out.line(&format!("           {}", plain(&finding.message)));
    out.line(&format!("           {}", plain(&finding.suggestion)));
}

fn summary(reviewed: &[Reviewed<'_>]) -> String {
    let count = |severity| {
        reviewed
            .iter()
            .flat_map(|one| &one.findings)
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let many = |n: usize, word: &str| match n {
        1 => format!("1 {word}"),
        n => format!("{n} {word}s"),
    };
    format!(
        "{}: {}, {}, {} to consider.",
        many(reviewed.len(), "action"),
        many(count(Severity::Error), "error"),
        many(count(Severity::Warning), "warning"),
        count(Severity::Info),
    )
}

/// Text from a file, without what a terminal would act upon.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

fn exit_code(reviewed: &[Reviewed<'_>]) -> ExitCode {
    let has = |severity| {
        reviewed
            .iter()
            .flat_map(|one| &one.findings)
            .any(|finding| finding.severity == severity)
    };
    if has(Severity::Error) {
        ExitCode::from(ERRORS)
    } else if has(Severity::Warning) {
        ExitCode::from(WARNINGS)
    } else {
        ExitCode::SUCCESS
    }
}
