//! The plot: the time of a token over the size of the batch, both on logarithmic scales.

use std::fmt::Write;

use keyward_benches::Code;

use crate::{SIZES, Series, grouped};

const WIDTH: f64 = 784.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 64.0;
/// Room for the names of the series at their ends.
const RIGHT: f64 = 248.0;
const TOP: f64 = 48.0;
const BOTTOM: f64 = 56.0;

/// The least distance of two names, in their own height.
const LINE: f64 = 17.0;

const INK: &str = "#333333";
const GRID: &str = "#dddddd";

pub(crate) fn svg(series: &[Series]) -> String {
    let times = || series.iter().flat_map(|series| &series.timings).map(|timing| timing.minimum / 1e3);
    let lowest = times().fold(f64::INFINITY, f64::min).log10().floor();
    let highest = times().fold(0.0, f64::max).log10().ceil();
    let x =
        |size: usize| LEFT + (WIDTH - LEFT - RIGHT) * (size as f64).log10() / (SIZES[SIZES.len() - 1] as f64).log10();
    let y = |microseconds: f64| {
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (microseconds.log10() - lowest) / (highest - lowest)
    };

    let mut svg = String::new();
    let mut line = |text: std::fmt::Arguments<'_>| writeln!(svg, "{text}").expect("a string takes all");
    line(format_args!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="13" fill="{INK}">"#
    ));
    line(format_args!(r#"<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>"#));
    line(format_args!(
        r#"<text x="{LEFT}" y="24" font-size="15" font-weight="bold">The time of one token, by size of the batch</text>"#
    ));

    for decade in lowest as i32..=highest as i32 {
        for step in 1..10 {
            let microseconds = f64::from(step) * 10f64.powi(decade);
            let (y, x1, x2) = (y(microseconds), LEFT, WIDTH - RIGHT);
            if y < TOP - 0.5 {
                break;
            }
            let width = if step == 1 { 1.0 } else { 0.4 };
            line(format_args!(
                r#"<line x1="{x1}" y1="{y:.1}" x2="{x2}" y2="{y:.1}" stroke="{GRID}" stroke-width="{width}"/>"#
            ));
            if step == 1 {
                let (x, y) = (LEFT - 8.0, y + 4.5);
                line(format_args!(r#"<text x="{x}" y="{y:.1}" text-anchor="end">{microseconds} µs</text>"#));
            }
        }
    }
    for size in SIZES {
        let (x, y1, y2, text) = (x(size), TOP, HEIGHT - BOTTOM, HEIGHT - BOTTOM + 20.0);
        line(format_args!(r#"<line x1="{x:.1}" y1="{y1}" x2="{x:.1}" y2="{y2}" stroke="{GRID}"/>"#));
        line(format_args!(r#"<text x="{x:.1}" y="{text}" text-anchor="middle">{}</text>"#, grouped(size)));
    }
    let (middle, foot) = (LEFT + (WIDTH - LEFT - RIGHT) / 2.0, HEIGHT - 14.0);
    line(format_args!(r#"<text x="{middle}" y="{foot}" text-anchor="middle">tokens in the batch</text>"#));

    // From the top down, so that a name can make room for the one above.
    let mut from_top: Vec<&Series> = series.iter().collect();
    from_top.sort_by(|a, b| last(b).total_cmp(&last(a)));
    let mut name_y = f64::NEG_INFINITY;
    for series in from_top {
        let (color, dashes) = (color(series.code), if series.threads == 1 { "none" } else { "6 4" });
        let points: Vec<(f64, f64)> =
            SIZES.iter().zip(&series.timings).map(|(&size, timing)| (x(size), y(timing.minimum / 1e3))).collect();
        let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        line(format_args!(
            r#"<polyline points="{}" fill="none" stroke="{color}" stroke-width="2" stroke-dasharray="{dashes}"/>"#,
            path.join(" ")
        ));
        for (x, y) in &points {
            line(format_args!(r#"<circle cx="{x:.1}" cy="{y:.1}" r="3" fill="{color}"/>"#));
        }
        let (end_x, end_y) = points[points.len() - 1];
        name_y = f64::max(end_y + 4.5, name_y + LINE);
        let threads = if series.threads == 1 { "1 thread".to_owned() } else { format!("{} threads", series.threads) };
        line(format_args!(
            r#"<text x="{:.1}" y="{name_y:.1}" fill="{color}">{}, {threads}</text>"#,
            end_x + 10.0,
            series.code.name()
        ));
    }
    line(format_args!("</svg>"));
    svg
}

/// The time of a token in the largest batch.
fn last(series: &Series) -> f64 {
    series.timings[series.timings.len() - 1].minimum
}

/// Told apart also by those who see few colours, and on white.
fn color(code: Code) -> &'static str {
    match code {
        Code::Avx512 => "#0072b2",
        Code::Avx2 => "#cc79a7",
        Code::Portable => "#009e73",
        Code::Official(_) => "#d55e00",
    }
}
