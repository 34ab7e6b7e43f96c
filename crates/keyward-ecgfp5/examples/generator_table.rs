//! Prints `src/generator_table.rs`, the table of the generator's multiples.

use keyward_ecgfp5::{Point, PointTable};

fn main() {
    println!("//! The generator's multiples. Printed by `examples/generator_table.rs`; a test computes them again.\n");
    println!("use crate::PointTable;\n");
    println!("#[rustfmt::skip]\npub(crate) static GENERATOR_TABLE: PointTable = PointTable([");
    for row in PointTable::new(&Point::GENERATOR).rows() {
        println!("[");
        for entry in row {
            let words = entry.map(|word| format!("{word:#x}")).join(",");
            println!("[{words}],");
        }
        println!("],");
    }
    println!("]);");
}
