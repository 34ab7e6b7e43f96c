//! Prints `src/vector/avx512/generator_table.rs`, the generator's multiples for windows of five bits.

use keyward_ecgfp5::Point;

fn main() {
    println!(
        "//! The generator's multiples in windows of five bits. Printed by `examples/generator_table.rs`; a test computes them"
    );
    println!("//! again.\n");
    println!("use crate::table::Row;\nuse crate::windows::COUNT;\n");
    println!("#[rustfmt::skip]\npub(super) static GENERATOR_TABLE: [Row; COUNT] = [");
    let mut base = Point::GENERATOR;
    for _ in 0..64 {
        let mut multiple = Point::NEUTRAL;
        println!("[");
        for _ in 0..16 {
            multiple = multiple + base;
            let words = multiple.affine_words().map(|word| format!("{word:#x}")).join(",");
            println!("[{words}],");
        }
        println!("],");
        base = multiple.double();
    }
    println!("];");
}
