//! The suites of `cargo xtask test`.

use std::fmt::Write as _;
use std::process::Command;
use std::time::Instant;

use crate::project::{Package, Project};
use crate::report::{AllMustRun, Report};
use crate::step::{self, Outcome, Stop};
use crate::tools::{CARGO_DENY, Tools};
use crate::{aarch64, bench, constant_time, fuzz, instructions, no_std, package, servers as test_servers, wasm};

/// A suite: what it is called, what it shows, and how.
pub(crate) struct Suite {
    name: &'static str,
    about: &'static str,
    run: fn(&Project, &Tools<'_>) -> Outcome,
}

/// In the order in which they run: what fails fast comes first.
const SUITES: [Suite; 20] = [
    Suite { name: "fmt", about: "every workspace is formatted", run: fmt },
    Suite { name: "clippy", about: "no warning in any target, all features on", run: clippy },
    Suite { name: "servers", about: "the servers for the stores' tests start, die and come back", run: servers },
    Suite { name: "tests", about: "unit, integration and doc tests", run: tests },
    Suite { name: "stores-qdrant", about: "the Qdrant store against a server that is given", run: stores_qdrant },
    Suite { name: "wallets", about: "agreement with the packages that Solana's wallets are made of", run: wallets },
    Suite { name: "peers", about: "agreement with the official signer and other implementations", run: peers },
    Suite {
        name: "oracle",
        about: "the ground floor's tests in release on all code paths, properties 10,000 times",
        run: oracle,
    },
    Suite {
        name: "constant-time",
        about: "no jump and no address depends on a secret, shown on the machine code",
        run: |project, _| constant_time::run(project),
    },
    Suite {
        name: "instructions",
        about: "each operation takes as many instructions as recorded, within 2 %",
        run: |project, _| instructions::run(project),
    },
    Suite {
        name: "interleavings",
        about: "every interleaving of a few threads on what they share",
        run: interleavings,
    },
    Suite {
        name: "features",
        about: "each library without default features and with each feature alone",
        run: features,
    },
    Suite {
        name: "no-std",
        about: "the no_std crates linked without std, allocator and libc",
        run: |project, _| no_std::run(project),
    },
    Suite {
        name: "wasm",
        about: "the ground floor's vectors and tests as WebAssembly",
        run: |project, _| wasm::run(project),
    },
    Suite {
        name: "aarch64",
        about: "the ground floor's tests compiled for AArch64",
        run: |project, _| aarch64::run(project),
    },
    Suite { name: "docs", about: "the documentation builds without a warning", run: docs },
    Suite { name: "deny", about: "licences, bans and sources of the dependencies", run: deny },
    Suite { name: "benches-once", about: "each bench runs once", run: benches_once },
    Suite {
        name: "fuzz-seeds",
        about: "each fuzz target builds and holds over its seeds",
        run: |project, _| fuzz::replay(project),
    },
    Suite {
        name: "package",
        about: "each published crate packs, and builds from its package",
        run: |project, _| package::run(project),
    },
];

/// The suites with these names, in their own order; all if none is named.
pub(crate) fn selected(names: &[String]) -> Result<Vec<&'static Suite>, String> {
    if let Some(unknown) = names.iter().find(|name| SUITES.iter().all(|suite| suite.name != **name)) {
        return Err(format!("no suite `{unknown}`; see `cargo xtask --help`"));
    }
    let is_wanted = |suite: &&Suite| names.is_empty() || names.iter().any(|name| name == suite.name);
    Ok(SUITES.iter().filter(is_wanted).collect())
}

/// One line a suite, for the help text.
pub(crate) fn list() -> String {
    SUITES.iter().fold(String::new(), |mut text, suite| {
        let _ = writeln!(text, "  {:13}  {}", suite.name, suite.about);
        text
    })
}

/// Runs the suites, each whether or not the one before passed, and prints the table. Whether all is well.
pub(crate) fn run(project: &Project, suites: &[&Suite]) -> bool {
    let tools = Tools::new(project);
    let mut report = Report::default();
    for suite in suites {
        println!("\n== {}: {}", suite.name, suite.about);
        let start = Instant::now();
        let outcome = (suite.run)(project, &tools);
        if let Err(stop) = &outcome {
            println!("{}: {}", suite.name, stop.reason());
        }
        report.add(suite.name, outcome, start.elapsed());
    }
    print!("\n{report}");
    let is_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
    report.is_green(if is_ci { AllMustRun::Yes } else { AllMustRun::No })
}

