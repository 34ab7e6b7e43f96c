//! How to link a program with nothing under it.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // A bare target needs no telling. Linux is one with the system left out.
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return;
    }
    for argument in ["-nostdlib", "-nostartfiles", "-static"] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
    // All that the program may ask of what surrounds it; a bare target's compiler support has the first five. The last
    // two are for unwinding, which this machine's `core` is built for and an aborting program never does. The program
    // is linked, not run.
    for symbol in ["memcpy", "memmove", "memset", "memcmp", "bcmp", "rust_eh_personality", "_Unwind_Resume"] {
        println!("cargo::rustc-link-arg-bins=-Wl,--defsym={symbol}=0");
    }
}
