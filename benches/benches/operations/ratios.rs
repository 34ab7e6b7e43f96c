//! How many times longer the peers take, from what criterion has written down.

use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;
use std::{fs, io::ErrorKind};

use keyward_benches::{Operation, Row, machine, sampling::time_text};
use serde::Deserialize;

/// What criterion's `estimates.json` says of the median of a call, in nanoseconds.
#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
    confidence_interval: Interval,
}

#[derive(Deserialize)]
struct Interval {
    lower_bound: f64,
    upper_bound: f64,
}

/// Prints the rows whose operation was measured after `start`, with the peer's if that was measured too. With a filter these are
/// some, and none where each operation was only tried.
pub(crate) fn print_table(
    rows: &[Row],
    home: &Path,
    start: SystemTime,
    pinned: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut lines = Vec::new();
    for row in rows {
        let Some(ours) = median(&row.ours, home, start)? else { continue };
        let peer = row.peer.as_ref().map(|peer| Ok::<_, io::Error>((peer, median(peer, home, start)?))).transpose()?;
        let (peer, ratio) = match peer {
            Some((peer, Some(estimate))) => {
                let ratio = estimate.point_estimate / ours.point_estimate;
                let name = peer.id().split('/').next().unwrap_or_default();
                (format!("{} | {name} | {ratio:.1}x", text(&estimate)), Some(ratio))
            }
            _ => ("– | – | –".to_owned(), None),
        };
        let verdict = row.verdict(ours.point_estimate, ratio);
        lines.push(format!("| {} | {} | {peer} | {verdict} |", row.title, text(&ours)));
    }
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "| operation | ours: median (95 % interval) | peer: median (95 % interval) | peer | ratio | target | met |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|")?;
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    let cores = if pinned { "all on one core" } else { "on all cores: this system binds no program to one" };
    writeln!(out, "\n{}\nMeasured by criterion, {cores}.", machine::description())
}

/// The median of one operation, if it was measured after `start`.
fn median(operation: &Operation, home: &Path, start: SystemTime) -> io::Result<Option<Estimate>> {
    let file = home.join(operation.id()).join("new/estimates.json");
    let in_file = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", file.display()));
    match fs::metadata(&file).and_then(|metadata| metadata.modified()) {
        Ok(written) if written >= start => {}
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(in_file(error)),
    }
    let text = fs::read(&file).map_err(in_file)?;
    let Estimates { median } = serde_json::from_slice(&text).map_err(|error| in_file(error.into()))?;
    let of_one = |nanoseconds| nanoseconds / f64::from(operation.repeats());
    let Interval { lower_bound, upper_bound } = median.confidence_interval;
    Ok(Some(Estimate {
        point_estimate: of_one(median.point_estimate),
        confidence_interval: Interval { lower_bound: of_one(lower_bound), upper_bound: of_one(upper_bound) },
    }))
}

fn text(estimate: &Estimate) -> String {
    let Interval { lower_bound, upper_bound } = estimate.confidence_interval;
    format!("{} ({} to {})", time_text(estimate.point_estimate), time_text(lower_bound), time_text(upper_bound))
}