fn passed(result: Result<(), Stop>) -> Outcome {
    result.map(|()| String::new())
}

fn fmt(project: &Project, _: &Tools<'_>) -> Outcome {
    let manifests = [
        project.root().join("Cargo.toml"),
        fuzz::manifest(project),
        no_std::manifest(project),
        wasm::manifest(project),
    ];
    passed(step::run_all(manifests.into_iter().map(|manifest| {
        let mut cargo = project.cargo(["fmt", "--all", "--check", "--manifest-path"]);
        cargo.arg(manifest);
        cargo
    })))
}

fn clippy(project: &Project, _: &Tools<'_>) -> Outcome {
    let root = project.cargo(["clippy", "--workspace", "--all-targets", "--all-features"]);
    let mut fuzz = project.cargo(["clippy", "--all-targets", "--manifest-path"]);
    fuzz.arg(fuzz::manifest(project));
    // It has no `test` to link against, so no test targets.
    let mut freestanding = project.cargo(["clippy", "--manifest-path"]);
    freestanding.arg(no_std::manifest(project));
    passed(step::run_all([root, fuzz, freestanding].map(|mut cargo| {
        cargo.args(["--locked", "--", "-D", "warnings"]);
        cargo
    })))
}

fn servers(project: &Project, tools: &Tools<'_>) -> Outcome {
    tools.servers().are_all_here()?;
    let mut cargo = project.cargo(["test", "--package", test_servers::PACKAGE, "--locked", "--no-fail-fast"]);
    cargo.env("KEYWARD_REQUIRE_PEERS", "1");
    passed(step::run(&mut cargo))
}

fn tests(project: &Project, tools: &Tools<'_>) -> Outcome {
    let mut cargo = project.cargo(["test", "--workspace", "--all-features", "--locked", "--no-fail-fast"]);
    // Suites of their own.
    for package in [bench::PACKAGE, test_servers::PACKAGE] {
        cargo.args(["--exclude", package]);
    }
    let mut missing = Vec::new();
    match tools.peers() {
        Ok(peers) => peers.export(&mut cargo),
        Err(reason) => missing.push(reason),
    }
    match tools.node() {
        Ok(node) => node.export(&mut cargo),
        Err(reason) => missing.push(reason),
    }
    tools.servers().export(&mut cargo);
    if let Err(stop) = tools.servers().are_all_here() {
        missing.push(stop.reason().to_owned());
    }
    if missing.is_empty() {
        return passed(step::run(&mut cargo));
    }
    // The suites that are about what is missing say that they have not run.
    cargo.env_remove("KEYWARD_REQUIRE_PEERS");
    step::run(&mut cargo).map(|()| format!("without some peers: {}", missing.join("; ")))
}

fn stores_qdrant(project: &Project, _: &Tools<'_>) -> Outcome {
    if std::env::var_os(test_servers::QDRANT_URL).is_none() {
        return Err(Stop::NotAsked(format!("{} names no server", test_servers::QDRANT_URL)));
    }
    // The crate's other tests ask for no server.
    let mut cargo =
        project.cargo(["test", "--package", "keyward-store-qdrant", "--test", "conformance", "--all-features"]);
    cargo.args(["--locked", "--no-fail-fast"]).env("KEYWARD_REQUIRE_PEERS", "1");
    passed(step::run(&mut cargo))
}

fn wallets(project: &Project, tools: &Tools<'_>) -> Outcome {
    let mut cargo =
        project.cargo(["test", "--package", "keyward-solana", "--test", "peers", "--all-features", "--locked"]);
    tools.node().map_err(Stop::NotRun)?.export(&mut cargo);
    cargo.arg("--no-fail-fast").env("KEYWARD_REQUIRE_PEERS", "1");
    passed(step::run(&mut cargo))
}

fn peers(project: &Project, tools: &Tools<'_>) -> Outcome {
    let mut cargo =
        project.cargo(["test", "--package", bench::PACKAGE, "--all-features", "--locked", "--no-fail-fast"]);
    tools.peers().map_err(Stop::NotRun)?.export(&mut cargo);
    passed(step::run(&mut cargo))
}

fn oracle(project: &Project, _: &Tools<'_>) -> Outcome {
    // With all features the vector code is at work where the processor can run it, without them the portable code is.
    passed(step::run_all([&["--all-features"][..], &[]].map(|features| {
        let mut cargo = project.cargo(["test", "--release", "--lib", "--tests", "--locked", "--no-fail-fast"]);
        cargo.args(features);
        for package in project.packages().iter().filter(|package| package.is_freestanding) {
            cargo.args(["--package", &package.name]);
        }
        cargo.env("PROPTEST_CASES", "10000");
        cargo
    })))
}

