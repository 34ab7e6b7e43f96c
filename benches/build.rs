//! Hands the compiler's version and settings on to `bench-table`, which prints them under its figures.

use std::{env, process::Command};

fn main() {
    let rustc = env::var_os("RUSTC").expect("cargo names the compiler");
    let version = Command::new(rustc).arg("--version").output().expect("the compiler runs");
    let version = String::from_utf8(version.stdout).expect("its version is text");
    println!("cargo:rustc-env=BENCH_RUSTC={}", version.trim());
    for (name, variable) in [
        ("BENCH_TARGET", "TARGET"),
        ("BENCH_TARGET_FEATURES", "CARGO_CFG_TARGET_FEATURE"),
        ("BENCH_OPT_LEVEL", "OPT_LEVEL"),
    ] {
        let value = env::var(variable).unwrap_or_default();
        println!("cargo:rustc-env={name}={value}");
    }
    // Cargo separates the flags by the unit separator.
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    println!("cargo:rustc-env=BENCH_RUSTFLAGS={}", flags.replace('\x1f', " "));
    println!("cargo:rerun-if-changed=build.rs");
}
