//! The workspace as the commands see it: where it is, and which packages it has.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::step;

/// The root workspace, and where its build goes.
pub(crate) struct Project {
    root: PathBuf,
    target: PathBuf,
    packages: Vec<Package>,
}

impl Project {
    /// Finds the workspace that this program belongs to.
    pub(crate) fn open() -> Result<Self, String> {
        let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR").ok_or("not run by cargo; use `cargo xtask`")?;
        let root =
            Path::new(&manifest_dir).ancestors().nth(2).ok_or("not in `crates/xtask`; use `cargo xtask`")?.to_owned();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => std::path::absolute(folder).map_err(|error| format!("CARGO_TARGET_DIR: {error}"))?,
            None => root.join("target"),
        };
        let packages = packages(&root.join("Cargo.toml"))?;
        Ok(Self { root, target, packages })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where the build goes: `CARGO_TARGET_DIR`, or `target` in the root.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Where installed tools and what they need go.
    pub(crate) fn tools_dir(&self) -> PathBuf {
        self.target.join("xtask")
    }

    pub(crate) fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// `cargo` with these arguments, in the root.
    pub(crate) fn cargo<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = cargo();
        command.args(arguments).current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        command
    }
}

/// A package of a workspace, as far as its manifest goes.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) features: Vec<String>,
    pub(crate) dependencies: Vec<String>,
    pub(crate) benches: Vec<String>,
    pub(crate) binaries: Vec<String>,
    pub(crate) has_library: bool,
    /// May be published to the registry.
    pub(crate) is_published: bool,
    /// Says of itself that it needs neither std nor an allocator.
    pub(crate) is_freestanding: bool,
}

impl Package {
    /// Reads one entry of `packages` of `cargo metadata`.
    fn from_metadata(package: &Value) -> Option<Self> {
        let targets = package["targets"].as_array()?;
        let of_kind = |kind: &str| -> Vec<String> {
            targets
                .iter()
                .filter(|target| strings(&target["kind"]).any(|it| it == kind))
                .filter_map(|target| target["name"].as_str().map(str::to_owned))
                .collect()
        };
        Some(Self {
            name: package["name"].as_str()?.to_owned(),
            version: package["version"].as_str()?.to_owned(),
            features: package["features"].as_object()?.keys().cloned().collect(),
            dependencies: package["dependencies"]
                .as_array()?
                .iter()
                .filter_map(|dependency| dependency["name"].as_str().map(str::to_owned))
                .collect(),
            benches: of_kind("bench"),
            binaries: of_kind("bin"),
            has_library: !of_kind("lib").is_empty(),
            is_published: package["publish"].is_null(),
            is_freestanding: strings(&package["categories"]).any(|it| it == "no-std::no-alloc"),
        })
    }
}

/// The packages of the workspace with this root manifest.
pub(crate) fn packages(manifest: &Path) -> Result<Vec<Package>, String> {
    let mut command = cargo();
    command.args(["metadata", "--format-version", "1", "--no-deps", "--manifest-path"]).arg(manifest);
    let metadata: Value =
        serde_json::from_str(&step::read(&mut command)?).map_err(|error| format!("cargo metadata: {error}"))?;
    metadata["packages"]
        .as_array()
        .and_then(|packages| packages.iter().map(Package::from_metadata).collect())
        .ok_or_else(|| "cargo metadata: not in the form this program knows".to_owned())
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// The `cargo` that runs this program.
fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_package_is_read_as_it_is() {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let packages = packages(&manifest).expect("cargo metadata");
        let package = |name: &str| packages.iter().find(|it| it.name == name).expect("a package");

        let this = package("xtask");
        assert_eq!(this.binaries, ["xtask"]);
        assert!(this.dependencies.contains(&"serde_json".to_owned()));
        assert!(!this.has_library && !this.is_published && !this.is_freestanding);

        let token = package("keyward-token");
        assert!(token.has_library && token.is_published && token.is_freestanding);
        assert!(token.features.contains(&"serde".to_owned()));
    }
}
