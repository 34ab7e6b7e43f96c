//! Prints `src/generator_table.rs`, the table of the generator's multiples.

use keyward_ecgfp5::{Point, PointTable};

fn main() {
    println!(
        "//! The generator's multiples, for the vector code. Printed by `examples/generator_table.rs`; a test computes them again.\n"
    );
    println!("use crate::table::Row;\nuse crate::windows::COUNT;\n");
    println!("#[rustfmt::skip]\npub(crate) static GENERATOR_TABLE: [Row; COUNT] = [");
    for row in PointTable::all_multiples(&Point::GENERATOR).rows() {
        println!("[");
        for entry in row {
            let words = entry.map(|word| format!("{word:#x}")).join(",");
            println!("[{words}],");
        }
        println!("],");
    }
    println!("];");
}