fn interleavings(project: &Project, _: &Tools<'_>) -> Outcome {
    let mut cargo = project.cargo(["test", "--release", "--lib", "--all-features", "--locked"]);
    cargo.args(["--package", "keyward-nonce"]);
    // All dependencies are built with these flags too: in a folder of its own, or every other build would be undone.
    cargo.env("CARGO_TARGET_DIR", project.target().join("loom"));
    let flags = std::env::var("RUSTFLAGS").unwrap_or_default();
    cargo.env("RUSTFLAGS", format!("{flags} --cfg loom").trim_start());
    passed(step::run(&mut cargo))
}

fn features(project: &Project, _: &Tools<'_>) -> Outcome {
    let check = |package: &Package, arguments: &[&str]| {
        let mut cargo = project.cargo(["check", "--locked", "--package", &package.name, "--no-default-features"]);
        cargo.args(arguments);
        cargo
    };
    let libraries = project.packages().iter().filter(|package| package.has_library && package.is_published);
    let alone = libraries.flat_map(|package| {
        let each = package.features.iter().filter(|feature| *feature != "default");
        std::iter::once(check(package, &[])).chain(each.map(move |feature| check(package, &["--features", feature])))
    });
    // What `cargo test` builds on its own: the other suites have all features on.
    let default = project.cargo(["check", "--locked", "--workspace", "--all-targets"]);
    passed(step::run_all(alone.chain([default])))
}

fn docs(project: &Project, _: &Tools<'_>) -> Outcome {
    let mut cargo = project.cargo(["doc", "--workspace", "--no-deps", "--all-features", "--locked"]);
    cargo.env("RUSTDOCFLAGS", "-D warnings");
    passed(step::run(&mut cargo))
}

fn deny(project: &Project, tools: &Tools<'_>) -> Outcome {
    let cargo_deny = tools.subcommand(&CARGO_DENY).map_err(Stop::NotRun)?;
    let manifests = [project.root().join("Cargo.toml"), fuzz::manifest(project)];
    step::run_all(manifests.into_iter().map(|manifest| {
        let mut deny = Command::new(&cargo_deny);
        deny.current_dir(project.root()).arg("--manifest-path").arg(manifest);
        // Advisories need a database from the network, and change without a change of ours.
        deny.args(["--all-features", "--locked", "check", "bans", "licenses", "sources"]);
        deny
    }))?;
    Ok("without advisories".to_owned())
}

fn benches_once(project: &Project, tools: &Tools<'_>) -> Outcome {
    let mut cargo = project.cargo(["bench", "--locked", "--package", bench::PACKAGE]);
    let benches: Vec<&str> = bench::benches(project).collect();
    if benches.is_empty() {
        return Err(Stop::Failed("there is no bench".to_owned()));
    }
    for name in benches {
        cargo.args(["--bench", name]);
    }
    cargo.args(["--", "--test"]);
    let [mut batch, sandbox, mut stores] = [bench::BATCH, bench::SANDBOX, bench::STORES]
        .map(|name| bench::run_binary(project, name, &["--once".to_owned()]));
    let peers = tools.peers().map_err(Stop::NotRun)?;
    peers.export(&mut cargo);
    peers.export(&mut batch);
    tools.servers().export(&mut stores);
    step::run_all([cargo, batch, sandbox, stores])?;
    let missing: Vec<String> = tools.servers().missing().collect();
    Ok(if missing.is_empty() { String::new() } else { format!("without some servers: {}", missing.join("; ")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(wanted: &[&str]) -> Result<Vec<&'static str>, String> {
        let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        Ok(selected(&wanted)?.iter().map(|suite| suite.name).collect())
    }

    #[test]
    fn no_name_means_all_and_names_keep_the_order_of_the_suites() {
        assert_eq!(names(&[]).expect("all").len(), SUITES.len());
        assert_eq!(names(&["deny", "fmt"]).expect("both"), ["fmt", "deny"]);
    }

    #[test]
    fn an_unknown_suite_is_refused() {
        assert!(names(&["fmt", "fmtt"]).expect_err("a typo was taken").contains("`fmtt`"));
    }

    #[test]
    fn the_list_names_every_suite() {
        assert!(SUITES.iter().all(|suite| list().contains(suite.name)));
    }
}
