//! Prints `src/generator_comb.rs`, the table of the generator's odd multiples.

use keyward_ecgfp5::{Point, PointTable};

fn main() {
    println!(
        "//! The generator's odd multiples. Printed by `examples/generator_comb.rs`; a test computes them again.\n"
    );
    println!("use crate::table::Row;\nuse crate::windows::COUNT;\n");
    println!("#[rustfmt::skip]\npub(crate) static GENERATOR_COMB: [Row; COUNT] = [");
    for row in PointTable::odd_multiples(&Point::GENERATOR).rows() {
        println!("[");
        for entry in row {
            let words = entry.map(|word| format!("{word:#x}")).join(",");
            println!("[{words}],");
        }
        println!("],");
    }
    println!("];");
}
