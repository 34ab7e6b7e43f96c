//! Packs every published crate as for the registry, and builds it from its package and those of the others.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use crate::project::{Package, Project};
use crate::step::{self, Outcome, Stop};

pub(crate) fn run(project: &Project) -> Outcome {
    let published: Vec<&Package> = project.packages().iter().filter(|package| package.is_published).collect();
    let target = project.tools_dir().join("package");
    forget_last_run(&target, &published)
        .map_err(|error| Stop::Failed(format!("what the last run left cannot be removed: {error}")))?;

    let mut cargo = project.cargo(["package", "--locked"]);
    cargo.env("CARGO_TARGET_DIR", &target);
    for package in &published {
        cargo.args(["--package", &package.name]);
    }
    let is_clean = step::read(Command::new("git").args(["status", "--porcelain"]).current_dir(project.root()))
        .is_ok_and(|changes| changes.is_empty());
    if !is_clean {
        cargo.arg("--allow-dirty");
    }
    step::run(&mut cargo)?;
    let state = if is_clean { "" } else { ", with uncommitted changes" };
    Ok(format!("{} crates{state}", published.len()))
}

/// To cargo a package of this name and version never changes: it would build against the one of the last run.
fn forget_last_run(target: &Path, published: &[&Package]) -> io::Result<()> {
    remove(target)?;
    let Some(sources) = cargo_home().map(|home| home.join("registry/src")).filter(|folder| folder.is_dir()) else {
        return Ok(());
    };
    for registry in fs::read_dir(sources)? {
        let registry = registry?;
        // `HOST-HASH`; a registry in a folder, as `cargo package` makes one for crates that need each other, has no host.
        if registry.file_name().as_encoded_bytes().starts_with(b"-") {
            for package in published {
                remove(&registry.path().join(format!("{}-{}", package.name, package.version)))?;
            }
        }
    }
    Ok(())
}

fn cargo_home() -> Option<PathBuf> {
    std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(".cargo")))
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
